"""The contract of `contracts.ports.Log`, the same for every backend. A new one joins by its entry in `LOGS`."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from backends.memory.log import MemoryLog
from contracts.messages import HostMatched, Message
from contracts.ports import Consumer, Log, Record
from contracts.topics import ORDERS_PAGES, OUTCOMES, URLS

LOGS: dict[str, Callable[[], Log]] = {"memory": MemoryLog}


@pytest.fixture(params=LOGS)
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    yield LOGS[request.param]()


def said(n: int) -> Message:
    return HostMatched(f"h{n}.test", n)


def numbers(records: list[Record]) -> list[int]:
    return [record.message.bucket for record in records if isinstance(record.message, HostMatched)]


def send(log: Log, topic: str, partition: int, *ns: int) -> "asyncio.Future[None]":
    return asyncio.ensure_future(log.send(topic, partition, [said(n) for n in ns]))


async def read(consumer: Consumer, count: int, limit: int = 100) -> list[Record]:
    """At least so many records, within a deadline."""
    records: list[Record] = []
    async with asyncio.timeout(10):
        while len(records) < count:
            records += await consumer.poll(limit, 0.2)
    return records


def after(records: list[Record]) -> dict[tuple[str, int], int]:
    return {(r.topic, r.partition): r.offset + 1 for r in records}


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
    assert await consumer.commit(after(records))
    await done(asyncio.gather(*acks))
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
    assert await second.commit(after(again))
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
    assert await second.commit(after(again))
    await done(ack)
    await second.close()


async def test_an_ack_is_not_given_before_the_message_is_safe(log: Log) -> None:
    """In the log of one process nothing is safe before its consumer has committed."""
    consumer = log.assign({(URLS, 0): 0})
    ack = send(log, URLS, 0, 1)
    records = await read(consumer, 1)
    if isinstance(log, MemoryLog):
        assert not ack.done()
    await consumer.commit(after(records))
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
    assert numbers(first) == [1, 2]
    rest = await read(consumer, 1)
    assert numbers(rest) == [3]
    await consumer.commit(after(rest))
    await done(ack)
    await consumer.close()


async def test_no_partition_waits_behind_a_busy_one(log: Log) -> None:
    consumer = log.assign({(URLS, 0): 0, (OUTCOMES, 0): 0})
    acks = [send(log, URLS, 0, *range(100)), send(log, OUTCOMES, 0, 1000)]
    seen: list[Record] = []
    for _ in range(10):
        seen += await consumer.poll(10, 0.1)
    assert 1000 in numbers(seen)
    seen += await read(consumer, 101 - len(seen))
    await consumer.commit(after(seen))
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
                if records and await member.commit(after(records)):
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
    assert not await first.commit(after([r for r in records if r.partition == moved[0].partition]))
    assert await second.commit(after(moved))
    await first.close()
    rest = await read(second, 1)
    assert sorted(numbers(moved + rest)) == [0, 1]
    assert await second.commit(after(rest))
    await done(asyncio.gather(*acks))
    assert not await first.commit(after(records))
    await second.close()


async def test_lag_counts_what_is_not_committed(log: Log) -> None:
    consumer = log.join("fetchers", [ORDERS_PAGES])
    ack = send(log, ORDERS_PAGES, 3, 1, 2, 3)
    assert (log.lag(ORDERS_PAGES, 3), log.lag(ORDERS_PAGES, 4)) == (3, 0)
    records = await read(consumer, 3)
    assert log.lag(ORDERS_PAGES, 3) == 3
    await consumer.commit({(ORDERS_PAGES, 3): records[1].offset + 1})
    assert log.lag(ORDERS_PAGES, 3) == 1
    await consumer.commit(after(records))
    assert log.lag(ORDERS_PAGES, 3) == 0
    await done(ack)
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
