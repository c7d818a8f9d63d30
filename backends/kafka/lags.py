"""How many records wait in partitions, as far as somebody asks: committed and end offsets, refreshed in the background."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from backends.kafka.connection import REQUEST, begin, bounded, group_name, options, refused, topic_name
from contracts.cluster import Kafka
from contracts.errors import kind_and_place
from contracts.topics import TOPICS

log = logging.getLogger(__name__)

EVERY: Final = 0.5
"""Seconds between two looks."""
FORGET: Final = 60.0
"""Seconds after which a place that nobody asks for is not looked at any more."""

Place = tuple[str, int]
"""A topic as we call it, and a partition."""


class Lags:
    """`lag` is of the last look and of what this process itself sent and committed since. `answered` is the loop's time of the
    last answer of the brokers."""

    def __init__(
        self,
        settings: Kafka,
        process: str,
        sent: Callable[[str, int], tuple[int, int, int]],
        done: Callable[[str, int], int],
    ) -> None:
        """`sent` tells of a place how many records wait for an ack, and the offsets of the first acked one and after the last
        (-1 and 0: none); `done` up to where a consumer of this process has committed it (-1: there is none)."""
        self._settings = settings
        self._options = options(settings, process)
        self._sent = sent
        self._done = done
        self._asked: dict[Place, float] = {}
        self._ends: dict[Place, int] = {}
        self._committed: dict[Place, int] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.answered = asyncio.get_running_loop().time()

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="lags of the log")

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def lag(self, topic: str, partition: int) -> int:
        """Records sent and not committed, as far as is known."""
        place = (topic, partition)
        if place not in self._asked:
            self._news.set()
        self._asked[place] = asyncio.get_running_loop().time()
        waiting, first, end = self._sent(topic, partition)
        done = max(self._done(topic, partition), self._committed.get(place, -1))
        if done < 0:
            done = first if first >= 0 else self._ends.get(place, 0)
        return max(0, max(end, self._ends.get(place, 0)) - done) + waiting

    async def _run(self) -> None:
        while True:
            try:
                async with looking(self._options) as look:
                    while True:
                        self._news.clear()
                        await self._refresh(look, self._wanted())
                        self.answered = asyncio.get_running_loop().time()
                        with contextlib.suppress(TimeoutError):
                            async with asyncio.timeout(EVERY):
                                await self._news.wait()
            except (KafkaError, OSError, TimeoutError, AttributeError) as error:
                log.info("lags are not known: %s", refused(error, self._settings))
                await asyncio.sleep(EVERY)
            except Exception as error:  # a fault of ours or of the driver: nobody would ever know of lags again
                log.warning("lags are not known: %s", kind_and_place(error))
                await asyncio.sleep(EVERY)

    def _wanted(self) -> list[Place]:
        """What somebody still asks for."""
        since = asyncio.get_running_loop().time() - FORGET
        self._asked = {place: at for place, at in self._asked.items() if at >= since}
        for known in (self._ends, self._committed):
            for place in known.keys() - self._asked.keys():
                del known[place]
        return list(self._asked)

    async def _refresh(self, look: "Look", asked: Iterable[Place]) -> None:
        groups: dict[str, list[Place]] = {}
        for place in asked:
            groups.setdefault(TOPICS[place[0]].group if place[0] in TOPICS else "", []).append(place)
        if not groups:
            await look.answer()
        for group, places in groups.items():
            names = {TopicPartition(topic_name(self._settings, t), p): (t, p) for t, p in places}
            ends = await look.ends(names)
            if group:
                for topic in {topic for topic, _ in places}:
                    mine = [name for name, place in names.items() if place[0] == topic]
                    done = await look.committed(group_name(self._settings, group, [topic]), mine)
                    for name, offset in done.items():
                        self._committed[names[name]] = offset
            for name, end in ends.items():
                self._ends[names[name]] = end


class Look:
    """Questions to the brokers about offsets."""

    def __init__(self, consumer: Any, admin: Any) -> None:
        self.consumer = consumer
        self.admin = admin
        self._coordinators: dict[str, int] = {}
        self._topics: set[str] = set()

    async def answer(self) -> None:
        """Whether they are there at all."""
        async with asyncio.timeout(REQUEST):
            await self.admin.describe_topics([])

    async def ends(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The offsets after the last records."""
        async with asyncio.timeout(REQUEST):
            return dict(await self.consumer.end_offsets(await self._met(places)))

    async def starts(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The offsets of the first records that are kept."""
        async with asyncio.timeout(REQUEST):
            return dict(await self.consumer.beginning_offsets(await self._met(places)))

    async def counts(self) -> dict[str, int]:
        """How many partitions each topic has."""
        async with asyncio.timeout(REQUEST):
            return {topic["topic"]: len(topic["partitions"]) for topic in await self.admin.describe_topics()}

    async def _met(self, places: Iterable[TopicPartition]) -> list[TopicPartition]:
        """The same, with their topics known to the driver: it would get to know one at a time, with a pause between them."""
        wanted = list(places)
        if news := {place.topic for place in wanted} - self._topics:
            self._topics |= news
            await self.consumer._client.set_topics(self._topics)
        return wanted

    async def committed(self, group: str, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        """What a group has committed; where it never did, it begins with the first record."""
        async with asyncio.timeout(REQUEST):
            node = self._coordinators.get(group)
            if node is None:
                node = self._coordinators[group] = await self.admin.find_coordinator(group)
            try:
                found = await self.admin.list_consumer_group_offsets(group, node, places)
            except BaseException:
                self._coordinators.pop(group, None)
                raise
        done: Mapping[TopicPartition, int] = {name: value.offset for name, value in found.items() if value.offset >= 0}
        never = [place for place in places if place not in done]
        return {**done, **(await self.starts(never) if never else {})}


@contextlib.asynccontextmanager
async def looking(given: Mapping[str, Any], **reading: Any) -> AsyncIterator[Look]:
    """Clients for questions, stopped in the end."""
    consumer = AIOKafkaConsumer(**given, **reading, enable_auto_commit=False)
    admin = AIOKafkaAdminClient(**given)
    try:
        await begin(consumer)
        await begin(admin)
        yield Look(consumer, admin)
    finally:
        await bounded(consumer.stop())
        await bounded(admin.close())
