"""frontier.rechecks: media looked at again (docs/domain.md, section 3: "Re-checks take a host's slot before discovery; lateness
counts from when the host's politeness allows ... Robots obeyed")."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.crawl import FAR
from contracts.errands import NOT_ASKED, RecheckErrand
from contracts.faults import Fault
from contracts.messages import (
    Discovery,
    Link,
    LinkGroup,
    LinkKind,
    Order,
    OrderKind,
    OutcomeBatch,
    Purpose,
    Recheck,
    Result,
)
from contracts.notes import Control
from contracts.refusals import Reason
from contracts.sites import bucket_of
from contracts.topics import ORDERS_MEDIA, ORDERS_PAGES, ORDERS_RECHECKS, RECHECKS, lane_of
from contracts.urls import url_id
from frontier import rechecks
from tests.unit.frontier.playbook import NOW, SETTINGS, Play, Store, discovery, identity, paths, tuned

PAGE = "http://a.test/"
IMAGE = "http://a.test/i.jpg"
NO = b"User-agent: *\nDisallow: /no\n"


def recheck(url: str = IMAGE, ticket: bytes = b"", due_at: float = NOW, **more: Any) -> Discovery:
    """A re-check of a URL."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    link = Link("/" + path, url_id(url), LinkKind.MEDIA)
    errand = RecheckErrand(ticket or url.encode()[-16:], due_at=due_at, **more)
    groups = [LinkGroup(scheme == "https", host, bucket_of(host), [link])]
    return Discovery(Purpose.RECHECK, b"", 0, NOW, groups, recheck=errand)


def answers(play: Play) -> Iterator[tuple[bytes, str]]:
    """(ticket, error) of what the frontier answered itself since this was asked last."""
    said, play.messages = play.messages, []
    for topic, partition, message in said:
        assert isinstance(message, Recheck) and (topic, partition) == (RECHECKS, 0) == ("rechecks", 0)
        assert (message.place, message.record, message.unchanged, message.status) == (b"", None, False, 0)
        yield message.ticket, message.error


def known(robots: bytes = b"User-agent: *\nDisallow:\n", settings: Any = SETTINGS, **more: Any) -> Play:
    """A host whose addresses and robots.txt are known, with nothing left to fetch."""
    play = Play(settings, **more)
    play.fetched(play.open(PAGE, robots=robots))
    play.wait(2.0)
    return play


def only(orders: list[Order]) -> Order:
    """The one order, of re-checks."""
    (order,) = orders
    assert order.kind is OrderKind.RECHECKS
    return order


# -- the road -----------------------------------------------------------------------------------------------------------


def test_a_recheck_is_an_order_of_its_own_lane() -> None:
    play = known()
    errand = recheck(
        etag='"v1"', head_key=b"k" * 16, size=70_000, referer="http://b.test/page", due_at=NOW - 5.0, route="far"
    )
    order = only(play.step(errand))
    assert lane_of(order) == ORDERS_RECHECKS
    (item,) = order.items
    assert (item.url, item.url_id, item.kind, item.etag, item.last_modified, item.referer) == (
        IMAGE, identity(IMAGE), LinkKind.MEDIA, '"v1"', "", "http://b.test/page",
    )  # fmt: skip
    assert item.recheck is not None and errand.recheck is not None
    assert replace(item.recheck, due_at=NOW - 5.0) == errand.recheck
    limits = play.machine.shard.settings.limits
    assert (order.limits.body_bytes, order.limits.total_seconds) == (limits.media_bytes, limits.media_total)
    assert order.address == "192.0.2.1" and order.delay > 0


