"""The shell of a shard: what is read, committed and sent in which order, and what it survives."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from backends.memory.log import MemoryLog
from contracts.crawl import Claim, Committed, HostQueue, Lease, OriginRow, Ownership, PartitionRow, Pick, Transaction
from contracts.errors import Stale, Unavailable, WorkerLost
from contracts.messages import Order, OrderKind, OutcomeBatch, Purpose
from contracts.notes import Control
from contracts.ports import Consumer
from contracts.topics import ORDERS_PAGES, OUTCOMES, URLS
from frontier.events import LoadDueHosts, LoadHosts
from frontier.intake import LARGE_ROBOTS
from frontier.robotstxt import Robots, parse
from frontier.service import Frontier
from frontier.service.steps import Unsent
from tests.unit.frontier.playbook import NOW, Play, Store, discovery, tuned

FAST = tuned(politeness={"delay": 0.0}, workers={"cycle": 0.0})


class Shelf:
    """The playbook's store as a shard uses it. `fail` is asked before each call."""

    def __init__(self, store: Store, clock: Callable[[], float], fail: Callable[[str], None]) -> None:
        self._store, self._clock, self._fail = store, clock, fail

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any, **more: Any) -> Any:
            self._fail(name)
            return getattr(self, f"_{name}")(*arguments, **more)

        return call

    def _claim(self, owner: str, now: float, lease: float, partitions: Sequence[int]) -> list[Claim]:
        return self._store.claim()

    def _renew(self, owner: str, now: float, lease: float) -> Ownership:
        rows = [PartitionRow(partition, owner, epoch, now + lease) for partition, epoch in self._store.epochs.items()]
        return Ownership(rows, [owner])

    def _release(self, owner: str, partitions: Sequence[int], *, leaving: bool = False) -> None:
        self.released = list(partitions)

    def _load_hosts(self, keys: Any, sites: Any) -> Any:
        found = self._store.load_hosts(LoadHosts(keys, sites))
        return found.hosts, found.origins, found.sites

    def _load_due_hosts(self, partitions: Any, of: int, until: float, limit: int, after: float) -> Any:
        assert (list(partitions), of) == ([0], 1)
        found = self._store.load_due_hosts(LoadDueHosts(partitions, until, limit, after))
        return found.hosts, found.origins, found.sites

    def _load_queue(self, picks: Sequence[Pick], now: float) -> list[HostQueue]:
        return self._store.load_queue(picks, now)

    def _load_items(self, rows: Any) -> Any:
        return self._store.load_items(rows)

    def _load_robots(self, keys: Any) -> list[OriginRow]:
        return [origin for origin in self._store.origins.values() if (origin.bucket, origin.host_id) in set(keys)]

    def _load_leases(self, partitions: Any) -> list[Lease]:
        return list(self._store.leases.values())

    def _take_permits(self, requests: Any, now: float, sites: int, most: int) -> Any:
        taken = self._store.take_permits(requests, now)
        return set(taken.granted), dict(taken.later)

    def _commit(self, transaction: Transaction) -> Committed:
        return self._store.commit(transaction)

    def _read_controls(self, after: int) -> tuple[int, list[Control]]:
        return after, []

    def _close(self) -> None:
        return None


class Scene:
    """A frontier over a log and a store; the test is its fetcher."""

    def __init__(self, store: Store, fail: Callable[[str], None], **more: Any) -> None:
        self.store, self.log, self.now = store, MemoryLog(), NOW
        self.play = Play.__new__(Play)  # only for the outcomes that it spells
        self.fetcher: Consumer = self.log.join("fetchers", [ORDERS_PAGES])

        async def open_store() -> Any:
            fail("open")
            return Shelf(store, lambda: self.now, fail)

        async def parse_robots(body: bytes) -> Robots:
            fail("parse")
            return parse(body, "Pisaura")

        self.frontier = Frontier(
            FAST,
            open_store,
            self.log,
            lambda: self.now,
            lambda: 0.0,
            parse_robots,
            owner="me",
            partitions=1,
            **more,
        )

    async def order(self) -> Order:
        """The next order."""
        async with asyncio.timeout(10):
            while True:
                records = await self.fetcher.poll(1, 0.05)
                if records:
                    assert await self.fetcher.commit({(records[0].topic, records[0].partition): records[0].offset + 1})
                    assert isinstance(records[0].message, Order)
                    return records[0].message
                self.now += 0.1

    async def answer(self, order: Order, **more: Any) -> None:
        self.play.now = self.now
        outcomes = [self.play.outcome(order, n, **more) for n in range(len(order.items))]
        mark = self.play.mark(order, 0 if order.kind is OrderKind.RESOLVE else len(outcomes))
        async with asyncio.timeout(10):
            await self.log.send(OUTCOMES, 0, [OutcomeBatch(outcomes, [mark])])


