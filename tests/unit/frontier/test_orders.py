"""frontier.orders: what an order asks for, of whom, until when, within which limits (docs/design.md, section 3, rules 1, 5, 7)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.crawl import FAR, HostQueue, Pick, QueueItem
from contracts.messages import LinkKind, OrderItem, OrderKind, Result
from contracts.refusals import Reason, refuse
from contracts.settings import LimitSettings
from contracts.topics import ORDERS_MEDIA, ORDERS_PAGES
from contracts.urls import url_id
from frontier.errands import learn, verdict
from frontier.issue import compose, pick
from frontier.orders import (
    REISSUE,
    Draft,
    address_for,
    delay_of,
    draft,
    limits_of,
    permit_requests,
    resolve_draft,
    robots_draft,
)
from frontier.shard import Shard
from tests.unit.frontier.playbook import NOW, ROOM, Play, tuned
from tests.unit.frontier.shards import ADDRESS, new_shard, place

PAGES, MEDIA = OrderKind.PAGES, OrderKind.MEDIA


def item(n: int = 0, *, media: bool = False, **more: Any) -> QueueItem:
    """A queued URL of http://a.test."""
    facts = {"path": f"/{n}", "depth": 3, "hops": 0, "etag": "", "last_modified": "", "found_on": [], **more}
    kind = LinkKind.MEDIA if media else LinkKind.PAGE
    return QueueItem(
        4, NOW - n, url_id(f"http://a.test/{n}"), media, False, facts["path"], kind, facts["depth"], facts["hops"], 0, 0,
        0.0, 0.0, facts["etag"], facts["last_modified"], b"", facts["found_on"],
    )  # fmt: skip


def drafted(shard: Shard, kind: OrderKind = PAGES, *items: QueueItem, until: float = FAR) -> Draft:
    return draft(shard, place(shard, "a.test"), kind, list(items), NOW, ADDRESS, until=until)


# -- limits -------------------------------------------------------------------------------------------------------------


# Rule 1: an order carries its byte and time limits. Issue 3: "page bytes, media bytes, header bytes, seconds in all / to
# first byte / minimum rate"; RFC 9309, 2.5: a robots.txt is read up to 500 KiB at least.
@pytest.mark.parametrize(
    ("kind", "octets", "seconds"),
    [
        (OrderKind.PAGES, 10, 30.0),
        (OrderKind.MEDIA, 64, 120.0),
        (OrderKind.ROBOTS, 500, 30.0),
        (OrderKind.RESOLVE, 10, 30.0),
        (OrderKind.RECHECKS, 64, 120.0),
    ],
)
def test_limits_by_kind(kind: OrderKind, octets: int, seconds: float) -> None:
    limits = limits_of(LimitSettings(page_bytes=10, media_bytes=64, robots_bytes=500), kind)
    assert (limits.body_bytes, limits.total_seconds) == (octets, seconds)
    settings = LimitSettings()
    assert (limits.header_bytes, limits.first_byte_seconds) == (settings.header_bytes, settings.first_byte)
    assert (limits.min_bytes_per_second, limits.expansion) == (settings.min_rate, settings.expansion)


def test_an_order_carries_everything() -> None:
    """Rule 1: "URLs, user agent, delay, parallelism, byte and time limits, the address that it has a permit for"."""
    shard = new_shard(tuned(politeness={"delay": 2.0, "parallel": 3, "slow_factor": 4.0, "max_delay": 50.0}))
    found = item(7, media=True, hops=2, etag='"e"', last_modified="then", found_on=[b"page"])
    shard.remember_chain(found.url_id, [b"before"])
    made = drafted(shard, MEDIA, found)
    order = made.order
    assert (order.host, order.address, order.kind, order.user_agent) == ("a.test", ADDRESS, MEDIA, "Pisaura/1.0")
    assert (order.delay, order.parallel, order.slow_factor, order.max_delay) == (2.02, 3, 4.0, 50.0)
    assert order.limits == limits_of(shard.settings.limits, MEDIA)
    assert order.items == [
        OrderItem("http://a.test/7", found.url_id, LinkKind.MEDIA, 3, '"e"', "then", "", 2, [b"before"], [b"page"])
    ]


def test_the_lease_holds_what_the_order_asks_for() -> None:
    """Rule 5: "the lease is the outbox": order id, queue rows, address, deadline, epoch."""
    shard = new_shard(epoch=7)
    items = [item(1), item(2)]
    made = drafted(shard, PAGES, *items)
    lease, order, row = made.out.lease, made.order, made.host.row
    assert (lease.order_id, lease.epoch, lease.address, lease.deadline) == (order.order_id, 7, ADDRESS, order.deadline)
    assert lease.keys == [(row.bucket, row.host_id, 4, each.due_at, each.url_id, False) for each in items]
    assert list(made.out.items) == [each.url_id for each in items]


