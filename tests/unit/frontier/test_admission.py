"""frontier.admission: who is refused, who gets a row, and in which lane it waits (docs/design.md, section 3, rules 1 and 12)."""

from typing import Any

import pytest

from contracts.crawl import FAR, Lane
from contracts.messages import NOFOLLOW, LinkKind, Purpose
from contracts.notes import Control
from contracts.refusals import Reason, refuse
from contracts.urls import host_id, url_id
from frontier.admission import FRESH, committed, lane_of
from frontier.shard import Shard
from tests.unit.frontier.playbook import NOW, Play, discovery, identity, tuned
from tests.unit.frontier.shards import admitted, new_shard, place, refused, row_of

PAGE, MEDIA = LinkKind.PAGE, LinkKind.MEDIA
PATH, LANE, URL, FOUND_ON = 4, 10, 2, 8
"""Places in a `NewUrl`."""


def paths(shard: Shard) -> list[str]:
    """What is queued, pages first."""
    return [str(row[PATH]) for row in (*shard.tx.urls, *shard.tx.media)]


# -- lanes --------------------------------------------------------------------------------------------------------------


# Issue 3: "Priorities: seeds, media on pages near earlier matches, pages of sites with earlier matches, fresh hosts, rest".
@pytest.mark.parametrize(
    ("purpose", "kind", "host_matches", "site_matches", "fetched", "lane"),
    [
        (Purpose.SEED, PAGE, 0, 0, 1_000, Lane.SEEDS),
        (Purpose.SEED, MEDIA, 1, 1, 0, Lane.SEEDS),
        (Purpose.LINK, MEDIA, 1, 1, 1_000, Lane.NEAR_MATCH),
        (Purpose.REDIRECT, MEDIA, 1, 1, 0, Lane.NEAR_MATCH),
        (Purpose.LINK, PAGE, 1, 1, 1_000, Lane.MATCHED_SITE),
        (Purpose.LINK, MEDIA, 0, 1, 0, Lane.MATCHED_SITE),
        (Purpose.LINK, PAGE, 0, 0, FRESH - 1, Lane.FRESH_HOST),
        (Purpose.LINK, MEDIA, 0, 0, FRESH, Lane.REST),
        (Purpose.LINK, PAGE, 0, 0, FRESH, Lane.REST),
    ],
)
def test_lanes(
    purpose: Purpose, kind: LinkKind, host_matches: int, site_matches: int, fetched: int, lane: Lane
) -> None:
    shard = new_shard()
    host = place(shard, "a.test")
    host.row.matches, host.site.matches, host.row.fetched = host_matches, site_matches, fetched
    assert lane_of(host, purpose, kind) is lane
    tx = admitted(shard, discovery(["http://a.test/x"], purpose=purpose, kind=kind))
    assert [row[LANE] for row in (*tx.urls, *tx.media)] == [lane] == [host.row.lane]


def test_a_host_waits_in_the_best_lane_of_what_it_has() -> None:
    shard = new_shard()
    host = place(shard, "a.test")
    host.row.fetched = FRESH
    for found, lane in (
        (discovery(["http://a.test/1"]), Lane.REST),
        (discovery(["http://a.test/2"], purpose=Purpose.SEED), Lane.SEEDS),
        (discovery(["http://a.test/3"]), Lane.SEEDS),
    ):
        admitted(shard, found)
        assert host.row.lane == lane


def test_a_host_is_due_as_soon_as_its_first_url_is_admitted() -> None:
    shard = new_shard()
    place(shard, "a.test")
    assert row_of(shard, "a.test").due_at == FAR
    admitted(shard, discovery(["http://a.test/1"]), now=NOW + 5.0)
    admitted(shard, discovery(["http://a.test/2"]), now=NOW + 6.0)
    assert row_of(shard, "a.test").due_at == NOW + 5.0


# -- budgets ------------------------------------------------------------------------------------------------------------


# Issue 3: "per-host and per-site budgets": as many as the setting says, not one more and not one less.
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    ("budget", "urls", "reason"),
    [
        ("host_urls", [f"http://a.test/{n}" for n in range(5)], "host_budget"),
        ("site_urls", [f"http://{n}.site.test/" for n in range(5)], "site_budget"),
        ("queued", [f"http://a.test/{n}" for n in range(5)], "queue_full"),
        ("queued", [f"http://{n}.test/" for n in range(5)], "queue_full"),
    ],
)
def test_budgets_are_exact_at_their_border(budget: str, urls: list[str], reason: str, at_once: bool) -> None:
    shard = new_shard(tuned(budgets={budget: 3}))
    links = [discovery(urls)] if at_once else [discovery([url]) for url in urls]
    assert len(admitted(shard, *links).urls) == 3
    assert refused(shard) == {reason: 2} and shard.queued_urls == 3
    admitted(shard, discovery(urls[:3]))  # known ones take nothing of it
    assert refused(shard) == {reason: 2} and len(shard.tx.urls) == 3


