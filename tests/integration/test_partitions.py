"""Several shards over one real Postgres: who serves what, what moves, and that nothing is lost or done twice on the way."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from backends.memory.log import MemoryLog
from backends.postgres.connection import connect
from backends.postgres.crawl_store import PostgresCrawlStore
from contracts.crawl import Fence, PermitRelease, PermitRequest, Transaction
from contracts.messages import Discovery, Order, OrderEnd, OrderKind, Outcome, OutcomeBatch, Purpose, Result
from contracts.ports import Consumer
from contracts.sites import bucket_of, partition_of
from contracts.store import CrawlStore
from contracts.topics import ORDERS_PAGES, OUTCOMES, URLS
from frontier.robotstxt import Robots, parse
from frontier.service import Frontier
from frontier.service.steps import Steps
from tests.postgres import Database
from tests.unit.frontier.playbook import discovery, tuned

PARTITIONS = 8
LEASE = 2.0
SETTINGS = tuned(
    politeness={"delay": 0.0}, workers={"cycle": 0.0}, cluster={"lease": LEASE, "renew": 0.2},
    limits={"order_start": 1.0, "order_run": 1.0, "total": 1.0},
)  # fmt: skip
FRONTIER = "pisaura_frontier"


async def parse_robots(body: bytes) -> Robots:
    return parse(body, "Pisaura")


class Shards:
    """Shards by name over one database and one log, and a fetcher that answers whatever is ordered."""

    def __init__(self, dsn: str) -> None:
        self.dsn, self.log = dsn, MemoryLog()
        self.frontiers: dict[str, Frontier] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.fetched: list[str] = []
        self.issued_by: dict[str, set[int]] = {}
        self.answering = True
        self.unanswered: list[Order] = []

    async def _open(self) -> CrawlStore:
        return PostgresCrawlStore(await connect(self.dsn, hot=True))

    def start(self, name: str) -> None:
        clock = asyncio.get_running_loop().time
        began = 1_800_000_000.0 - clock()
        self.frontiers[name] = Frontier(
            SETTINGS, self._open, self.log, lambda: began + clock(), random.random, parse_robots,
            owner=name, partitions=PARTITIONS, alone=False,
        )  # fmt: skip
        self.tasks[name] = asyncio.create_task(self.frontiers[name].run())

    async def stop(self, name: str) -> None:
        """An orderly end."""
        self.frontiers.pop(name).stop()
        async with asyncio.timeout(20):
            await self.tasks.pop(name)

    async def kill(self, name: str) -> None:
        """Its loop ends wherever it is; nothing is given up."""
        frontier, task = self.frontiers.pop(name), self.tasks.pop(name)
        frontier.machine = None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    def served(self) -> dict[str, int]:
        return {
            name: len(frontier.machine.shard.epochs) if frontier.machine else 0
            for name, frontier in self.frontiers.items()
        }

    async def until_served(self, expected: dict[str, int]) -> None:
        async with asyncio.timeout(30):
            while self.served() != expected:
                await asyncio.sleep(0.01)

    async def fetch(self) -> None:
        """Take orders and answer them, for ever."""
        consumer: Consumer = self.log.join("fetchers", [ORDERS_PAGES])
        while True:
            for record in await consumer.poll(1, 0.1):
                await consumer.commit({(record.topic, record.partition): record.offset + 1})
                assert isinstance(record.message, Order)
                if self.answering:
                    self._answer(record.message)
                else:
                    self.unanswered.append(record.message)

    def _answer(self, order: Order) -> None:
        facts: dict[str, Any] = {"addresses": ["192.0.2.1"], "ttl": 3600.0} if order.kind is OrderKind.RESOLVE else {}
        if order.kind is OrderKind.ROBOTS:
            facts = {"robots_body": b"", "status": 200}
        if order.kind is OrderKind.PAGES:
            facts = {"status": 200, "media_type": "text/html"}
            self.fetched += [item.url for item in order.items]
        at = order.issued_at
        outcomes = [Outcome(order.order_id, item.url_id, Result.FETCHED, at, at, **facts) for item in order.items]
        end = OrderEnd(
            order.order_id, order.host, order.address, at, 0 if order.kind is OrderKind.RESOLVE else len(outcomes)
        )
        self.log.send(OUTCOMES, order.partition, [OutcomeBatch(outcomes, [end])])

    async def find(self, *urls: str) -> None:
        for url in urls:
            found: Discovery = discovery([url], purpose=Purpose.SEED)
            partition = partition_of(bucket_of(found.groups[0].host), PARTITIONS)
            self.log.send(URLS, partition, [found])

    async def until_fetched(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(set(self.fetched)) < count:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running(database: Database) -> AsyncIterator[Shards]:
    connection = await asyncpg.connect(database.dsn())
    try:
        await connection.execute("INSERT INTO partitions (partition) SELECT generate_series(0, $1 - 1)", PARTITIONS)
    finally:
        await connection.close()
    shards = Shards(database.dsn(FRONTIER))
    fetching = asyncio.create_task(shards.fetch())
    try:
        yield shards
    finally:
        for name in list(shards.frontiers):
            await shards.stop(name)
        fetching.cancel()
        with suppress(asyncio.CancelledError):
            await fetching


def urls(count: int, word: str = "h") -> list[str]:
    return [f"http://{word}{n}.test/" for n in range(count)]


async def test_shards_share_and_hand_over_while_they_serve(crawl_database: Database) -> None:
    """One serves all, a second gets half, one leaves in order and its half goes on at once; each URL is fetched once."""
    async with running(crawl_database) as here:
        here.start("a")
        await here.until_served({"a": 8})
        await here.find(*urls(40))
        here.start("b")
        await here.until_served({"a": 4, "b": 4})
        await here.find(*urls(40, "i"))
        here.start("c")
        async with asyncio.timeout(30):
            while sorted(here.served().values()) != [2, 3, 3]:
                await asyncio.sleep(0.01)
        await here.find(*urls(40, "j"))
        await here.stop("a")
        async with asyncio.timeout(30):
            while sorted(here.served().values()) != [4, 4]:
                await asyncio.sleep(0.01)
        await here.find(*urls(40, "k"))
        await here.until_fetched(160)
        assert sorted(here.fetched) == sorted([*urls(40), *urls(40, "i"), *urls(40, "j"), *urls(40, "k")])


async def test_what_a_dead_shard_held_is_taken_over_and_its_orders_are_waited_for(crawl_database: Database) -> None:
    """Orders that were out when it died are not issued again while their fetcher may still work; their outcomes count."""
    async with running(crawl_database) as here:
        here.start("a")
        await here.until_served({"a": 8})
        here.start("b")
        await here.until_served({"a": 4, "b": 4})
        here.answering = False
        await here.find(*urls(16))
        async with asyncio.timeout(20):
            while len(here.unanswered) < 16:
                await asyncio.sleep(0.01)
        await here.kill("b")
        await here.until_served({"a": 8})
        here.answering = True
        for order in here.unanswered:
            here._answer(order)
        await here.until_fetched(16)
        assert sorted(here.fetched) == sorted(urls(16))
        assert len({order.order_id for order in here.unanswered}) == len(here.unanswered) == 16


async def test_who_was_paused_too_long_finds_itself_fenced_and_serves_again(crawl_database: Database) -> None:
    async with running(crawl_database) as here:
        here.start("a")
        await here.until_served({"a": 8})
        other = PostgresCrawlStore(await connect(here.dsn, hot=True))
        claims = await other.claim("thief", 1e11, LEASE, list(range(8)))
        assert [claim.epoch for claim in claims] == [2] * 8
        await here.find(*urls(4))
        async with asyncio.timeout(20):
            while here.frontiers["a"].machine is not None:
                await asyncio.sleep(0.01)
        await other.release("thief", list(range(8)))
        await here.until_served({"a": 8})
        await here.until_fetched(4)
        assert sorted(here.fetched) == sorted(urls(4))
        await other.close()


async def test_a_step_that_takes_longer_than_a_lease_costs_no_partition(
    crawl_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partition of the log that does not ack, a slow commit: the leases are renewed beside the step."""
    whole, go_on = Steps.step, asyncio.Event()
    blocked = 0.0

    async def slow(steps: Steps, *arguments: Any, **more: Any) -> None:
        nonlocal blocked
        blocked = blocked or steps.clock()
        await go_on.wait()
        await whole(steps, *arguments, **more)

    async with running(crawl_database) as here:
        here.start("a")
        await here.until_served({"a": 8})
        monkeypatch.setattr(Steps, "step", slow)
        here.start("b")
        connection = await asyncpg.connect(crawl_database.dsn())
        async with asyncio.timeout(30):
            while True:
                rows = await connection.fetch("SELECT owner, lease_until / 1000.0 AS until FROM partitions")
                assert {row["owner"] for row in rows} == {"a"}
                if blocked and min(row["until"] for row in rows) > blocked + 2 * LEASE:
                    break
                await asyncio.sleep(0.05)
        await connection.close()
        go_on.set()
        await here.until_served({"a": 4, "b": 4})