def test_items_without_a_queue_row_are_not_leased() -> None:
    shard = new_shard()
    host = place(shard, "a.test")
    robots, resolve = robots_draft(shard, host, True, NOW), resolve_draft(shard, host, NOW)
    assert [each.url for each in robots.order.items] == ["https://a.test/robots.txt"] and robots.out.https
    assert (resolve.order.kind, resolve.order.address, len(resolve.order.items)) == (OrderKind.RESOLVE, "", 1)
    assert robots.out.lease.keys == resolve.out.lease.keys == []


# -- deadlines ----------------------------------------------------------------------------------------------------------


# Rule 7: "start_by = issue + 15 s; ... Its deadline is start_by + 30 s + one request's total time".
@pytest.mark.parametrize(("kind", "deadline"), [(PAGES, 75.0), (MEDIA, 165.0), (OrderKind.ROBOTS, 75.0)])
def test_deadlines(kind: OrderKind, deadline: float) -> None:
    order = drafted(new_shard(), kind).order
    assert (order.issued_at, order.start_by, order.deadline) == (NOW, NOW + 15.0, NOW + deadline)


def test_deadlines_follow_the_settings() -> None:
    shard = new_shard(tuned(limits={"order_start": 1.0, "order_run": 2.0, "total": 4.0, "media_total": 8.0}))
    assert [drafted(shard, kind).order.deadline - NOW for kind in (PAGES, MEDIA)] == [7.0, 11.0]
    assert drafted(shard).order.start_by == NOW + 1.0


# Rule 10: a robots.txt is never used beyond 24 h; rule 7: "a request starts only if it may take its full time before" the
# deadline: where the robots.txt leaves less than that, no order goes out.
@pytest.mark.parametrize(
    ("media", "left", "deadline"),
    [(False, 30.0, None), (False, 30.5, 30.5), (False, 90.0, 75.0), (True, 120.0, None), (True, 120.5, 120.5)],
)
def test_an_order_ends_with_the_robots_txt_that_allowed_it(media: bool, left: float, deadline: float | None) -> None:
    shard = new_shard()
    host = place(shard, "a.test")
    learn(shard, host, False, 404, "", b"", NOW)
    host.robots[False] = replace(host.robots[False], refresh_at=NOW + left, expires_at=NOW + left)
    queue = HostQueue(host.row.bucket, host.row.host_id, [item(1, media=media)], FAR)
    made = compose(host, queue, 20, shard, NOW, dict(ROOM))
    assert (made and made.order.deadline - NOW) == deadline
    if made is None:
        assert host.row.due_at == NOW + left  # then it is asked for anew, and the URL goes out after it


# -- the size of an order -----------------------------------------------------------------------------------------------


# Rule 7: "the requests of an order are planned for 30 s: N = clamp(30 s / (delay + mean time), 1, 20)".
@pytest.mark.parametrize(
    ("delay", "mean", "size"),
    [(0.0, 0.0, 20), (1.0, 0.0, 20), (1.48, 0.0, 20), (1.5, 0.0, 19), (1.0, 2.0, 9), (5.0, 0.98, 5), (60.0, 9.0, 1)],
)
def test_the_size_of_an_order(delay: float, mean: float, size: int) -> None:
    shard = new_shard(tuned(politeness={"delay": delay}))
    host = place(shard, "a.test")
    host.row.mean = mean
    assert pick(host, shard, NOW, dict(ROOM)) == Pick(host.row.bucket, host.row.host_id, size)


@pytest.mark.parametrize(("limit", "there", "taken"), [(20, 20, 20), (20, 19, 19), (3, 4, 3), (1, 4, 1)])
def test_an_order_holds_no_more_than_its_size(limit: int, there: int, taken: int) -> None:
    shard = new_shard()
    host = place(shard, "a.test")
    learn(shard, host, False, 404, "", b"", NOW)
    queue = HostQueue(host.row.bucket, host.row.host_id, [item(n) for n in range(there)], FAR)
    made = compose(host, queue, limit, shard, NOW, dict(ROOM))
    assert made is not None and len(made.order.items) == taken == shard.issued


def test_pages_and_media_go_out_apart_and_each_within_its_lane() -> None:
    """Rule 7: their requests have different times; rule 8: what a lane has no room for waits in the queue."""
    for room, kind in (({ORDERS_PAGES: 1, ORDERS_MEDIA: 0}, PAGES), ({ORDERS_PAGES: 0, ORDERS_MEDIA: 1}, MEDIA)):
        shard = new_shard()
        host = place(shard, "a.test")
        learn(shard, host, False, 404, "", b"", NOW)
        items = [item(n, media=n % 2 == 1) for n in range(4)]
        made = compose(host, HostQueue(host.row.bucket, host.row.host_id, items, FAR), 20, shard, NOW, room)
        assert made is not None and made.order.kind is kind
        assert [each.url_id for each in made.order.items] == [i.url_id for i in items if i.media == (kind is MEDIA)]
        assert host.row.due_at == NOW


