"""frontier.errands: robots.txt on its way, over redirects and hosts (docs/design.md, section 3, rule 10; RFC 9309, 2.3)."""

from typing import Any

import pytest

from contracts.crawl import FAR
from contracts.faults import Fault
from contracts.messages import Discovery, LinkGroup, LinkKind, OrderKind, Outcome, Purpose, Result
from contracts.notes import Control
from contracts.options import DAY, HOUR
from contracts.refusals import Reason, refuse
from contracts.sites import bucket_of
from contracts.topics import URLS
from contracts.urls import url_id
from frontier.errands import (
    ANSWER_WITHIN,
    LOST_MOST,
    RELOAD,
    Need,
    answer,
    draft_errand,
    learn,
    lost,
    receive,
    returned,
    robots_needed,
    rules_missing,
    turn_away,
    verdict,
)
from frontier.orders import Draft, delay_of, robots_draft
from frontier.robots import Mode
from frontier.shard import Out, Rules, Shard
from frontier.workbench import Host
from tests.unit.frontier.playbook import NOW, Play, paths, tuned
from tests.unit.frontier.shards import new_shard, place, refused, sent

NO = b"User-agent: *\nDisallow: /no\n"


def came(shard: Shard, host: Host, out: Out, result: Result = Result.FETCHED, now: float = NOW, **facts: Any) -> None:
    """The answer to an order for a robots.txt."""
    status = {Result.FETCHED: 200, Result.REDIRECT: 302, Result.NOT_MODIFIED: 304}.get(result, 0)
    returned(shard, host, out, Outcome(b"", b"", result, now, now, **{"status": status, **facts}), now)


def message(shard: Shard) -> Discovery:
    """The one message that was said."""
    ((topic, partition, found),) = sent(shard)
    assert isinstance(found, Discovery) and topic == URLS and partition == shard.partition(found.groups[0].bucket)
    return found


def deliver(shard: Shard, now: float = NOW) -> Host:
    """Bring the one message that was said to its host."""
    found = message(shard)
    host = place(shard, found.groups[0].host)
    receive(shard, host, found, now)
    return host


def asked(shard: Shard, name: str = "a.test", https: bool = False, now: float = NOW) -> tuple[Host, Draft]:
    """An order for an origin's robots.txt is out."""
    host = place(shard, name)
    assert robots_needed(shard, host, https, now)[0] is Need.FETCH
    return host, robots_draft(shard, host, https, now)


def redirected(shard: Shard, to: str = "http://b.test/robots.txt", now: float = NOW) -> Host:
    """A robots.txt of a.test that is elsewhere."""
    host, made = asked(shard)
    came(shard, host, made.out, Result.REDIRECT, now, location=to)
    return host


# -- redirects ----------------------------------------------------------------------------------------------------------


# Rule 10: "A redirected robots.txt travels in [urls] as an errand; the other host's shard has it fetched under its own
# politeness and answers to the first; meanwhile URLs of the origin are admitted, none issued."
@pytest.mark.parametrize(
    "to",
    ["http://b.test/robots.txt", "https://b.test:8443/other?file=1", "http://a.test/txt", "https://a.test/robots.txt"],
)
def test_a_redirect_is_an_errand_to_another_host_or_its_own(to: str) -> None:
    shard = new_shard(partitions=4096)
    host = redirected(shard, to)
    assert host.robots == {} and robots_needed(shard, host, False, NOW) == (Need.WAIT, NOW + ANSWER_WITHIN)
    other = deliver(shard)
    assert (other is host) is ("//a.test/" in to) and host.hold == 0.0 and other.ready_at <= NOW
    made = draft_errand(shard, other, NOW)
    assert (made.order.kind, made.order.host) == (OrderKind.ROBOTS, other.row.host)
    assert [(item.url, item.url_id, item.kind, item.hops) for item in made.order.items] == [
        (to, url_id(to), LinkKind.ROBOTS, 1)
    ]
    came(shard, other, made.out, robots_body=NO)
    assert deliver(shard) is host
    assert verdict(shard, host, False, "/no") == refuse(Reason.ROBOTS, "line 2: Disallow: /no")
    assert verdict(shard, host, False, "/x") is None
    assert list(host.robots) == [False] and (other is host or other.robots == {})
    assert robots_needed(shard, host, False, NOW) == (Need.NOTHING, NOW + 24 * HOUR)


