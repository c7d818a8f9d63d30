"""The contract of `contracts.store.CrawlStore`, over a real Postgres in both ways to reach one: the embedded server's socket, and
TCP with passwords as in a cluster."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from backends.postgres.connection import connect
from backends.postgres.crawl_store import PostgresCrawlStore
from backends.postgres.operator import OperatorStore
from contracts.crawl import (
    FAR,
    Claim,
    Fence,
    HostRow,
    Lease,
    NewUrl,
    OriginRow,
    Ownership,
    PartitionRow,
    PermitRelease,
    PermitRequest,
    Pick,
    SiteRow,
    Transaction,
    UrlState,
    UrlUpdate,
)
from contracts.errors import Stale, Unavailable
from contracts.messages import OrderKind
from contracts.notes import Control
from tests.postgres import Database

NOW = 1_800_000_000.0
BUCKET, HOST = 7, 42
FRONTIER = "pisaura_frontier"


def uid(n: int) -> bytes:
    return n.to_bytes(16, "big")


def page(n: int) -> bytes:
    return n.to_bytes(26, "big")


def url(n: int, *, host: int = HOST, lane: int = 4, due: float = NOW, found_on: tuple[int, ...] = (1,)) -> NewUrl:
    return (BUCKET, host, uid(n), True, f"/{n}", 0, 1, 0, [page(p) for p in found_on], NOW, lane, due)


def host(number: int = HOST, **more: Any) -> HostRow:
    return HostRow(BUCKET, number, f"h{number}.test", "site.test", NOW, **{"due_at": NOW, "queued": 1, **more})


def update(n: int, media: bool = False, **more: Any) -> UrlUpdate:
    facts: dict[str, Any] = {
        "state": UrlState.FETCHED, "status": 200, "tries": 0, "fetched_at": NOW, "interval": 60.0, "etag": '"e"',
        "last_modified": "then", "content_key": b"k" * 16, "size": 5, "why": "", **more,
    }  # fmt: skip
    return UrlUpdate(BUCKET, HOST, uid(n), media, **facts)


class Bench:
    """A store as one shard has it, and its claim."""

    def __init__(self, dsn: str, store: PostgresCrawlStore) -> None:
        self.dsn, self.store = dsn, store
        self.mine = Claim(0, 0, 0, 0)

    async def claim(
        self, owner: str, now: float, *partitions: int, store: PostgresCrawlStore | None = None
    ) -> list[Claim]:
        """Claim for ten seconds."""
        return await (store or self.store).claim(owner, now, 10.0, partitions)

    async def commit(self, **changes: Any) -> dict[int, int]:
        """One transaction of the shard that has partition 0."""
        c = self.mine
        fence = Fence(0, c.epoch, c.urls_offset, c.urls_offset, c.outcomes_offset, c.outcomes_offset)
        return (await self.store.commit(Transaction(fences=[fence], **changes))).new_by_host

    async def queue(self, limit: int = 100, now: float = NOW) -> list[bytes]:
        (queue,) = await self.store.load_queue([Pick(BUCKET, HOST, limit)], now)
        return [item.url_id for item in queue.items]

    async def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(self.dsn)
        try:
            return [tuple(row) for row in await connection.fetch(query, *arguments)]
        finally:
            await connection.close()

    async def another(self) -> PostgresCrawlStore:
        return PostgresCrawlStore(await connect(self.dsn, hot=True))


@pytest.fixture(params=["socket", "tcp"])
async def here(request: pytest.FixtureRequest, crawl_database: Database) -> AsyncIterator[Bench]:
    dsn = crawl_database.tcp(FRONTIER) if request.param == "tcp" else crawl_database.dsn(FRONTIER)
    store = PostgresCrawlStore(await connect(dsn, hot=True))
    bench = Bench(dsn, store)
    await bench.rows("INSERT INTO partitions (partition) VALUES (0), (1)")
    bench.mine = (await bench.claim("me", NOW, 0, 1))[0]
    yield bench
    await store.close()


# -- partitions (rule 4) ------------------------------------------------------------------------------------------------


async def test_claim_renew_lapse(here: Bench) -> None:
    other = await here.another()
    assert here.mine == Claim(0, 1, 0, 0)
    assert await here.claim("you", NOW + 9.9, 0, 1, store=other) == []
    seen = await here.store.renew("me", NOW + 9.0, 10.0)
    assert seen == Ownership([PartitionRow(n, "me", 1, NOW + 19.0) for n in (0, 1)], ["me"])
    assert await here.claim("you", NOW + 18.9, 0, 1, store=other) == []
    assert [claim.epoch for claim in await here.claim("you", NOW + 19.1, 0, 1, store=other)] == [2, 2]
    seen = await here.store.renew("me", NOW + 19.2, 10.0)
    assert [(row.owner, row.epoch, row.lease_until) for row in seen.partitions] == [("you", 2, NOW + 29.1)] * 2
    await other.close()


async def test_only_what_is_asked_for_is_claimed(here: Bench) -> None:
    other = await here.another()
    assert [claim.partition for claim in await here.claim("you", NOW + 10.1, 1, 7, store=other)] == [1]
    assert await here.claim("you", NOW + 10.1, store=other) == []
    assert [(row.partition, row.owner) for row in (await other.renew("you", NOW + 10.2, 10.0)).partitions] == [
        (0, "me"), (1, "you"),
    ]  # fmt: skip
    await other.close()


async def test_what_is_released_is_free_at_once(here: Bench) -> None:
    other = await here.another()
    await other.release("you", [0, 1])  # not theirs to give up
    assert await here.claim("you", NOW + 1.0, 0, 1, store=other) == []
    await here.commit(urls=[url(1)])
    await here.store.commit(Transaction(fences=[Fence(0, 1, 0, 4, 0, 6)]))
    await here.store.release("me", [0])
    with pytest.raises(Stale):
        await here.store.commit(Transaction(fences=[Fence(0, 2, 4, 4, 6, 6)]))
    assert await here.claim("you", NOW + 1.0, 0, 1, store=other) == [Claim(0, 2, 4, 6)]
    with pytest.raises(Stale):
        await here.store.commit(Transaction(fences=[Fence(0, 1, 4, 5, 6, 6)]))
    await other.close()


async def test_a_shard_lives_while_it_says_so(here: Bench) -> None:
    other = await here.another()
    assert (await here.store.renew("me", NOW, 10.0)).shards == ["me"]
    assert (await other.renew("you", NOW + 5.0, 10.0)).shards == ["me", "you"]
    assert (await other.renew("you", NOW + 10.5, 10.0)).shards == ["you"]
    assert (await here.store.renew("me", NOW + 10.6, 10.0)).shards == ["me", "you"]
    await here.store.release("me", [0, 1], leaving=True)
    seen = await other.renew("you", NOW + 10.7, 10.0)
    assert seen == Ownership([PartitionRow(n, "", 1, 0.0) for n in (0, 1)], ["you"])
    await other.close()


async def test_two_claim_and_one_gets_it(here: Bench) -> None:
    stores = [await here.another() for _ in range(4)]
    for turn in range(5):
        now = NOW + 20.0 * (turn + 1)
        found = await asyncio.gather(
            *(here.claim(f"shard {n}", now, 0, 1, store=store) for n, store in enumerate(stores))
        )
        assert sorted(claim.partition for claims in found for claim in claims) == [0, 1]
        assert {claim.epoch for claims in found for claim in claims} == {turn + 2}
    for store in stores:
        await store.close()


async def test_who_comes_back_claims_its_own_with_a_new_epoch(here: Bench) -> None:
    assert [claim.epoch for claim in await here.claim("me", NOW, 0, 1)] == [2, 2]


async def test_a_stale_epoch_or_offset_commits_nothing(here: Bench) -> None:
    for fence in (Fence(0, 0, 0, 5, 0, 0), Fence(0, 1, 1, 5, 0, 0), Fence(0, 1, 0, 5, 3, 3), Fence(9, 1, 0, 0, 0, 0)):
        with pytest.raises(Stale):
            await here.store.commit(Transaction(fences=[fence], urls=[url(1)], counters={(0, "requests"): 1}))
    with pytest.raises(Stale):  # one of two is enough
        await here.store.commit(Transaction(fences=[Fence(0, 1, 0, 5, 0, 0), Fence(1, 8, 0, 5, 0, 0)], urls=[url(1)]))
    assert await here.rows("SELECT 1 FROM urls") == [] and await here.rows("SELECT 1 FROM counters") == []
    await here.store.commit(Transaction(fences=[Fence(0, 1, 0, 5, 0, 7)]))
    assert (await here.claim("me", NOW, 0, 1))[0] == Claim(0, 2, 5, 7)


async def test_a_message_counts_once_whatever_is_read_again(here: Bench) -> None:
    step = Transaction(fences=[Fence(0, 1, 0, 1, 0, 0)], counters={(0, "requests"): 1})
    await here.store.commit(step)
    with pytest.raises(Stale):
        await here.store.commit(step)
    assert await here.rows("SELECT value FROM counters WHERE name = 'requests'") == [(1,)]


async def test_a_lost_connection_is_unavailable(here: Bench) -> None:
    store = await here.another()
    await store.close()
    await store.close()
    for work in (
        store.claim("me", NOW, 10.0, [0]), store.renew("me", NOW, 10.0), store.release("me", [0]),
        store.commit(Transaction(fences=[Fence(0, 1, 0, 0, 0, 0)])), store.load_hosts([(BUCKET, HOST)]), store.read_controls(0),
    ):  # fmt: skip
        with pytest.raises(Unavailable):
            await work


# -- URLs ---------------------------------------------------------------------------------------------------------------


async def test_a_url_is_new_once(here: Bench) -> None:
    assert await here.commit(urls=[url(1), url(2), url(1)]) == {HOST: 2}
    assert await here.commit(urls=[url(1), url(3)]) == {HOST: 1}
    assert await here.commit(media=[url(1), url(4), url(4, lane=1)]) == {HOST: 1}
    assert await here.commit(urls=[url(4)]) == {}
    assert sorted(await here.queue()) == [uid(1), uid(2), uid(3), uid(4)]
    assert await here.rows("SELECT count(*) FROM queue") == [(4,)]
    assert await here.rows("SELECT value FROM counters WHERE name = 'state:0'") == [(4,)]


async def test_found_on_keeps_eight_pages(here: Bench) -> None:
    await here.commit(media=[url(1, found_on=(1,)), url(1, found_on=(2,)), url(1, found_on=(2,))])
    for n in range(3, 20):
        await here.commit(media=[url(1, found_on=(n, n + 1))])
    ((pages,),) = await here.rows("SELECT found_on FROM media_urls")
    assert len(pages) == len(set(pages)) == 8 and {page(1), page(2), page(3)} <= set(pages)
    await here.commit(media=[url(2, found_on=tuple(range(20)))])
    assert await here.rows("SELECT cardinality(found_on) FROM media_urls WHERE url_id = $1", uid(2)) == [(8,)]


async def test_what_a_page_turned_out_to_be_media_keeps(here: Bench) -> None:
    await here.commit(urls=[url(1)])
    await here.commit(
        updates=[update(1)], moved=[(BUCKET, HOST, uid(1))], dequeue=[(BUCKET, HOST, 4, NOW, uid(1))],
        enqueue=[(BUCKET, HOST, 4, NOW + 60.0, uid(1), True)],
    )  # fmt: skip
    assert await here.rows("SELECT 1 FROM urls") == []
    (queue,) = await here.store.load_queue([Pick(BUCKET, HOST, 5)], NOW + 60.0)
    (item,) = queue.items
    assert (item.media, item.state, item.etag, item.interval, item.found_on) == (True, 1, '"e"', 60.0, [page(1)])
    await here.commit(media=[url(1, found_on=(2,))])
    assert await here.rows("SELECT found_on FROM media_urls") == [([page(1), page(2)],)]


async def test_a_queue_is_read_by_lanes_each_with_its_earliest(here: Bench) -> None:
    urls = [url(n, lane=n % 3, due=NOW - n) for n in range(12)]
    await here.commit(urls=urls, media=[url(50, lane=0, due=NOW + 9.0), url(51, lane=4, due=NOW + 7.5)])
    (queue, nobody) = await here.store.load_queue([Pick(BUCKET, HOST, 2), Pick(BUCKET, 999, 2)], NOW)
    assert [(item.lane, item.url_id) for item in queue.items] == [
        (0, uid(9)), (0, uid(6)), (1, uid(10)), (1, uid(7)), (2, uid(11)), (2, uid(8)),
    ]  # fmt: skip
    assert (queue.next_due, queue.items[0].due_at, queue.items[0].path) == (NOW + 7.5, NOW - 9, "/9")
    assert (nobody.items, nobody.next_due) == ([], FAR)
    (later,) = await here.store.load_queue([Pick(BUCKET, HOST, 20)], NOW + 8.0)
    assert uid(51) in [item.url_id for item in later.items] and later.next_due == NOW + 9.0


async def test_items_by_their_rows(here: Bench) -> None:
    await here.commit(urls=[url(1)], media=[url(2)])
    rows = [(BUCKET, HOST, 4, NOW, uid(n), n == 2) for n in (1, 2, 3)]
    items = {item.url_id: item for item in await here.store.load_items(rows)}
    (queue,) = await here.store.load_queue([Pick(BUCKET, HOST, 5)], NOW)
    assert items == {item.url_id: item for item in queue.items} and len(items) == 2
    assert await here.store.load_items([]) == []


async def test_lost_orders_are_counted_by_url(here: Bench) -> None:
    await here.commit(urls=[url(1)], media=[url(2)])
    for _ in range(2):
        await here.commit(lost=[(BUCKET, HOST, 4, NOW, uid(1), False), (BUCKET, HOST, 4, NOW, uid(2), True)])
    (queue,) = await here.store.load_queue([Pick(BUCKET, HOST, 5)], NOW)
    assert [item.lost for item in queue.items] == [2, 2]


@pytest.mark.parametrize("media", [False, True])
async def test_what_was_fetched_is_under_suspicion_no_more(here: Bench, media: bool) -> None:
    await here.commit(**{"media" if media else "urls": [url(1), url(2)]})
    await here.commit(lost=[(BUCKET, HOST, 4, NOW, uid(n), media) for n in (1, 2)])
    refused = update(2, media, state=UrlState.REFUSED, fetched_at=0.0)
    await here.commit(updates=[update(1, media), refused])
    table = "media_urls" if media else "urls"
    assert await here.rows(f"SELECT lost FROM {table} ORDER BY url_id") == [(0,), (1,)]


async def test_words_from_the_web_are_kept_whatever_they_hold(here: Bench) -> None:
    await here.commit(urls=[url(1)])
    nasty = "robots: Disallow: /\x00\ud800\u2028"
    await here.commit(updates=[update(1, why=nasty, interval=1e12, size=2**40)], hosts=[host(why=nasty)])
    ((why, interval),) = await here.rows("SELECT why, interval_s FROM urls")
    assert why.startswith("robots: Disallow: /") and interval == 2**31 - 1


# -- hosts, sites, origins ----------------------------------------------------------------------------------------------


async def test_hosts_come_back_as_they_were(here: Bench) -> None:
    row = host(
        next_at=NOW + 1.5, lane=2, queued=3, urls=9, errors=1, why="reset", mean=0.25, delay=2.0, crawl_delay=1.5,
        paused_until=NOW + 3, paused_why="p", addresses=["192.0.2.1", "2001:db8::1"], addresses_until=NOW + 9,
        matches=1, traps=b"t", fetched=4,
    )  # fmt: skip
    origin = OriginRow(BUCKET, HOST, True, b"state", b"body")
    site = SiteRow(BUCKET, "site.test", 5, 1)
    await here.commit(hosts=[row], origins=[origin], sites=[site])
    assert await here.store.load_hosts([(BUCKET, HOST), (BUCKET, 1)]) == ([row], [replace(origin, body=None)], [site])
    assert await here.store.load_hosts([], [(BUCKET, "site.test"), (BUCKET, "no.test")]) == ([], [], [site])
    await here.commit(hosts=[replace(row, addresses=[], queued=0)])
    assert (await here.store.load_hosts([(BUCKET, HOST)]))[0][0].addresses == []


async def test_due_hosts_by_time_page_by_page(here: Bench) -> None:
    rows = [host(n, due_at=NOW + n // 2) for n in range(10)]
    rows += [host(50, due_at=FAR, queued=0), host(51, paused_until=NOW + 99), host(52, next_at=NOW + 3.0)]
    await here.commit(hosts=rows)
    first, _, _ = await here.store.load_due_hosts([0], 1, NOW + 4.0, 3)
    assert sorted(row.host_id for row in first) == [0, 1, 2, 3]  # all that are due with the third
    last = max(max(row.due_at, row.next_at) for row in first)
    rest, _, _ = await here.store.load_due_hosts([0], 1, NOW + 4.0, 100, last)
    assert sorted(row.host_id for row in rest) == [4, 5, 6, 7, 8, 9, 52]
    # A shard loads no host of another shard's partitions.
    assert (await here.store.load_due_hosts([1, 2, 3], 4, NOW + 4.0, 100))[0] == []
    assert len((await here.store.load_due_hosts([0, 3], 4, NOW + 4.0, 100))[0]) == 11


async def test_an_origin_twice_in_a_step_keeps_the_newest_state_and_body(here: Bench) -> None:
    first = OriginRow(BUCKET, HOST, False, b"1", b"body")
    await here.commit(origins=[first, OriginRow(BUCKET, HOST, False, b"2"), OriginRow(BUCKET, HOST, True, b"3")])
    rows = await here.store.load_robots([(BUCKET, HOST)])
    assert sorted(rows, key=lambda row: row.https) == [
        OriginRow(BUCKET, HOST, False, b"2", b"body"), OriginRow(BUCKET, HOST, True, b"3", b""),
    ]  # fmt: skip
    await here.commit(origins=[OriginRow(BUCKET, HOST, False, b"4")])
    assert OriginRow(BUCKET, HOST, False, b"4", b"body") in await here.store.load_robots([(BUCKET, HOST)])


# -- leases and permits (rules 5 and 9) ---------------------------------------------------------------------------------


def lease(n: int, address: str = "192.0.2.1") -> Lease:
    keys = [(BUCKET, HOST, 4, NOW + 0.25, uid(n), False), (BUCKET, HOST, 0, NOW, uid(n + 1), True)]
    return Lease(uid(n), 0, 1, BUCKET, HOST, "h.test", OrderKind.PAGES, address, NOW, NOW + 60.0, keys)


async def test_leases_come_back_until_they_end(here: Bench) -> None:
    await here.commit(leases=[lease(1), replace(lease(2), keys=[], address="")])
    assert sorted(await here.store.load_leases([0]), key=lambda one: one.order_id)[0] == lease(1)
    assert await here.store.load_leases([1]) == []
    await here.commit(ended=[uid(1), uid(9)])
    assert [one.order_id for one in await here.store.load_leases([0])] == [uid(2)]


def wish(n: int, address: str = "192.0.2.1") -> PermitRequest:
    return PermitRequest(address, uid(n), NOW + 60.0)


async def ask(store: PostgresCrawlStore, *wishes: PermitRequest, now: float = NOW) -> tuple[set[int], dict[str, float]]:
    granted, later = await store.take_permits(wishes, now, 8, 64)
    return {int.from_bytes(order) for order in granted}, later


async def test_an_address_has_one_permit_up_to_eight_sites(here: Bench) -> None:
    await here.commit(address_sites=[("192.0.2.1", f"s{n}") for n in range(8)] + [("192.0.2.1", "s1")])
    assert await ask(here.store, wish(1), wish(2)) == ({1}, {"192.0.2.1": NOW + 1.0})
    assert await ask(here.store, wish(3)) == (set(), {"192.0.2.1": NOW + 1.0})
    await here.commit(releases=[PermitRelease("192.0.2.1", uid(1), NOW + 2.0, "s1", False)])
    assert await ask(here.store, wish(3), now=NOW + 1.9) == (set(), {"192.0.2.1": NOW + 2.0})
    assert await ask(here.store, wish(3), now=NOW + 2.0) == ({3}, {})
    assert await ask(here.store, wish(4), now=NOW + 61.0) == ({4}, {})  # nobody gave it back


async def test_a_crowded_address_has_a_permit_for_each_eight_sites(here: Bench) -> None:
    await here.commit(address_sites=[("192.0.2.1", f"s{n}") for n in range(17)])
    assert (await ask(here.store, *(wish(n) for n in range(1, 6))))[0] == {1, 2, 3}
    await here.commit(releases=[PermitRelease("192.0.2.1", uid(1), NOW + 2.0, "s1", False)])
    assert (await ask(here.store, wish(4)))[0] == {4}
    await here.commit(address_sites=[("192.0.2.2", f"s{n}") for n in range(1000)])
    assert len((await ask(here.store, *(wish(n, "192.0.2.2") for n in range(100, 200))))[0]) == 64


async def test_each_permit_of_a_crowded_address_rests_after_its_order(here: Bench) -> None:
    await here.commit(address_sites=[("192.0.2.1", f"s{n}") for n in range(16)])
    assert (await ask(here.store, wish(1), wish(2), wish(3)))[0] == {1, 2}
    await here.commit(releases=[PermitRelease("192.0.2.1", uid(1), NOW + 2.0, "s1", False, rests=True)])
    assert (await ask(here.store, wish(3), now=NOW + 1.9))[0] == set()
    assert (await ask(here.store, wish(3), wish(4), now=NOW + 2.0))[0] == {3}


async def test_three_strained_sites_in_a_minute_halve_the_permits(here: Bench) -> None:
    await here.commit(address_sites=[("192.0.2.1", f"s{n}") for n in range(32)])

    async def strain(n: int, site: str, at: float) -> None:
        await here.commit(releases=[PermitRelease("192.0.2.1", uid(n), at, site, True)])

    for n, (site, at) in enumerate([("s1", 0.0), ("s1", 1.0), ("s2", 2.0), ("s2", 3.0), ("s3", 70.0), ("s4", 75.0)]):
        await strain(100 + n, site, NOW + at)
    assert (await ask(here.store, *(wish(n) for n in range(1, 9)), now=NOW + 80.0))[0] == {1, 2, 3, 4}
    await here.commit(releases=[PermitRelease("192.0.2.1", uid(n), NOW, "s", False) for n in range(1, 5)])
    await strain(200, "s5", NOW + 90.0)
    assert (await ask(here.store, *(wish(n) for n in range(11, 19)), now=NOW + 95.0))[0] == {11, 12}
    assert (await ask(here.store, wish(30), now=NOW + 691.0))[0] == {30}


async def test_a_locked_address_is_passed_by(here: Bench) -> None:
    """SKIP LOCKED: shards never wait for each other."""
    await here.commit(address_sites=[("192.0.2.1", "s"), ("192.0.2.2", "s")])
    blocker = await asyncpg.connect(here.dsn)
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute("SELECT 1 FROM addresses WHERE address = '192.0.2.1' FOR UPDATE")
    async with asyncio.timeout(10):
        assert await ask(here.store, wish(1), wish(2, "192.0.2.2")) == ({2}, {"192.0.2.1": NOW + 0.05})
    await transaction.rollback()
    assert (await ask(here.store, wish(1)))[0] == {1}
    await blocker.close()


async def test_two_shards_never_have_a_permit_twice(here: Bench) -> None:
    await here.commit(address_sites=[(f"192.0.2.{n}", "s") for n in range(20)])
    stores = [await here.another() for _ in range(3)]
    wishes = [[wish(100 * shard + n, f"192.0.2.{n}") for n in range(20)] for shard in range(3)]
    for _ in range(5):
        await asyncio.gather(*(ask(store, *mine) for store, mine in zip(stores, wishes, strict=True)))
    assert await here.rows("SELECT count(*), count(DISTINCT address) FROM address_orders") == [(20, 20)]
    for store in stores:
        await store.close()


async def test_permits_without_a_lease_go_when_one_shard_has_all(here: Bench) -> None:
    await here.commit(address_sites=[("192.0.2.1", "s"), ("192.0.2.2", "s")])
    await ask(here.store, wish(1), wish(2, "192.0.2.2"))
    await here.commit(leases=[lease(1)])
    await here.claim("me", NOW, 0, 1)
    assert await here.rows("SELECT address FROM address_orders") == [("192.0.2.1",)]


async def test_a_permit_that_rests_goes_on_resting_when_one_shard_has_all(here: Bench) -> None:
    """Its order has ended, so it has no lease: that makes it no orphan."""
    await here.commit(address_sites=[("192.0.2.1", f"s{n}") for n in range(16)])
    await ask(here.store, wish(1))
    await here.commit(releases=[PermitRelease("192.0.2.1", uid(1), NOW + 2.0, "s1", False, rests=True)])
    await here.claim("me", NOW, 0, 1)
    assert (await ask(here.store, wish(2), wish(3), now=NOW + 1.9))[0] == {2}


async def test_an_address_nobody_knows_gives_no_permit(here: Bench) -> None:
    assert await ask(here.store, wish(1)) == (set(), {"192.0.2.1": NOW + 0.05})


# -- controls -----------------------------------------------------------------------------------------------------------


async def test_controls_in_the_order_given_the_newest_on_a_target_last(here: Bench) -> None:
    connection = await connect(here.dsn)
    operator = OperatorStore(connection)
    words = [Control("pause", "a.test", why="1"), Control("block", "b.test"), Control("pause", "a.test", "", "2", NOW)]
    await operator.control(words[0], NOW)
    await operator.control(words[1], NOW)
    seen, controls = await here.store.read_controls(0)
    assert controls == words[:2]
    await operator.control(words[2], NOW)
    newest, again = await here.store.read_controls(seen)
    assert newest > seen and again == [words[2]]
    assert (await here.store.read_controls(0))[1] == words[1:]
    assert await here.store.read_controls(newest) == (newest, [])
    await connection.close()


async def test_words_of_two_operators_at_once_are_both_heard(here: Bench) -> None:
    """The one who spoke first is slow to commit: a reader who has heard the other must not have missed it."""
    slow, quick, looking = [await connect(here.dsn) for _ in range(3)]
    words = [Control("block", "a.test"), Control("block", "b.test")]
    waits = "SELECT count(*) FROM pg_locks WHERE pid = $1 AND NOT granted"
    try:
        async with asyncio.timeout(30):
            async with slow.transaction():
                await OperatorStore(slow).control(words[0], NOW)
                speaking = asyncio.create_task(OperatorStore(quick).control(words[1], NOW))
                while not speaking.done() and not await looking.fetchval(waits, quick.get_server_pid()):
                    await asyncio.sleep(0.01)
                seen, heard = await here.store.read_controls(0)
            await speaking
        assert heard + (await here.store.read_controls(seen))[1] == words
    finally:
        for connection in (slow, quick, looking):
            await connection.close()