# -- addresses ----------------------------------------------------------------------------------------------------------


# Rule 9: "A fetcher connects to the permitted address and to no other"; after an error it is the host's next one.
def test_addresses_take_turns_after_errors() -> None:
    shard = new_shard()
    host = place(shard, "a.test", "192.0.2.1", "192.0.2.2", "192.0.2.3")
    taken = []
    for errors in range(5):
        host.row.errors = errors
        taken.append(address_for(shard, host))
    assert taken == [f"192.0.2.{n}" for n in (1, 2, 3, 1, 2)]


def test_a_host_whose_first_address_is_dead_is_reached_by_its_second() -> None:
    play = Play()
    (resolve,) = play.seed("http://a.test/")
    play.resolved(resolve, "192.0.2.1", "192.0.2.2")
    robots = play.until_order()
    play.robots(robots)
    order = play.until_order()
    assert robots.address == order.address == "192.0.2.1"
    play.end(order, [play.outcome(order, 0, Result.FAILED, error="connect_timeout")])
    order = play.until_order()
    assert order.address == "192.0.2.2"
    play.fetched(order)
    assert play.store.states() == {"fetched": 1} and play.host("a.test").errors == 0


def test_permits_are_asked_per_server_until_the_url_goes_out_again() -> None:
    """Rule 9: IPv6 servers have a /64; rule 7: re-issue 5 s after the deadline. Looking up a name asks nothing of them."""
    shard = new_shard()
    here, there = place(shard, "a.test"), place(shard, "b.test", "2001:db8::7")
    drafts = [
        resolve_draft(shard, here, NOW),
        robots_draft(shard, here, False, NOW),
        robots_draft(shard, there, False, NOW),
    ]
    asked = permit_requests(drafts)
    assert [(each.address, each.until) for each in asked] == [
        (ADDRESS, NOW + 75.0 + REISSUE),
        ("2001:db8::/64", NOW + 75.0 + REISSUE),
    ]
    assert REISSUE == 5.0 and [each.order_id for each in asked] == [each.order.order_id for each in drafts[1:]]


# -- crawl-delay --------------------------------------------------------------------------------------------------------


# Issue 3: "Crawl-delay honoured up to `max_crawl_delay`, above it the host is refused by name."
@pytest.mark.parametrize(
    ("asked", "own", "delay"),
    [("0", -1.0, 1.0), ("0.5", -1.0, 1.0), ("7", -1.0, 7.0), ("60", -1.0, 60.0), ("7", 9.0, 9.0), ("7", 0.0, 7.0)],
)
def test_a_crawl_delay_up_to_the_limit_is_honoured(asked: str, own: float, delay: float) -> None:
    shard = new_shard()
    host = place(shard, "a.test")
    host.row.delay = own
    learn(shard, host, False, 200, "", f"User-agent: *\nCrawl-delay: {asked}\n".encode(), NOW)
    assert verdict(shard, host, False, "/") is None
    order = drafted(shard).order
    assert delay <= order.delay == delay_of(shard, host) <= delay + 0.02


@pytest.mark.parametrize("asked", ["60.001", "61", "86400"])
def test_above_the_limit_the_host_is_refused_and_nothing_waits_for_it(asked: str) -> None:
    shard = new_shard()
    host = place(shard, "a.test")
    learn(shard, host, False, 200, "", f"User-agent: *\nCrawl-delay: {asked}\n".encode(), NOW)
    assert verdict(shard, host, False, "/") == refuse(Reason.CRAWL_DELAY, f"line 2: Crawl-delay: {asked} (limit 60 s)")
    assert delay_of(shard, host) < 1.1
    queue = HostQueue(host.row.bucket, host.row.host_id, [item(1)], FAR)
    assert compose(host, queue, 20, shard, NOW, dict(ROOM)) is None
    assert [update.why for update in shard.tx.updates] == [f"crawl_delay: line 2: Crawl-delay: {asked} (limit 60 s)"]


# -- order ids ----------------------------------------------------------------------------------------------------------


# Rule 4: a claim raises the epoch. A successor counts from the start again, and an answer to an order of its predecessor
# must never be taken for one to its own.
@given(st.sets(st.integers(1, 2**40), min_size=2, max_size=6))
def test_order_ids_are_unique_over_partitions_and_epochs(epochs: set[int]) -> None:
    met: dict[bytes, tuple[int, int]] = {}
    for epoch in epochs:
        shard = new_shard(partitions=4, epoch=epoch)
        for name in [f"{n}.test" for n in range(12)] * 2:
            order = draft(shard, place(shard, name), PAGES, [], NOW, ADDRESS).order
            assert order.order_id not in met and len(order.order_id) == 16
            assert (order.epoch, order.partition) == (epoch, shard.partition(shard.bench.hosts[name].row.bucket))
            met[order.order_id] = (order.partition, epoch)
    assert len({partition for partition, _ in met.values()}) > 1