def test_answers_go_to_the_first_bucket_over_any_number_of_hosts() -> None:
    shard = new_shard(partitions=4096)
    host = redirected(shard)
    other = deliver(shard)
    came(shard, other, draft_errand(shard, other, NOW).out, Result.REDIRECT, location="http://c.test/robots.txt")
    assert other.robots_wait == {}  # it waits for nothing of its own
    third = deliver(shard)
    came(shard, third, draft_errand(shard, third, NOW).out, robots_body=NO)
    found = message(shard)
    assert found.purpose is Purpose.ROBOTS_ANSWER
    assert [(group.https, group.host, group.bucket) for group in found.groups] == [(False, "a.test", host.row.bucket)]
    assert found.robots is not None and (found.robots.origin, found.robots.body) == ("http://a.test", NO)


# RFC 9309, 2.3.1.2: "crawlers SHOULD follow at least five consecutive redirects, even across authorities"; "If there are
# more than five consecutive redirects, crawlers MAY assume that the robots.txt file is unavailable."
@pytest.mark.parametrize(("redirects", "mode"), [(5, Mode.RULES), (6, Mode.ALLOW_ALL)])
@pytest.mark.parametrize("names", [["b.test", "c.test"], ["a.test"]])
def test_five_redirects_are_followed_and_the_sixth_means_unavailable(
    names: list[str], redirects: int, mode: Mode
) -> None:
    shard = new_shard()
    host, made = asked(shard)
    at, out = host, made.out
    for n in range(redirects):
        came(shard, at, out, Result.REDIRECT, location=f"http://{names[n % len(names)]}/{n}.txt")
        at = deliver(shard)
        if not at.errands:
            break
        out = draft_errand(shard, at, NOW).out
    else:
        came(shard, at, out, robots_body=NO)
        at = deliver(shard)
    assert at is host and host.robots[False].kind is mode and sent(shard) == []


@pytest.mark.parametrize(
    ("to", "why"),
    [("ftp://b.test/robots.txt", "scheme"), ("http://u:p@b.test/", "credentials"), ("http://", "malformed")],
)
def test_a_redirect_to_what_may_not_be_asked_counts_as_unreachable(to: str, why: str) -> None:
    shard = new_shard()
    host = redirected(shard, to)
    assert sent(shard) == [] and (host.robots[False].kind, host.robots[False].why) == (Mode.DISALLOW_ALL, why)


def test_an_errand_unanswered_for_300_seconds_means_unreachable() -> None:
    shard = new_shard()
    host = redirected(shard)
    assert ANSWER_WITHIN == 300.0
    assert robots_needed(shard, host, False, NOW + 299.9) == (Need.WAIT, NOW + 300.0)
    need, until = robots_needed(shard, host, False, NOW + 300.0)
    assert need is Need.WAIT and until > NOW + 300.0 and host.robots_wait == {}
    assert host.row.why == "robots_unreachable: robots_redirect_unanswered"
    found = message(shard)
    other = place(shard, "b.test")
    receive(shard, other, found, NOW + 301.0)
    came(shard, other, draft_errand(shard, other, NOW + 301.0).out, robots_body=NO)  # late is better than never
    assert deliver(shard, NOW + 302.0) is host
    assert robots_needed(shard, host, False, NOW + 302.0)[0] is Need.NOTHING


def test_only_the_redirected_origin_waits() -> None:
    """Rule 10: robots belong to the origin."""
    shard = new_shard()
    host = redirected(shard)
    assert robots_needed(shard, host, True, NOW) == (Need.FETCH, NOW)


def test_an_answer_wakes_a_host_that_has_urls_and_no_other() -> None:
    for due, then in ((NOW + 500.0, NOW + 1.0), (FAR, FAR)):
        shard = new_shard()
        host = redirected(shard)
        host.row.due_at, host.hold = due, NOW + 300.0
        other = deliver(shard)
        came(shard, other, draft_errand(shard, other, NOW).out, robots_body=b"")
        deliver(shard, NOW + 1.0)
        assert (host.row.due_at, host.hold) == (then, 0.0)


# -- errands to a host --------------------------------------------------------------------------------------------------