def test_media_counts_like_pages_but_known_media_takes_nothing() -> None:
    shard = new_shard(tuned(budgets={"host_urls": 1}))
    for _ in range(2):
        admitted(shard, discovery(["http://a.test/x.jpg"], kind=MEDIA, on="http://b.test/"))
    assert refused(shard) == {} and row_of(shard, "a.test").urls == 1
    admitted(shard, discovery(["http://a.test/y.jpg"], kind=MEDIA))
    assert refused(shard) == {"host_budget": 1}


# -- known URLs ---------------------------------------------------------------------------------------------------------


def test_a_known_page_is_not_written_again_and_known_media_says_where_it_was_found() -> None:
    """Section 5: a media row lists the pages that embed it; each of them may be the one that a hotline reports."""
    shard = new_shard()
    one, two = (discovery(["http://a.test/x"], on=page) for page in ("http://b.test/1", "http://b.test/2"))
    assert len(admitted(shard, one, two).urls) == 1
    shard = new_shard()
    first, second = (
        discovery(["http://a.test/x.jpg"], kind=MEDIA, on=page) for page in ("http://b.test/1", "http://b.test/2")
    )
    tx = admitted(shard, first, second)
    assert [row[FOUND_ON] for row in tx.media] == [[first.parent], [second.parent]]
    assert (row_of(shard, "a.test").queued, row_of(shard, "a.test").urls, shard.queued_urls) == (1, 1, 1)
    assert shard.candidates == {"a.test": 1} and shard.new_media == 1


def test_media_that_was_redirected_is_still_found_on_the_pages_that_embed_it() -> None:
    pages = [b"page one", b"page two"]
    found = discovery(
        ["http://a.test/y.jpg"], purpose=Purpose.REDIRECT, kind=MEDIA, on="http://a.test/x.jpg", found_on=pages
    )
    assert [row[FOUND_ON] for row in admitted(new_shard(), found).media] == [pages]


def test_known_media_is_found_on_both_pages_in_the_store() -> None:
    play = Play()
    one, two = (
        discovery(["http://a.test/x.jpg"], kind=MEDIA, on=page) for page in ("http://b.test/", "http://c.test/")
    )
    play.step(one)
    play.step(two)
    assert play.row("http://a.test/x.jpg").found_on == [one.parent, two.parent]
    assert play.host("a.test").queued == len(play.store.queue) == 1


# -- dropped parameters -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "queued"),
    [
        ("https://a.test/x?b=1&utm_source=y&a=2", "https://a.test/x?b=1&a=2"),
        ("http://a.test/x?sid=0123456789", "http://a.test/x"),
        ("http://a.test:8080/x;jsessionid=01AB?a=1", "http://a.test:8080/x?a=1"),
        ("http://a.test/x?", "http://a.test/x?"),
    ],
)
def test_what_is_dropped_changes_the_identity(found: str, queued: str) -> None:
    """Issue 3: "tracking and session parameters dropped only by policy"; the url_id is that of the URL that is fetched."""
    shard = new_shard()
    tx = admitted(shard, discovery([found]))
    assert [row[URL] for row in tx.urls] == [url_id(queued)] and queued.endswith(paths(shard)[0])
    assert url_id(queued) in shard.seen
    assert len(admitted(shard, discovery([queued, found])).urls) == 1


def test_nothing_is_dropped_that_the_settings_do_not_name() -> None:
    shard = new_shard(tuned(traps={"drop_parameters": []}))
    admitted(shard, discovery(["http://a.test/x?utm_source=y&sid=1"]))
    assert paths(shard) == ["/x?utm_source=y&sid=1"]


# -- redirects ----------------------------------------------------------------------------------------------------------


# Issue 3: "Redirects are found URLs with their chain remembered"; rule 12: a refusal has its evidence.
def test_redirect_loops_are_refused_and_say_how_long_they_are() -> None:
    shard = new_shard()
    chain = ["http://a.test/1", "http://a.test/2", "http://a.test/3"]
    for back in ("http://a.test/1", "http://a.test/3", "http://a.test/2?utm_source=x"):
        admitted(shard, discovery([back], purpose=Purpose.REDIRECT, chain=chain, hops=3))
    assert paths(shard) == [] and refused(shard) == {"redirect_loop": 3}
    for n, ago in ((0, 3), (2, 1)):
        verdict = shard.policy.loop_verdict(identity(chain[n]), [identity(each) for each in chain])
        assert verdict == refuse(Reason.REDIRECT_LOOP, f"the same URL {ago} redirects before")


