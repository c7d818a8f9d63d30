"""The frontier's machine: these events at these times, exactly those commands (docs/design.md, section 3)."""

from itertools import pairwise

from msgspec.structs import replace

from contracts.crawl import UrlState
from contracts.messages import (
    Discovery,
    HostMatched,
    LinkKind,
    Order,
    OrderKind,
    OutcomeBatch,
    Purpose,
    Result,
)
from contracts.notes import Control
from contracts.settings import Settings
from contracts.sites import bucket_of
from contracts.topics import ORDERS_MEDIA, ORDERS_PAGES, URLS
from contracts.urls import host_id
from frontier.events import Woken
from frontier.machine import LOOKED_AT
from frontier.orders import MOMENT
from tests.unit.frontier.playbook import NOW, Play, discovery, identity, paths, tuned

FAST = tuned(politeness={"delay": 0.0})


# Rule 2: resolve is a host's first order, robots.txt of the origin its second, then pages.
def test_the_road_of_a_host() -> None:
    play = Play()
    assert play.said == ["load hosts due after -1 by 75"]
    assert play.step(discovery(["http://a.test/", "http://a.test/b"], purpose=Purpose.SEED, depth=0)) == []
    assert play.said == ["load 1 hosts", "commit +urls 2", "ack urls 1"]
    (resolve,) = play.step()
    assert play.said == ["commit +leases 1", "publish resolve a.test"]
    assert (resolve.address, resolve.start_by) == ("", NOW + 15)
    assert play.resolved(resolve, "192.0.2.1") == []
    assert play.said == ["commit -ended 1", "ack outcomes 1"]
    (robots,) = play.step()
    assert play.said == [
        "load queues of 20", "take permits at 192.0.2.1", "commit +leases 1", "publish robots a.test",
    ]  # fmt: skip
    assert (robots.address, robots.items[0].url) == ("192.0.2.1", "http://a.test/robots.txt")
    assert play.robots(robots) == []
    assert play.said == ["commit -ended 1", "ack outcomes 2"]
    assert play.wait(0.9) == [] and play.said == []
    (pages,) = play.wait(0.2)
    assert play.said == [
        "load queues of 20", "take permits at 192.0.2.1", "commit +leases 1", "publish pages a.test",
    ]  # fmt: skip
    assert paths(pages) == ["/", "/b"]
    play.now += 2.0
    assert play.fetched(pages) == []
    assert play.said == ["commit -ended 1 -queue 2", "ack outcomes 3"]
    assert play.wait(2.0) == []
    assert play.store.states() == {"fetched": 2}
    assert play.machine.idle(play.now)


def test_what_is_committed_goes_before_what_is_said() -> None:
    """Rule 5: commit the lease, then produce; rule 3: what is derived from a message is committed before the message."""
    play = Play()
    play.seed("http://a.test/")
    order = play.orders[0]
    assert play.said.index("commit +leases 1") < play.said.index("publish resolve a.test")
    play.resolved(order)
    assert play.said[-2:] == ["commit -ended 1", "ack outcomes 1"]


def test_a_seed_for_a_known_url_changes_nothing() -> None:
    play = Play()
    order = play.open("http://a.test/", "http://a.test/b")
    play.fetched(order)
    before = (dict(play.store.queue), play.store.states(), dict(play.store.counters), play.host("a.test").queued)
    assert play.seed("http://a.test/b") == []
    again = Play(store=play.store, now=play.now)  # and so does one that comes after the memory is gone
    again.seed("http://a.test/")
    assert (dict(play.store.queue), play.store.states()) == before[:2]
    assert play.store.counters == before[2]
    assert again.host("a.test").urls == 2


# With no delay a host's next turn comes in the step that takes its outcomes: the store does not know of these yet.
def test_without_delay_nothing_is_asked_twice() -> None:
    play = Play(FAST)
    order = play.open("http://a.test/")
    asked = paths(order)
    for n in range(30):
        links = [discovery([f"http://a.test/{n}-{k}" for k in range(3)], on="http://a.test/")]
        outcomes = [play.outcome(order, k, links=links) for k in range(len(order.items))]
        orders = play.end(order, outcomes)
        assert orders == []
        play.now += 0.05
        order = play.until_order()
        asked += paths(order)
    assert len(asked) == len(set(asked)) and len(asked) > 30
    assert play.host("a.test").queued == len(play.store.queue)


def test_a_host_that_finds_links_in_every_step_has_its_turn_all_the_same() -> None:
    play = Play(FAST)
    play.fetched(play.open("http://a.test/"))
    orders = []
    for n in range(5):
        play.now += 0.05
        orders += play.step(discovery([f"http://a.test/{n}"], on="http://b.test/"))
    assert [order.kind for order in orders] == [OrderKind.PAGES]


