"""What operators ask of the log: looking into topics, what waits where, dead letters, heartbeats. In no group, nothing committed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition
from msgspec import Struct

from backends.kafka.connection import REQUEST, group_name, options, topic_name, translating
from backends.kafka.dead import Dead, newest, retried
from backends.kafka.lags import Look, looking
from backends.kafka.producer import Producer
from contracts.codec import decode_all, encode_all
from contracts.errors import UsageError
from contracts.messages import DeadLetter, Heartbeat
from contracts.ports import Record
from contracts.settings import MIB, Kafka
from contracts.topics import DEAD, DEAD_LETTERS, HEARTBEATS, LANES, TOPICS

LETTERS: Final = 10_000
"""Dead letters of a topic that are looked at, the newest."""


class Waiting(Struct, frozen=True):
    """What waits in a partition: `done` is up to where its group has committed, -1 if its readers are in none."""

    topic: str
    partition: int
    start: int
    end: int
    group: str = ""
    done: int = -1

    @property
    def lag(self) -> int:
        """Records that are not committed; 0 if nobody commits."""
        return max(0, self.end - max(self.done, self.start)) if self.group else 0


class Operator:
    """Questions and answers. Every method raises Unavailable if the brokers are away or refuse."""

    def __init__(self, settings: Kafka, look: Look) -> None:
        self._settings = settings
        self._look = look

    async def waiting(self, topics: Sequence[str] = ()) -> list[Waiting]:
        """All partitions of these topics, or of all that have a group."""
        names = list(topics) or [topic.name for topic in TOPICS.values() if topic.group]
        with translating(self._settings):
            counts = {name: await self.partitions(name) for name in names}
            places = {self._place(name, n): (name, n) for name, count in counts.items() for n in range(count)}
            starts, ends = await self._look.starts(places), await self._look.ends(places)
            found = []
            for name, count in counts.items():
                group = TOPICS[name].group if name in TOPICS else ""
                mine = [self._place(name, n) for n in range(count)]
                done = await self._look.committed(group_name(self._settings, group, [name]), mine) if group else {}
                found += [
                    Waiting(name, n, starts[place], ends[place], group, done.get(place, -1))
                    for n, place in enumerate(mine)
                ]
            return found

    async def partitions(self, topic: str) -> int:
        """How many partitions a topic has. UsageError if there is no such topic."""
        name = topic_name(self._settings, topic)
        with translating(self._settings):
            counts = await self._look.counts()
        if name not in counts:
            raise UsageError(f"the brokers have no topic [{name}]; run `crawlctl topics create`")
        return counts[name]

    async def peek(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Messages of up to `limit` records from an offset on; a negative one counts from the end."""
        found = []
        for raw in await self._read(topic, partition, offset, limit):
            messages = decode_all(raw.value or b"")
            found += [Record(topic, partition, raw.offset, message) for message in messages]
        return found

    async def dead(self, topic: str) -> list[Dead]:
        """The dead letters of a topic, oldest first. UsageError if it has no topic for them."""
        if topic + DEAD not in DEAD_LETTERS:
            raise UsageError(f"there are no dead letters of [{topic}]; there are of {', '.join(sorted(TOPICS))}")
        records = await self.peek(topic + DEAD, 0, -LETTERS, LETTERS)
        return newest(record.message for record in records if isinstance(record.message, DeadLetter))

    async def retry(self, letter: Dead, process: str, now: float) -> int:
        """Send again what was parked of a place; how many records that were. Orders are never retried: they come back by their
        deadline, and were started at most once."""
        if letter.topic in LANES.values():
            raise UsageError(f"an order of [{letter.topic}] is not sent again: it comes back by its deadline")
        payloads = [payload for payload in letter.payloads if payload]
        if not payloads:
            raise UsageError(f"nothing was kept of offset {letter.offset} of [{letter.topic}] {letter.partition}")
        producer = Producer(self._settings, process)
        try:
            await producer.start()
            name = topic_name(self._settings, letter.topic)
            await asyncio.gather(*(producer.put(name, letter.partition, payload).future for payload in payloads))
            said = encode_all([retried(letter, process, now)])
            await producer.put(name + DEAD, 0, said).future
        finally:
            await producer.close()
        return len(payloads)

    async def heartbeats(self, within: float = 60.0) -> dict[str, tuple[Heartbeat, float]]:
        """The last heartbeat of each process that sent one within so many seconds, with the broker's time of it."""
        place = self._place(HEARTBEATS, 0)
        with translating(self._settings):
            async with asyncio.timeout(REQUEST):
                since = {place: int((time.time() - within) * 1000)}
                first = (await self._look.consumer.offsets_for_times(since))[place]
        found: dict[str, tuple[Heartbeat, float]] = {}
        if first is not None:
            for raw in await self._read(HEARTBEATS, 0, first.offset, 1_000_000):
                for message in decode_all(raw.value or b""):
                    if isinstance(message, Heartbeat):
                        found[message.process] = (message, raw.timestamp / 1000)
        return found

    def _place(self, topic: str, partition: int) -> TopicPartition:
        return TopicPartition(topic_name(self._settings, topic), partition)

    async def _read(self, topic: str, partition: int, offset: int, limit: int) -> list[ConsumerRecord]:
        """Records up to the end that the partition has now."""
        place = self._place(topic, partition)
        consumer = self._look.consumer
        with translating(self._settings):
            if partition >= await self.partitions(topic):
                raise UsageError(f"[{topic}] has no partition {partition}")
            start, end = (await self._look.starts([place]))[place], (await self._look.ends([place]))[place]
            consumer.assign([place])
            position = max(start, end + offset if offset < 0 else offset)
            consumer.seek(place, position)
            found: list[ConsumerRecord] = []
            async with asyncio.timeout(REQUEST):
                while position < end and len(found) < limit:
                    batch = await consumer.getmany(timeout_ms=500, max_records=limit - len(found))
                    found += batch.get(place, [])
                    position = await consumer.position(place)
            return [raw for raw in found if raw.offset < end]


@contextlib.asynccontextmanager
async def operating(settings: Kafka, process: str = "crawlctl") -> AsyncIterator[Operator]:
    """An operator's connection. Unavailable if the brokers are away."""
    given: dict[str, Any] = options(settings, process)
    with translating(settings):
        async with looking(given, max_partition_fetch_bytes=MIB) as look:
            yield Operator(settings, look)
