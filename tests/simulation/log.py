"""A model of the broker: partitions of records, consumer groups, and each process' way to them (`contracts.ports.Log`).

A record is what one `send` handed over. Each takes its time to become visible, in the order of its partition; nothing orders
partitions among each other. A send may be lost before it is written, or its ack after; then it fails with Unavailable and
whoever wants it sent sends it again. A group's member learns late that partitions moved; what it commits by then is refused.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from contracts.errors import Unavailable
from contracts.messages import Message, Order
from contracts.ports import Offsets, Record
from contracts.topics import DIGESTS, RECHECKS
from tests.simulation.loop import Process, Scheduler

SESSION: Final = 6.0
"""Seconds of silence after which a member of a group is dead to it."""
Place = tuple[str, int]


@dataclass
class Partition:
    """Records, and from when on each is visible. `taken` tells by offset which process' commit of it was accepted."""

    records: list[tuple[Message, ...]] = field(default_factory=list)
    visible: list[float] = field(default_factory=list)
    committed: int = 0
    taken: dict[int, str] = field(default_factory=dict)


@dataclass
class Group:
    """The members of a group that reads one topic. `generation` moves with every change of who has what."""

    members: "list[GroupConsumer]" = field(default_factory=list)
    generation: int = 0


class Broker:
    """All topics. `delay` gives the seconds that a way takes, `fault` whether this one goes wrong, `away` whether the broker is."""

    def __init__(
        self,
        scheduler: Scheduler,
        partitions: int,
        delay: Callable[[], float],
        fault: Callable[[], bool],
        away: Callable[[], bool],
    ) -> None:
        self.scheduler, self.delay, self.fault, self.away = scheduler, delay, fault, away
        self.number = partitions
        self.partitions: dict[Place, Partition] = {}
        self.groups: dict[str, Group] = {}
        self.readers: list[ModelConsumer] = []
        self.orders: dict[bytes, list[tuple[Place, int]]] = {}

    def partition(self, place: Place) -> Partition:
        return self.partitions.setdefault(place, Partition())

    def append(self, place: Place, messages: Sequence[Message]) -> None:
        """Write one record; it becomes visible a while later, after all before it."""
        partition = self.partition(place)
        for message in messages:
            if isinstance(message, Order):
                self.orders.setdefault(message.order_id, []).append((place, len(partition.records)))
        at = max(self.scheduler.time() + self.delay(), partition.visible[-1] if partition.visible else 0.0)
        partition.records.append(tuple(messages))
        partition.visible.append(at)
        self.scheduler.after(at - self.scheduler.time(), lambda: self._arrived(place))
        if place[0] in (DIGESTS, RECHECKS):
            partition.committed = len(partition.records)

    def _arrived(self, place: Place) -> None:
        for reader in self.readers:
            if reader.reads(place):
                reader.process.tell(reader.arrived.set)

    def taken_by(self, order: bytes) -> set[str]:
        """The processes whose commit of an order was accepted."""
        places = self.orders.get(order, [])
        return {by for place, offset in places if (by := self.partitions[place].taken.get(offset)) is not None}

    # -- groups -----------------------------------------------------------------------------------------------------

    def join(self, member: "GroupConsumer") -> None:
        """Another member, or one that was taken for dead."""
        group = self.groups.setdefault(member.topic, Group())
        if member not in group.members:
            group.members.append(member)
            self._rebalance(group)
        self._watch(group, member)

    def leave(self, member: "GroupConsumer") -> None:
        """One member less."""
        group = self.groups[member.topic]
        if member in group.members:
            group.members.remove(member)
            self._rebalance(group)

    def _watch(self, group: Group, member: "GroupConsumer") -> None:
        """Throw a member out that is silent for too long."""

        def look() -> None:
            process = member.process
            if member not in group.members:
                return
            if not process.alive or process.stopped_until > self.scheduler.time():
                self.scheduler.note(process.name, f"is taken for dead by the group of {member.topic}")
                self.leave(member)
            else:
                self._watch(group, member)

        self.scheduler.after(SESSION * (0.5 + self.scheduler.chance.random() / 2), look)

    def _rebalance(self, group: Group) -> None:
        group.generation += 1
        for number, member in enumerate(group.members):
            ours = list(range(number, self.number, len(group.members)))
            self.scheduler.after(self.delay() * 3, partial(member.told, group.generation, ours))

    def commit(self, member: "GroupConsumer", generation: int, offsets: Offsets, unclear: bool) -> bool:
        """Accept what a member of this generation has read, and remember who has it: nobody, if the answer will not arrive."""
        group = self.groups[member.topic]
        if member not in group.members or generation != group.generation:
            self.scheduler.note(member.process.name, f"commit to {member.topic} refused")
            return False
        for place, offset in offsets.items():
            partition = self.partition(place)
            for at in range(partition.committed, offset):
                partition.taken[at] = "" if unclear else member.process.name
            partition.committed = max(partition.committed, offset)
        return True