# Rule 7: re-issue 5 s after the deadline; rule 5: after one lost order singly, after three poison.
def test_lost_orders() -> None:
    play = Play()
    order = play.open("http://a.test/1", "http://a.test/2")
    play.now = order.deadline + 4.9
    assert play.step() == []
    lost = []
    play.now = order.deadline + 5.0
    play.step()
    assert play.store.leases == {} and play.store.permits == {}
    assert {row.lost for row in play.store.urls.values()} == {1}
    order = play.until_order()
    assert len(order.items) == 1
    bad = order.items[0].url
    while order.items[0].url == bad:
        lost.append(order)
        play.now = order.deadline + 5.0
        play.step()
        order = play.until_order()
    assert len(lost) == 2 and play.row(bad).lost == 3
    play.fetched(order)
    assert play.store.states() == {"refused": 1, "fetched": 1}
    assert play.row(bad).why == "poison: 3 orders with it were lost"
    assert play.store.counters["refused:poison"] == 1


def test_an_order_that_nobody_can_have_begun_puts_no_url_under_suspicion() -> None:
    play = Play()
    order = play.open("http://a.test/1", "http://a.test/2")
    for _ in range(4):
        play.now = order.deadline + 5.0
        play.step(unbegun={order.order_id})
        order = play.until_order()
        assert len(order.items) == 2
    assert {row.lost for row in play.store.urls.values()} == {0} and play.store.counters["orders_lost"] == 4


def test_a_robots_txt_whose_orders_nobody_began_is_asked_for_on_and_on() -> None:
    play = Play()
    (resolve,) = play.seed("http://a.test/")
    play.resolved(resolve)
    for _ in range(4):
        order = play.until_order()
        assert order.kind is OrderKind.ROBOTS
        play.now = order.deadline + 5.0
        play.step(unbegun={order.order_id})


def test_only_suspects_count_as_lost_after_a_crash() -> None:
    play = Play()
    play.open("http://a.test/1", "http://a.test/2")
    again = Play(store=play.store, now=play.now)
    again.step()
    assert {row.lost for row in again.store.urls.values()} == {1}  # nobody knows which
    assert again.store.leases == {}
    assert again.machine.shard.issued == 0


def test_a_robots_txt_that_kills_its_fetcher_counts_as_unreachable() -> None:
    play = Play()
    (resolve,) = play.seed("http://a.test/")
    play.resolved(resolve)
    for _ in range(3):
        order = play.until_order()
        assert order.kind is OrderKind.ROBOTS
        play.now = order.deadline + 5.0
        play.step()
    assert play.wait(10.0) == []
    assert play.host("a.test").why == "robots_unreachable: poison"
    assert play.wait(300.0)[0].kind is OrderKind.ROBOTS


def test_duplicates_and_strangers_change_nothing() -> None:
    play = Play()
    order = play.open("http://a.test/", "http://a.test/b")
    outcomes = [play.outcome(order, 0), play.outcome(order, 0, status=500, result=Result.HTTP_ERROR)]
    play.step(OutcomeBatch([*outcomes, replace(outcomes[0], order_id=b"stranger")], []))
    assert play.store.states() == {"fetched": 1, "queued": 1}
    assert play.store.counters["requests"] == 2  # robots.txt and this one
    assert play.host("a.test").errors == 0
    play.step(OutcomeBatch(outcomes, [play.mark(order, 1)]))
    play.step(OutcomeBatch(outcomes, [play.mark(order, 1)]))
    assert play.machine.shard.totals["duplicate_outcomes"] == 6
    assert paths(play.until_order()) == ["/b"]  # what the order left out is due again
    assert play.store.counters["state:0"] == 1 and play.host("a.test").queued == 1


def test_links_of_a_late_outcome_are_not_lost() -> None:
    """The fetcher will not send a link again that was acked, whatever became of the order it came with."""
    play = Play()
    order = play.open("http://a.test/")
    play.now = order.deadline + 5.0
    play.step()
    late = play.outcome(order, links=[discovery(["http://a.test/late"], on="http://a.test/")])
    play.step(OutcomeBatch([late], [play.mark(order, 1)]))
    assert identity("http://a.test/late") in play.store.urls
    assert play.row("http://a.test/").state == UrlState.QUEUED