# Rule 1: "every hop passes policy, robots, politeness and the address guard"; rule 12: every "no" has a name.
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"scope": {"exclude_hosts": ["b.test"]}}, Reason.SCOPE_EXCLUDED),
        ({"scope": {"include_sites": ["a.test"]}}, Reason.SCOPE_NOT_INCLUDED),
        ({}, Reason.OPTED_OUT),
        ({}, Reason.ADDRESS_DENIED),
    ],
)
def test_a_host_that_may_not_be_asked_answers_at_once(settings: Any, reason: Reason) -> None:
    shard = new_shard(tuned(**settings))
    host = redirected(shard)
    if reason is Reason.OPTED_OUT:
        shard.policy.control([Control("block", "192.0.2.0/24", "optout", "asked by its owner")])
    if reason is Reason.ADDRESS_DENIED:
        place(shard, "b.test").refusal = refuse(reason, "192.0.2.1")
    other = deliver(shard)
    assert not other.errands
    assert deliver(shard) is host
    assert (host.robots[False].kind, host.robots[False].why) == (Mode.DISALLOW_ALL, reason.value)


def test_errands_that_wait_are_answered_when_the_host_turns_out_to_be_refused() -> None:
    shard = new_shard()
    redirected(shard)
    other = deliver(shard)
    turn_away(shard, other, refuse(Reason.ADDRESS_NOT_GLOBAL, "10.0.0.1"))
    found = message(shard)
    assert found.robots is not None and (found.robots.status, found.robots.error) == (0, "address_not_global")
    assert not other.errands


def test_errands_that_wait_for_a_host_are_bounded() -> None:
    """Rule 8: memory is bounded whoever redirects to whom; who finds no place hears nothing and is unreachable in time."""
    shard = new_shard(tuned(limits={"errands": 3}))
    redirected(shard)
    found = message(shard)
    other = place(shard, "b.test")
    for _ in range(5):
        receive(shard, other, found, NOW)
    assert len(other.errands) == 3 and sent(shard) == []


def test_an_errand_that_names_no_url_is_counted_and_passed_by() -> None:
    shard = new_shard()
    redirected(shard)
    found = message(shard)
    other = place(shard, "b.test")
    empty = LinkGroup(False, "b.test", bucket_of("b.test"), [])
    receive(shard, other, Discovery(Purpose.ROBOTS, b"", 0, NOW, [empty], 1, robots=found.robots), NOW)
    assert not other.errands and shard.totals["unexpected_messages"] == 1


def test_an_errand_that_was_not_requested_goes_out_again() -> None:
    """Rule 1: what was not requested costs no try."""
    shard = new_shard()
    redirected(shard)
    other = deliver(shard)
    made = draft_errand(shard, other, NOW)
    assert not other.errands
    came(shard, other, made.out, Result.NOT_REQUESTED)
    assert len(other.errands) == 1 and sent(shard) == []


def test_an_answer_is_for_its_scheme() -> None:
    shard = new_shard()
    host, made = asked(shard, https=True)
    came(shard, host, made.out, Result.REDIRECT, location="http://b.test/robots.txt")
    found = message(shard)
    assert found.robots is not None and found.robots.origin == "https://a.test"
    answer(shard, found.robots, 404, "", b"")
    deliver(shard)
    assert list(host.robots) == [True] and host.robots_wait == {}


# -- what an answer means -----------------------------------------------------------------------------------------------


