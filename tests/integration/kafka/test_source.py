"""Offsets that are not there, batches that cannot be read, and memory that is bounded, at a real broker."""

import asyncio
import json
import os
import sys

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import CorruptRecordException, KafkaError

from backends.kafka.topics import create
from contracts.cluster import Kafka
from contracts.errands import RobotsErrand
from contracts.messages import Discovery, Purpose
from contracts.options import MIB
from contracts.topics import FETCHERS, ORDERS_PAGES, URLS
from tests.integration.kafka.logs import numbers, opened, read, said
from tests.kafka import Broker


@pytest.fixture
def settings(kafka_broker: Broker, kafka_prefix: str) -> Kafka:
    return Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)


async def test_records_that_are_gone_are_counted_and_stepped_over(settings: Kafka) -> None:
    async with opened(settings) as log:
        for number in range(5):
            await log.send(URLS, 0, [said(number)])
        admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
        await admin.start()
        await admin.delete_records({TopicPartition(settings.prefix + URLS, 0): RecordsToDelete(before_offset=3)})
        await admin.close()
        consumer = log.assign({(URLS, 0): 1})
        assert numbers(await read(consumer, 2)) == [3, 4]
        assert (consumer.lost, log.lost, log.trouble) == (2, 2, "")
        await consumer.close()
        log.assign({})
        assert log.lost == 2, "counted when it is closed, too"


async def test_a_topic_that_was_made_anew_is_not_read_and_said_so(settings: Kafka) -> None:
    async with opened(settings) as log:
        await log.send(URLS, 0, [said(1)])
        await log.send(URLS, 1, [said(2)])
        consumer = log.assign({(URLS, 0): 500, (URLS, 1): 0})
        assert numbers(await read(consumer, 1)) == [2]
        async with asyncio.timeout(30):
            while not consumer.trouble:
                assert await consumer.poll(10, 0.2) == []
        assert "0 ends at 1, but was read up to 500: it was made anew" in log.trouble
        await log.send(URLS, 0, [said(3)])
        await log.send(URLS, 1, [said(4)])
        assert numbers(await read(consumer, 1)) == [4], "the others go on"
        await consumer.reassign({(URLS, 0): 0})
        assert consumer.trouble == ""
        assert numbers(await read(consumer, 2)) == [1, 3]


async def test_a_group_begins_anew_at_the_first_record_there_is(settings: Kafka) -> None:
    async with opened(settings) as log:
        await log.send(ORDERS_PAGES, 0, [said(1)])
        assert numbers(await read(log.join(FETCHERS, [ORDERS_PAGES]), 1)) == [1]


async def test_a_batch_that_cannot_be_read_is_said_and_met_again(
    settings: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(settings) as log:
        consumer = log.assign({(URLS, 0): 0})
        await log.send(URLS, 0, [said(1)])
        assert numbers(await read(consumer, 1)) == [1]
        client = consumer._source.client
        getmany = client.getmany
        failures = [CorruptRecordException("Invalid CRC"), RuntimeError("zstd")]

        async def failing(**given: int) -> object:
            if failures:
                raise failures.pop()
            return await getmany(**given)

        monkeypatch.setattr(client, "getmany", failing)
        await log.send(URLS, 0, [said(2)])
        assert numbers(await read(consumer, 1)) == [2]
        assert "Invalid CRC; see the brokers' disks" in log.trouble
        monkeypatch.setattr("backends.kafka.source.DAMAGED", 0.0)
        failures = [KafkaError("Unexpected error during coordination")]
        await log.send(URLS, 0, [said(3)])
        assert numbers(await read(consumer, 1)) == [3], "another client was started"
        assert consumer._source.client is not client


READER = """
import asyncio, json, re, sys, time
from pathlib import Path
from backends.kafka.log import KafkaLog
from contracts.cluster import Kafka
from contracts.topics import ORDERS_PAGES, URLS

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

async def main():
    settings = Kafka(**json.loads(sys.argv[1]))
    log = KafkaLog(settings, "reader", time.time)
    await log.start()
    small = log.join("hashers", [ORDERS_PAGES])
    while not small.ready:
        await small.poll(1, 0.1)
    before = most()
    consumer = log.assign({(URLS, partition): 0 for partition in range(4)})
    while not await consumer.poll(1, 0.5):
        pass
    await asyncio.sleep(1.0)  # full: nothing is taken, and what is read ahead is there
    full = most() - before
    count = 0
    while count < int(sys.argv[2]) - 1:
        count += len(await consumer.poll(1_000, 1.0))
    print(json.dumps({"full": full, "read": most() - before}))
    await log.close()

asyncio.run(main())
"""


async def test_memory_is_bounded_however_much_there_is_to_read(settings: Kafka) -> None:
    """200 MB wait; what is read ahead, and a poll's worth of messages, stay below a bound made of `kafka.ahead`."""
    ahead = 8 * MIB
    size, count = 200_000, 1_000
    async with opened(settings) as log:
        body = [os.urandom(size) for _ in range(4)]
        for start in range(0, count, 100):
            acks = []
            for number in range(start, start + 100):
                answer = RobotsErrand("https://h.test", 1, 200, "", body[number % 4])
                message = Discovery(Purpose.ROBOTS_ANSWER, b"", 0, 0.0, [], robots=answer)
                acks.append(log.send(URLS, number % 4, [message]))
            await asyncio.gather(*acks)
    given = {"bootstrap": settings.bootstrap, "prefix": settings.prefix, "ahead": ahead}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", READER, json.dumps(given), str(count), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(90):
        out, _ = await process.communicate()
    found = json.loads(out)
    # An answer (a quarter of it), the poll's records as bytes (another) and as messages (another), each while the other is built.
    assert 0 < found["full"] < 2 * ahead
    assert found["read"] < 3 * ahead


async def test_topics_must_not_be_there_from_the_start(settings: Kafka) -> None:
    """A reader waits for a topic that is made later."""
    async with opened(settings, made=True) as log:
        consumer, member = log.assign({(URLS, 0): 0}), log.join(FETCHERS, [ORDERS_PAGES])
        assert await consumer.poll(1, 0.2) == []
        assert await member.poll(1, 0.2) == []
        await create(settings, 4)
        await log.send(URLS, 0, [said(1)])
        await log.send(ORDERS_PAGES, 0, [said(2)])
        assert numbers(await read(consumer, 1)) == [1]
        assert numbers(await read(member, 1)) == [2]
