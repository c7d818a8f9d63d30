"""Looks into a topic as people do: in no group, nothing committed, each record with its place, time and size."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition
from msgspec import Struct

from backends.kafka.connection import REQUEST, options, topic_name, translating
from backends.kafka.lags import Look, looking
from contracts.cluster import Kafka
from contracts.codec import decode_all
from contracts.errors import Unavailable, UsageError
from contracts.messages import Message
from contracts.options import MIB
from contracts.ports import Unreadable

BATCH: Final = 64
"""Records that are in our hands at a time."""
FETCH: Final = 8 * MIB
"""Bytes that a broker's answer has at most, unless a single record has more."""


class Start(Struct, frozen=True, kw_only=True):
    """Where to begin in each partition: at `offset`, or with the first record of the time `since` (unix seconds), or if both are
    None with the `last` so many records."""

    offset: int | None = None
    since: float | None = None
    last: int = 10


class Seen(Struct, frozen=True):
    """A record: `at` is its time (unix seconds; by the sender or the broker, as its topic has it), `size` its bytes as sent before
    compression, `messages` what it carries."""

    topic: str
    partition: int
    offset: int
    at: float
    size: int
    messages: list[Message | Unreadable]


async def peek(
    settings: Kafka, topic: str, partition: int | None, start: Start, *, follow: bool = False
) -> AsyncGenerator[Seen, None]:
    """Records of one partition, or of all, up to the ends as they are now; with `follow` for ever.

    UsageError if there is no such topic or partition, Unavailable if the brokers are away or stop answering.
    """
    given: dict[str, Any] = options(settings, "crawlctl-peek")
    more = {"max_partition_fetch_bytes": MIB, "fetch_max_bytes": FETCH, "auto_offset_reset": "earliest"}
    with translating(settings):
        opened = looking(given, **more)
        look = await opened.__aenter__()
    try:
        with translating(settings):
            places = _places(topic_name(settings, topic), await look.counts(), partition)
            ends = await look.ends(places)
            firsts = await _firsts(look, places, ends, start)
            look.consumer.assign(places)
            left = {}
            for place, first in firsts.items():
                look.consumer.seek(place, first)
                if first < ends[place] or follow:
                    left[place] = ends[place]
                else:
                    look.consumer.pause(place)
        async for raw in _read(look.consumer, left, settings, follow=follow):
            value = raw.value or b""
            yield Seen(topic, raw.partition, raw.offset, raw.timestamp / 1000, len(value), decode_all(value))
    finally:
        await opened.__aexit__(None, None, None)


async def lying(consumer: Any, settings: Kafka, topic: str, partition: int, offset: int) -> list[Message | Unreadable]:
    """The messages of one record; none if it is gone. `consumer` is taken from whatever it read before."""
    place = TopicPartition(topic_name(settings, topic), partition)
    consumer.assign([place])
    consumer.seek(place, offset)
    found: list[Message | Unreadable] = []
    async for raw in _read(consumer, {place: offset + 1}, settings, follow=False):
        if raw.offset == offset:
            found = decode_all(raw.value or b"")
    return found


def _places(name: str, counts: dict[str, int], partition: int | None) -> list[TopicPartition]:
    if name not in counts:
        raise UsageError(f"the brokers have no topic {name}; run `crawlctl topics create`")
    if partition is not None and not 0 <= partition < counts[name]:
        raise UsageError(f"{name} has partitions 0 to {counts[name] - 1}, and no {partition}")
    return [TopicPartition(name, number) for number in (range(counts[name]) if partition is None else (partition,))]


async def _firsts(
    look: Look, places: list[TopicPartition], ends: dict[TopicPartition, int], start: Start
) -> dict[TopicPartition, int]:
    if start.offset is None and start.since is not None:
        async with asyncio.timeout(REQUEST):
            found = await look.consumer.offsets_for_times(dict.fromkeys(places, int(start.since * 1000)))
        return {place: found[place].offset if found[place] else ends[place] for place in places}
    begins = await look.starts(places)
    return {
        place: max(begins[place], ends[place] - start.last if start.offset is None else start.offset)
        for place in places
    }


async def _read(
    consumer: Any, left: dict[TopicPartition, int], settings: Kafka, *, follow: bool
) -> AsyncIterator[ConsumerRecord]:
    """Records up to the offsets in `left`, which is emptied; past them with `follow`."""
    loop = asyncio.get_running_loop()
    progress = loop.time()
    while left or follow:
        with translating(settings):
            batch = await consumer.getmany(timeout_ms=500, max_records=BATCH)
        if batch:
            progress = loop.time()
        for place, records in batch.items():
            for raw in records:
                if follow or raw.offset < left.get(place, 0):
                    yield raw
        if follow:
            continue
        with translating(settings):
            for place in [place for place, end in left.items() if await consumer.position(place) >= end]:
                del left[place]
                consumer.pause(place)
        if left and loop.time() - progress > REQUEST:
            raise Unavailable(
                f"the brokers have told no more of {next(iter(left)).topic} for {REQUEST:g} s; see their health"
            )