# RFC 9110, 10.2.3: how long the user agent ought to wait before making a follow-up request.
def test_retry_after_is_never_early_and_at_most_five_seconds_late() -> None:
    for status in (429, 503):
        play = Play()
        order = play.open("http://a.test/1", "http://a.test/2")
        asked = play.now + 37.0
        busy = play.outcome(order, 0, Result.HTTP_ERROR, status=status, retry_at=asked)
        rest = play.outcome(order, 1, Result.NOT_REQUESTED, error=f"status {status}")
        play.end(order, [busy, rest], 1)
        again = play.until_order(60.0)
        assert asked <= play.now <= asked + 5.0
        assert sorted(paths(again)) == ["/1", "/2"]
        assert {row.tries for row in play.store.urls.values()} == {0}


def test_retry_after_of_a_page_that_came_counts_too() -> None:
    play = Play()
    order = play.open("http://a.test/1", "http://a.test/2")
    asked = play.now + 20.0
    first = play.outcome(order, 0, retry_at=asked)
    play.end(order, [first, play.outcome(order, 1, Result.NOT_REQUESTED, error="retry_after")], 1)
    assert play.until_order(60.0).items[0].url == order.items[1].url
    assert asked <= play.now <= asked + 5.0


# Design, rule 2: the wait is max(delay, slow_factor x last duration), counted from the end of the last request.
def test_a_slow_host_is_left_alone_for_longer() -> None:
    play = Play()
    order = play.open("http://a.test/1", "http://a.test/2")
    outcome = play.outcome(order, 0)
    slow = replace(outcome, started_at=play.now - 4.0)
    ended = play.now
    play.end(order, [slow], 1)
    play.until_order()
    assert 8.0 <= play.now - ended <= 8.5


def test_an_order_that_came_back_unasked_does_not_go_round_and_round() -> None:
    play = Play(FAST)
    order = play.open("http://a.test/")
    ended, tries = play.now, 0
    while play.now < ended + 5.0:
        play.end(order, [play.outcome(order, 0, Result.NOT_REQUESTED, error="busy")], 0)
        order = play.until_order()
        tries += 1
    assert tries <= 11
    assert play.row("http://a.test/").tries == 0


def test_an_address_that_moved_is_looked_up_again() -> None:
    play = Play()
    order = play.open("http://a.test/")
    play.end(order, [play.outcome(order, 0, Result.NOT_REQUESTED, error="address_moved")], 0)
    assert play.until_order().kind is OrderKind.RESOLVE


# -- starting again -----------------------------------------------------------------------------------------------------


def test_an_adopted_order_is_settled_by_its_real_row() -> None:
    """The database was away: the fetcher went on, so its orders are awaited, with what is known of their URLs."""
    settings = tuned(recrawl={"enabled": True})
    play = Play(settings)
    order = play.open("http://a.test/", "http://a.test/b")
    play.end(order, [play.outcome(order, 0, etag='"1"'), play.outcome(order, 1, Result.FAILED, error="reset")], 2)
    play.now += 7 * 86400.0
    resolve = play.until_order()
    play.resolved(resolve)
    robots = play.until_order()
    play.robots(robots)
    order = play.until_order()
    assert [(item.etag, path) for item, path in zip(order.items, paths(order), strict=True)] == [
        ("", "/b"), ('"1"', "/"),
    ]  # fmt: skip
    again = Play(settings, store=play.store, void=False, now=play.now + 3.0)
    assert again.settle() == [] and again.store.leases
    again.end(
        order,
        [again.outcome(order, 0, Result.FAILED, error="reset"), again.outcome(order, 1, Result.NOT_MODIFIED)],
    )
    assert again.row("http://a.test/").etag == '"1"' and again.row("http://a.test/").interval == 2 * 7 * 86400.0
    assert again.row("http://a.test/b").tries == 2
    assert {name: n for name, n in again.store.counters.items() if name.startswith("state:")} == {
        "state:0": 1, "state:1": 1,
    }  # fmt: skip
    assert again.store.leases == {} and again.store.permits == {}
    assert len(again.store.queue) == 2


def test_what_an_adopted_order_had_settled_is_not_settled_again_by_a_duplicate() -> None:
    """The log took an outcome twice; between the two the shard started again."""
    settings = tuned(recrawl={"enabled": True})
    play = Play(settings)
    order = play.open("http://a.test/", "http://a.test/b")
    first = OutcomeBatch([play.outcome(order, 0)], [])
    play.step(first)
    again = Play(settings, store=play.store, void=False, now=play.now + 3.0)
    again.step(first)
    again.end(order, [again.outcome(order, 1)], 2)
    assert sorted(key[3] for key in again.store.queue) == sorted(map(identity, ("http://a.test/", "http://a.test/b")))
    assert again.row("http://a.test/").interval == 7 * 86400.0 and again.store.leases == {}


