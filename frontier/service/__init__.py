"""Serves a shard: reads events from the log, runs the machine, carries its commands out.

`steps` runs the machine and its commands, `partitions` says whose they are, `room` how many orders may go out, `poison` what to
do about a message that breaks us; here they are put together. Steps are sequential: one transaction at a time, everything
that arrived meanwhile goes into the next. When the store or the fence fails, the machine and all it knew are thrown away, and
a new one starts from the rows.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from contracts.errors import Stale, Unavailable
from contracts.messages import Discovery, HostMatched, OutcomeBatch
from contracts.ports import Clock, Log, Record, Unreadable
from contracts.settings import Settings
from contracts.store import CrawlStore
from frontier.events import ControlsChanged
from frontier.intake import outcomes_in
from frontier.machine import Machine
from frontier.service.partitions import LOOK_SOON, Partitions
from frontier.service.poison import Poison
from frontier.service.room import Room
from frontier.service.steps import ParseRobots, Steps, Unsent

log = logging.getLogger(__name__)

CONTROLS_EVERY: Final = 1.0
BATCH: Final = 500
BUSY: Final = 300.0
QUIET_STEPS: Final = 5
"""Below `BUSY` outcomes a second there are so many steps a cycle: what is committed at once is not fetched again after a kill."""
HEARD: Final = (OutcomeBatch, Discovery, HostMatched, Unreadable)
"""What a shard listens to; other messages are parked. What cannot be read is parked by the log."""
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 10.0


async def ended(task: "asyncio.Task[None]") -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


class Frontier:
    """One shard. `chance` gives numbers in 0..1; `parse_robots` parses a large file off the loop.

    `alone`: whoever held the partitions before is dead for certain, and so is its fetcher: what was out is void, and acks of
    our own messages come only with our own commits. `silent` tells whether the log does not answer: then no order is given up.
    """

    def __init__(
        self,
        settings: Settings,
        open_store: Callable[[], Awaitable[CrawlStore]],
        bus: Log,
        clock: Clock,
        chance: Callable[[], float],
        parse_robots: ParseRobots,
        *,
        owner: str,
        partitions: int,
        pages_limit: int | None = None,
        suspects: frozenset[bytes] | None = None,
        alone: bool = True,
        silent: Callable[[], object] = bool,
    ) -> None:
        self._settings = settings
        self._open_store = open_store
        self._bus = bus
        self._clock = clock
        self._chance = chance
        self._parse = parse_robots
        self._owner = owner
        self._number = partitions
        self._pages_limit = pages_limit
        self._suspects = suspects
        self._alone = alone
        self._silent = silent
        self._unsent = Unsent(bus.lag, void=alone)
        self._poison = Poison()
        self._room = Room(bus, settings)
        self._spent = 0
        self._draining = False
        self._drained = asyncio.Event()
        self._stopping = asyncio.Event()
        self._held = ""
        self._held_at = 0.0
        self.machine: Machine | None = None
        self.unready: str = "starting"

    @property
    def poisonous(self) -> int:
        """Messages that were parked since they broke the machine."""
        return self._poison.parked

    async def run(self) -> None:
        """Serve until `stop`; Unavailable and Stale are survived with growing pauses, and so is a message that breaks us."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                await self._serve()
            except (Unavailable, Stale) as error:
                pause = FIRST_PAUSE if self.machine is not None else min(pause * 2, LONGEST_PAUSE)
                self.machine, self.unready = None, str(error)
                log.warning("frontier starts again from the store: %s", error)
                await self._rest(pause * (0.5 + self._chance() / 2))
            except Exception as error:
                if not self._poison.caused(error):
                    raise
                self.machine, self.unready = None, "a message could not be handled; it is looked for"
                await self._rest(FIRST_PAUSE * self._chance())

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def drain(self, seconds: float) -> None:
        """Issue no more orders; go on with what comes back. Returns when the last order is published, or time is over."""
        self._draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._drained.wait()

    def stop(self) -> None:
        """End `run` after the current step; the partitions are given up."""
        self._stopping.set()

    def hold(self, why: str) -> None:
        """Issue no orders until `hold("")`, nor take partitions; who is not alone gives them up if that lasts longer than a lease."""
        if why and not self._held:
            self._held_at = asyncio.get_running_loop().time()
        self._held = why

    def idle(self) -> bool:
        """Whether nothing is out and nothing is due within a minute."""
        return self.machine is not None and self.machine.idle(self._clock())

    async def _serve(self) -> None:
        store = await self._open_store()
        consumer = self._bus.assign({})
        machine = Machine(self._settings, self._number, self._pages_limit)
        machine.shard.issued = machine.spent = self._spent
        steps = Steps(
            machine,
            store,
            consumer,
            self._bus,
            self._settings,
            self._clock,
            self._chance,
            self._parse,
            self._number,
            self._unsent,
            self._alone,
        )
        owned = Partitions(steps, self._owner, self._settings.cluster, self._suspects)
        keeping = asyncio.create_task(owned.keep(self._open_store))
        try:
            seen, controls = await store.read_controls(0)
            await steps.carry_out(machine.handle(ControlsChanged(controls), self._clock()))
            await self._loop(steps, owned, seen)
            await ended(keeping)
            await owned.leave()
        finally:
            await ended(keeping)
            if self.machine is not None:
                self._spent = self.machine.spent
            await consumer.close()
            await store.close()

    async def _loop(self, steps: Steps, owned: Partitions, seen: int) -> None:
        machine, consumer = steps.machine, steps.consumer
        looked = stepped = self._clock()
        cycle = self._settings.workers.cycle
        while not self._stopping.is_set():
            now = self._clock()
            if self._abstains(machine):
                if machine.shard.epochs:
                    return
                self.machine, self.unready = None, self._held
                await self._rest(LOOK_SOON)
                continue
            if now >= owned.look_at:
                waits = await owned.look(now)
                self.machine, self.unready = (None, waits) if waits else (machine, self._held)
                self._poison.only(machine.shard.offsets)
            if self._draining and self.machine is not None:
                self._drained.set()
            if now - looked >= CONTROLS_EVERY:
                looked = now
                seen, controls = await steps.store.read_controls(seen)
                if controls:
                    await steps.carry_out(machine.handle(ControlsChanged(controls), now))
            if not machine.shard.epochs:
                await self._rest(min(LOOK_SOON, max(0.0, owned.look_at - now)))
                continue
            records = await consumer.poll(self._poison.limit(BATCH), self._patience(machine, owned, now))
            if self._silent():
                machine.shard.postpone(self._clock())
            rest = stepped + cycle - self._clock()
            if rest > 0 and not self._stopping.is_set() and not self._poison.suspected:
                await asyncio.sleep(rest)
                records += await consumer.poll(BATCH - len(records), 0.0)
            before, stepped = stepped, self._clock()
            await self._handle(steps, records)
            busy = outcomes_in(records) > BUSY * (stepped - before)
            cycle = self._settings.workers.cycle / (1 if busy else QUIET_STEPS)

    def _abstains(self, machine: Machine) -> bool:
        """Whether this shard leaves all partitions to others: leases go by a clock, and ours is not to be trusted."""
        if not self._held or self._alone:
            return False
        lasts = asyncio.get_running_loop().time() - self._held_at
        return not machine.shard.epochs or lasts > self._settings.cluster.lease

    def _patience(self, machine: Machine, owned: Partitions, now: float) -> float:
        """Seconds to wait for messages: until the next host's turn, or the next look at who holds what."""
        turn = 0.5 if self._draining or self._held else machine.next_at(now) - now
        return min(0.5, max(0.0, min(turn, owned.look_at - now)))

    async def _handle(self, steps: Steps, records: Sequence[Record]) -> None:
        """One step for all that arrived; one by one after something broke us, until that is behind us."""
        for record in records:
            if not isinstance(record.message, HEARD):
                await self._bus.park(record, f"a {type(record.message).__name__} is nothing for a frontier shard")
        if not self._poison.suspected:
            with self._poison.handling(records):
                await steps.step(records, self._orders(steps))
            return
        if not records:
            await steps.step([], self._orders(steps))
        for n, record in enumerate(records):
            with self._poison.handling([record], n):
                taken = await self._poison.checked(record, n, self._bus)
                await steps.step([taken], self._orders(steps), whole=n == len(records) - 1)
        self._poison.passed(records)

    def _orders(self, steps: Steps) -> dict[str, int]:
        """How many orders each lane takes now."""
        if self._draining or self._held:
            return {}
        return self._room.measured(sorted(steps.machine.shard.epochs), steps.sent, self._clock())