class ModelLog:
    """The log as one process has it. `sending` are the ends of what is on its way, so that nothing overtakes within a place."""

    def __init__(self, broker: Broker, process: Process) -> None:
        self.broker, self.process = broker, process
        self._sending: dict[Place, float] = {}
        self.parked: list[tuple[Record, str]] = []

    def send(self, topic: str, partition: int, messages: Sequence[Message]) -> Awaitable[None]:
        broker, process = self.broker, self.process
        place, now = (topic, partition), broker.scheduler.time()
        arrives = max(now + broker.delay() / 4, self._sending.get(place, 0.0))
        self._sending[place] = arrives
        wrong = broker.fault() or broker.away()
        written = not broker.away() and (not wrong or broker.scheduler.chance.random() < 0.5)
        lost = Unavailable(f"the log does not answer about {topic}") if wrong else None

        def write() -> None:
            if written:
                broker.append(place, messages)

        back = broker.delay() / 4 + (1.0 if wrong else 0.0)
        return process.remote(write, arrives - now, back, lost=lost)

    def assign(self, offsets: Offsets) -> "ModelConsumer":
        return ModelConsumer(self.broker, self.process, offsets)

    def join(self, group: str, topics: Sequence[str]) -> "GroupConsumer":
        (topic,) = topics
        member = GroupConsumer(self.broker, self.process, topic)
        self.broker.scheduler.after(self.broker.delay(), lambda: self.broker.join(member))
        return member

    async def park(self, record: Record, why: str) -> None:
        self.parked.append((record, why))

    def lag(self, topic: str, partition: int) -> int:
        place = self.broker.partition((topic, partition))
        return len(place.records) - place.committed


class ModelConsumer:
    """Reads what it was assigned."""

    def __init__(self, broker: Broker, process: Process, offsets: Offsets) -> None:
        self.broker, self.process = broker, process
        self.position = dict(offsets)
        self.arrived = asyncio.Event()
        self.closed = False
        broker.readers.append(self)

    def reads(self, place: Place) -> bool:
        return place in self.position

    def _take(self, limit: int) -> list[Record]:
        records: list[Record] = []
        if self.broker.away():
            return records
        now = self.broker.scheduler.time()
        places = sorted(self.position)
        start = self.broker.scheduler.chance.randrange(len(places)) if places else 0
        for place in places[start:] + places[:start]:
            partition = self.broker.partition(place)
            at = self.position[place]
            while at < len(partition.records) and partition.visible[at] <= now and len(records) < limit:
                records += [Record(*place, at, message) for message in partition.records[at]]
                at += 1
            self.position[place] = at
        return records

    async def poll(self, limit: int, timeout: float) -> list[Record]:
        if self.closed or limit <= 0:
            return []
        self.arrived.clear()
        records = self._take(limit)
        if records or timeout <= 0:
            return records
        try:
            async with asyncio.timeout(timeout):
                await self.arrived.wait()
        except TimeoutError:
            return []
        return [] if self.closed else self._take(limit)

    async def commit(self, offsets: Offsets) -> bool:
        return not self.broker.away()

    async def reassign(self, offsets: Offsets) -> None:
        self.position = dict(offsets)

    async def close(self) -> None:
        self.closed = True
        if self in self.broker.readers:
            self.broker.readers.remove(self)
        if self.process.alive:
            self.arrived.set()


class GroupConsumer(ModelConsumer):
    """A member of a group, with what it believes to be its partitions."""

    def __init__(self, broker: Broker, process: Process, topic: str) -> None:
        super().__init__(broker, process, {})
        self.topic = topic
        self._generation = -1

    def told(self, generation: int, ours: Sequence[int]) -> None:
        """The group says whose partitions are whose; a stopped process hears it when it goes on."""

        def hear() -> None:
            if generation > self._generation and not self.closed:
                self._generation = generation
                self.position = {(self.topic, p): self.broker.partition((self.topic, p)).committed for p in ours}
                self.arrived.set()

        self.process.tell(hear)

    async def poll(self, limit: int, timeout: float) -> list[Record]:
        group = self.broker.groups.get(self.topic)
        if group is not None and self not in group.members and not self.closed:
            self.broker.join(self)
        return await super().poll(limit, timeout)

    async def commit(self, offsets: Offsets) -> bool:
        broker = self.broker
        if broker.away():
            return False
        generation, unclear = self._generation, broker.fault()
        accepted = await self.process.remote(
            lambda: broker.commit(self, generation, offsets, unclear), broker.delay() / 4, broker.delay() / 4
        )
        if unclear:
            broker.scheduler.note(self.process.name, f"commit to {self.topic} unclear")
        return accepted and not unclear

    async def close(self) -> None:
        await super().close()
        if self.topic in self.broker.groups:
            self.broker.leave(self)