def test_an_order_that_was_committed_but_never_published_goes_out_again_at_once() -> None:
    """The database broke while it committed: whether it did, was not known, so nobody published the order."""
    play = Play()
    order = play.open("http://a.test/1", "http://a.test/2")
    again = Play(store=play.store, void=False, now=play.now, unsent=frozenset({order.order_id}))
    again.step()
    assert again.store.leases == {} and {row.lost for row in again.store.urls.values()} == {0}
    assert paths(again.until_order()) == paths(order)


# Asked for again it would be asked too soon: the delay that it says is not known yet.
def test_the_robots_txt_of_a_host_counts_whoever_asked_for_it() -> None:
    play = Play()
    (resolve,) = play.seed("https://a.test/")
    play.resolved(resolve)
    (robots,) = play.settle()
    again = Play(store=play.store, void=False, now=play.now)
    again.robots(robots, b"User-agent: *\nCrawl-delay: 7\n")
    (origin,) = again.store.origins.values()
    assert origin.https and b"Crawl-delay: 7" in (origin.body or b"")
    asked = again.until_order()
    assert (asked.kind, asked.items[0].url) == (OrderKind.PAGES, "https://a.test/")


def test_hosts_that_were_due_later_have_their_turn_after_a_restart() -> None:
    play = Play()
    order = play.open("http://a.test/", "http://a.test/b")
    play.end(order, [play.outcome(order, 0, Result.HTTP_ERROR, status=503, retry_at=play.now + 900.0)], 1)
    assert not play.machine.idle(NOW - 1) or play.machine.idle(play.now)
    again = Play(store=play.store, now=play.now)
    again.step()
    assert again.machine.shard.bench.hosts == {} and again.machine.idle(again.now)
    assert again.until_order(1000.0).host == "a.test"
    assert again.now >= play.now + 900.0


def test_more_hosts_are_due_than_one_page_holds() -> None:
    play = Play()
    hosts = [f"http://h{n}.test/" for n in range(2500)]
    play.step(discovery(hosts[:1500], purpose=Purpose.SEED))
    play.now += 1.0
    play.step(discovery(hosts[1500:], purpose=Purpose.SEED))
    again = Play(store=play.store, now=play.now + 5.0)
    for _ in range(40):
        again.wait(0.1)
    assert len(again.machine.shard.bench.hosts) == 2500


def test_memory_holds_few_hosts_and_none_is_forgotten() -> None:
    play = Play(tuned(politeness={"delay": 0.0}, workers={"hosts": 20}))
    play.step(*(discovery([f"http://h{n}.test/"], purpose=Purpose.SEED) for n in range(100)))
    fetched: set[str] = set()
    for _ in range(3000):
        play.now += 0.25
        play.step(room={ORDERS_PAGES: 5, ORDERS_MEDIA: 5})
        for order in play.take():
            if order.kind is OrderKind.RESOLVE:
                play.resolved(order, f"192.0.2.{order.host[1:-5]}")
            elif order.kind is OrderKind.ROBOTS:
                play.robots(order)
            else:
                fetched.add(order.host)
                play.fetched(order)
            assert len(play.machine.shard.bench.hosts) <= 20 + 10
        if len(fetched) == 100:
            break
    assert len(fetched) == 100
    assert play.machine.shard.queued_urls >= 0


def test_a_crash_never_leaves_a_host_that_looks_empty() -> None:
    """Rows in which only counts changed are written once a second; the queue itself is never behind."""
    play = Play(FAST)
    order = play.open("http://a.test/")
    links = discovery([f"http://a.test/{n}" for n in range(30)], on="http://a.test/")
    play.step(OutcomeBatch([play.outcome(order, links=[links])], []))
    play.store.hosts[host_id("a.test")].queued = 1  # a second old
    again = Play(FAST, store=play.store, now=play.now)
    fetched: set[str] = set()
    while len(fetched) < 30:
        order = again.until_order()
        fetched |= set(paths(order))
        again.fetched(order)
    again.wait(2.0)
    assert again.store.queue == {} and again.host("a.test").queued == 0 and again.machine.idle(again.now)


def test_nothing_is_left_of_a_run_that_ended_by_its_limit() -> None:
    play = Play(limit=3)
    (resolve,) = play.seed(*(f"http://a.test/{n}" for n in range(8)))
    play.resolved(resolve)
    (robots,) = play.settle()
    play.robots(robots)
    order = play.until_order()
    assert len(order.items) == 3 and play.machine.exhausted
    play.fetched(order)
    assert play.wait(5.0) == [] and play.machine.idle(play.now)
    again = Play(store=play.store, now=play.now)
    assert len(again.until_order().items) == 5