@asynccontextmanager
async def scene(
    fail: Callable[[str], None] = lambda name: None, store: Store | None = None, **more: Any
) -> AsyncIterator[Scene]:
    made = Scene(store or Store(), fail, **more)
    task = asyncio.create_task(made.frontier.run())
    try:
        yield made
    finally:
        made.frontier.stop()
        async with asyncio.timeout(10):
            await task
        await made.fetcher.close()


async def crawl(here: Scene) -> list[str]:
    """One host from its seed on; the URLs that were asked for, in order."""
    async with asyncio.timeout(20):
        await here.log.send(URLS, 0, [discovery([f"http://a.test/{n}" for n in range(3)], purpose=Purpose.SEED)])
    asked: list[str] = []
    while len([url for url in asked if url and "robots" not in url]) < 3:
        order = await here.order()
        asked += [item.url for item in order.items]
        facts: dict[str, Any] = {}
        if order.kind is OrderKind.RESOLVE:
            facts = {"addresses": ["192.0.2.1"], "ttl": 3600.0}
        elif order.kind is OrderKind.ROBOTS:
            facts = {"robots_body": b""}
        await here.answer(order, **facts)
    return asked


EXPECTED = ["", "http://a.test/0", "http://a.test/1", "http://a.test/2", "http://a.test/robots.txt"]


async def test_from_a_seed_to_the_end() -> None:
    async with scene() as here:
        assert sorted(await crawl(here)) == EXPECTED
        here.now += 100.0
        async with asyncio.timeout(10):
            while not here.frontier.idle():
                await asyncio.sleep(0)
        assert here.store.states() == {"fetched": 3}
        assert here.log.pending([URLS, OUTCOMES, ORDERS_PAGES]) == 0


async def test_whatever_fails_is_done_again_from_the_store_and_nothing_twice(monkeypatch: Any) -> None:
    """Each kind of call fails once, as does each third commit: before it counts, everything is as it was."""
    monkeypatch.setattr("frontier.service.FIRST_PAUSE", 0.0)
    failed: set[str] = set()
    commits = 0

    def fail(name: str) -> None:
        nonlocal commits
        commits += name == "commit"
        if name != "close" and (name not in failed or (name == "commit" and commits % 3 == 0)):
            failed.add(name)
            raise (Stale if name == "renew" else Unavailable)(f"{name} failed")

    async with scene(fail) as here:
        asked = await crawl(here)
        here.now += 100.0
        async with asyncio.timeout(20):
            while not here.frontier.idle():
                await asyncio.sleep(0)
        assert sorted(url for url in set(asked)) == EXPECTED
        assert len([url for url in asked if url[-1:].isdigit()]) == 3
        assert here.store.states() == {"fetched": 3} and here.store.queue == {} and here.store.leases == {}
        assert {row.lost for row in here.store.urls.values()} == {0}
    assert {"open", "claim", "commit", "load_queue", "take_permits", "load_due_hosts"} <= failed


async def test_a_shard_with_a_wrong_clock_takes_no_partition_and_gives_up_what_it_has(monkeypatch: Any) -> None:
    """By a clock that is ahead of the others' every lease has run out; by one that is behind, ours has."""
    called: list[str] = []

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.01)

    here = Scene(Store(), called.append, alone=False)
    here.frontier.hold("the clock is wrong")
    task = asyncio.create_task(here.frontier.run())
    await until(lambda: here.frontier.unready == "the clock is wrong")
    assert not {"renew", "claim"} & set(called)
    here.frontier.hold("")
    await until(lambda: here.frontier.machine is not None)
    here.frontier.hold("the clock jumped")
    here.now += FAST.cluster.renew
    await until(lambda: here.frontier.unready == "the clock jumped")
    assert "release" not in called, "it is compared anew within a moment"
    monkeypatch.setattr(here.frontier, "_held_at", float("-inf"))
    await until(lambda: here.frontier.machine is None)
    assert "release" in called
    here.frontier.stop()
    await task