def test_nothing_in_the_crawls_rows_tells_of_it() -> None:
    """Domain, section 4: "it learns of matches per host only. A re-check order looks like any other order"."""
    play = known()
    urls, media, queue = dict(play.store.urls), dict(play.store.media), dict(play.store.queue)
    due, counts = (
        play.host("a.test").due_at,
        {k: v for k, v in play.store.counters.items() if not k.startswith(("requests", "bytes"))},
    )
    play.fetched(only(play.step(recheck())))
    play.wait(5.0)
    assert (play.store.urls, play.store.media, play.store.queue, play.store.leases) == (urls, media, queue, {})
    assert play.host("a.test").due_at == due == FAR and play.host("a.test").queued == 0
    assert counts == {k: v for k, v in play.store.counters.items() if not k.startswith(("requests", "bytes"))}
    assert not play.machine.shard.out and play.machine.shard.rechecks == 0


def test_a_host_that_nobody_knows_is_looked_up_and_asked_for_its_robots_txt_first() -> None:
    play = Play()
    play.step(recheck("https://new.test/i.jpg"))
    resolve = play.until_order()
    assert resolve.kind is OrderKind.RESOLVE
    play.resolved(resolve)
    robots = play.until_order()
    assert (robots.kind, robots.items[0].url) == (OrderKind.ROBOTS, "https://new.test/robots.txt")
    play.robots(robots)
    order = play.until_order()
    assert (order.kind, paths(order)) == (OrderKind.RECHECKS, ["/i.jpg"])


def test_it_goes_before_discovery() -> None:
    """Section 3: "Re-checks take a host's slot before discovery"."""
    play = Play()
    order = play.open(*(f"{PAGE}{n}" for n in range(40)))
    play.step(recheck())
    play.fetched(order)
    order = play.until_order()
    assert (order.kind, paths(order)) == (OrderKind.RECHECKS, ["/i.jpg"])
    play.fetched(order)
    assert play.until_order().kind is OrderKind.PAGES


def test_hosts_with_rechecks_go_before_all_others_and_need_no_room_of_pages() -> None:
    """Discovery that saturates the fetchers never delays re-checks."""
    play = known()
    play.step(discovery([f"http://h{n}.test/" for n in range(300)], purpose=Purpose.SEED), room={})
    assert play.machine.shard.bench.due(play.now) >= 300
    full = {ORDERS_PAGES: 0, ORDERS_MEDIA: 0, ORDERS_RECHECKS: 1}
    assert paths(only(play.step(recheck(), room=full))) == ["/i.jpg"]


def test_the_room_of_its_lane_counts() -> None:
    play = known()
    assert play.step(recheck(), room={ORDERS_PAGES: 50, ORDERS_MEDIA: 50, ORDERS_RECHECKS: 0}) == []
    assert paths(only(play.step())) == ["/i.jpg"]


def test_a_lane_without_room_holds_up_no_other_host() -> None:
    play = known()
    found = discovery(["http://b.test/"], purpose=Purpose.SEED)
    play.step(recheck(), found, room={ORDERS_PAGES: 50})
    assert [(order.kind, order.host) for order in play.step(room={ORDERS_PAGES: 50})] == [(OrderKind.RESOLVE, "b.test")]


def test_many_of_one_host_share_orders_of_at_most_n() -> None:
    play = known()
    urls = [f"{PAGE}{n}.jpg" for n in range(30)]
    first = only(play.step(*(recheck(url, ticket=b"%16d" % n) for n, url in enumerate(urls))))
    assert [item.url for item in first.items] == urls[: len(first.items)] and 1 < len(first.items) <= 20
    play.fetched(first)
    second = play.until_order()
    assert [item.url for item in (*first.items, *second.items)] == urls
    play.fetched(second)
    assert play.machine.shard.rechecks == 0


def test_weak_validators_and_last_modified_prove_nothing() -> None:
    """Section 3: "304 by strong ETag = present"."""
    play = known()
    urls = {f"{PAGE}{n}.jpg": etag for n, etag in enumerate(['W/"v1"', "v1", '"a"b"', "", '"v1"'])}
    order = only(play.step(*(recheck(url, etag=etag) for url, etag in urls.items())))
    assert [item.etag for item in order.items] == ["", "", "", "", '"v1"']
    assert not any(item.last_modified for item in order.items)


# -- politeness ---------------------------------------------------------------------------------------------------------


