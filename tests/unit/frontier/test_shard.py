"""frontier.shard: what a shard remembers, and that none of it grows without bound (docs/design.md, section 3, rules 3 and 8)."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.crawl import Lane, SiteRow
from contracts.messages import OrderKind
from contracts.refusals import Reason, refuse
from contracts.sites import bucket_of, partition_of
from contracts.topics import ORDERS_PAGES
from frontier.orders import draft
from frontier.robotstxt import Robots, parse
from frontier.shard import CHAINS, Out, Rules, Seen, fingerprint
from tests.unit.frontier.playbook import NOW, Play, discovery
from tests.unit.frontier.shards import admitted, new_shard, place, row_of

NAMES = st.integers(0, 60).map(lambda n: n.to_bytes(16, "big"))


# -- seen URLs ----------------------------------------------------------------------------------------------------------


# Rule 3: memory is a cache. It holds at most `workers.seen` URLs, and the newest half of them for certain.
@given(st.integers(1, 20), st.lists(NAMES, max_size=200))
def test_seen_urls_are_bounded_and_the_newest_are_kept(limit: int, met: list[bytes]) -> None:
    seen = Seen(limit)
    for url in met:
        known = url in seen
        assert seen.add(url) is not known
    assert sum(n.to_bytes(16, "big") in seen for n in range(61)) <= limit
    assert all(url in seen for url in met[-max(1, limit // 2) :])


def test_a_url_is_new_once_and_again_when_two_generations_have_passed() -> None:
    seen = Seen(4)
    assert [seen.add(url) for url in (b"a", b"a", b"b", b"a")] == [True, False, True, False]
    for url in (b"c", b"d", b"e", b"f"):
        seen.add(url)
    assert b"a" not in seen and seen.add(b"a")


def test_what_was_not_committed_was_not_seen() -> None:
    """Rule 6: a link enters the recent-seen cache only after its ack; in either generation."""
    seen = Seen(4)
    for url in (b"old", b"older", b"young"):
        seen.add(url)
    seen.forget([b"old", b"young", b"never met"])
    assert [url in seen for url in (b"old", b"older", b"young")] == [False, True, False]


# -- robots.txt in memory -----------------------------------------------------------------------------------------------


def body(n: int) -> bytes:
    return b"User-agent: *\n" + b"".join(b"Disallow: /%d\n" % each for each in range(n))


# Issue 3: "a 500 KiB hostile file" is one of very many; rule 8: memory is bounded whatever hosts say.
@given(st.integers(1, 4_000), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 8)), max_size=40))
def test_rules_are_bounded_by_their_weight_and_the_newest_stay(limit: int, puts: list[tuple[int, int]]) -> None:
    rules = Rules(limit)
    for host, lines in puts:
        assert rules.put(f"{host}.test", True, body(lines)) is rules.get(f"{host}.test", True)
        kept = [found for n in range(10) if (found := rules.get(f"{n}.test", True))]
        assert len(kept) == 1 or sum(each.weight for each in kept) <= limit


def test_the_oldest_file_makes_room_and_one_put_again_is_new() -> None:
    weight = parse(body(1), "Pisaura").weight
    rules = Rules(2 * weight)
    for name in ("a.test", "b.test", "a.test", "c.test"):
        rules.put(name, False, body(1))
    assert [(name, False) in rules for name in ("a.test", "b.test", "c.test")] == [True, False, True]
    rules.put("c.test", True, body(1))  # rule 10: robots belong to the origin
    assert [rules.get("a.test", False) is None, ("c.test", False) in rules, ("c.test", True) in rules] == [True] * 3


def test_a_file_that_came_parsed_is_not_parsed_again() -> None:
    """Issue 3: a hostile file never blocks the loop, so large ones are parsed elsewhere and handed in by their print."""
    rules = Rules()
    parsed: Robots = parse(body(3), "Pisaura")
    rules.parsed = {fingerprint(body(3)): parsed}
    assert rules.put("a.test", True, body(3)) is parsed
    assert rules.put("b.test", True, body(4)) is not parsed


# -- counters -----------------------------------------------------------------------------------------------------------


# Rule 4: a partition is committed behind its own fence, and so are its counters; rule 12: refusals are counted by reason.
def test_counters_belong_to_the_partition_of_their_bucket() -> None:
    shard = new_shard(partitions=4)
    for bucket, by in ((0, 1), (1023, 2), (1024, 4), (4095, 8)):
        shard.count(bucket, "pages", by)
    shard.refuse(4095, refuse(Reason.ROBOTS, "line 1: Disallow: /"))
    shard.refuse(4095, Reason.ROBOTS, 2)
    assert shard.tx.counters == {(0, "pages"): 3, (1, "pages"): 4, (3, "pages"): 8, (3, "refused:robots"): 3}
    assert shard.totals == {"pages": 15, "refused:robots": 3}


def test_counters_of_two_hosts_are_told_apart() -> None:
    names = [next(f"{n}.test" for n in range(99) if partition_of(bucket_of(f"{n}.test"), 2) == p) for p in (0, 1)]
    shard = new_shard(partitions=2)
    tx = admitted(shard, discovery([f"http://{name}/" for name in names], depth=65))
    assert tx.counters == {(0, "refused:depth"): 1, (1, "refused:depth"): 1}


# -- hosts, chains, orders ----------------------------------------------------------------------------------------------


def test_hosts_of_a_site_share_its_row_and_memory_is_newer_than_the_store() -> None:
    shard = new_shard()
    here, there = place(shard, "a.site.test"), place(shard, "b.site.test")
    assert here.site is there.site
    here.site.urls = 7
    shard.place_site(SiteRow(here.row.bucket, here.row.site, urls=3))
    assert there.site.urls == 7
    shard.place_site(SiteRow(bucket_of("other.test"), "other.test", urls=5))
    assert place(shard, "other.test").site.urls == 5


def test_chains_of_redirects_are_bounded_and_the_oldest_go() -> None:
    """A forgotten one only costs another hop around a loop."""
    shard = new_shard()
    for n in range(CHAINS + 2):
        shard.remember_chain(n.to_bytes(16, "big"), [b"before"])
    assert len(shard.chains) == CHAINS
    assert [n.to_bytes(16, "big") in shard.chains for n in (0, 1, 2, CHAINS + 1)] == [False, False, True, True]


def test_an_order_goes_out_leased_and_its_host_waits() -> None:
    """Rule 2: one order of a host is out at a time; rule 5: the lease is in the transaction, the order goes after it."""
    shard = new_shard()
    host = place(shard, "a.test")
    host.row.due_at = NOW
    made = draft(shard, host, OrderKind.PAGES, [], NOW, "192.0.2.1")
    shard.send_out(host, made.order, made.out)
    shard.bench.schedule(host)
    assert shard.tx.leases == [made.out.lease] and shard.orders == [made.order]
    assert list(shard.bench.ready(NOW + 1000.0)) == []
    assert shard.deadlines == [(made.order.deadline, made.order.order_id)]


def test_an_order_that_was_out_when_we_took_over_holds_its_host() -> None:
    shard = new_shard()
    host = place(shard, "a.test")
    host.row.due_at = NOW
    lease = draft(shard, host, OrderKind.PAGES, [], NOW, "192.0.2.1").out.lease
    shard.adopt(host, Out(lease, {}, "192.0.2.1", adopted=True))
    assert host.orders == {lease.order_id} == set(shard.out) and shard.deadlines[0][0] == lease.deadline
    assert list(shard.bench.ready(NOW + 1000.0)) == [] and shard.tx.leases == []


def test_orders_that_are_overdue_count_from_when_the_log_is_read_again() -> None:
    shard = new_shard()
    for name in ("a.test", "b.test", "c.test"):
        host = place(shard, name)
        made = draft(shard, host, OrderKind.PAGES, [], NOW + 9.0 * (name == "b.test"), "192.0.2.1")
        shard.send_out(host, made.order, made.out)
    ended, later, overdue = (order.order_id for order in (shard.orders[0], shard.orders[1], shard.orders[2]))
    del shard.out[ended]
    deadline = shard.orders[1].deadline
    shard.postpone(deadline - 1.0)
    assert shard.deadlines == [(deadline - 1.0, overdue), (deadline, later)]


def test_a_host_without_a_permit_keeps_its_rank() -> None:
    """Rule 9: it waits for its address; who was ready first goes first when there is a permit."""
    shard = new_shard()
    host = place(shard, "a.test")
    host.row.due_at = NOW
    shard.wait_for("192.0.2.1", host, NOW + 9.0, NOW + 1.0)
    shard.wait_for("192.0.2.1", host, NOW + 19.0, NOW + 9.0)
    assert (host.ready_at, host.since) == (NOW + 19.0, NOW + 1.0)
    assert list(shard.address_waiters["192.0.2.1"]) == ["a.test"]


def test_a_host_of_which_nothing_was_admitted_has_no_row() -> None:
    """Rule 12: links that are refused get no row; nor does the host that only they name."""
    play = Play()
    play.step(discovery(["http://a.test/"], depth=65), room={ORDERS_PAGES: 0})
    assert play.store.hosts == {} and play.store.counters == {"refused:depth": 1}
    assert row_of(play.machine.shard, "a.test").lane == Lane.REST
