"""What brokers tell of themselves, their topics and groups: for operators, who ask once and wait a moment for the answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, ClassVar, Final, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Int64, Schema, String
from msgspec import Struct

from backends.kafka.connection import group_name, options, topic_name, translating
from backends.kafka.lags import Look, looking
from contracts.cluster import Kafka
from contracts.topics import TOPICS

T = TypeVar("T")

FETCH: Final = 1
COORDINATOR: Final = 8.0
"""Seconds that brokers may need to find out who of them knows a group."""
MODERN: Final = 4
"""Brokers whose oldest Fetch is this version are of Kafka 4.0 or later (KIP-896)."""


class Sizes_v1(Response):  # type: ignore[misc]
    """DescribeLogDirs, version 1: the oldest that brokers of Kafka 4 speak."""

    API_KEY = 35
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            Array(
                ("error_code", Int16),
                ("log_dir", String("utf-8")),
                (
                    "topics",
                    Array(
                        ("name", String("utf-8")),
                        (
                            "partitions",
                            Array(("partition", Int32), ("size", Int64), ("offset_lag", Int64), ("is_future", Boolean)),
                        ),
                    ),
                ),
            ),
        ),
    )


class SizesStruct_v1(RequestStruct):  # type: ignore[misc]
    """Its question. None: all topics."""

    API_KEY = 35
    API_VERSION = 1
    RESPONSE_TYPE = Sizes_v1
    SCHEMA = Schema(("topics", Array(("topic", String("utf-8")), ("partitions", Array(Int32)))))


class SizesRequest(Request[SizesStruct_v1]):  # type: ignore[misc]
    """How many bytes each partition has on the disks of one broker."""

    API_KEY: ClassVar[int] = 35

    def __init__(self, topics: Mapping[str, Iterable[int]]) -> None:
        self._topics = [(name, list(partitions)) for name, partitions in topics.items()]

    def build(self, request_struct_class: type[SizesStruct_v1]) -> SizesStruct_v1:
        """As the driver wants it."""
        return request_struct_class(self._topics)


class About(Struct, frozen=True):
    """The cluster: how many brokers it has now, whether they are of Kafka 4.0 or later, and which of our topics they have, each
    with its number of partitions and its fewest copies."""

    brokers: int
    modern: bool
    topics: dict[str, tuple[int, int]]


class Group(Struct, frozen=True):
    """A consumer group: what it reads, its state (Stable, PreparingRebalance, Empty, Dead...), its members and how many records
    they are behind."""

    topic: str
    state: str
    members: int
    lag: int


class Brokers:
    """Questions to the brokers. Every one may fail with Unavailable; none may take longer than the driver's time-outs."""

    def __init__(self, settings: Kafka, look: Look) -> None:
        self._settings = settings
        self._admin = look.admin
        self._look = look

    async def about(self) -> About:
        """The cluster and its topics, ours only."""
        with translating(self._settings):
            described = await self._admin.describe_cluster()
            topics = await self._admin.describe_topics()
        oldest = [conn._versions.get(FETCH, (0, 0))[0] for conn in self._admin._client._conns.values()]
        found = {}
        for topic in topics:
            name = self._ours(topic["topic"])
            if name is not None and not topic["error_code"] and topic["partitions"]:
                copies = min(len(partition["replicas"]) for partition in topic["partitions"])
                found[name] = (len(topic["partitions"]), copies)
        return About(len(described["brokers"]), min(oldest, default=0) >= MODERN, found)

    def _ours(self, name: str) -> str | None:
        """What we call a topic of the brokers; None if it is none of ours."""
        prefix = self._settings.prefix
        if not name.startswith(prefix) or name.startswith("__"):
            return None
        return name.removeprefix(prefix)

    async def ranges(self, topics: Mapping[str, int]) -> dict[tuple[str, int], tuple[int, int]]:
        """Where the partitions of some topics (name -> how many) begin and end."""
        places = {
            TopicPartition(topic_name(self._settings, topic), partition): (topic, partition)
            for topic, count in topics.items()
            for partition in range(count)
        }
        if not places:
            return {}
        with translating(self._settings):
            starts, ends = await self._look.starts(places), await self._look.ends(places)
        return {place: (starts[name], ends[name]) for name, place in places.items()}

    async def group(self, topic: str, ranges: Mapping[tuple[str, int], tuple[int, int]]) -> Group:
        """The group that reads a topic of the table, with its lag behind the ends in `ranges`."""
        name = group_name(self._settings, TOPICS[topic].group, [topic])
        mine = {
            TopicPartition(topic_name(self._settings, one), partition): end
            for (one, partition), (_, end) in ranges.items()
            if one == topic
        }
        with translating(self._settings):
            described, done = await _patiently(partial(self._group, name, list(mine)))
        lag = sum(max(0, end - done.get(place, 0)) for place, end in mine.items())
        return Group(topic, described["state"] or "Dead", len(described["members"]), lag)

    async def _group(self, name: str, places: list[TopicPartition]) -> tuple[dict[str, Any], dict[TopicPartition, int]]:
        (answer,) = await self._admin.describe_consumer_groups([name])
        (described,) = answer.to_object()["groups"]
        _check(described["error_code"], name)
        return described, await self._look.committed(name, places) if places else {}

    async def sizes(self, topics: Mapping[str, int]) -> dict[str, int]:
        """Bytes of some topics (name -> how many partitions) on all disks, copies counted; empty if the brokers do not tell us."""
        request = SizesRequest({topic_name(self._settings, topic): range(count) for topic, count in topics.items()})
        found: dict[str, int] = {}
        try:
            with translating(self._settings):
                nodes = [broker["node_id"] for broker in (await self._admin.describe_cluster())["brokers"]]
                for node in nodes:
                    answer = (await self._admin._send_request_to_node(node, request)).to_object()
                    for folder in answer["results"]:
                        _check(folder["error_code"], "the size of topics")
                        for topic in folder["topics"]:
                            name = topic["name"].removeprefix(self._settings.prefix)
                            size = sum(partition["size"] for partition in topic["partitions"])
                            found[name] = found.get(name, 0) + size
        except NotImplementedError:  # a broker without this version of the question
            return {}
        return found


def _check(code: int, what: str) -> None:
    """KafkaError for a code that is none of success."""
    if code:
        error: KafkaError = for_code(code)(what)
        raise error


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask for a group, whose coordinator brokers make when they are first asked for one."""
    loop = asyncio.get_running_loop()
    until = loop.time() + COORDINATOR
    while True:
        try:
            return await ask()
        except KafkaError as error:
            if not error.retriable or loop.time() > until:
                raise
        await asyncio.sleep(0.2)


@asynccontextmanager
async def asking(settings: Kafka, process: str) -> AsyncIterator[Brokers]:
    """Clients for some questions. UsageError and Unavailable if the brokers cannot be reached."""
    async with AsyncExitStack() as stack:
        with translating(settings):
            look = await stack.enter_async_context(looking(options(settings, process)))
        yield Brokers(settings, look)
