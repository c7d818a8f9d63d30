"""What a real broker tells of itself, its topics and groups."""

import time

import pytest

from backends.kafka.brokers import About, Group, asking
from backends.kafka.log import KafkaLog
from backends.kafka.topics import create
from contracts.cluster import Kafka
from contracts.errors import Unavailable
from contracts.messages import HostMatched
from contracts.ports import Record
from contracts.topics import FETCHERS, ORDERS_MEDIA, ORDERS_PAGES, URLS
from tests.kafka import Broker


async def test_what_a_broker_tells(kafka_broker: Broker, kafka_prefix: str) -> None:
    settings = Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)
    await create(settings, 2)
    log = KafkaLog(settings, "writer", time.time)
    await log.start()
    for _ in range(3):
        await log.send(ORDERS_PAGES, 1, [HostMatched("a.test", 1)])
    reader = log.join(FETCHERS, [ORDERS_PAGES])
    deadline = time.monotonic() + 30
    records: list[Record] = []
    while not records and time.monotonic() < deadline:
        records = await reader.poll(2, 1.0)
    assert await reader.commit({(ORDERS_PAGES, 1): 2})
    async with asking(settings, "test") as brokers:
        about = await brokers.about()
        assert about == About(1, True, about.topics)
        assert about.topics[ORDERS_PAGES] == (2, 1)
        ranges = await brokers.ranges({ORDERS_PAGES: 2, URLS: 2})
        assert ranges[ORDERS_PAGES, 1] == (0, 3)
        assert ranges[URLS, 0] == (0, 0)
        assert await brokers.group(ORDERS_PAGES, ranges) == Group(ORDERS_PAGES, "Stable", 1, 1)
        assert (await brokers.group(ORDERS_MEDIA, ranges)).members == 0
        sizes = await brokers.sizes({ORDERS_PAGES: 2, URLS: 2})
        assert sizes[ORDERS_PAGES] > 100
        assert sizes[URLS] == 0
    await log.close()


async def test_a_broker_that_is_away() -> None:
    with pytest.raises(Unavailable, match=r"no broker answers at 127\.0\.0\.1:1"):
        async with asking(Kafka(bootstrap="127.0.0.1:1"), "test"):
            pass