# RFC 9309, 2.3.1.1 successful access, 2.3.1.3 "unavailable" (400-499: MAY access any resources), 2.3.1.4 "unreachable"
# (500-599, network errors: MUST assume complete disallow). Issue 3: "429 counts as unreachable".
@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize(
    ("result", "facts", "mode", "why"),
    [
        (Result.FETCHED, {"robots_body": NO}, Mode.RULES, "status 200"),
        (Result.FETCHED, {"robots_body": b""}, Mode.RULES, "status 200"),
        (Result.FETCHED, {"status": 204, "robots_body": None}, Mode.RULES, "status 204"),
        (Result.HTTP_ERROR, {"status": 404}, Mode.ALLOW_ALL, "status 404"),
        (Result.HTTP_ERROR, {"status": 403}, Mode.ALLOW_ALL, "status 403"),
        (Result.HTTP_ERROR, {"status": 499}, Mode.ALLOW_ALL, "status 499"),
        (Result.HTTP_ERROR, {"status": 429}, Mode.DISALLOW_ALL, "status 429"),
        (Result.HTTP_ERROR, {"status": 500}, Mode.DISALLOW_ALL, "status 500"),
        (Result.HTTP_ERROR, {"status": 599}, Mode.DISALLOW_ALL, "status 599"),
        (Result.NOT_MODIFIED, {}, Mode.DISALLOW_ALL, "status 304"),
        (Result.FAILED, {"error": "connect_timeout"}, Mode.DISALLOW_ALL, "connect_timeout"),
        (Result.FAILED, {"status": 200, "error": "total_timeout"}, Mode.DISALLOW_ALL, "total_timeout"),
        (Result.FAILED, {"status": 404}, Mode.DISALLOW_ALL, Fault.BAD_HTTP.value),
        (Result.REFUSED, {"error": "address_denied"}, Mode.DISALLOW_ALL, "address_denied"),
    ],
)
def test_states(result: Result, facts: dict[str, Any], mode: Mode, why: str, elsewhere: bool) -> None:
    shard = new_shard()
    if elsewhere:
        host = redirected(shard)
        other = deliver(shard)
        came(shard, other, draft_errand(shard, other, NOW).out, result, **facts)
        deliver(shard)
    else:
        host, made = asked(shard)
        came(shard, host, made.out, result, **facts)
    state = host.robots[False]
    assert (state.kind, state.why) == (mode, why)
    assert shard.totals[f"robots:{mode.value}"] == 1
    assert refused(shard) == ({"robots_unreachable": 1} if mode is Mode.DISALLOW_ALL else {})
    need, until = robots_needed(shard, host, False, NOW)
    assert need is (Need.WAIT if mode is Mode.DISALLOW_ALL else Need.NOTHING) and until > NOW
    (origin,) = shard.tx.origins
    body = None if mode is not Mode.RULES else facts["robots_body"] or b"\n"
    assert (origin.host_id, origin.https, origin.body) == (host.row.host_id, False, body)


def test_a_copy_serves_while_the_file_is_unreachable() -> None:
    """RFC 9309, 2.3.1.4: after a reasonable time the file may be taken for unavailable, "or continue to use a cached copy"."""
    shard = new_shard()
    host, made = asked(shard)
    came(shard, host, made.out, robots_body=NO)
    for later in (21 * HOUR, 10 * DAY, 40 * DAY):
        assert robots_needed(shard, host, False, NOW + later)[0] is Need.FETCH
        came(shard, host, made.out, Result.HTTP_ERROR, NOW + later, status=503)
        assert robots_needed(shard, host, False, NOW + later)[0] is Need.NOTHING
        assert verdict(shard, host, False, "/no") is not None and verdict(shard, host, False, "/x") is None
    assert [origin.body for origin in shard.tx.origins] == [NO, None, None, None]  # the store keeps what it has


def test_a_file_is_asked_for_again_after_20_hours_and_not_used_beyond_24() -> None:
    """RFC 9309, 2.4: "crawlers SHOULD NOT use the cached version for more than 24 hours"; rule 10: asked again after 20 h."""
    shard = new_shard()
    host, made = asked(shard)
    came(shard, host, made.out, robots_body=NO)
    assert robots_needed(shard, host, False, NOW + 20 * HOUR - 1) == (Need.NOTHING, NOW + 24 * HOUR)
    assert robots_needed(shard, host, False, NOW + 20 * HOUR)[0] is Need.FETCH


def test_a_robots_txt_that_kills_its_fetchers_is_unreachable_after_three() -> None:
    """Rule 5: after three lost orders poison; a file that came in between starts the count again."""
    shard = new_shard()
    host, made = asked(shard)
    for _ in range(LOST_MOST - 1):
        lost(shard, host, False, NOW)
    came(shard, host, made.out, robots_body=NO)
    for n in range(LOST_MOST):
        assert host.robots[False].why == "status 200", n
        lost(shard, host, False, NOW + DAY)
    assert (host.robots[False].kind, host.robots[False].why) == (Mode.RULES, "poison")  # the copy serves on
    fresh, _ = asked(shard, "b.test")
    for _ in range(LOST_MOST):
        lost(shard, fresh, True, NOW)
    assert (fresh.robots[True].kind, fresh.row.why) == (Mode.DISALLOW_ALL, "robots_unreachable: poison")