def free_at(order: Order) -> float:
    errand = order.items[0].recheck
    assert errand is not None
    return errand.due_at


def test_a_recheck_waits_for_its_hosts_delay_and_lateness_counts_from_its_end() -> None:
    play = Play()
    order = play.open(PAGE)
    play.step(recheck())
    assert play.take() == []  # an order is out
    play.fetched(order)
    ended, order = play.now, play.until_order()
    delay = order.delay
    assert play.now >= ended + delay and free_at(order) == pytest.approx(ended + delay)


def test_a_host_that_backs_off_is_left_alone() -> None:
    """429 and Retry-After hold for re-checks, and those of re-checks for discovery."""
    play = known()
    order = only(play.step(recheck()))
    play.end(order, [play.outcome(order, result=Result.HTTP_ERROR, status=429, retry_at=play.now + 40.0)])
    play.step(recheck(f"{PAGE}2.jpg"), discovery([f"{PAGE}more"]))
    until = play.host("a.test").next_at
    assert until >= play.now + 40.0
    assert play.wait(39.0) == []
    order = play.until_order()
    assert (order.kind, free_at(order)) == (OrderKind.RECHECKS, until)


def test_a_paused_host_is_left_alone() -> None:
    play = known()
    play.control(Control("pause", "a.test", "", "busy", play.now + 100.0))
    assert play.step(recheck()) == []
    assert play.wait(99.0) == []
    assert free_at(only(play.wait(2.0))) == pytest.approx(NOW + 100.0, abs=10.0)


def test_an_address_without_a_permit_is_waited_for() -> None:
    play = known()
    until = play.store.rests["192.0.2.1"] = play.now + 7.0
    assert play.step(recheck()) == [] and play.machine.shard.rechecks == 1
    assert play.host("a.test").due_at == FAR
    order = play.until_order()
    assert free_at(order) == pytest.approx(until, abs=0.2) and play.machine.shard.rechecks == 0


def test_a_hosts_errors_count_as_those_of_any_order() -> None:
    play = known()
    order = only(play.step(recheck()))
    play.end(order, [play.outcome(order, result=Result.FAILED, error=Fault.CONNECT_TIMEOUT)])
    assert play.host("a.test").errors == 1 and play.host("a.test").next_at >= play.now + 9.0


# -- who may not be asked -----------------------------------------------------------------------------------------------


def test_robots_txt_forbids() -> None:
    """Section 3: "Robots obeyed", and "unknown (... newly disallowed by robots)"."""
    play = known(NO)
    order = only(play.step(recheck("http://a.test/no/i.jpg", b"forbidden"), recheck(IMAGE)))
    assert paths(order) == ["/i.jpg"]
    assert list(answers(play)) == [(b"forbidden", Reason.ROBOTS)]


def test_rules_that_are_not_in_memory_are_loaded() -> None:
    play = known(NO)
    play.machine.shard.rules.drop("a.test", False)
    assert play.step(recheck("http://a.test/no/i.jpg")) == []
    assert [error for _, error in answers(play)] == [Reason.ROBOTS]
    play.machine.shard.rules.drop("a.test", False)
    assert paths(only(play.step(recheck()))) == ["/i.jpg"]


def test_a_robots_txt_that_cannot_be_had_forbids_all() -> None:
    play = Play()
    play.step(recheck())
    play.resolved(play.until_order())
    order = play.until_order()
    play.end(order, [play.outcome(order, result=Result.HTTP_ERROR, status=503)])
    assert [error for _, error in answers(play)] == [Reason.ROBOTS_UNREACHABLE]
    assert play.machine.shard.rechecks == 0


def test_a_robots_txt_elsewhere_is_waited_for() -> None:
    play = Play()
    play.step(recheck())
    play.resolved(play.until_order())
    order = play.until_order()
    play.end(order, [play.outcome(order, result=Result.REDIRECT, status=301, location="http://b.test/robots.txt")])
    play.mail()
    assert not [one for one in play.take() if one.host == "a.test"] and play.machine.shard.rechecks == 1