def test_the_limit_holds_over_many_hosts() -> None:
    play = Play(FAST, limit=7)
    play.seed(*(f"http://h{n}.test/{k}" for n in range(5) for k in range(4)))
    for n, order in enumerate(play.orders[:]):
        play.resolved(order, f"192.0.2.{n}")
    play.settle()
    for order in [order for order in play.orders if order.kind is OrderKind.ROBOTS]:
        play.robots(order)
    play.wait(1.0)
    orders = [order for order in play.orders if order.kind is OrderKind.PAGES]
    assert sum(len(order.items) for order in orders) == 7
    play.end(orders[0], [play.outcome(orders[0], 0, Result.NOT_REQUESTED, error="busy")], 0)
    assert not play.machine.exhausted  # what was not requested does not count


# -- politeness over hosts and addresses --------------------------------------------------------------------------------


def test_hosts_of_one_address_take_turns() -> None:
    """Rule 9: one permit up to 8 sites; no host starves."""
    play = Play()
    names = ["a.test", "b.test", "c.test"]
    play.seed(*(f"http://{name}/{n}" for name in names for n in range(100)))
    served = dict.fromkeys(names, 0)
    out = {order.order_id: order for order in play.orders}
    for _ in range(3000):
        pages = [order for order in out.values() if order.address]
        assert len(pages) <= 1
        for order in list(out.values()):
            del out[order.order_id]
            if order.kind is OrderKind.RESOLVE:
                new = play.resolved(order, "192.0.2.1")
            elif order.kind is OrderKind.ROBOTS:
                new = play.robots(order)
            else:
                served[order.host] += 1
                new = play.fetched(order)
            out |= {one.order_id: one for one in new}
        out |= {order.order_id: order for order in play.wait(0.1)}
        if play.now > NOW + 30.0:
            break
    assert max(served.values()) - min(served.values()) <= 1 and sum(served.values()) >= 15


def test_thousand_hosts_of_a_busy_address_are_not_looked_at_one_by_one() -> None:
    play = Play()
    play.open("http://busy.test/")
    names = [f"http://h{n}.test/" for n in range(300)]
    for order in play.seed(*names):
        play.resolved(order, "192.0.2.1")
    looked = 0
    for _ in range(100):
        play.wait(0.05)
        looked += sum(said.count(",") + 1 for said in play.said if said.startswith("load queues"))
    assert looked <= 5 * 50 + 50  # at most a lane's room a second


# Rule 8: orders that were not started are bounded, by lane.
def test_orders_go_out_as_there_is_room() -> None:
    play = Play(FAST)
    play.step(discovery([f"http://h{n}.test/" for n in range(30)], purpose=Purpose.SEED))
    assert len(play.step(room={ORDERS_PAGES: 4, ORDERS_MEDIA: 50})) == 4
    assert play.step(room={}) == []
    assert len(play.wait(1.0)) == 26


def test_a_step_looks_at_few_of_many_hosts_that_a_full_lane_turns_away() -> None:
    play = Play(FAST)
    order = play.open("http://media.test/")
    links = [discovery(["http://media.test/1.jpg"], kind=LinkKind.MEDIA, on="http://media.test/")]
    play.end(order, [play.outcome(order, links=links)])
    play.step(discovery([f"http://h{n}.test/" for n in range(1000)], purpose=Purpose.SEED), room={})
    served: set[str] = set()
    turned = []
    for _ in range(50):
        play.now += 0.05
        orders = play.step(room={ORDERS_PAGES: 0, ORDERS_MEDIA: 4})
        served |= {one.host for one in orders}
        turned.append(sum(host.hold == play.now + MOMENT for host in play.machine.shard.bench.hosts.values()))
    assert max(turned) <= LOOKED_AT and max(turned[:10]) > 0
    assert served == {"media.test"}
    play.now += MOMENT
    assert len(play.step(room={ORDERS_PAGES: 4, ORDERS_MEDIA: 4})) == 4


def test_pages_go_out_while_the_lane_of_media_is_full() -> None:
    play = Play(FAST)
    order = play.open("http://a.test/")
    links = [
        discovery([f"http://a.test/{n}.jpg" for n in range(10)], kind=LinkKind.MEDIA, on="http://a.test/"),
        discovery(["http://a.test/next"], on="http://a.test/"),
    ]
    play.end(order, [play.outcome(order, links=links)])
    play.now += 1.0
    (order,) = play.step(room={ORDERS_PAGES: 4, ORDERS_MEDIA: 0})
    assert (order.kind, paths(order)) == (OrderKind.PAGES, ["/next"])