def test_rules_that_had_to_make_room_are_loaded_before_anything_is_issued() -> None:
    shard = new_shard()
    host, made = asked(shard)
    came(shard, host, made.out, robots_body=NO)
    assert not rules_missing(shard, host)
    shard.rules = Rules()
    assert rules_missing(shard, host)
    assert robots_needed(shard, host, False, NOW) == (Need.WAIT, NOW + RELOAD)


# -- what a file asks for -----------------------------------------------------------------------------------------------


# Rule 10: politeness belongs to the host: the longest wait that one of its origins asks for and that we honour.
@pytest.mark.parametrize(
    ("http", "https", "delay"),
    [
        (b"", b"", 1.0),
        (b"Crawl-delay: 5", b"", 5.0),
        (b"Crawl-delay: 5", b"Crawl-delay: 7", 7.0),
        (b"Crawl-delay: 60", b"Crawl-delay: 7", 60.0),
        (b"Crawl-delay: 5", b"Crawl-delay: 61", 5.0),
        (b"Crawl-delay: 61", b"Crawl-delay: 5", 5.0),
        (b"Crawl-delay: 61", b"", 1.0),
    ],
)
def test_a_crawl_delay_above_the_limit_refuses_its_origin_and_leaves_the_others_in_force(
    http: bytes, https: bytes, delay: float
) -> None:
    shard = new_shard()
    host = place(shard, "a.test")
    for scheme, asks in ((False, http), (True, https)):
        learn(shard, host, scheme, 200, "", b"User-agent: *\n" + asks + b"\n", NOW)
    assert delay <= delay_of(shard, host) <= delay + 0.02
    for scheme, asks in ((False, http), (True, https)):
        no = refuse(Reason.CRAWL_DELAY, "line 2: Crawl-delay: 61 (limit 60 s)") if asks.endswith(b"61") else None
        assert verdict(shard, host, scheme, "/") == no
    shard.rules = Rules()
    learn(shard, host, False, 503, "", b"", NOW + DAY)  # what is not in memory still holds
    assert delay <= delay_of(shard, host) <= delay + 0.02


def test_a_crawl_delay_ends_with_the_file_that_asked_for_it() -> None:
    shard = new_shard()
    host = place(shard, "a.test")
    learn(shard, host, False, 200, "", b"User-agent: *\nCrawl-delay: 9\n", NOW)
    learn(shard, host, False, 404, "", b"", NOW + DAY)
    assert host.row.crawl_delay == 0.0 and delay_of(shard, host) < 1.1


# RFC 9309, 2.2.4: other records, as Sitemaps, may be interpreted; here they are found URLs like any other.
def test_sitemaps_of_a_robots_txt_are_queued() -> None:
    shard = new_shard(tuned(limits={"robots_sitemaps": 4}), partitions=4096)
    host, made = asked(shard, https=True)
    lines = [b"https://a.test/map.xml", b"http://b.test/map.gz?x=1", b"/relative.xml", b"ftp://a.test/no", b"/fifth"]
    came(shard, host, made.out, robots_body=b"".join(b"Sitemap: %s\n" % line for line in lines))
    found = sent(shard)
    links = []
    for topic, partition, each in found:
        assert isinstance(each, Discovery) and (topic, each.purpose, each.depth) == (URLS, Purpose.LINK, 1)
        ((group, (link,)),) = [(group, group.links) for group in each.groups]
        assert partition == group.bucket == bucket_of(group.host) and link.kind is LinkKind.SITEMAP
        assert len(each.parent) == 26 and each.parent.endswith(url_id("https://a.test/robots.txt"))
        links.append((group.https, group.host, link.path))
    # Those of the same host are queued in the same transaction, so that no kill between commit and log loses them.
    assert [(new[3], new[4], new[5]) for new in shard.tx.urls] == [
        (True, "/map.xml", LinkKind.SITEMAP),
        (True, "/relative.xml", LinkKind.SITEMAP),
    ]
    assert links == [(False, "b.test", "/map.gz?x=1")]
    assert refused(shard) == {"scheme": 1}


def test_a_sitemap_is_fetched() -> None:
    play = Play()
    assert paths(play.open("http://a.test/", robots=b"Sitemap: /map.xml\n")) == ["/", "/map.xml"]
