"""Serves a shard: reads events from the log, runs the machine, carries its commands out.

Steps are sequential: one transaction at a time, everything that arrived meanwhile goes into the next. When the store or the
fence fails, the machine and all it knew are thrown away, and a new one starts from the rows.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from contracts.crawl import CrawlStore
from contracts.errors import Stale, Unavailable, WorkerLost
from contracts.ports import Clock, Consumer, Log, Record, offsets_after
from contracts.settings import Settings
from contracts.topics import LANES, ORDERS_MEDIA, ORDERS_PAGES
from frontier.events import (
    Ack,
    Claimed,
    Command,
    Commit,
    ControlsChanged,
    Done,
    Event,
    HostsLoaded,
    LoadDueHosts,
    LoadHosts,
    LoadQueue,
    PermitsTaken,
    Publish,
    QueueLoaded,
    TakePermits,
    Woken,
)
from frontier.intake import LARGE_ROBOTS, large_robots, outcomes_in, slices
from frontier.machine import Machine
from frontier.robotstxt import Robots
from frontier.shard import fingerprint

log = logging.getLogger(__name__)

LEASE: Final = 10.0
RENEW: Final = 3.0
CONTROLS_EVERY: Final = 1.0
BATCH: Final = 500
BUSY: Final = 300.0
QUIET_STEPS: Final = 5
"""Below `BUSY` outcomes a second there are so many steps a cycle: what is committed at once is not fetched again after a kill."""
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 10.0

ParseRobots = Callable[[bytes], Awaitable[Robots]]


class Frontier:
    """One shard's loop. `chance` gives numbers in 0..1; `parse_robots` parses a large file off the loop."""

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
    ) -> None:
        self._settings = settings
        self._open_store = open_store
        self._bus = bus
        self._clock = clock
        self._chance = chance
        self._parse = parse_robots
        self._owner = owner
        self._partitions = partitions
        self._pages_limit = pages_limit
        self._suspects = suspects
        self._first = True
        self._unsent: set[bytes] = set()
        self._spent = 0
        self._draining = False
        self._drained = asyncio.Event()
        self._stopping = asyncio.Event()
        self._starts = {ORDERS_PAGES: 25.0, ORDERS_MEDIA: 25.0}
        self._sent = {ORDERS_PAGES: 0, ORDERS_MEDIA: 0}
        self._lag = {ORDERS_PAGES: 0, ORDERS_MEDIA: 0}
        self._measured_at = 0.0
        self.machine: Machine | None = None
        self.unready: str = "starting"

    async def run(self) -> None:
        """Serve until `stop`; Unavailable and Stale are survived with growing pauses."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                await self._serve()
            except (Unavailable, Stale) as error:
                pause = FIRST_PAUSE if self.machine is not None else min(pause * 2, LONGEST_PAUSE)
                self.machine, self.unready = None, str(error)
                log.warning("frontier starts again from the store: %s", error)
                try:
                    async with asyncio.timeout(pause * (0.5 + self._chance() / 2)):
                        await self._stopping.wait()
                except TimeoutError:
                    continue

    async def drain(self, seconds: float) -> None:
        """Issue no more orders; go on with what comes back. Returns when the last order is published, or time is over."""
        self._draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._drained.wait()

    def stop(self) -> None:
        """End `run` after the current step."""
        self._stopping.set()

    def idle(self) -> bool:
        """Whether nothing is out and nothing is due within a minute."""
        return self.machine is not None and self.machine.idle(self._clock())

    async def _serve(self) -> None:
        store = await self._open_store()
        consumer: Consumer | None = None
        try:
            now = self._clock()
            claims = await store.claim(self._owner, now, LEASE)
            if not claims:
                raise Unavailable("all partitions are held by others; waiting for one to be released")
            leases = await store.load_leases([claim.partition for claim in claims])
            self._unsent &= {lease.order_id for lease in leases}
            held = [key for lease in leases for key in lease.keys]
            items = await store.load_items(held) if held and not self._first else []
            machine = Machine(self._settings, self._partitions, self._pages_limit)
            machine.shard.issued = machine.spent = self._spent
            _, controls = await store.read_controls(0)
            machine.handle(ControlsChanged(controls), now)
            await self._carry_out(
                machine.handle(
                    Claimed(claims, leases, self._first, self._suspects, items, frozenset(self._unsent)), now
                ),
                machine,
                store,
                None,
            )
            offsets = dict(machine.shard.offsets)
            consumer = self._bus.assign(offsets)
            await consumer.commit(offsets)
            self.machine, self.unready = machine, ""
            await self._loop(machine, store, consumer)
        finally:
            if self.machine is not None:
                self._spent = self.machine.spent
            if consumer is not None:
                await consumer.close()
            await store.close()

    async def _loop(self, machine: Machine, store: CrawlStore, consumer: Consumer) -> None:
        renewed = looked = stepped = self._clock()
        seen = 0
        cycle = self._settings.workers.cycle
        while not self._stopping.is_set():
            if self._draining:
                self._drained.set()
            now = self._clock()
            if now - renewed >= RENEW:
                mine = dict(await store.renew(self._owner, now, LEASE))
                if mine != machine.shard.epochs:
                    raise Stale("some of our partitions were taken over")
                renewed = now
            if now - looked >= CONTROLS_EVERY:
                looked = now
                seen, controls = await store.read_controls(seen)
                if controls:
                    await self._carry_out(machine.handle(ControlsChanged(controls), now), machine, store, consumer)
            timeout = 0.5 if self._draining else min(0.5, max(0.0, machine.next_at(now) - now))
            records = await consumer.poll(BATCH, timeout)
            rest = stepped + cycle - self._clock()
            if rest > 0 and not self._stopping.is_set():
                await asyncio.sleep(rest)
                records += await consumer.poll(BATCH - len(records), 0.0)
            before, stepped = stepped, self._clock()
            await self._step(machine, store, consumer, records)
            busy = outcomes_in(records) > BUSY * (stepped - before)
            cycle = self._settings.workers.cycle / (1 if busy else QUIET_STEPS)

    async def _step(self, machine: Machine, store: CrawlStore, consumer: Consumer, records: Sequence[Record]) -> None:
        offsets = offsets_after(records)
        parsed = await self._parsed(large_robots(records))
        *first, last = slices(records)
        for messages in first:
            event = Woken(messages, {}, {}, parsed, last=False)
            await self._carry_out(machine.handle(event, self._clock(), self._chance()), machine, store, consumer)
            await asyncio.sleep(0)
        event = Woken(last, offsets, self._room(sorted(machine.shard.epochs)), parsed)
        await self._carry_out(machine.handle(event, self._clock(), self._chance()), machine, store, consumer)

    async def _parsed(self, bodies: Sequence[bytes]) -> dict[bytes, Robots]:
        """Files parsed off the loop, as far as that went well: the others are parsed here, in bounded time."""
        parsed: dict[bytes, Robots] = {}
        for body in bodies:
            with contextlib.suppress(WorkerLost):
                parsed[fingerprint(body)] = await self._parse(body)
        return parsed

    def _room(self, ours: Sequence[int]) -> dict[str, int]:
        """Orders that each lane may take: two seconds of its measured starts, 4 to 200, less those not started (rule 8).

        Of our own partitions only: what others put into theirs is not ours to wait for."""
        now = self._clock()
        lag = {lane: sum(self._bus.lag(lane, p) for p in ours) for lane in self._sent}
        if now - self._measured_at >= 1.0:
            for lane in lag:
                started = self._sent[lane] - (lag[lane] - self._lag[lane])
                rate = started / max(1.0, min(now - self._measured_at, 5.0))
                self._starts[lane] += (rate - self._starts[lane]) / 2
            self._sent, self._lag, self._measured_at = dict.fromkeys(self._sent, 0), lag, now
        if self._draining:
            return {}
        return {lane: int(min(200, max(4, 2 * self._starts[lane]))) - lag[lane] for lane in lag}

    async def _carry_out(
        self, commands: list[Command], machine: Machine, store: CrawlStore, consumer: Consumer | None
    ) -> None:
        todo = list(commands)
        while todo:
            event = await self._do(todo.pop(0), machine, store, consumer)
            if event is not None:
                todo.extend(machine.handle(event, self._clock(), self._chance()))

    async def _do(
        self, command: Command, machine: Machine, store: CrawlStore, consumer: Consumer | None
    ) -> Event | None:
        match command:
            case LoadHosts(keys=keys, sites=sites):
                return HostsLoaded(*await store.load_hosts(keys, sites))
            case LoadDueHosts(until=until, limit=limit, after=after):
                ours = sorted(machine.shard.epochs)
                rows = await store.load_due_hosts(ours, self._partitions, until, limit, after)
                return HostsLoaded(*rows, complete=len(rows[0]) < limit)
            case LoadQueue(picks=picks, robots=wanted):
                queues = await store.load_queue(picks, self._clock())
                files = await store.load_robots(wanted) if wanted else []
                large = [file.body for file in files if file.body and len(file.body) > LARGE_ROBOTS]
                return QueueLoaded(queues, files, await self._parsed(large))
            case TakePermits(requests=requests):
                politeness = self._settings.politeness
                granted, later = await store.take_permits(
                    requests, self._clock(), politeness.address_sites, politeness.max_address_permits
                )
                return PermitsTaken(frozenset(granted), later)
            case Commit(transaction=transaction):
                try:
                    committed = await store.commit(transaction)
                except Unavailable:
                    # It may have been committed all the same; but nobody will ever publish these orders.
                    self._unsent.update(lease.order_id for lease in transaction.leases)
                    raise
                self._first = False  # what was out before is void in the store too; from here on orders are ours
                return Done(committed)
            case Publish(orders=orders, messages=messages):
                for order in orders:
                    lane = LANES[order.kind]
                    self._sent[lane] = self._sent.get(lane, 0) + 1
                    self._forget(self._bus.send(lane, order.partition, [order]))
                for topic, partition, message in messages:
                    self._forget(self._bus.send(topic, partition, [message]))
                return None
            case Ack(offsets=offsets):
                if consumer is not None:
                    await consumer.commit(offsets)
                return None

    def _forget(self, ack: Awaitable[None]) -> None:
        """Nobody waits for these: a lost order comes back by its deadline."""
        future = asyncio.ensure_future(ack)
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
