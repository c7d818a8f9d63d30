"""The log over Kafka: the contract of `contracts.ports`, held by brokers.

What is sent at once travels as one record, a bundle (`contracts.codec`), unless it is too long for one. An ack means that the
brokers have it (`kafka.min_insync` copies). All that waits for brokers waits in the background: `start` and acks are all that
ever says Unavailable. The driver's own failures are healed inside.
"""

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, Final

from aiokafka import ConsumerRecord

from backends.kafka import dead, quiet
from backends.kafka.connection import topic_name
from backends.kafka.consumer import KafkaConsumer
from backends.kafka.lags import Lags
from backends.kafka.producer import LARGEST, Entry, Producer
from backends.kafka.source import Feed
from backends.system import skew
from contracts.cluster import Kafka
from contracts.codec import bundles, decode_all, encode_all, unreadable
from contracts.errors import Unavailable
from contracts.messages import Message
from contracts.notes import Control, DeadLetter, Heartbeat
from contracts.options import KIB, MIB
from contracts.ports import Clock, Offsets, Record, Unreadable
from contracts.topics import DEAD, DEAD_LETTERS, HEARTBEATS, TOPICS

log = logging.getLogger(__name__)

BUNDLE: Final = MIB
"""Most bytes of a bundle, unless a single message has more."""
SILENCE: Final = 5.0
"""Seconds without an answer of the brokers after which they are said to be away."""