async def test_addresses_go_by_one_clock_whatever_those_of_their_shards_say(crawl_database: Database) -> None:
    """Two shards, whose clocks are four seconds apart, visit one address in turn: not before it has rested its second."""
    connection = await asyncpg.connect(crawl_database.dsn())
    await connection.execute("INSERT INTO partitions (partition) VALUES (0)")
    await connection.close()
    store = PostgresCrawlStore(await connect(crawl_database.dsn(FRONTIER), hot=True), shared=True)
    (claim,) = await store.claim("a", 1.0, 1e9, [0])
    fence = Fence(0, claim.epoch, 0, 0, 0, 0)
    await store.commit(Transaction(fences=[fence], address_sites=[("192.0.2.1", "s.test")]))
    slow, fast = time.time() - 2.0, time.time() + 2.0
    first, second = (PermitRequest("192.0.2.1", name, moment + 60.0) for name, moment in ((b"1", slow), (b"2", fast)))
    assert (await store.take_permits([first], slow, 8, 64))[0] == {b"1"}
    release = PermitRelease("192.0.2.1", b"1", slow + 30.0, "s.test", False)
    began = time.monotonic()
    await store.commit(Transaction(fences=[fence], releases=[release], at=slow))
    granted, later = await store.take_permits([second], fast, 8, 64)
    rest = later["192.0.2.1"] - fast
    assert granted == set() and 30.0 - (time.monotonic() - began) - 0.1 <= rest <= 30.1
    await store.close()