def test_an_opt_out_forbids() -> None:
    play = known()
    play.control(Control("block", "a.test", "asked us to"))
    assert play.step(recheck()) == []
    assert [error for _, error in answers(play)] == [Reason.OPTED_OUT]


def test_an_opt_out_reaches_those_that_wait() -> None:
    play = Play()
    order = play.open(PAGE)
    play.step(recheck(), recheck(f"{PAGE}2.jpg"))
    play.control(Control("block", "a.test", "asked us to"))
    play.fetched(order)
    play.wait(3.0)
    assert [error for _, error in answers(play)] == [Reason.OPTED_OUT] * 2 and play.take() == []


def test_scope_forbids_hosts_and_paths() -> None:
    play = known(settings=tuned(scope={"exclude_paths": ["/private/"], "exclude_hosts": ["*.b.test"]}))
    play.step(recheck("http://a.test/private/i.jpg"), recheck("http://x.b.test/i.jpg"))
    assert [error for _, error in answers(play)] == [Reason.SCOPE_EXCLUDED] * 2


@pytest.mark.parametrize(
    ("result", "error"),
    [(Result.FAILED, Fault.DNS_NOT_FOUND), (Result.FAILED, Fault.DNS_TIMEOUT), (Result.REFUSED, Reason.ADDRESS_DENIED)],
)
def test_a_host_without_an_address_is_answered_at_once(result: Result, error: str) -> None:
    play = Play()
    play.step(recheck())
    order = play.until_order()
    play.end(order, [play.outcome(order, result=result, error=error)], 0)
    assert [said for _, said in answers(play)] == [error]
    play.step(recheck())
    later = [said for _, said in answers(play)]
    assert later == ([error] if result is Result.REFUSED else [])  # a failed look-up waits for its next one


def test_a_host_that_has_enough_says_so_at_once() -> None:
    """The asker tries later, and counts it as nothing: nobody was asked."""
    play = Play(tuned(limits={"errands": 2}))
    play.step(*(recheck(f"{PAGE}{n}.jpg", b"ticket %d" % n) for n in range(3)))
    assert list(answers(play)) == [(b"ticket 2", Fault.BUSY)] and Fault.BUSY in NOT_ASKED
    assert play.machine.shard.rechecks == 2


def test_a_shard_that_has_enough_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rechecks, "WAITING_MOST", 2)
    play = Play()
    play.step(*(recheck(f"http://h{n}.test/i.jpg", b"ticket %d" % n) for n in range(3)))
    assert list(answers(play)) == [(b"ticket 2", Fault.BUSY)]


def test_what_is_asked_again_takes_its_own_place() -> None:
    play = Play(tuned(limits={"errands": 1}))
    play.step(recheck(ticket=b"given up"), recheck(ticket=b"again"))
    assert list(answers(play)) == [] and play.machine.shard.rechecks == 1
    play.resolved(play.until_order())
    play.robots(play.until_order())
    errand = play.until_order().items[0].recheck
    assert errand is not None and errand.ticket == b"again"


@pytest.mark.parametrize("odd", ["no errand", "no link", "two links", "no group"])
def test_what_is_no_recheck_is_counted(odd: str) -> None:
    play, good = Play(), recheck()
    group = good.groups[0]
    bad = {
        "no errand": replace(good, recheck=None),
        "no link": replace(good, groups=[replace(group, links=[])]),
        "two links": replace(good, groups=[replace(group, links=group.links * 2)]),
        "no group": replace(good, groups=[]),
    }[odd]
    assert play.step(bad) == [] and play.machine.shard.totals["unexpected_messages"] == 1


# -- what does not come back --------------------------------------------------------------------------------------------


def test_what_was_not_requested_goes_first_again() -> None:
    play = known()
    order = only(play.step(*(recheck(f"{PAGE}{n}.jpg") for n in range(3))))
    outcomes = [
        play.outcome(order, 0),
        *(play.outcome(order, n, Result.NOT_REQUESTED, error=Fault.DEADLINE) for n in (1, 2)),
    ]
    play.end(order, outcomes, 1)
    play.step(recheck(f"{PAGE}later.jpg"))
    assert sorted(paths(play.until_order())) == ["/1.jpg", "/2.jpg", "/later.jpg"]