class KafkaLog:
    """A log of many processes. `process` is unique for a run; `clock` dates dead letters."""

    def __init__(self, settings: Kafka, process: str, clock: Clock) -> None:
        self._settings = settings
        self._process = process
        self._clock = clock
        self._names: dict[str, str] = {}
        self._consumers: list[KafkaConsumer] = []
        self._producer = Producer(settings, process)
        self._lags = Lags(settings, f"{process}-lags", self._sent, self._done)
        self._lost = 0
        self.parked = 0

    async def start(self) -> None:
        """Connect. Unavailable says why that failed: call it again. UsageError: the settings cannot be used."""
        quiet.install()
        await self._producer.start()
        self._lags.start()

    async def close(self, grace: float = 5.0) -> None:
        """Leave all groups and send what is queued, in bounded time."""
        await asyncio.gather(*(consumer.close() for consumer in self._consumers))
        await self._producer.close(grace)
        await self._lags.close()

    # -- sending ----------------------------------------------------------------------------------------------------

    def send(self, topic: str, partition: int, messages: Sequence[Message]) -> Awaitable[None]:
        """Hand over messages, in order. Done when acked; Unavailable if they were not in 30 s, or if too many wait already."""
        if len(messages) == 1 or topic not in TOPICS or not TOPICS[topic].compacted:
            entries = [self._put(topic, partition, *part) for part in bundles(messages, BUNDLE)] if messages else []
        else:
            entries = [self._put(topic, partition, encode_all([message]), [message]) for message in messages]
        if len(entries) == 1:
            return entries[0].future
        return _all(entries)

    def put(self, topic: str, partition: int, message: Message) -> Entry:
        """Send a message; the entry tells where it lies and the broker's time once its future is done."""
        return self._put(topic, partition, encode_all([message]), [message])

    def _put(self, topic: str, partition: int, value: bytes, messages: Sequence[Message]) -> Entry:
        if len(value) > LARGEST - 64 * KIB:
            log.error("a %s of %d bytes is too long for [%s]", type(messages[0]).__name__, len(value), topic)
            why = f"{type(messages[0]).__name__} of {len(value)} bytes is longer than a record may be ({LARGEST})"
            letter = DeadLetter(topic, partition, -1, why, self._process, self._clock(), b"")
            topic, partition, value = topic + DEAD, 0, encode_all([letter])
            self.parked += 1
        key = key_of(messages[0]) if topic in TOPICS and TOPICS[topic].compacted else None
        return self._producer.put(self._name(topic), partition, value, key)

    def park(self, record: Record, why: str) -> Awaitable[None]:
        """Put a message among its topic's dead letters."""
        payload = b"" if isinstance(record.message, Unreadable) else encode_all([record.message])
        return self._park(record.topic, record.partition, record.offset, why, payload)

    def _park(self, topic: str, partition: int, offset: int, why: str, payload: bytes) -> Awaitable[None]:
        letter = DeadLetter(topic, partition, offset, why, self._process, self._clock(), payload)
        self.parked += 1
        log.warning("[%s] %d: offset %d is parked: %s", topic, partition, offset, why)
        return self.put(topic + DEAD, 0, dead.fitting(letter, LARGEST - 64 * KIB)).future

    async def heartbeat(self, said: Heartbeat) -> tuple[float, float]:
        """Send a heartbeat; by how many seconds our clock is ahead of the brokers', and the uncertainty of that. Unavailable if
        it is not acked."""
        t0 = self._clock()
        entry = self.put(HEARTBEATS, 0, said)
        await entry.future
        if entry.timestamp < 0:
            raise Unavailable("the brokers do not say when they appended a heartbeat; see `crawlctl topics check`")
        return skew(t0, self._clock(), entry.timestamp / 1000)

    # -- reading ----------------------------------------------------------------------------------------------------

    def assign(self, offsets: Offsets) -> KafkaConsumer:
        """A consumer of exactly these partitions, from these offsets on."""
        return self._reader(Feed(tuple(sorted({topic for topic, _ in offsets})), offsets=dict(offsets)))

    def join(self, group: str, topics: Sequence[str]) -> KafkaConsumer:
        """A member of a consumer group."""
        return self._reader(Feed(tuple(sorted(topics)), group))

    def whole(self, topic: str) -> KafkaConsumer:
        """A consumer of all of a topic, from its beginning, in no group: for what every process reads."""
        return self._reader(Feed((topic,)))

    def _reader(self, feed: Feed) -> KafkaConsumer:
        self._lost += sum(consumer.lost for consumer in self._consumers if consumer.closed)
        self._consumers = [consumer for consumer in self._consumers if not consumer.closed]
        kind = feed.group or ("assigned" if feed.offsets is not None else "whole")
        consumer = KafkaConsumer(self._settings, f"{self._process}-{kind}", feed, self._opened)
        self._consumers.append(consumer)
        return consumer

    async def _opened(self, raw: ConsumerRecord) -> list[Record]:
        """The messages of a record. What cannot be read is parked first. One without a value only removes a key."""
        topic, data = raw.topic.removeprefix(self._settings.prefix), raw.value
        if data is None:
            return []
        messages = decode_all(data)
        bad = [message for message in messages if isinstance(message, Unreadable)]
        if bad and topic + DEAD in DEAD_LETTERS:
            why = "; ".join(dict.fromkeys(message.why for message in bad))
            await self._park(topic, raw.partition, raw.offset, why, unreadable(data))
        return [Record(topic, raw.partition, raw.offset, message) for message in messages]

    # -- what is known ----------------------------------------------------------------------------------------------

    def lag(self, topic: str, partition: int) -> int:
        """Records sent and not committed, as far as is known; of a topic without a group those that a consumer of this process
        has not committed."""
        return self._lags.lag(topic, partition)

    @property
    def silent(self) -> float:
        """Seconds since brokers answered last; 0.0 while they do."""
        seconds = asyncio.get_running_loop().time() - self._lags.answered
        return seconds if seconds > SILENCE else 0.0

    @property
    def trouble(self) -> str:
        """Why this log is not well, empty if it is: for readiness."""
        found = [consumer.trouble for consumer in self._consumers if not consumer.closed and consumer.trouble]
        if self.silent:
            found.insert(0, f"no broker has answered for {self.silent:.0f} s")
        return "; ".join(found)

    def stalled(self) -> float:
        """Seconds without a record for the reader that is worst off, while brokers answer: for the watchdog."""
        if self.silent:
            return 0.0
        return max((consumer.stalled() for consumer in self._consumers if not consumer.closed), default=0.0)

    @property
    def unsent(self) -> int:
        """Bytes that wait for acks."""
        return self._producer.unsent

    @property
    def lost(self) -> int:
        """Records that were gone before our consumers read them."""
        return self._lost + sum(consumer.lost for consumer in self._consumers)

    def _name(self, topic: str) -> str:
        name = self._names.get(topic)
        if name is None:
            name = self._names[topic] = topic_name(self._settings, topic)
        return name

    def _sent(self, topic: str, partition: int) -> tuple[int, int, int]:
        place, producer = (self._name(topic), partition), self._producer
        return producer.waiting.get(place, 0), producer.firsts.get(place, -1), producer.ends.get(place, 0)

    def _done(self, topic: str, partition: int) -> int:
        place = (topic, partition)
        return max((consumer.committed.get(place, -1) for consumer in self._consumers), default=-1)


def key_of(message: Message) -> bytes:
    """The key under which a compacted topic keeps only the last message: of a control its target and what it is about."""
    if isinstance(message, Control):
        about = {"resume": "pause", "unblock": "block"}.get(message.verb, message.verb)
        return f"{about} {message.target}".encode("utf-8", "replace")
    return type(message).__name__.encode()


def _all(entries: Iterable[Entry]) -> "asyncio.Future[Any]":
    """Done when all are acked; fails with the first failure."""
    loop = asyncio.get_running_loop()
    futures = [entry.future for entry in entries]
    if not futures:
        done: asyncio.Future[Any] = loop.create_future()
        done.set_result(None)
        return done
    gathered = asyncio.gather(*futures)
    gathered.add_done_callback(lambda future: future.cancelled() or future.exception())
    return gathered