def test_addresses_that_fail_to_answer_are_asked_ever_more_rarely() -> None:
    """A look-up that succeeds says nothing of the host: its back-off goes on doubling."""
    play = Play()
    (resolve,) = play.seed("http://a.test/")
    play.resolved(resolve, ttl=60.0)
    waits: list[float] = []
    failed_at = 0.0
    while len(waits) < 6:
        order = play.until_order(4000.0)
        if order.kind is OrderKind.RESOLVE:
            play.resolved(order, ttl=60.0)
            continue
        waits.append(play.now - failed_at)
        failed_at = play.now
        play.end(order, [play.outcome(order, 0, Result.FAILED, error="connect_refused")])
    assert all(later > 1.5 * sooner for sooner, later in pairwise(waits[2:]))


def test_a_host_whose_links_are_dead_is_a_host_like_any_other() -> None:
    play = Play(FAST)
    order = play.open(*(f"http://a.test/{n}" for n in range(20)))
    ended = play.now
    play.end(order, [play.outcome(order, n, Result.HTTP_ERROR, status=404) for n in range(len(order.items))])
    assert play.host("a.test").errors == 0 and play.host("a.test").next_at <= ended + 1.0
    assert play.store.states() == {"gone": 20}


# -- words of operators -------------------------------------------------------------------------------------------------


def test_an_opted_out_host_is_not_asked_and_keeps_nobody_waiting() -> None:
    play = Play()
    play.control(Control("block", "a.test", why="owner"))
    assert play.seed("http://a.test/") == []
    assert play.store.counters == {"refused:opted_out": 1}
    play = Play()
    order = play.open("http://a.test/", "http://a.test/b")
    play.end(order, [play.outcome(order, 0), play.outcome(order, 1, Result.NOT_REQUESTED, error="recalled")], 1)
    play.control(Control("block", "a.test", why="owner"))
    assert play.wait(5.0) == []
    assert play.host("a.test").why == "opted_out: block a.test: owner"
    assert play.machine.idle(play.now)
    play.control(Control("unblock", "a.test"))
    assert paths(play.until_order()) == ["/b"]


def test_pause_resume_delay() -> None:
    play = Play()
    order = play.open("http://a.test/1", "http://a.test/2")
    play.end(order, [play.outcome(order, 0)], 1)
    play.control(Control("pause", "a.test", why="asked", until=play.now + 50.0))
    paused_at = play.now
    order = play.until_order(60.0)
    assert play.now >= paused_at + 50.0
    play.control(Control("delay", "a.test", value="7"))
    play.end(order, [play.outcome(order, 0, Result.FAILED, error="reset")], 1)
    ended = play.now
    order = play.until_order(60.0)
    assert play.now >= ended + 7.0 and order.delay >= 7.0


# -- robots -------------------------------------------------------------------------------------------------------------


def test_a_redirected_robots_txt_comes_back_and_the_host_goes_on_at_once() -> None:
    """Rule 10: it travels as an errand under its own host's politeness; meanwhile URLs are admitted, none issued."""
    play = Play()
    (resolve,) = play.seed("http://a.test/x", "http://a.test/no")
    play.resolved(resolve)
    (robots,) = play.settle()
    play.end(robots, [play.outcome(robots, 0, Result.REDIRECT, location="http://b.test/robots.txt")])
    assert play.said[-2:] == ["commit -ended 1 after urls Discovery", "ack outcomes 2"]
    play.mail()
    resolve = play.until_order()
    assert (resolve.kind, resolve.host) == (OrderKind.RESOLVE, "b.test")
    assert play.wait(5.0) == []
    play.resolved(resolve, "192.0.2.2")
    errand = play.until_order()
    assert (errand.kind, errand.host, errand.items[0].url) == (OrderKind.ROBOTS, "b.test", "http://b.test/robots.txt")
    play.robots(errand, b"User-agent: *\nDisallow: /no\n")
    answered = play.now
    play.mail()
    order = play.until_order()
    assert paths(order) == ["/x"] and play.now - answered < 1.0
    assert play.row("http://a.test/no").why.startswith("robots: line 2: Disallow: /no")
    assert list(play.store.origins) == [(host_id("a.test"), False)]


def test_an_errand_to_a_host_that_may_not_be_asked_is_answered() -> None:
    play = Play()
    (resolve,) = play.seed("http://a.test/")
    play.resolved(resolve)
    (robots,) = play.settle()
    play.end(robots, [play.outcome(robots, 0, Result.REDIRECT, location="http://b.test/robots.txt")])
    play.mail()
    resolve = play.until_order()
    play.end(resolve, [play.outcome(resolve, 0, Result.REFUSED, error="address_not_global", detail="10.0.0.1")], 0)
    play.mail()
    assert play.wait(2.0) == []
    assert play.host("a.test").why == "robots_unreachable: address_not_global"
    assert play.machine.next_at(play.now) > play.now + 60.0  # nobody turns round and round