async def test_no_order_is_given_up_while_the_log_does_not_answer() -> None:
    """What came of it may be in the log: it would be fetched twice."""
    silent = [True]
    async with scene(silent=lambda: silent[0]) as here:
        async with asyncio.timeout(20):
            await here.log.send(URLS, 0, [discovery(["http://a.test/"], purpose=Purpose.SEED)])
        order = await here.order()
        here.now += 1000.0
        machine = here.frontier.machine
        async with asyncio.timeout(20):
            while machine is None or machine.shard.deadlines[0][0] < here.now:
                await asyncio.sleep(0.01)
        assert list(here.store.leases) == [order.order_id]
        silent[0] = False
        here.now += 4.0
        await here.answer(order, addresses=["192.0.2.1"], ttl=3600.0)
        assert (await here.order()).kind is OrderKind.ROBOTS
        assert "orders_lost" not in here.store.counters


async def test_what_is_nothing_for_a_shard_is_set_aside() -> None:
    async with scene() as here:
        here.log.send(URLS, 0, [Control("pause", "a.test")])
        assert sorted(await crawl(here)) == EXPECTED
        assert [why for _, why in here.log.parked] == ["a Control is nothing for a frontier shard"]


async def test_a_large_robots_txt_whose_parser_was_lost_counts_all_the_same() -> None:
    """A crawl must not end because of one file, nor take a host's word as not given."""
    lost: list[str] = []

    def fail(name: str) -> None:
        if name == "parse":
            lost.append(name)
            raise WorkerLost("a worker process took too long")

    async with scene(fail) as here:
        async with asyncio.timeout(10):
            await here.log.send(URLS, 0, [discovery([f"http://a.test/{n}" for n in range(3)], purpose=Purpose.SEED)])
        await here.answer(await here.order(), addresses=["192.0.2.1"], ttl=3600.0)
        await here.answer(await here.order(), robots_body=b"User-agent: *\nDisallow: /1\n" + b"#" * LARGE_ROBOTS)
        order = await here.order()
        assert sorted(item.url for item in order.items) == ["http://a.test/0", "http://a.test/2"]
    assert lost


async def test_an_order_that_the_log_did_not_take_in_time_puts_no_url_under_suspicion() -> None:
    """A broker that is away for minutes must not make poison of what was to be fetched meanwhile."""
    async with scene() as here:
        async with asyncio.timeout(10):
            await here.log.send(URLS, 0, [discovery(["http://a.test/1"], purpose=Purpose.SEED)])
        await here.answer(await here.order(), addresses=["192.0.2.1"], ttl=1e9)
        await here.answer(await here.order(), robots_body=b"")
        (row,) = here.store.urls.values()

        async def lost() -> None:
            """Let the order that is out expire."""
            before = here.store.counters.get("orders_lost", 0)
            async with asyncio.timeout(10):
                while here.store.counters.get("orders_lost", 0) == before:
                    await asyncio.sleep(0)
                    here.now += 0.1

        await lost()  # this log acks when an order is taken
        assert row.lost == 0
        stale = await here.order()
        assert (await here.order()).issued_at > stale.deadline
        await lost()
        assert row.lost == 1


async def test_draining_issues_nothing_more() -> None:
    async with scene() as here:
        order = None
        async with asyncio.timeout(10):
            await here.log.send(URLS, 0, [discovery(["http://a.test/"], purpose=Purpose.SEED)])
        order = await here.order()
        await here.frontier.drain(5.0)
        await here.answer(order, addresses=["192.0.2.1"], ttl=3600.0)
        assert here.store.leases == {}
        here.now += 5.0
        assert await here.fetcher.poll(1, 0.1) == []


async def test_an_order_that_still_waits_in_its_lane_was_begun_by_nobody() -> None:
    """Brokers ack what no fetcher has taken: fetchers that are away make no poison."""
    play, lag, done = Play(), {(ORDERS_PAGES, 0): 0}, asyncio.get_running_loop().create_future()
    done.set_result(None)
    unsent = Unsent(lambda topic, partition: lag[topic, partition], void=False)
    order = play.open("http://a.test/")
    for name in (b"first", b"second"):
        unsent.published(replace(order, order_id=name), done, lambda: play.now)
    assert b"first" in unsent, "its ack has not come"
    await asyncio.sleep(0)
    assert (b"first" in unsent, b"second" in unsent, b"another's" in unsent) == (False, False, False)
    lag[ORDERS_PAGES, 0] = 1
    assert (b"first" in unsent, b"second" in unsent) == (False, True)
    lag[ORDERS_PAGES, 0] = 2
    assert (b"first" in unsent, b"second" in unsent) == (True, True)
