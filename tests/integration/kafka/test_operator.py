"""Operators' hands on a real broker: dead letters, and how many partitions there are."""

import pytest

from backends.kafka.operator import operating
from contracts.cluster import Kafka
from contracts.errors import Unavailable, UsageError
from contracts.ports import Record, Unreadable
from contracts.topics import HEARTBEATS, ORDERS_PAGES, URLS
from tests.integration.kafka.logs import PARTITIONS, numbers, opened, read, said, soon
from tests.kafka import Broker


@pytest.fixture
def settings(kafka_broker: Broker, kafka_prefix: str) -> Kafka:
    return Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)


async def test_dead_letters_are_read_and_sent_again(settings: Kafka) -> None:
    async with opened(settings) as log, operating(settings) as operator:
        assert await operator.dead(URLS) == []
        await soon(log.park(Record(URLS, 1, 7, said(1)), "breaks the machine"))
        await soon(log.park(Record(URLS, 1, 7, said(2)), "breaks the machine"))
        await soon(log.park(Record(URLS, 2, 8, Unreadable("damaged")), "damaged"))
        first, second = await operator.dead(URLS)
        assert (first.partition, first.offset, first.why, first.process) == (1, 7, "breaks the machine", "test")
        assert await operator.retry(first, "me", 99.0) == 2
        assert numbers(await read(log.assign({(URLS, 1): 0}), 2)) == [1, 2]
        assert [letter.retried_at for letter in await operator.dead(URLS)] == [99.0, 0.0]
        with pytest.raises(UsageError, match="nothing was kept of offset 8"):
            await operator.retry(second, "me", 99.0)


async def test_orders_are_never_sent_again(settings: Kafka) -> None:
    async with opened(settings) as log, operating(settings) as operator:
        await soon(log.park(Record(ORDERS_PAGES, 0, 1, said(1)), "poison"))
        (letter,) = await operator.dead(ORDERS_PAGES)
        with pytest.raises(UsageError, match="comes back by its deadline"):
            await operator.retry(letter, "me", 1.0)


async def test_partitions_and_what_is_not_there(settings: Kafka) -> None:
    async with opened(settings) as log, operating(settings) as operator:
        assert await operator.partitions(URLS) == await log.partitions(URLS) == PARTITIONS
        with pytest.raises(UsageError, match="no topic"):
            await operator.partitions("nowhere")
        with pytest.raises(UsageError, match="there are no dead letters of"):
            await operator.dead(HEARTBEATS)
    with pytest.raises(Unavailable):
        async with operating(Kafka(bootstrap="127.0.0.1:9")):
            pass