# RFC 9309, 2.3.1.4: unreachable means complete disallow; of this origin, not of the host's other one.
def test_an_unreachable_origin_does_not_hold_up_the_other() -> None:
    play = Play()
    urls = [f"http://a.test/{n}" for n in range(60)]
    play.step(discovery(urls))
    play.now += 1.0
    play.step(discovery(["https://a.test/ok"]))
    play.resolved(play.until_order())
    robots = play.until_order()
    assert robots.items[0].url == "http://a.test/robots.txt"
    play.end(robots, [play.outcome(robots, 0, Result.HTTP_ERROR, status=500)])
    robots = play.until_order()
    assert robots.items[0].url == "https://a.test/robots.txt"
    play.robots(robots)
    assert play.until_order().items[0].url == "https://a.test/ok"
    assert len(play.store.queue) == 61 and play.store.states() == {"queued": 61}


# Rule 10: an order's deadline never passes its robots expiry.
def test_no_order_outlives_the_robots_txt_that_allowed_it() -> None:
    play = Play(FAST)
    order = play.open("http://a.test/")
    state = play.machine.shard.bench.hosts["a.test"].robots[False]
    play.fetched(order)
    for before in (3600.0, 60.0, 10.0):
        play.machine.shard.bench.hosts["a.test"].robots[False] = replace(
            state, expires_at=play.now + before, refresh_at=play.now + before
        )
        play.step(discovery([f"http://a.test/{before}"]))
        play.step()
        order = play.until_order()
        if before > 30.0:
            assert order.kind is OrderKind.PAGES and order.deadline <= play.now + before
            play.fetched(order)
    assert order.kind is OrderKind.ROBOTS


def test_an_empty_robots_txt_survives_a_restart() -> None:
    play = Play()
    order = play.open("http://a.test/1", "http://a.test/2", robots=b"")
    play.end(order, [play.outcome(order, 0)], 1)
    again = Play(store=play.store, now=play.now)
    assert again.until_order().items[0].url == order.items[1].url
    assert again.said[0].startswith("load queues")


def test_a_host_without_a_permitted_address_survives_a_restart() -> None:
    play = Play(tuned(recrawl={"enabled": True}))
    (resolve,) = play.seed("http://a.test/")
    play.end(resolve, [play.outcome(resolve, 0, Result.REFUSED, error="address_denied", detail="127.66.0.1")], 0)
    play.settle()
    assert play.store.states() == {"refused": 1} and play.row("http://a.test/").why == "address_denied: 127.66.0.1"
    again = Play(store=play.store, now=play.now)
    again.step(discovery(["http://a.test/new"]))
    assert again.until_order().kind is OrderKind.RESOLVE


# -- messages -----------------------------------------------------------------------------------------------------------


def test_matches_move_a_hosts_media_to_the_front() -> None:
    play = Play(FAST)
    order = play.open("http://a.test/")
    play.step(HostMatched("a.test", bucket_of("a.test")))
    pages = [discovery([f"http://a.test/{n}" for n in range(5)], on="http://a.test/")]
    media = [discovery(["http://a.test/x.jpg"], kind=LinkKind.MEDIA, on="http://a.test/")]
    play.end(order, [play.outcome(order, links=pages + media)])
    assert play.until_order().kind is OrderKind.MEDIA
    assert play.host("a.test").matches == 1


def test_messages_that_make_no_sense_are_counted_and_passed_by() -> None:
    play = Play()
    play.step(
        Discovery(Purpose.ROBOTS, b"", 0, NOW, []),
        Discovery(Purpose.ROBOTS_ANSWER, b"", 0, NOW, discovery(["http://a.test/"]).groups),
    )
    assert play.machine.shard.totals["unexpected_messages"] == 2
    assert play.said[-1] == "ack urls 2"


def test_the_caps_of_the_crawl_hold() -> None:
    play = Play(tuned(politeness={"delay": 0.0}, caps={"pages_per_second": 10.0}, limits={"order_urls": 1}))
    order = play.open(*(f"http://a.test/{n}" for n in range(100)))
    began = play.now
    for _ in range(30):
        play.fetched(order)
        order = play.until_order()
    assert 2.0 <= play.now - began <= 12.0
    assert play.machine.next_at(play.now) < play.now + 200.0


def test_media_in_a_link_is_fetched_again_within_the_limits_of_media() -> None:
    play = Play(FAST)
    order = play.open("http://a.test/film")
    assert order.limits.body_bytes == 10 << 20
    play.end(order, [play.outcome(order, 0, Result.REFUSED, error="too_large", is_media=True)])
    order = play.until_order()
    assert (order.kind, order.limits.body_bytes) == (OrderKind.MEDIA, 64 << 20)
    play.end(order, [play.outcome(order, 0, Result.REFUSED, error="too_large", is_media=True)])
    assert play.store.states() == {"refused": 1} and play.wait(60.0) == []


