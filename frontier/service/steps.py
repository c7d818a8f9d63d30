"""The machine's steps and the commands that they end in."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from contracts.errors import Unavailable, WorkerLost
from contracts.messages import Message, Order
from contracts.ports import Clock, Consumer, Log, Record, offsets_after
from contracts.settings import Settings
from contracts.store import CrawlStore
from contracts.topics import lane_of
from frontier.events import (
    Ack,
    Command,
    Commit,
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
from frontier.intake import LARGE_ROBOTS, large_robots, slices
from frontier.machine import Machine
from frontier.robotstxt import Robots
from frontier.shard import fingerprint

ParseRobots = Callable[[bytes], Awaitable[Robots]]
UNSENT_MOST: Final = 10_000
PATIENCE: Final = 3.0
"""Seconds that a transaction waits for what goes before it; the log goes on trying."""


class Unsent:
    """What outlives a machine: orders that may be leased but will never be published, since nobody knows whether their commit
    took place, and those that were published but begun by nobody: `order_id in unsent`. `void`: everything that was out before
    this process is void, until its first commit. `lag` as in `Log`."""

    def __init__(self, lag: Callable[[str, int], int], *, void: bool) -> None:
        self.void = void
        self._lag = lag
        self._orders: dict[bytes, None] = {}
        self._published: dict[bytes, tuple[tuple[str, int], int, bool]] = {}
        self._counts: Counter[tuple[str, int]] = Counter()

    def add(self, orders: Sequence[bytes]) -> None:
        """These will never be published."""
        self._orders |= dict.fromkeys(orders)
        while len(self._orders) > UNSENT_MOST:
            del self._orders[next(iter(self._orders))]

    def all(self) -> frozenset[bytes]:
        """Their ids."""
        return frozenset(self._orders)

    def published(self, order: Order, ack: Awaitable[None], clock: Clock) -> None:
        """An order is on its way. Nobody waits for its ack: a lost order comes back by its deadline."""
        place = (lane_of(order), order.partition)
        self._counts[place] += 1
        number = self._counts[place]
        self._published[order.order_id] = place, number, False
        while len(self._published) > UNSENT_MOST:
            del self._published[next(iter(self._published))]

        def acked(done: asyncio.Future[None]) -> None:
            well = not done.cancelled() and done.exception() is None and clock() <= order.start_by
            if well and order.order_id in self._published:
                self._published[order.order_id] = place, number, True

        asyncio.ensure_future(ack).add_done_callback(acked)

    def __contains__(self, order_id: object) -> bool:
        """Whether an order was not acked before it had to be begun, or still waits in its lane: then it was begun by nobody."""
        place, number, acked = self._published.get(order_id, (None, 0, True))  # type: ignore[call-overload]
        return not acked or (place is not None and number > self._counts[place] - self._lag(*place))


class Steps:
    """Runs one machine. `alone` as in `Frontier`; `sent` counts orders by lane."""

    def __init__(
        self,
        machine: Machine,
        store: CrawlStore,
        consumer: Consumer,
        bus: Log,
        settings: Settings,
        clock: Clock,
        chance: Callable[[], float],
        parse: ParseRobots,
        partitions: int,
        unsent: Unsent,
        alone: bool,
    ) -> None:
        self.machine, self.store, self.consumer, self.unsent = machine, store, consumer, unsent
        self.clock = clock
        self._bus = bus
        self._politeness = settings.politeness
        self._chance = chance
        self._parse = parse
        self._partitions = partitions
        self._alone = alone
        self.sent: dict[str, int] = {}

    async def step(self, records: Sequence[Record], room: dict[str, int], *, whole: bool = True) -> None:
        """One transaction. `whole`: the offsets are behind us with it; not so for the first messages of one record."""
        offsets = offsets_after(records) if whole else {}
        parsed = await self._parsed(large_robots(records))
        *first, last = slices(records)
        ahead = [message for messages in (*first[1:], last) for message in messages] if first else []
        for messages in first:
            event = Woken(messages, {}, {}, parsed, last=False, unbegun=self.unsent, ahead=ahead)
            ahead = []
            await self.carry_out(self.machine.handle(event, self.clock(), self._chance()))
            await asyncio.sleep(0)
        event = Woken(last, offsets, room, parsed, unbegun=self.unsent)
        await self.carry_out(self.machine.handle(event, self.clock(), self._chance()))

    async def _parsed(self, bodies: Sequence[bytes]) -> dict[bytes, Robots]:
        """Files parsed off the loop, as far as that went well: the others are parsed here, in bounded time."""
        parsed: dict[bytes, Robots] = {}
        for body in bodies:
            with contextlib.suppress(WorkerLost):
                parsed[fingerprint(body)] = await self._parse(body)
        return parsed

    async def flush(self) -> None:
        """Write all that is not written yet; no orders."""
        event = Woken([], {}, {}, flush=True, unbegun=self.unsent)
        await self.carry_out(self.machine.handle(event, self.clock(), self._chance()))

    async def carry_out(self, commands: list[Command]) -> None:
        """Carry out commands, and what the machine makes of their answers."""
        todo = list(commands)
        while todo:
            event = await self._do(todo.pop(0))
            if event is not None:
                todo.extend(self.machine.handle(event, self.clock(), self._chance()))

    async def _do(self, command: Command) -> Event | None:
        store = self.store
        match command:
            case LoadHosts(keys=keys, sites=sites):
                return HostsLoaded(*await store.load_hosts(keys, sites))
            case LoadDueHosts(partitions=partitions, until=until, limit=limit, after=after):
                rows = await store.load_due_hosts(partitions, self._partitions, until, limit, after)
                return HostsLoaded(*rows, complete=len(rows[0]) < limit)
            case LoadQueue(picks=picks, robots=wanted):
                queues = await store.load_queue(picks, self.clock())
                files = await store.load_robots(wanted) if wanted else []
                large = [file.body for file in files if file.body and len(file.body) > LARGE_ROBOTS]
                return QueueLoaded(queues, files, await self._parsed(large))
            case TakePermits(requests=requests):
                politeness = self._politeness
                granted, later = await store.take_permits(
                    requests, self.clock(), politeness.address_sites, politeness.max_address_permits
                )
                return PermitsTaken(frozenset(granted), later)
            case Commit(transaction=transaction, messages=messages):
                await self._send_first(messages)
                try:
                    committed = await store.commit(transaction)
                except Unavailable:
                    # It may have been committed all the same; but nobody will ever publish these orders.
                    self.unsent.add([lease.order_id for lease in transaction.leases])
                    raise
                self.unsent.void = False  # what was out before is void in the store too; from here on orders are ours
                return Done(committed)
            case Publish(orders=orders):
                for order in orders:
                    lane = lane_of(order)
                    self.sent[lane] = self.sent.get(lane, 0) + 1
                    self.unsent.published(order, self._bus.send(lane, order.partition, [order]), self.clock)
                return None
            case Ack(offsets=offsets):
                await self.consumer.commit(offsets)
                return None

    async def _send_first(self, messages: Sequence[tuple[str, int, Message]]) -> None:
        """What follows from a transaction is acked before it. Alone, it is only sent: its ack would wait for our next commit,
        and it dies with us, as does what it follows from."""
        acks = [self._bus.send(topic, partition, [message]) for topic, partition, message in messages]
        if self._alone:
            for ack in acks:
                self._forget(ack)
        elif acks:
            done, late = await asyncio.wait(map(asyncio.ensure_future, acks), timeout=PATIENCE)
            for ack in late:  # one partition of the log must not hold up all of ours
                self._forget(ack)
            if failed := [error for ack in done if (error := ack.exception()) is not None]:
                raise failed[0]

    def _forget(self, ack: Awaitable[None]) -> None:
        """Nobody waits for these: a lost order comes back by its deadline."""
        future = asyncio.ensure_future(ack)
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
