"""frontier.residents: which hosts are in memory, and that the others are not forgotten."""

from typing import Any

from contracts.crawl import FAR, HostRow, OriginRow, SiteRow
from contracts.notes import Control
from contracts.sites import bucket_of, site_of
from contracts.urls import host_id
from frontier.events import HostsLoaded, LoadDueHosts
from frontier.policy import Policy
from frontier.residents import AHEAD, HORIZON, PAGE_EVERY, PAGE_IN, Residents
from frontier.robots import RobotsState, after_fetch, encode
from frontier.shard import Shard
from tests.unit.frontier.playbook import NOW, Play, tuned


def residents(limit: int = 100) -> Residents:
    settings = tuned(workers={"hosts": limit})
    made = Residents(Shard(settings, Policy(settings), 1))
    made.begin([0], 0.0)
    return made


def row(name: str, **facts: Any) -> HostRow:
    given: dict[str, Any] = {"due_at": NOW, "queued": 2, **facts}
    return HostRow(bucket_of(name), host_id(name), name, site_of(name), NOW, **given)


def put(made: Residents, *rows: HostRow, complete: bool = True) -> None:
    """What `page` asked for."""
    made.place(rows, [], [], NOW)
    assert made.paged(HostsLoaded(rows, [], [], complete))


def test_pages_until_the_horizon_is_covered() -> None:
    made = residents()
    assert made.page(NOW) == [LoadDueHosts([0], NOW + AHEAD, 100, -1.0)]
    put(made, row("a.test"), row("b.test", next_at=NOW + 5.0), complete=False)
    assert not made.covers(NOW + HORIZON)
    assert made.page(NOW + PAGE_EVERY / 2) == []  # not with every step
    assert made.page(NOW + PAGE_EVERY) == [LoadDueHosts([0], NOW + PAGE_EVERY + AHEAD, 98, NOW + 5.0)]
    put(made)
    assert made.covers(NOW + AHEAD)
    assert made.page(NOW + AHEAD - HORIZON) == []
    assert made.page(NOW + AHEAD - HORIZON + 1.0) == [
        LoadDueHosts([0], NOW + 2 * AHEAD - HORIZON + 1.0, 98, NOW + PAGE_EVERY + AHEAD)
    ]


def test_a_page_is_never_larger_than_what_fits() -> None:
    assert residents(10**6).page(NOW) == [LoadDueHosts([0], NOW + AHEAD, PAGE_IN, -1.0)]
    full = residents(1)
    full.shard.new_host("a.test", NOW)
    assert full.page(NOW) == []


def test_who_is_forgotten_is_loaded_again_in_time() -> None:
    made = residents(10)
    made.page(NOW)
    put(made, *(row(f"h{n}.test", due_at=NOW + n) for n in range(10)))
    gone = [n for n in range(10) if f"h{n}.test" not in made.shard.bench.hosts]
    assert gone == [9]  # the one whose turn comes last
    assert made.shard.queued_urls == 2 * 9
    (again,) = made.page(NOW + 1.0)
    assert isinstance(again, LoadDueHosts) and NOW + 8.0 < again.after < NOW + 9.0


def test_what_was_not_written_of_a_forgotten_host_does_not_hide_it() -> None:
    """Its turn was put off here, since an address had no permit; the store has it due earlier and hands it out as such."""
    made = residents(10)
    made.page(NOW)
    made.place([row(f"h{n}.test", due_at=NOW + n) for n in range(10)], [], [], NOW)
    made.shard.bench.hosts["h9.test"].row.due_at = NOW + 30.0
    assert made.paged(HostsLoaded([row("h9.test")], [], []))
    (again,) = made.page(NOW + 1.0)
    assert isinstance(again, LoadDueHosts) and again.after < NOW + 9.0


def test_who_is_there_stays_as_it_is() -> None:
    made = residents()
    here = made.shard.new_host("a.test", NOW)
    here.row.urls = 7
    made.place([row("a.test", urls=3)], [], [SiteRow(bucket_of("a.test"), "a.test", 5)], NOW)
    assert made.shard.bench.hosts["a.test"].row.urls == 7
    assert made.shard.queued_urls == 0


def test_a_host_comes_with_its_robots_txt_and_what_operators_said() -> None:
    made = residents()
    made.hear([Control("pause", "test", why="asked")], NOW)
    state: RobotsState = after_fetch(None, 404, "", b"", NOW)
    stored = row("a.test")
    made.place([stored], [OriginRow(stored.bucket, stored.host_id, True, encode(state))], [], NOW)
    host = made.shard.bench.hosts["a.test"]
    assert host.robots == {True: state}
    assert (host.row.paused_until, host.row.paused_why, host.ready_at) == (FAR, "asked", FAR)
    made.know(["b.test", "a.test"], NOW)
    assert made.shard.bench.hosts["b.test"].row.paused_until == FAR


def test_a_host_that_is_in_no_memory_does_not_sleep_through_its_resume() -> None:
    play = Play()
    order = play.open("http://a.test/1", "http://a.test/2")
    play.end(order, [play.outcome(order, 0)], 1)
    play.control(Control("pause", "a.test", why="asked"))
    play.wait(2.0)
    assert play.store.hosts[host_id("a.test")].paused_until == FAR
    again = Play(store=play.store, now=play.now)
    again.wait(100.0)
    assert again.machine.shard.bench.hosts == {}  # its row says never, so it was not loaded
    again.store.hosts[host_id("a.test")].paused_until = 0.0  # as `OperatorStore.control` does
    again.control(Control("resume", "a.test"))
    assert again.until_order(5.0).host == "a.test"


def test_a_host_that_another_shard_had_is_left_alone_for_its_delay_whatever_its_clock_said() -> None:
    settings = tuned(workers={"hosts": 10}, kafka={"bootstrap": "127.0.0.1:9092"}, politeness={"delay": 2.0})
    made = Residents(Shard(settings, Policy(settings), 1))
    made.begin([0], NOW)
    made.place([row("a.test", next_at=NOW - 3.0)], [], [], NOW)
    assert NOW + 2.0 <= made.shard.bench.hosts["a.test"].ready_at < NOW + 2.1
    made.place([row("b.test", next_at=NOW + 50.0)], [], [], NOW)
    assert made.shard.bench.hosts["b.test"].ready_at == NOW + 50.0
