"""The log of one process: the contract of `contracts.ports` without a broker.

An ack means that the consumer has committed, since nothing here outlives the process. Producers who wait for their acks
are thereby held to the pace of consumers; nothing else bounds a partition.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Sequence
from heapq import heappop, heappush
from itertools import islice
from typing import Final

from contracts.messages import Message
from contracts.ports import Offsets, Record

PARKED: Final = 1_000
"""Dead letters kept."""


class _Partition:
    """Messages from `base` on; those below `committed` are gone."""

    def __init__(self) -> None:
        self.base = 0
        self.messages: deque[Message] = deque()
        self.acks: list[tuple[int, int, asyncio.Future[None]]] = []
        self.used = False

    @property
    def end(self) -> int:
        return self.base + len(self.messages)

    def start_at(self, offset: int) -> None:
        """The first consumer decides where an empty partition begins: its stored row says how far it had read."""
        if not self.used:
            self.base, self.used = offset + self.base, True
            self.acks = [(end + offset, n, ack) for end, n, ack in self.acks]

    def commit(self, offset: int) -> None:
        while self.base < offset and self.messages:
            self.messages.popleft()
            self.base += 1
        while self.acks and self.acks[0][0] <= self.base:
            ack = heappop(self.acks)[2]
            if not ack.done():
                ack.set_result(None)


class MemoryLog:
    """Topics of one process. `ack_timeout` does not exist: what is not committed is simply not acked."""

    def __init__(self) -> None:
        self._partitions: dict[tuple[str, int], _Partition] = {}
        self._groups: dict[tuple[str, str], _Group] = {}
        self._arrival: dict[str, list[asyncio.Event]] = {}
        self._sequence = 0
        self.parked: deque[tuple[Record, str]] = deque(maxlen=PARKED)

    def _partition(self, topic: str, partition: int) -> _Partition:
        return self._partitions.setdefault((topic, partition), _Partition())

    def send(self, topic: str, partition: int, messages: Sequence[Message]) -> Awaitable[None]:
        """Append; the future is done when the consumer has committed the last of the messages."""
        place = self._partition(topic, partition)
        place.messages.extend(messages)
        ack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sequence += 1
        heappush(place.acks, (place.end, self._sequence, ack))
        if not messages:
            place.commit(place.base)
        for event in self._arrival.get(topic, ()):
            event.set()
        return ack

    def assign(self, offsets: Offsets) -> "MemoryConsumer":
        """A consumer of exactly these partitions."""
        for (topic, partition), offset in offsets.items():
            self._partition(topic, partition).start_at(offset)
        return MemoryConsumer(self, {topic for topic, _ in offsets}, dict(offsets), None)

    def join(self, group: str, topics: Sequence[str]) -> "MemoryConsumer":
        """A member of a group; each partition has one owner among them."""
        member = self._groups.setdefault((group, ",".join(sorted(topics))), _Group())
        return MemoryConsumer(self, set(topics), {}, member)

    def lag(self, topic: str, partition: int) -> int:
        """Messages that are not committed."""
        place = self._partitions.get((topic, partition))
        return len(place.messages) if place else 0

    def park(self, record: Record, why: str) -> Awaitable[None]:
        """Keep a message that its reader cannot handle. It is gone with this process, like everything here."""
        self.parked.append((record, why))
        ack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ack.set_result(None)
        return ack

    def pending(self, topics: Sequence[str]) -> int:
        """Messages of these topics that are not committed, over all partitions."""
        return sum(len(place.messages) for (topic, _), place in self._partitions.items() if topic in topics)


class _Group:
    """Members share the partitions of their topics: each partition has one owner, and a change of members starts the
    moved partitions again from what was committed."""

    def __init__(self) -> None:
        self.members: list[MemoryConsumer] = []

    def owner(self, partition: int) -> "MemoryConsumer":
        return self.members[partition % len(self.members)]

    def changed(self) -> None:
        for member in self.members:
            member.wake()


class MemoryConsumer:
    """One reader: of partitions it was assigned, or of those its group gives it."""

    def __init__(
        self, log: MemoryLog, topics: set[str], position: dict[tuple[str, int], int], group: _Group | None
    ) -> None:
        self._log = log
        self._topics = topics
        self._position = position
        self._group = group
        self._event = asyncio.Event()
        self._closed = False
        self._turn = -1
        for topic in topics:
            log._arrival.setdefault(topic, []).append(self._event)
        if group is not None:
            group.members.append(self)
            group.changed()

    def _owns(self, key: tuple[str, int]) -> bool:
        return self._group is None or (not self._closed and self._group.owner(key[1]) is self)

    def _keys(self) -> list[tuple[str, int]]:
        if self._group is None:
            return list(self._position)
        keys = []
        for key, place in self._log._partitions.items():
            if key[0] not in self._topics:
                continue
            if self._owns(key):
                place.start_at(0)
                self._position.setdefault(key, place.base)
                keys.append(key)
            else:
                self._position.pop(key, None)
        return keys

    def _take(self, limit: int) -> list[Record]:
        records: list[Record] = []
        keys = self._keys()
        self._turn += 1
        for key in keys[self._turn % len(keys) :] + keys[: self._turn % len(keys)] if keys else ():
            place = self._log._partition(*key)
            start = max(self._position[key], place.base)
            stop = max(start, min(place.end, start + limit - len(records)))
            records.extend(
                Record(*key, start + n, message)
                for n, message in enumerate(islice(place.messages, start - place.base, stop - place.base))
            )
            self._position[key] = stop
            if len(records) >= limit:
                break
        return records

    async def poll(self, limit: int, timeout: float) -> list[Record]:
        """Up to `limit` records; waits up to `timeout` seconds for the first."""
        if self._closed:
            return []
        self._event.clear()
        records = self._take(limit)
        if records or timeout <= 0:
            return records
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return []
        return [] if self._closed else self._take(limit)

    def wake(self) -> None:
        """End a waiting `poll` early."""
        self._event.set()

    async def commit(self, offsets: Offsets) -> bool:
        """Everything below the offsets is done; False if a partition is no longer ours."""
        if self._closed or not all(self._owns(key) for key in offsets):
            return False
        for key, offset in offsets.items():
            self._log._partition(*key).commit(offset)
        return True

    async def reassign(self, offsets: Offsets) -> None:
        """Read exactly these partitions from now on."""
        for (topic, partition), offset in offsets.items():
            self._log._partition(topic, partition).start_at(offset)
        for topic in {topic for topic, _ in offsets} - self._topics:
            self._log._arrival.setdefault(topic, []).append(self._event)
            self._topics.add(topic)
        self._position = dict(offsets)

    async def close(self) -> None:
        """Leave; records taken but not committed go to whoever owns the partition next."""
        if self._closed:
            return
        self._closed = True
        self._event.set()
        for topic in self._topics:
            self._log._arrival[topic].remove(self._event)
        if self._group is not None:
            self._group.members.remove(self)
            self._group.changed()
