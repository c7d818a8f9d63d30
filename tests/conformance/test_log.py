"""The contract of `contracts.ports.Log`, the same for every backend. A new one joins by a parameter of `opening`."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from backends.kafka import topics
from backends.kafka.log import KafkaLog
from backends.memory.log import MemoryLog
from contracts.cluster import Kafka
from contracts.messages import HostMatched, Message
from contracts.ports import Consumer, Log, Record, offsets_after
from contracts.topics import ORDERS_PAGES, OUTCOMES, URLS

Opening = Callable[[], Awaitable[Log]]


@pytest.fixture(params=["memory", "kafka"])
def opening(request: pytest.FixtureRequest) -> Opening:
    """How a fresh log is opened. Each test has topics of its own at the brokers that all share."""
    if request.param == "memory":

        async def memory() -> Log:
            return MemoryLog()

        return memory
    broker, prefix = request.getfixturevalue("kafka_broker"), request.getfixturevalue("kafka_prefix")
    settings = Kafka(bootstrap=broker.bootstrap, prefix=prefix, replication=1, min_insync=1)

    async def kafka() -> Log:
        await topics.create(settings, partitions=8)
        log = KafkaLog(settings, "conformance", time.time)
        await log.start()
        return log

    return kafka


@pytest.fixture
async def log(opening: Opening) -> AsyncIterator[Log]:
    log = await opening()
    yield log
    if isinstance(log, KafkaLog):
        await log.close()


def said(n: int) -> Message:
    return HostMatched(f"h{n}.test", n)


def numbers(records: list[Record]) -> list[int]:
    return [record.message.bucket for record in records if isinstance(record.message, HostMatched)]


def send(log: Log, topic: str, partition: int, *ns: int) -> "asyncio.Future[list[None]]":
    """Each for itself, so that each has an offset of its own."""
    return asyncio.gather(*(log.send(topic, partition, [said(n)]) for n in ns))


async def there(log: Log, ack: Awaitable[object]) -> None:
    """They are in the log. In that of one process they are from the start, and acked only when they are committed."""
    if not isinstance(log, MemoryLog):
        await done(ack)


async def read(consumer: Consumer, count: int, limit: int = 100) -> list[Record]:
    """At least so many records, within a deadline."""
    records: list[Record] = []
    async with asyncio.timeout(10):
        while len(records) < count:
            records += await consumer.poll(limit, 0.2)
    return records


async def done(ack: Awaitable[object]) -> None:
    async with asyncio.timeout(10):
        await ack


async def test_messages_of_a_partition_arrive_in_the_order_sent_with_increasing_offsets(log: Log) -> None:
    consumer = log.assign({(URLS, 0): 0, (URLS, 1): 0})
    acks = [send(log, URLS, 0, 1, 2), send(log, URLS, 1, 10), send(log, URLS, 0, 3)]
    records = await read(consumer, 4)
    for partition, expected in ((0, [1, 2, 3]), (1, [10])):
        mine = [record for record in records if record.partition == partition]
        assert numbers(mine) == expected
        offsets = [record.offset for record in mine]
        assert offsets == sorted(set(offsets))
    assert await consumer.commit(offsets_after(records))
    await done(asyncio.gather(*acks))
    await consumer.close()


async def test_what_is_sent_at_once_is_handed_out_in_order_and_not_torn_apart(log: Log) -> None:
    consumer = log.assign({(URLS, 0): 0})
    acks = asyncio.gather(*(log.send(URLS, 0, [said(n) for n in range(start, start + 5)]) for start in (0, 5)))
    await there(log, acks)
    records: list[Record] = []
    async with asyncio.timeout(10):
        while len(records) < 10:
            few = await consumer.poll(1, 0.2)
            assert len({record.offset for record in few}) <= 1
            assert not {record.offset for record in few} & {record.offset for record in records}
            records += few
    assert numbers(records) == list(range(10))
    assert [record.offset for record in records] == sorted(record.offset for record in records)
    assert await consumer.commit(offsets_after(records))
    await done(acks)
    await consumer.close()


async def test_what_was_not_committed_comes_again(log: Log) -> None:
    first = log.assign({(URLS, 0): 0})
    ack = send(log, URLS, 0, 1, 2, 3)
    records = await read(first, 3)
    assert await first.commit({(URLS, 0): records[0].offset + 1})
    await first.close()
    second = log.assign({(URLS, 0): records[0].offset + 1})
    again = await read(second, 2)
    assert numbers(again) == [2, 3]
    assert [record.offset for record in again] == [record.offset for record in records[1:]]
    assert await second.commit(offsets_after(again))
    await done(ack)
    await second.close()


# Rule 4: consumers seek to the offsets of their fenced row, which is committed before the log hears of it.
async def test_a_row_that_is_ahead_of_the_log_decides(log: Log) -> None:
    first = log.assign({(URLS, 0): 0})
    ack = send(log, URLS, 0, 1, 2, 3)
    records = await read(first, 3)
    await first.close()  # committed in the database, not in the log
    second = log.assign({(URLS, 0): records[1].offset + 1})
    assert await second.commit({(URLS, 0): records[1].offset + 1})
    again = await read(second, 1)
    assert numbers(again) == [3]
    assert await second.commit(offsets_after(again))
    await done(ack)
    await second.close()


async def test_an_ack_is_not_given_before_the_message_is_safe(log: Log) -> None:
    """In the log of one process nothing is safe before its consumer has committed."""
    consumer = log.assign({(URLS, 0): 0})
    ack = send(log, URLS, 0, 1)
    records = await read(consumer, 1)
    if isinstance(log, MemoryLog):
        assert not ack.done()
    await there(log, ack)
    await consumer.commit(offsets_after(records))
    await done(ack)
    await done(send(log, URLS, 0))  # nothing to send is safe at once
    await consumer.close()


async def test_poll_waits_for_the_first_and_takes_no_more_than_its_limit(log: Log) -> None:
    consumer = log.assign({(URLS, 0): 0})
    assert await consumer.poll(10, 0.0) == []
    waiting = asyncio.ensure_future(consumer.poll(2, 10.0))
    await asyncio.sleep(0)
    ack = send(log, URLS, 0, 1, 2, 3)
    async with asyncio.timeout(10):
        first = await waiting
    assert 1 <= len(first) <= 2
    rest = await read(consumer, 3 - len(first), limit=2)
    assert numbers(first + rest) == [1, 2, 3]
    assert await consumer.poll(0, 0.0) == []
    await consumer.commit(offsets_after(rest))
    await done(ack)
    await consumer.close()


async def test_no_partition_waits_behind_a_busy_one(log: Log) -> None:
    acks = [send(log, URLS, 0, *range(100)), send(log, OUTCOMES, 0, 1000)]
    await there(log, asyncio.gather(*acks))
    consumer = log.assign({(URLS, 0): 0, (OUTCOMES, 0): 0})
    seen: list[Record] = []
    async with asyncio.timeout(10):
        while 1000 not in numbers(seen):
            seen += await consumer.poll(10, 0.1)
    assert len(seen) <= 30
    seen += await read(consumer, 101 - len(seen))
    await consumer.commit(offsets_after(seen))
    await done(asyncio.gather(*acks))
    await consumer.close()


async def test_a_partition_has_one_owner_in_a_group(log: Log) -> None:
    members = [log.join("fetchers", [ORDERS_PAGES]) for _ in range(3)]
    acks = [send(log, ORDERS_PAGES, partition, partition) for partition in range(6)]
    seen: list[int] = []
    async with asyncio.timeout(10):
        while len(seen) < 6:
            for member in members:
                records = await member.poll(10, 0.05)
                if records and await member.commit(offsets_after(records)):
                    seen += numbers(records)
    assert sorted(seen) == [0, 1, 2, 3, 4, 5]
    await done(asyncio.gather(*acks))
    for member in members:
        await member.close()


# Rule 3: commit refused: drop it. What was taken by one who left goes to the next; nobody has it twice with a commit.
async def test_only_the_owner_can_commit(log: Log) -> None:
    first = log.join("fetchers", [ORDERS_PAGES])
    acks = [send(log, ORDERS_PAGES, partition, partition) for partition in range(2)]
    records = await read(first, 2)
    second = log.join("fetchers", [ORDERS_PAGES])
    moved: list[Record] = []
    async with asyncio.timeout(10):
        while not moved:
            moved = await second.poll(10, 0.2)
    assert not await first.commit(offsets_after([r for r in records if r.partition == moved[0].partition]))
    assert await second.commit(offsets_after(moved))
    await first.close()
    rest = await read(second, 1)
    assert sorted(numbers(moved + rest)) == [0, 1]
    assert await second.commit(offsets_after(rest))
    await done(asyncio.gather(*acks))
    assert not await first.commit(offsets_after(records))
    await second.close()


async def lag_becomes(log: Log, lag: int) -> None:
    """It may be a second old."""
    async with asyncio.timeout(10):
        while log.lag(ORDERS_PAGES, 3) != lag:
            await asyncio.sleep(0.05)


async def test_lag_counts_what_is_not_committed(log: Log) -> None:
    consumer = log.join("fetchers", [ORDERS_PAGES])
    ack = send(log, ORDERS_PAGES, 3, 1, 2, 3)
    assert (log.lag(ORDERS_PAGES, 3), log.lag(ORDERS_PAGES, 4)) == (3, 0)
    records = await read(consumer, 3)
    await lag_becomes(log, 3)
    assert await consumer.commit({(ORDERS_PAGES, 3): records[1].offset + 1})
    await lag_becomes(log, 1)
    assert await consumer.commit(offsets_after(records))
    await lag_becomes(log, 0)
    await done(ack)
    await consumer.close()


async def test_a_message_can_be_parked(log: Log) -> None:
    consumer = log.assign({(URLS, 0): 0})
    ack = send(log, URLS, 0, 1)
    records = await read(consumer, 1)
    await done(log.park(records[0], "its reader cannot handle it"))
    assert await consumer.commit(offsets_after(records))
    await done(ack)
    await consumer.close()


async def test_a_consumer_can_be_given_other_partitions(log: Log) -> None:
    consumer = log.assign({(URLS, 0): 0})
    acks = [send(log, URLS, 0, 1, 2), send(log, URLS, 1, 11, 12)]
    await there(log, asyncio.gather(*acks))
    first = await read(consumer, 2)
    assert numbers(first) == [1, 2]
    assert await consumer.commit(offsets_after(first))
    await consumer.reassign({(URLS, 1): 0, (OUTCOMES, 0): 0})
    second = await read(consumer, 2)
    assert numbers(second) == [11, 12]
    assert await consumer.commit(offsets_after(second))
    await done(asyncio.gather(*acks))
    await consumer.reassign({})
    assert await consumer.poll(10, 0.0) == []
    await consumer.close()


async def test_a_closed_consumer_gets_and_commits_nothing(log: Log) -> None:
    consumer = log.assign({(URLS, 0): 0})
    waiting = asyncio.ensure_future(consumer.poll(10, 10.0))
    await asyncio.sleep(0)
    await consumer.close()
    await consumer.close()
    async with asyncio.timeout(5):
        assert await waiting == []
    assert not await consumer.commit({(URLS, 0): 1})


async def test_a_state_that_was_read_far_goes_on_from_there() -> None:
    """A new process' log is empty; the first consumer's row says where its offsets begin."""
    log = MemoryLog()
    ack = send(log, URLS, 0, 1, 2)
    consumer = log.assign({(URLS, 0): 5000})
    assert await consumer.commit({(URLS, 0): 5000})
    assert not ack.done()
    records = await read(consumer, 2)
    assert [record.offset for record in records] == [5000, 5001]
    await consumer.commit({(URLS, 0): 5002})
    await done(ack)
    await consumer.close()
    assert log.pending([URLS]) == 0
