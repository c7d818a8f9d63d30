"""Whose turn it is: by time, then by priority with age; and what fits into memory."""

from typing import Any

from contracts.crawl import FAR, HostRow, Lane, SiteRow
from contracts.errands import RecheckErrand
from frontier.traps import HostTraps
from frontier.workbench import HEAD_START, VOID_LEAST, VOID_SHARE, Asked, Host, Workbench


def host(name: str, **row: Any) -> Host:
    facts: dict[str, Any] = {"due_at": 0.0, "queued": 1, **row}
    return Host(HostRow(0, hash(name) % 2**60, name, name, 0.0, **facts), SiteRow(0, name), HostTraps())


def bench(*hosts: Host, limit: int = 100) -> Workbench:
    made = Workbench(limit)
    for one in hosts:
        made.add(one)
    return made


def turns(made: Workbench, now: float) -> list[str]:
    return [one.row.host for one in made.ready(now)]


def test_a_turn_comes_when_the_last_of_its_reasons_to_wait_is_over() -> None:
    one = host("a", due_at=1.0, next_at=2.0, paused_until=3.0)
    one.hold = 4.0
    made = bench(one)
    assert (turns(made, 3.9), made.next_at()) == ([], 4.0)
    assert turns(made, 4.0) == ["a"]
    assert (turns(made, 9.0), made.next_at()) == ([], FAR)  # taken: it must be scheduled again


def test_no_turn_while_an_order_is_out_or_nothing_is_due() -> None:
    out, asked, empty = host("out"), host("asked"), host("empty", due_at=FAR, queued=0)
    out.orders, asked.asked = {b"order"}, True
    assert turns(bench(out, asked, empty), 1e9) == []


def test_only_the_last_entry_counts() -> None:
    one = host("a")
    made = bench(one)
    for at in (5.0, 3.0, 7.0):
        one.row.next_at = at
        made.schedule(one)
    assert turns(made, 6.9) == [] and turns(made, 7.0) == ["a"] and turns(made, 99.0) == []


def test_void_entries_do_not_pile_up() -> None:
    late, soon = host("late"), host("soon", next_at=5.0)
    made = bench(late, soon)
    late.row.next_at = 1e6
    for _ in range(10_000):
        made.schedule(late)
    assert len(made._waiting) <= VOID_SHARE * 2 + VOID_LEAST
    assert turns(made, 5.0) == ["soon"] and turns(made, 1e6) == ["late"]


def test_better_lanes_go_first_but_not_for_ever() -> None:
    seeds, rest = host("seeds", lane=Lane.SEEDS), host("rest", lane=Lane.REST)
    assert turns(bench(rest, seeds), 1.0) == ["seeds", "rest"]
    late = host("late", lane=Lane.SEEDS, next_at=HEAD_START[Lane.SEEDS] + 1.0)
    assert turns(bench(late, rest), 1e4) == ["rest", "late"]


def test_a_host_that_its_address_turned_away_keeps_its_rank() -> None:
    old, new = host("old", next_at=50.0), host("new", next_at=20.0)
    old.since = 10.0
    assert turns(bench(new, old), 60.0) == ["old", "new"]


def test_whoever_could_not_be_served_stays_first() -> None:
    made = bench(host("a"), host("b", next_at=1.0))
    first = next(iter(made.ready(2.0)))
    made.put_back(first)
    assert made.next_at() == 0.0
    assert turns(made, 2.0) == ["a", "b"]


def test_a_forgotten_host_that_comes_back_has_one_turn() -> None:
    made = bench(*(host(f"h{n}", next_at=float(n)) for n in range(10)), limit=10)
    gone = made.evict()
    assert [one.row.host for one in gone] == ["h9"]  # whose turn comes last
    made.add(host("h9", next_at=9.0))
    assert turns(made, 99.0) == [f"h{n}" for n in range(10)]


def test_hosts_with_unwritten_rows_orders_or_errands_are_not_forgotten() -> None:
    made = bench(*(host(f"h{n}") for n in range(6)), limit=1)
    hosts = made.hosts
    made.touch(hosts["h0"])
    made.touch(hosts["h1"], soft=True)
    hosts["h2"].orders.add(b"order")
    hosts["h3"].asked = True
    made.evict()
    assert set(hosts) == {"h0", "h1", "h2", "h3"}


def test_rows_are_written_once() -> None:
    made = bench(host("a"), host("b"))
    made.touch(made.hosts["a"])
    made.touch(made.hosts["a"], soft=True)
    made.touch(made.hosts["b"], soft=True)
    assert [one.row.host for one in made.written(all_of_them=False)] == ["a"]
    assert [one.row.host for one in made.written(all_of_them=True)] == ["b"]
    assert made.written(all_of_them=True) == []


def test_hosts_of_a_site_share_its_row() -> None:
    made = bench()
    assert made.site(1, "s.test") is made.site(1, "s.test")


def asked(name: str, **row: Any) -> Host:
    """A host with a re-check that waits."""
    one = host(name, **row)
    one.rechecks[b"u"] = Asked("/", b"u", False, RecheckErrand(b"t"))
    return one


def test_rechecks_go_before_whatever_else_waits_and_need_nothing_queued() -> None:
    """Domain, section 3: "Re-checks take a host's slot before discovery"."""
    made = bench(
        host("seed", lane=Lane.SEEDS), asked("late", due_at=FAR, queued=0, next_at=5.0), asked("soon"), host("old")
    )
    assert turns(made, 10.0)[:2] == ["soon", "late"]


def test_rechecks_without_room_let_the_others_pass_and_wait() -> None:
    made = bench(asked("a"), host("b"))
    assert [one.row.host for one in made.ready(1.0, lambda: False)] == ["b"]
    assert (made.next_at(), made.due(1.0)) == (0.0, 1)
    assert turns(made, 1.0) == ["a"]


def test_a_recheck_put_back_stays_before_the_others() -> None:
    made = bench(asked("a"), host("b"))
    made.put_back(next(iter(made.ready(1.0))))
    assert turns(made, 1.0) == ["a", "b"]


def test_a_host_with_rechecks_is_not_forgotten() -> None:
    made = bench(*(asked(f"h{n}") for n in range(5)), host("other"), limit=2)
    assert [one.row.host for one in made.evict()] == ["other"]
