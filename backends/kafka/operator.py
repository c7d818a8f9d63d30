"""What operators ask of the log and do to it: dead letters, and sending those again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from backends.kafka.connection import options, topic_name, translating
from backends.kafka.dead import Dead, Kept, light, newest, retried
from backends.kafka.lags import Look, looking
from backends.kafka.log import key_of
from backends.kafka.peeking import Start, lying, peek
from backends.kafka.producer import Producer
from contracts.cluster import Kafka
from contracts.codec import decode_all, encode_all
from contracts.errors import UsageError
from contracts.notes import DeadLetter
from contracts.ports import Unreadable
from contracts.topics import DEAD, DEAD_LETTERS, LANES, TOPICS

LETTERS: Final = 10_000
"""Dead letters of a topic that are looked at, the newest."""


class Operator:
    """Questions and answers. Every method raises Unavailable if the brokers are away or refuse."""

    def __init__(self, settings: Kafka, look: Look) -> None:
        self._settings = settings
        self._look = look

    async def dead(self, topic: str) -> list[Dead]:
        """The dead letters of a topic, oldest first, without their payloads. UsageError if it has no topic for them."""
        if topic + DEAD not in DEAD_LETTERS:
            kept = ", ".join(sorted(name.removesuffix(DEAD) for name in DEAD_LETTERS))
            raise UsageError(f"there are no dead letters of [{topic}]; there are of {kept}")
        async with contextlib.aclosing(peek(self._settings, topic + DEAD, 0, Start(last=LETTERS))) as records:
            letters = [
                light(message, record.offset)
                async for record in records
                for message in record.messages
                if isinstance(message, DeadLetter) and message.topic == topic
            ]
        return newest(letters)

    async def payloads(self, letter: Dead) -> list[bytes]:
        """What was parked of a place; empty if nothing was kept, or it has lapsed since."""
        return [payload for kept in letter.kept if kept.size and (payload := await self._payload(letter.topic, kept))]

    async def _payload(self, topic: str, kept: Kept) -> bytes:
        for message in await lying(self._look.consumer, self._settings, topic + DEAD, 0, kept.at):
            if isinstance(message, DeadLetter) and light(message, kept.at)[1] == kept:
                return message.payload
        return b""

    async def retry(self, letter: Dead, process: str, now: float) -> int:
        """Send again what was parked of a place; how many records that were. Orders are never retried: they come back by their
        deadline, and were started at most once."""
        if letter.topic in LANES.values():
            raise UsageError(f"an order of [{letter.topic}] is not sent again: it comes back by its deadline")
        payloads = await self.payloads(letter)
        if not payloads:
            raise UsageError(f"nothing was kept of offset {letter.offset} of [{letter.topic}] {letter.partition}")
        producer = Producer(self._settings, process)
        try:
            await producer.start()
            name = topic_name(self._settings, letter.topic)
            records = [record for payload in payloads for record in _records(letter, payload)]
            await asyncio.gather(*(producer.put(name, letter.partition, *record).future for record in records))
            await producer.put(name + DEAD, 0, encode_all([retried(letter, process, now)])).future
        finally:
            await producer.close()
        return len(payloads)


def _records(letter: Dead, payload: bytes) -> list[tuple[bytes, bytes | None]]:
    """Values and keys to send: a compacted topic takes none without a key, and keeps the last message of each."""
    if not TOPICS[letter.topic].compacted:
        return [(payload, None)]
    messages = decode_all(payload)
    if any(isinstance(message, Unreadable) for message in messages):
        raise UsageError(
            f"offset {letter.offset} of [{letter.topic}] cannot be read, so nobody knows its key; say it anew"
        )
    return [(encode_all([message]), key_of(message)) for message in messages if not isinstance(message, Unreadable)]


@contextlib.asynccontextmanager
async def operating(settings: Kafka, process: str = "crawlctl") -> AsyncIterator[Operator]:
    """An operator's connection. Unavailable if the brokers are away."""
    async with contextlib.AsyncExitStack() as stack:
        with translating(settings):
            look = await stack.enter_async_context(looking(options(settings, process)))
        yield Operator(settings, look)