def test_a_redirect_goes_on_with_its_chain_and_a_known_target_changes_nothing() -> None:
    shard = new_shard()
    chain = ["http://a.test/1", "http://a.test/2"]
    found = discovery(["http://a.test/3"], purpose=Purpose.REDIRECT, chain=chain, hops=2)
    tx = admitted(shard, found, found)
    assert [row[7] for row in tx.urls] == [2]
    assert shard.chains == {identity("http://a.test/3"): [identity(each) for each in chain]}
    assert refused(shard) == {}


@pytest.mark.parametrize(
    ("within", "beyond", "reason"),
    [({"hops": 10}, {"hops": 11}, "redirect_hops"), ({"depth": 64}, {"depth": 65}, "depth")],
)
def test_hops_and_depth_are_exact_at_their_border(within: Any, beyond: Any, reason: str) -> None:
    shard = new_shard()
    admitted(
        shard, discovery(["http://a.test/1"], **within), discovery(["http://a.test/2", "http://b.test/"], **beyond)
    )
    assert paths(shard) == ["/1"] and refused(shard) == {reason: 2}


# -- scope and opt-outs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "passed", "reasons"),
    [
        ({"include_sites": ["a.test"]}, ["/", "/x/1"], {"scope_not_included": 1}),
        ({"exclude_hosts": ["*.a.test"]}, ["/", "/x/1", "/"], {}),
        ({"exclude_hosts": ["b.test"]}, ["/", "/x/1"], {"scope_excluded": 1}),
        ({"exclude_paths": ["/x/"]}, ["/", "/"], {"scope_excluded": 1}),
        ({"include_paths": ["/x/"]}, ["/x/1"], {"scope_not_included": 2}),
    ],
)
def test_what_is_out_of_scope_gets_no_row(scope: Any, passed: list[str], reasons: dict[str, int]) -> None:
    """Rule 12: counted by reason, and refused links get no row."""
    shard = new_shard(tuned(scope=scope))
    admitted(shard, discovery(["http://a.test/", "http://a.test/x/1", "http://b.test/"]))
    assert paths(shard) == passed and refused(shard) == reasons


def test_an_opted_out_host_and_all_under_it_get_no_row_until_that_ends() -> None:
    shard = new_shard()
    shard.policy.control([Control("block", "a.test", "optout", "asked by its owner", NOW + 60.0)])
    links = discovery(["http://a.test/", "http://www.a.test/1", "http://www.a.test/2", "http://b.test/"])
    admitted(shard, links)
    assert [row[1] for row in shard.tx.urls] == [host_id("b.test")] and refused(shard) == {"opted_out": 3}
    assert row_of(shard, "a.test").urls == 0
    assert len(admitted(shard, links, now=NOW + 61.0).urls) == 4


def test_nofollow_is_obeyed_by_setting() -> None:
    """Issue 3: "recorded; obeyed by setting (default: links found by hotlines' crawls are followed)"."""
    link = discovery(["http://a.test/"], flags=NOFOLLOW)
    assert len(admitted(new_shard(), link).urls) == 1
    strict = new_shard(tuned(scope={"follow_nofollow": False}))
    assert len(admitted(strict, link).urls) == 0 and refused(strict) == {"nofollow": 1}


def test_a_refused_link_is_not_seen_and_may_pass_when_the_reason_is_gone() -> None:
    shard = new_shard(tuned(budgets={"host_urls": 1}))
    admitted(shard, discovery(["http://a.test/1", "http://a.test/2"]))
    row_of(shard, "a.test").urls = 0
    admitted(shard, discovery(["http://a.test/2"]))
    assert paths(shard) == ["/1", "/2"]


# -- after the commit ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("new", [0, 1, 3])
def test_counts_of_what_was_known_are_taken_back(new: int) -> None:
    """Rule 3: memory is a cache: what it has forgotten looks new, and the store knows better."""
    shard = new_shard()
    admitted(shard, discovery([f"http://www.site.test/{n}" for n in range(3)]))
    row = row_of(shard, "www.site.test")
    assert (row.queued, row.urls, shard.queued_urls) == (3, 3, 3)
    committed(shard, {row.host_id: new} if new else {})
    site = shard.bench.hosts["www.site.test"].site
    assert (row.queued, row.urls, site.urls, shard.queued_urls) == (new, new, new, new)
    assert shard.candidates == {}
    assert [host.row.host for host in shard.bench.ready(NOW)] == ["www.site.test"]


def test_counts_of_each_host_are_taken_back_for_itself() -> None:
    shard = new_shard()
    links = ["http://a.test/1", "https://a.test/1", "http://b.test/1"]
    admitted(shard, discovery(links), discovery(["http://a.test/2"]))
    assert shard.candidates == {"a.test": 3, "b.test": 1}
    committed(shard, {host_id("a.test"): 2, host_id("b.test"): 1})
    assert [row_of(shard, name).queued for name in ("a.test", "b.test")] == [2, 1] and shard.queued_urls == 3