def test_what_an_end_mark_leaves_out_goes_again() -> None:
    play = known()
    order = only(play.step(recheck(), recheck(f"{PAGE}2.jpg")))
    play.end(order, [play.outcome(order, 0)], 1)
    assert paths(play.until_order()) == ["/2.jpg"]


@pytest.mark.parametrize("why", [Fault.BAD_ROUTE, Fault.BAD_URL])
def test_what_no_fetcher_can_do_is_not_tried_on_and_on(why: Fault) -> None:
    """Its fetcher has answered it."""
    play = known()
    order = only(play.step(recheck()))
    play.end(order, [play.outcome(order, 0, Result.NOT_REQUESTED, error=why)], 0)
    play.wait(5.0)
    assert play.take() == [] or play.machine.shard.rechecks == 0
    assert not play.machine.shard.out


def test_an_address_that_has_moved_is_looked_up_again() -> None:
    play = known()
    order = only(play.step(recheck()))
    play.given.add(order.order_id)
    play.end(order, [play.outcome(order, 0, Result.NOT_REQUESTED, error=Fault.ADDRESS_MOVED)], 0)
    again = play.until_order()
    assert again.kind is OrderKind.RESOLVE
    play.resolved(again, "192.0.2.9")
    assert play.until_order().address == "192.0.2.9"


def test_a_lost_order_goes_again_singly_and_is_poison_after_three() -> None:
    """Rule 5: "After one lost order its URLs are issued singly, after three a URL is refused as `poison`"."""
    play = known()
    order = only(play.step(recheck(f"{PAGE}1.jpg", b"one"), recheck(f"{PAGE}2.jpg", b"two")))
    play.given.add(order.order_id)
    play.wait(order.deadline + 5.0 - play.now)
    alone: list[str] = []
    for _ in range(3):
        order = play.until_order()
        alone.append(*paths(order))
        if alone[-1] == "/1.jpg":
            play.wait(order.deadline + 5.0 - play.now)
        else:
            play.fetched(order)
    assert alone == ["/1.jpg", "/2.jpg", "/1.jpg"]
    play.wait(10.0)
    assert list(answers(play)) == [(b"one", Reason.POISON)]


def test_an_order_that_nobody_began_is_under_no_suspicion() -> None:
    play = known()
    order = only(play.step(recheck(f"{PAGE}1.jpg"), recheck(f"{PAGE}2.jpg")))
    play.now = order.deadline + 5.0
    again = [*play.step(unbegun={order.order_id}), *play.wait(2.0)]
    assert len(only(again).items) == 2


def test_an_adopted_order_is_forgotten_but_waited_for() -> None:
    """Its asker asks again; its host is asked for nothing until it has ended, or its deadline is over."""
    store = Store()
    play = known(store=store)
    order = only(play.step(recheck()))
    other = Play(store=store, void=False, now=play.now)
    assert [lease.kind for lease in store.leases.values()] == [OrderKind.RECHECKS]
    assert other.step(recheck(f"{PAGE}2.jpg")) == []
    other.end(order, [other.outcome(order)])
    assert other.machine.shard.totals["duplicate_outcomes"] == 1
    assert paths(other.until_order()) == ["/2.jpg"]
    assert list(answers(other)) == []


def test_a_late_outcome_answers_nothing_twice() -> None:
    play = known()
    order = only(play.step(recheck()))
    outcome = play.outcome(order)
    play.step(OutcomeBatch([outcome, outcome], []))
    assert play.machine.shard.totals["duplicate_outcomes"] == 1
    play.end(order, [])
    play.wait(5.0)
    assert not play.machine.shard.out and play.machine.shard.rechecks == 0