def test_a_page_that_crashes_its_parser_three_times_is_poison() -> None:
    play = Play()
    order = play.open("http://a.test/1", "http://a.test/2")
    bad = order.items[0].url
    play.end(order, [play.outcome(order, 0, Result.FAILED, error="parser_crashed"), play.outcome(order, 1)])
    for _ in range(2):
        order = play.until_order(200.0)
        play.end(order, [play.outcome(order, 0, Result.FAILED, error="parser_crashed")])
    assert play.store.states() == {"refused": 1, "fetched": 1}
    assert play.row(bad).why.startswith("poison")
    assert play.store.counters["refused:poison"] == 1


MEDIA = tuned(politeness={"delay": 1.0, "media_hosts": ["m.test"], "media_orders": 2}, limits={"order_urls": 3})


def media_host(settings: Settings = MEDIA, count: int = 12) -> tuple[Play, Order]:
    """A host of two addresses with so many pictures, up to its first order for them."""
    play = Play(settings)
    play.step(discovery([f"http://m.test/{n}.png" for n in range(count)], kind=LinkKind.MEDIA))
    play.step()
    play.resolved(play.until_order(), "192.0.2.1", "192.0.2.2")
    play.robots(play.until_order())
    order = play.until_order()
    assert order.kind is OrderKind.MEDIA
    return play, order


def test_a_named_host_of_media_may_have_several_orders_out_with_different_urls() -> None:
    """Rule 2: orders_out is one, unless policy raises it by name for listed media hosts."""
    play, first = media_host()
    second = play.until_order()
    assert (second.kind, second.address) == (OrderKind.MEDIA, "192.0.2.2") != (first.kind, first.address)
    assert not {item.url_id for item in first.items} & {item.url_id for item in second.items}
    play.wait(3.0)
    assert play.take() == []  # two are out
    play.end(first, [play.outcome(first, n, is_media=True) for n in range(3)])
    third = play.until_order()
    assert not {item.url_id for item in third.items} & {item.url_id for item in (*first.items, *second.items)}


def test_others_have_one_order_out_whatever_they_show() -> None:
    play, _ = media_host(tuned(politeness={"delay": 1.0, "media_hosts": ["other.test"]}))
    play.wait(3.0)
    assert play.take() == []


def test_a_named_host_that_backs_off_has_one_order_out() -> None:
    play, first = media_host()
    second = play.until_order()
    play.end(first, [play.outcome(first, 0, Result.HTTP_ERROR, status=503)], 1)
    play.end(second, [play.outcome(second, n, is_media=True) for n in range(2)])  # and it counts as well again
    play.machine.shard.bench.hosts["m.test"].row.errors = 1
    play.wait(4_000.0)
    assert len(play.take()) == 1
    play.wait(5.0)
    assert play.take() == []


def test_outcomes_that_come_one_by_one_are_not_ordered_again_before_they_are_committed() -> None:
    """While one order of several is out, another one is made of the same queue."""
    play, first = media_host()
    second = play.until_order()
    ordered = [item.url_id for item in (*first.items, *second.items)]
    play.end(second, [play.outcome(second, n, is_media=True) for n in range(3)])
    for n in range(3):
        play.now += 1.1
        assert play.step(OutcomeBatch([play.outcome(first, n, is_media=True)], [])) == []
        play.step()
        ordered += [item.url_id for order in play.take() for item in order.items]
    assert len(ordered) == len(set(ordered)) > 6


def test_a_page_of_a_named_host_waits_until_its_media_orders_have_ended() -> None:
    play, first = media_host(count=3)
    play.step(discovery(["http://m.test/page"]))
    play.wait(2.0)
    assert play.take() == []
    play.end(first, [play.outcome(first, n, is_media=True) for n in range(3)])
    page = play.until_order()
    assert (page.kind, [item.url for item in page.items]) == (OrderKind.PAGES, ["http://m.test/page"])


# Rule 3, and one query instead of one for each sixteen messages: a step's hosts are loaded with its first slice.
def test_the_hosts_of_all_slices_are_loaded_at_once() -> None:
    play = Play()
    slices = [[(URLS, 0, discovery([f"http://{name}.test/"]))] for name in "abb"]
    play.said.clear()
    play._run(Woken(slices[0], {}, {}, last=False, ahead=[*slices[1], *slices[2]]))
    play._run(Woken(slices[1], {}, {}, last=False))
    assert play.said == ["load 2 hosts"]
    play._run(Woken(slices[2], {(URLS, 0): 3}, {}))
    assert play.said == ["load 2 hosts", "commit +urls 2", "ack urls 3"]
