"""Topics are made and checked at a real broker."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from backends.kafka.topics import check, create
from contracts.cluster import Kafka
from contracts.errors import Unavailable, UsageError
from contracts.topics import DEAD_LETTERS, TOPICS
from tests.kafka import Broker


@pytest.fixture
def settings(kafka_broker: Broker, kafka_prefix: str) -> Kafka:
    return Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)


async def altered(settings: Kafka, topic: str, **config: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        named = {key.replace("_", "."): value for key, value in config.items()}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, settings.prefix + topic, named)])
    finally:
        await admin.close()


async def test_what_is_missing_is_made_once(settings: Kafka) -> None:
    missing = await check(settings, 4)
    assert {difference.topic for difference in missing} == {settings.prefix + name for name in [*TOPICS, *DEAD_LETTERS]}
    assert {difference.what for difference in missing} == {"missing"}
    made = await asyncio.gather(*(create(settings, 4) for _ in range(3)))  # pods that start at once
    assert all(left == [] for _, left in made)
    assert await check(settings, 4) == []
    assert await create(settings, 4) == ([], [])


async def test_too_little_is_raised_and_nothing_else_is_touched(settings: Kafka) -> None:
    await create(settings, 4)
    await altered(settings, "urls", retention_ms="1000", max_message_bytes="99999999", segment_ms="12345678")
    (lowered, raised) = await check(settings, 4)
    assert (lowered.what, lowered.raises) == ("max.message.bytes", False)
    assert (raised.what, raised.raises, raised.found) == ("retention.ms", True, "1000")
    done, left = await create(settings, 4)
    assert done == [f"[{settings.prefix}urls]: retention.ms raised to 259200000"]
    assert left == [lowered], "what is more than wanted is never lowered"
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, f"{settings.prefix}urls")])
    await admin.close()
    config = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    assert config["segment.ms"] == "12345678", "an operator's own setting stays"


async def test_the_number_of_partitions_is_never_changed(settings: Kafka) -> None:
    await create(settings, 4)
    done, left = await create(settings, 8)
    assert done == []
    assert {difference.what for difference in left} == {"partitions"}
    assert f"[{settings.prefix}urls]: partitions is 4, but must be 8" in str(left[-1])
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    await admin.create_partitions({f"{settings.prefix}controls": NewPartitions(total_count=2)})
    await admin.close()
    assert f"[{settings.prefix}controls]: partitions is 2, but must be 1" in [
        str(d).partition(";")[0] for d in await check(settings, 4)
    ]


async def test_more_copies_than_brokers_are_refused(settings: Kafka) -> None:
    with pytest.raises(UsageError, match=r"cannot have 3 copies: .*start more brokers, or lower kafka\.replication"):
        await create(Kafka(bootstrap=settings.bootstrap, prefix=settings.prefix), 4)


async def test_brokers_that_are_away_are_named() -> None:
    with pytest.raises(Unavailable, match=r"no broker answers at 127\.0\.0\.1:9: "):
        await check(Kafka(bootstrap="127.0.0.1:9"), 4)