@pytest.mark.parametrize("round_", range(3))
async def test_shards_that_end_orders_at_the_same_addresses_do_not_block_each_other(
    crawl_database: Database, round_: int
) -> None:
    """Each locks the addresses in the same order, whatever the order of its releases."""
    connection = await asyncpg.connect(crawl_database.dsn())
    await connection.execute("INSERT INTO partitions (partition) VALUES (0), (1)")
    await connection.close()
    names = [f"192.0.2.{n}" for n in range(200)]
    stores = [PostgresCrawlStore(await connect(crawl_database.dsn(FRONTIER), hot=True)) for _ in range(2)]
    claims = [(await store.claim(str(n), 1.0, 1e9, [n]))[0] for n, store in enumerate(stores)]

    async def end(n: int) -> None:
        chance = random.Random(10 * round_ + n)
        fence = Fence(n, claims[n].epoch, 0, 0, 0, 0)
        for step in range(60):
            mine = chance.sample(names, chance.choice((2, 20, 150)))
            sites = [(name, f"s{n}-{step}.test") for name in mine[::3]]
            releases = [PermitRelease(name, b"o", 1.0, "s.test", False) for name in reversed(mine)]
            await stores[n].commit(Transaction(fences=[replace(fence)], address_sites=sites, releases=releases))

    async with asyncio.timeout(60):
        await asyncio.gather(end(0), end(1))
    for store in stores:
        await store.close()
