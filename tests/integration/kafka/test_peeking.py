"""Looks into topics of a real broker."""

import asyncio
import time

import pytest

from backends.kafka.log import KafkaLog
from backends.kafka.peeking import BATCH, Seen, Start, peek
from backends.kafka.topics import create
from contracts.cluster import Kafka
from contracts.errors import Unavailable, UsageError
from contracts.messages import HostMatched
from contracts.notes import Control
from contracts.topics import CONTROLS, URLS
from tests.kafka import Broker


@pytest.fixture
async def settings(kafka_broker: Broker, kafka_prefix: str) -> Kafka:
    found = Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)
    await create(found, 2)
    return found


async def send(settings: Kafka, topic: str, partition: int, count: int) -> None:
    log = KafkaLog(settings, "writer", time.time)
    await log.start()
    message = Control("pause", "a.test") if topic == CONTROLS else HostMatched("a.test", 1)
    await asyncio.gather(*(log.send(topic, partition, [message]) for _ in range(count)))
    await log.close()


async def seen(settings: Kafka, topic: str, partition: int | None, start: Start) -> list[Seen]:
    return [one async for one in peek(settings, topic, partition, start)]


async def test_where_to_begin(settings: Kafka) -> None:
    many = 3 * BATCH + 1
    before = time.time()
    await send(settings, URLS, 1, many)
    assert len(await seen(settings, URLS, None, Start(last=10_000))) == many
    assert [one.offset for one in await seen(settings, URLS, 1, Start(last=2))] == [many - 2, many - 1]
    assert [one.offset for one in await seen(settings, URLS, 1, Start(offset=many - 1))] == [many - 1]
    assert await seen(settings, URLS, 1, Start(offset=many)) == []
    assert await seen(settings, URLS, 1, Start(offset=10**15)) == []
    assert await seen(settings, URLS, 0, Start(offset=0)) == []
    assert len(await seen(settings, URLS, None, Start(since=before - 60))) == many
    assert await seen(settings, URLS, None, Start(since=before + 3600)) == []
    (last,) = await seen(settings, URLS, 1, Start(last=1))
    assert last.messages == [HostMatched("a.test", 1)]
    assert abs(last.at - before) < 60


async def test_following(settings: Kafka) -> None:
    await send(settings, URLS, 0, 1)
    records = peek(settings, URLS, None, Start(last=1), follow=True)
    assert (await anext(records)).offset == 0
    following = asyncio.create_task(anext(records))
    await send(settings, URLS, 1, 1)
    assert (await asyncio.wait_for(following, 30)).partition == 1
    await records.aclose()


async def test_a_compacted_topic(settings: Kafka) -> None:
    await send(settings, CONTROLS, 0, 5)
    assert len(await seen(settings, CONTROLS, None, Start(offset=0))) >= 1


async def test_what_is_not_there(settings: Kafka) -> None:
    with pytest.raises(UsageError, match="crawlctl topics create"):
        await seen(settings, "nothing", None, Start())
    with pytest.raises(UsageError, match="0 to 1, and no 2"):
        await seen(settings, URLS, 2, Start())
    with pytest.raises(Unavailable, match="no broker answers"):
        await seen(Kafka(bootstrap="127.0.0.1:1"), URLS, None, Start())
