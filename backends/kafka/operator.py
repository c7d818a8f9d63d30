"""What operators ask of the log and do to it: how many partitions there are, dead letters, and sending those again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from backends.kafka.connection import options, topic_name, translating
from backends.kafka.dead import Dead, newest, retried
from backends.kafka.lags import Look, looking
from backends.kafka.peeking import Start, peek
from backends.kafka.producer import Producer
from contracts.cluster import Kafka
from contracts.codec import encode_all
from contracts.errors import UsageError
from contracts.notes import DeadLetter
from contracts.topics import DEAD, DEAD_LETTERS, LANES

LETTERS: Final = 10_000
"""Dead letters of a topic that are looked at, the newest."""


class Operator:
    """Questions and answers. Every method raises Unavailable if the brokers are away or refuse."""

    def __init__(self, settings: Kafka, look: Look) -> None:
        self._settings = settings
        self._look = look

    async def partitions(self, topic: str) -> int:
        """How many partitions a topic has. UsageError if there is no such topic."""
        name = topic_name(self._settings, topic)
        with translating(self._settings):
            counts = await self._look.counts()
        if name not in counts:
            raise UsageError(f"the brokers have no topic [{name}]; run `crawlctl topics create`")
        return counts[name]

    async def dead(self, topic: str) -> list[Dead]:
        """The dead letters of a topic, oldest first. UsageError if it has no topic for them."""
        if topic + DEAD not in DEAD_LETTERS:
            kept = ", ".join(sorted(name.removesuffix(DEAD) for name in DEAD_LETTERS))
            raise UsageError(f"there are no dead letters of [{topic}]; there are of {kept}")
        async with contextlib.aclosing(peek(self._settings, topic + DEAD, 0, Start(last=LETTERS))) as records:
            messages = [message async for record in records for message in record.messages]
        return newest(message for message in messages if isinstance(message, DeadLetter))

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
            await producer.put(name + DEAD, 0, encode_all([retried(letter, process, now)])).future
        finally:
            await producer.close()
        return len(payloads)


@contextlib.asynccontextmanager
async def operating(settings: Kafka, process: str = "crawlctl") -> AsyncIterator[Operator]:
    """An operator's connection. Unavailable if the brokers are away."""
    async with contextlib.AsyncExitStack() as stack:
        with translating(settings):
            look = await stack.enter_async_context(looking(options(settings, process)))
        yield Operator(settings, look)
