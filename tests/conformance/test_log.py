"""The log's contract (contracts.ports), for every backend that claims it: order, acks, groups, commits, redelivery.

Each rule of the contract is one test. What a backend does beyond the contract is tested beside it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from backends.memory.log import MemoryLog
from contracts.messages import HostMatched, Message
from contracts.ports import Consumer, Log, Record

TOPIC = "urls"
PATIENCE = 5.0
BACKENDS: dict[str, Callable[[], Log]] = {"memory": MemoryLog}


@pytest.fixture(params=BACKENDS)
def log(request: pytest.FixtureRequest) -> Log:
    return BACKENDS[request.param]()


def messages(first: int, count: int) -> list[Message]:
    return [HostMatched(str(number), number) for number in range(first, first + count)]


def numbers(records: Sequence[Record]) -> list[int]:
    return [record.message.bucket for record in records if isinstance(record.message, HostMatched)]


async def read(consumer: Consumer, count: int) -> list[Record]:
    """Exactly so many records, however they are cut into polls."""
    records: list[Record] = []
    async with asyncio.timeout(PATIENCE):
        while len(records) < count:
            records += await consumer.poll(count - len(records), 0.1)
    return records


def done(records: Sequence[Record]) -> dict[tuple[str, int], int]:
    return {(record.topic, record.partition): record.offset + 1 for record in records}


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(5):
        await asyncio.sleep(0)


def task(ack: Awaitable[None]) -> "asyncio.Future[None]":
    return asyncio.ensure_future(ack)


async def test_messages_of_a_partition_arrive_in_the_order_sent_with_increasing_offsets(log: Log) -> None:
    consumer = log.assign({(TOPIC, 0): 0})
    for first in (0, 3, 6):
        task(log.send(TOPIC, 0, messages(first, 3)))
    records = await read(consumer, 9)
    assert numbers(records) == list(range(9))
    assert [record.offset for record in records] == sorted({record.offset for record in records})
    assert {(record.topic, record.partition) for record in records} == {(TOPIC, 0)}


async def test_an_ack_means_that_the_message_outlives_its_process(log: Log) -> None:
    """In the in-memory log: that the consumer has committed it, and all before it."""
    consumer = log.assign({(TOPIC, 0): 0})
    first, second = task(log.send(TOPIC, 0, messages(0, 2))), task(log.send(TOPIC, 0, messages(2, 1)))
    records = await read(consumer, 3)
    await settle()
    assert not first.done()
    assert await consumer.commit(done(records[:2]))
    await settle()
    assert first.done()
    assert not second.done()
    assert await consumer.commit(done(records))
    await asyncio.wait_for(second, PATIENCE)


async def test_nothing_to_send_is_acked(log: Log) -> None:
    await asyncio.wait_for(task(log.send(TOPIC, 0, [])), PATIENCE)


async def test_a_poll_gives_no_more_than_its_limit_and_ends_when_nothing_comes(log: Log) -> None:
    consumer = log.assign({(TOPIC, 0): 0})
    assert await consumer.poll(10, 0.01) == []
    task(log.send(TOPIC, 0, messages(0, 5)))
    assert len(await consumer.poll(3, PATIENCE)) <= 3
    assert await consumer.poll(0, 0.0) == []


async def test_a_waiting_poll_is_woken_by_a_message(log: Log) -> None:
    consumer = log.assign({(TOPIC, 0): 0})
    waiting = asyncio.create_task(consumer.poll(1, PATIENCE))
    await settle()
    task(log.send(TOPIC, 0, messages(7, 1)))
    assert numbers(await asyncio.wait_for(waiting, PATIENCE)) == [7]


async def test_assigned_partitions_are_read_from_the_offsets_of_their_row(log: Log) -> None:
    """Design, rule 4: consumers seek to the row. The first offset of a fresh log is whatever the row says."""
    first = log.assign({(TOPIC, 0): 40})
    task(log.send(TOPIC, 0, messages(0, 4)))
    records = await read(first, 4)
    assert [record.offset for record in records] == [40, 41, 42, 43]
    assert await first.commit({(TOPIC, 0): 42})
    await first.close()
    second = log.assign({(TOPIC, 0): 42})
    assert numbers(await read(second, 2)) == [2, 3]


async def test_what_was_not_committed_comes_again(log: Log) -> None:
    """At least once: whoever takes over begins where was committed."""
    first = log.join("group", [TOPIC])
    task(log.send(TOPIC, 0, messages(0, 3)))
    records = await read(first, 3)
    assert await first.commit(done(records[:1]))
    await first.close()
    second = log.join("group", [TOPIC])
    assert numbers(await read(second, 2)) == [1, 2]


async def test_members_of_a_group_share_partitions_and_get_nothing_twice(log: Log) -> None:
    members = [log.join("group", [TOPIC]) for _ in range(2)]
    for partition in range(4):
        task(log.send(TOPIC, partition, messages(10 * partition, 2)))
    found: list[int] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < 8:
            for member in members:
                records = await member.poll(10, 0.01)
                assert not records or await member.commit(done(records))
                found += numbers(records)
    assert sorted(found) == [10 * partition + n for partition in range(4) for n in range(2)]


async def test_a_commit_of_somebody_elses_partition_is_refused(log: Log) -> None:
    """Design, rule 3: only a commit that was certainly accepted permits the start of an order."""
    first = log.join("group", [TOPIC])
    for partition in range(2):
        task(log.send(TOPIC, partition, messages(partition, 1)))
    records = await read(first, 2)
    second = log.join("group", [TOPIC])
    refused = [record for record in records if not await first.commit(done([record]))]
    assert len(refused) == 1
    assert numbers(await read(second, 1)) == numbers(refused)


async def test_who_has_left_neither_reads_nor_commits(log: Log) -> None:
    consumer = log.join("group", [TOPIC])
    task(log.send(TOPIC, 0, messages(0, 1)))
    records = await read(consumer, 1)
    await consumer.close()
    await consumer.close()
    assert not await consumer.commit(done(records))
    assert await consumer.poll(1, 0.0) == []


async def test_closing_ends_a_waiting_poll(log: Log) -> None:
    consumer = log.join("group", [TOPIC])
    waiting = asyncio.create_task(consumer.poll(1, PATIENCE))
    await settle()
    await consumer.close()
    assert await asyncio.wait_for(waiting, PATIENCE / 2) == []


async def test_lag_counts_what_was_sent_and_not_committed(log: Log) -> None:
    consumer = log.assign({(TOPIC, 0): 0})
    assert log.lag(TOPIC, 0) == 0
    task(log.send(TOPIC, 0, messages(0, 3)))
    records = await read(consumer, 3)
    assert log.lag(TOPIC, 0) == 3
    assert await consumer.commit(done(records[:2]))
    assert log.lag(TOPIC, 0) == 1
    assert log.lag(TOPIC, 7) == 0


async def test_a_full_partition_does_not_keep_others_waiting(log: Log) -> None:
    """A poll takes from all partitions in turn, whatever the limit."""
    consumer = log.assign({(TOPIC, 0): 0, (TOPIC, 1): 0})
    task(log.send(TOPIC, 0, messages(0, 50)))
    task(log.send(TOPIC, 1, messages(100, 1)))
    records = await read(consumer, 51)
    assert sorted(numbers(records)) == [*range(50), 100]