def test_a_moved_medium_is_crawled() -> None:
    """Section 3: "moved (redirect: a new place)"."""
    play = known()
    order = only(play.step(recheck()))
    moved = discovery(["http://a.test/new.jpg"], purpose=Purpose.REDIRECT, kind=LinkKind.MEDIA, hops=1, on=IMAGE)
    play.end(order, [play.outcome(order, result=Result.REDIRECT, links=[moved])])
    again = play.until_order()
    assert (again.kind, paths(again)) == (OrderKind.MEDIA, ["/new.jpg"])


def test_what_waits_goes_with_its_partition() -> None:
    play = Play()
    play.step(recheck())
    play.machine.shard.forget(frozenset({0}))
    assert play.machine.shard.rechecks == 0


def test_a_host_that_is_waited_for_stays_in_memory() -> None:
    play = Play(tuned(workers={"hosts": 2}))
    play.step(*(recheck(f"http://h{n}.test/i.jpg") for n in range(5)), room={})
    assert sum(len(host.rechecks) for host in play.machine.shard.bench.hosts.values()) == 5


def test_media_hosts_are_asked_beside_orders_that_are_out() -> None:
    """Rule 2: "At most orders_out(host) orders of all kinds are out"."""
    play = Play(tuned(politeness={"media_hosts": ["a.test"], "media_orders": 3}))
    play.open(PAGE)
    play.machine.shard.bench.hosts["a.test"].row.addresses = ["192.0.2.1", "192.0.2.2"]
    assert play.step(recheck()) != [] or play.wait(2.0) != []
    assert {out.lease.kind for out in play.machine.shard.out.values()} == {OrderKind.PAGES, OrderKind.RECHECKS}


# -- lateness -----------------------------------------------------------------------------------------------------------


def test_what_must_be_known_first_travels_in_the_lane_of_rechecks() -> None:
    """Discovery that has all slots for pages delays neither the look-up nor the robots.txt of a re-check."""
    play = Play()
    only_rechecks = {ORDERS_PAGES: 0, ORDERS_MEDIA: 0, ORDERS_RECHECKS: 3}
    (resolve,) = play.step(recheck(), room=only_rechecks)
    assert (resolve.kind, lane_of(resolve)) == (OrderKind.RESOLVE, ORDERS_RECHECKS)
    play.end(resolve, [play.outcome(resolve, addresses=["192.0.2.1"], ttl=3600.0)], 0)
    play.take()
    play.now += 1.0
    robots = next(out for out in [*play.orders, *play.step(room=only_rechecks)] if out.kind is OrderKind.ROBOTS)
    assert lane_of(robots) == ORDERS_RECHECKS
    assert lane_of(Play().open("http://b.test/")) == ORDERS_PAGES


def test_lateness_of_a_robots_txt_makes_its_rechecks_late() -> None:
    """Politeness counts from the end of the request for robots.txt; what went before is not forgiven."""
    play = Play()
    play.step(recheck(due_at=NOW))
    play.resolved(play.until_order())
    robots = play.until_order()
    play.now += 20.0  # it waited somewhere
    started = play.now - 0.1
    play.robots(robots)
    ended = play.now
    order = play.until_order()
    assert free_at(order) == pytest.approx(ended + order.delay - (started - NOW), abs=0.01)


def test_what_a_lost_order_costs_is_lateness() -> None:
    play = known()
    order = only(play.step(recheck()))
    before = free_at(order)
    play.given.add(order.order_id)
    play.wait(order.deadline + 5.0 - play.now)
    assert free_at(play.until_order()) == before


@pytest.mark.parametrize(("why", "counts_anew"), [("too_late", False), (Fault.STOPPED, False), ("status 429", True)])
def test_what_a_fetcher_leaves_undone_costs_lateness_unless_politeness_stopped_it(why: str, counts_anew: bool) -> None:
    play = known()
    order = only(play.step(recheck()))
    before = free_at(order)
    play.given.add(order.order_id)
    play.now += 10.0
    play.end(order, [play.outcome(order, 0, Result.NOT_REQUESTED, error=why)], 0)
    assert (free_at(play.until_order()) > before) is counts_anew
