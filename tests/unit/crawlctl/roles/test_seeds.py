"""Seeds become found URLs of their shards, and are taken only once those are acked."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from backends.memory.log import MemoryLog
from contracts.errors import Unavailable
from contracts.messages import Discovery, Purpose
from contracts.sites import bucket_of, partition_of
from contracts.topics import URLS
from crawlctl.roles.seeds import SeedFeeder, stored_seeds

PARTITIONS = 4


class Store:
    """The table of seeds."""

    def __init__(self, *urls: str) -> None:
        self.waiting = list(enumerate(urls))
        self.taken: list[int] = []
        self.refused: dict[int, str] = {}

    async def new_seeds(self, limit: int) -> list[tuple[int, str]]:
        return self.waiting[:2]

    async def seeds_taken(self, seqs: Sequence[int], refused: dict[int, str], now: float) -> None:
        self.taken += seqs
        self.refused |= refused
        self.waiting = [seed for seed in self.waiting if seed[0] not in seqs]

    async def seeds(self, after: int, limit: int) -> list[dict[str, Any]]:
        return [{"seq": seq + 1, "url": url} for seq, url in self.waiting if seq + 1 > after][:2]


async def test_seeds_are_taken_when_they_are_acked() -> None:
    bus = MemoryLog()
    store: Any = Store("http://a.test/", "http://b.test/x", "ftp://c.test/", "http://d.test/")
    feeding = asyncio.create_task(SeedFeeder(bus, PARTITIONS, 2048, lambda: 7.0).feed(store))
    consumer = bus.assign({(URLS, partition): 0 for partition in range(PARTITIONS)})
    got: list[tuple[int, str]] = []
    async with asyncio.timeout(10):
        while not feeding.done():
            for record in await consumer.poll(100, 0.01):
                assert isinstance(record.message, Discovery) and record.message.purpose is Purpose.SEED
                assert not set(store.taken) & {0, 1} or len(got) >= 2
                got += [(record.partition, group.host) for group in record.message.groups]
                await consumer.commit({(record.topic, record.partition): record.offset + 1})
    assert sorted(got, key=lambda one: one[1]) == [
        (partition_of(bucket_of(host), PARTITIONS), host) for host in ("a.test", "b.test", "d.test")
    ]
    assert store.taken == [0, 1, 2, 3] and list(store.refused) == [2]


async def test_a_step_does_not_wait_for_the_log() -> None:
    class Slow(MemoryLog):
        """Refuses once, then acks when it is told to."""

        def __init__(self) -> None:
            super().__init__()
            self.asked = 0
            self.acks = asyncio.Event()

        async def send(self, *_: object) -> None:
            self.asked += 1
            if self.asked == 1:
                raise Unavailable("away")
            await self.acks.wait()

    bus = Slow()
    store: Any = Store("http://a.test/", "http://b.test/", "http://c.test/")
    feeder = SeedFeeder(bus, 1, 2048, lambda: 7.0)
    async with asyncio.timeout(10):
        while bus.asked < 2:
            await feeder.step(store)
            await asyncio.sleep(0.01)
        assert store.taken == []
        bus.acks.set()
        while store.waiting:
            await feeder.step(store)
            await asyncio.sleep(0)
    assert store.taken == [0, 1, 2]
    feeder.drop()


async def test_seeds_that_were_dropped_are_sent_again() -> None:
    store: Any = Store("http://a.test/")
    bus = MemoryLog()
    feeder = SeedFeeder(bus, 1, 2048, lambda: 7.0)
    consumer = bus.assign({(URLS, 0): 0})
    async with asyncio.timeout(10):
        for _ in range(2):
            await feeder.step(store)
            assert await consumer.poll(10, 1.0)
            feeder.drop()
    assert store.taken == []


async def test_a_log_that_is_away_leaves_them_where_they_are() -> None:
    class Away(MemoryLog):
        def send(self, *_: object) -> Any:
            raise Unavailable("away")

    store: Any = Store("http://a.test/")
    with pytest.raises(Unavailable):
        await SeedFeeder(Away(), PARTITIONS, 2048, lambda: 7.0).feed(store)
    assert store.taken == [] and store.waiting


async def test_all_seeds_page_by_page() -> None:
    store: Any = Store("http://a.test/", "http://b.test/", "http://c.test/")
    assert [seed async for seed in stored_seeds(store)] == ["http://a.test/", "http://b.test/", "http://c.test/"]
