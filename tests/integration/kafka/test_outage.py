"""Brokers away under load: nothing acked is lost, order per partition is kept, and all goes on by itself afterwards."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from backends.kafka import topics
from backends.kafka.consumer import KafkaConsumer
from backends.kafka.log import KafkaLog
from contracts.cluster import Kafka
from contracts.errors import Unavailable
from contracts.messages import HostMatched
from contracts.ports import Record, offsets_after
from contracts.topics import FETCHERS, ORDERS_PAGES, URLS
from tests import kafka

PARTITIONS = 4


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kafka.Brokers]:
    """A broker of our own, to be killed."""
    with kafka.running(tmp_path_factory.mktemp("outage")) as brokers:
        yield brokers


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kafka.Brokers]:
    with kafka.running(tmp_path_factory.mktemp("three"), nodes=3) as brokers:
        yield brokers


class Load:
    """Sends numbers to all partitions and reads them back, by assignment and as a group. What is sent again after Unavailable
    may come twice."""

    def __init__(self, log: KafkaLog) -> None:
        self.log = log
        self.acked: dict[int, list[int]] = {n: [] for n in range(PARTITIONS)}
        self.read: dict[int, list[int]] = {n: [] for n in range(PARTITIONS)}
        self.taken: list[int] = []
        self.failures = 0
        self._stop = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Load":
        self.assigned = self.log.assign({(URLS, n): 0 for n in range(PARTITIONS)})
        self.member = self.log.join(FETCHERS, [ORDERS_PAGES])
        self._tasks = [asyncio.create_task(self._send(n)) for n in range(PARTITIONS)]
        self._tasks += [asyncio.create_task(self._read(self.assigned)), asyncio.create_task(self._take(self.member))]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self, partition: int) -> None:
        """Several unacked at a time, so that order could be lost; sent again, all of them, if one fails."""
        number = 0
        while not self._stop:
            batch = list(range(number, number + 5))
            number += 5
            await self._until_acked(partition, batch)
            self.acked[partition] += batch
            await asyncio.sleep(0.01)

    async def _until_acked(self, partition: int, batch: list[int]) -> None:
        while True:
            acks = [self.log.send(URLS, partition, [HostMatched("h.test", n)]) for n in batch]
            acks += [
                self.log.send(ORDERS_PAGES, partition, [HostMatched("h.test", n * PARTITIONS + partition)])
                for n in batch
            ]
            try:
                await asyncio.gather(*acks)
                return
            except Unavailable:
                self.failures += 1

    async def _read(self, consumer: KafkaConsumer) -> None:
        while True:
            for record in await consumer.poll(50, 0.5):
                self.read[record.partition] += numbers([record])

    async def _take(self, consumer: KafkaConsumer) -> None:
        while True:
            records = await consumer.poll(50, 0.5)
            if records and await consumer.commit(offsets_after(records)):
                self.taken += numbers(records)

    def total(self) -> int:
        return sum(map(len, self.acked.values()))

    async def grows(self, by: int, seconds: float = 60.0) -> None:
        """Wait until so many more are acked."""
        until, start = time.monotonic() + seconds, self.total()
        while self.total() < start + by:
            assert time.monotonic() < until, f"{self.total() - start} of {by} acked; {self.log.trouble}"
            failed = next((task for task in self._tasks if task.done()), None)
            assert failed is None, failed
            await asyncio.sleep(0.05)

    async def finish(self, seconds: float = 60.0) -> None:
        """Stop sending; wait until all that was acked was read."""
        self._stop = True
        await asyncio.gather(*self._tasks[:PARTITIONS])
        until = time.monotonic() + seconds
        while any(set(self.acked[n]) - set(self.read[n]) for n in self.acked):
            assert time.monotonic() < until, {n: len(set(self.acked[n]) - set(self.read[n])) for n in self.acked}
            await asyncio.sleep(0.05)


def numbers(records: list[Record]) -> list[int]:
    return [record.message.bucket for record in records if isinstance(record.message, HostMatched)]


def check_order(load: Load) -> None:
    """In order; what was sent again begins again at most where the failed sends began."""
    for read in load.read.values():
        fresh, last = [], -1
        for number in read:
            if number > last:
                fresh.append(number)
                last = number
        assert fresh == list(range(len(fresh)))
        if not load.failures:
            assert read == fresh


async def opened(brokers: kafka.Brokers, prefix: str, copies: int = 1) -> tuple[Kafka, KafkaLog]:
    settings = Kafka(bootstrap=brokers.bootstrap, prefix=prefix, replication=copies, min_insync=max(1, copies - 1))
    await topics.create(settings, PARTITIONS)
    log = KafkaLog(settings, f"test-{prefix}", time.time)
    await log.start()
    return settings, log


async def test_a_broker_that_is_killed_loses_nothing_that_was_acked(brokers: kafka.Brokers) -> None:
    _, log = await opened(brokers, "kill.")
    async with Load(log) as load:
        await load.grows(200)
        for _ in range(2):
            brokers.kill()
            await asyncio.sleep(1.0)  # it is away, not only slow
            async with asyncio.timeout(60):  # bounded, however slow the machine
                assert await load.member.commit({(ORDERS_PAGES, 0): 10**9}) is False
            brokers.start()
            await brokers.ready()
            await load.grows(200)
        await load.finish()
        check_order(load)
        assert len(load.taken) == len(set(load.taken)), "an order that was committed is never handed out again"
        assert not load.assigned.lost
        async with asyncio.timeout(60):
            while log.trouble:  # it asks the brokers twice a second, when they answer again
                await asyncio.sleep(0.05)
    await log.close()


async def test_sending_and_parking_say_so_when_brokers_are_away_for_long(
    brokers: kafka.Brokers, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, log = await opened(brokers, "away.")
    monkeypatch.setattr("backends.kafka.producer.PATIENCE", 1.0)
    consumer = log.assign({(URLS, 0): 0})
    member = log.join(FETCHERS, [ORDERS_PAGES])
    await log.send(URLS, 0, [HostMatched("h.test", 1)])
    while not (records := await consumer.poll(10, 0.5)):
        pass
    brokers.kill()
    try:
        acks = [asyncio.ensure_future(log.send(URLS, 0, [HostMatched("h.test", n)])) for n in (2, 3)]
        acks.append(asyncio.ensure_future(log.park(records[0], "poison")))
        for ack in acks:
            with pytest.raises(Unavailable, match=r"nothing was acked by \[away\.urls"):
                await ack
        assert await consumer.poll(10, 0.2) == []
        assert await member.poll(10, 0.2) == []
        until = time.monotonic() + 30
        while "no broker has answered" not in log.trouble:
            assert time.monotonic() < until
            await asyncio.sleep(0.1)
        assert log.stalled() == 0.0, "waiting for brokers is no standstill of ours"
        before = time.monotonic()
        other = log.join(FETCHERS, [URLS])  # never connects
        await asyncio.gather(other.close(), member.close(), consumer.close())
        assert time.monotonic() - before < 10
    finally:
        brokers.start()
        await brokers.ready()
    await log.send(URLS, 0, [HostMatched("h.test", 4)])
    again = log.assign({(URLS, 0): 0})
    seen: list[int] = []
    async with asyncio.timeout(30):
        while 4 not in seen:
            seen += numbers(await again.poll(10, 0.5))
    assert seen[0] == 1
    assert seen[-1] == 4
    await log.close()


async def test_a_log_whose_brokers_never_were_there_can_be_closed() -> None:
    log = KafkaLog(Kafka(bootstrap="127.0.0.1:9"), "test", time.time)
    with pytest.raises(Unavailable, match="no broker answers"):
        await log.start()
    consumer = log.assign({(URLS, 0): 0})
    assert await consumer.poll(1, 0.1) == []
    assert await consumer.commit({(URLS, 0): 0})
    await log.close()


@pytest.mark.timeout(240)
async def test_of_three_brokers_one_can_die(three: kafka.Brokers) -> None:
    """Replication 3, at least 2 in sync (the default)."""
    _, log = await opened(three, "three.", copies=3)
    async with Load(log) as load:
        await load.grows(200)
        for node in (three.nodes[0], three.nodes[1]):
            node.kill()
            await load.grows(200)
            node.start()
            await node.ready(3)
            await load.grows(100)
        await load.finish()
        check_order(load)
        assert len(load.taken) == len(set(load.taken))
    await log.close()
