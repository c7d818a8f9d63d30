"""What answers to robots.txt fetches mean over time (RFC 9309, 2.3 and 2.4)."""

import pytest

from contracts.options import DAY, HOUR
from contracts.refusals import Reason, Refusal
from frontier.robots import (
    Access,
    Mode,
    RobotsState,
    RobotsVerdict,
    access,
    after_fetch,
    decide,
    decode,
    encode,
    explain,
    parse_rules,
)

NOW = 1_800_000_000.0
FILE = b"User-agent: *\nDisallow: /private\nCrawl-delay: 5\n"


def reason(state: RobotsState, path: str, max_crawl_delay: float = 60.0) -> Reason | None:
    rules = None if state.body is None else parse_rules(state.body, "Pisaura")
    refused = decide(state, rules, path, max_crawl_delay)
    told = explain(state, rules, path, max_crawl_delay)
    assert told == refused if refused else isinstance(told, RobotsVerdict) and told.allowed
    return refused.reason if refused else None


# RFC 9309, 2.3.1.2 to 2.3.1.4. 429 asks for fewer requests, which "allow all" would not answer: unreachable (issue 3).
@pytest.mark.parametrize(
    ("status", "error", "means"),
    [
        (200, "", Access.FILE),
        (204, "", Access.FILE),
        (304, "", Access.NOT_MODIFIED),
        (301, "", Access.REDIRECT),
        (404, "", Access.UNAVAILABLE),
        (401, "", Access.UNAVAILABLE),
        (403, "", Access.UNAVAILABLE),
        (410, "", Access.UNAVAILABLE),
        (499, "", Access.UNAVAILABLE),
        (429, "", Access.UNREACHABLE),
        (500, "", Access.UNREACHABLE),
        (503, "", Access.UNREACHABLE),
        (600, "", Access.UNREACHABLE),
        (100, "", Access.UNREACHABLE),
        (0, "connect_timeout", Access.UNREACHABLE),
        (200, "reset", Access.UNREACHABLE),
    ],
)
def test_what_an_answer_means(status: int, error: str, means: Access) -> None:
    assert access(status, error) is means


# RFC 9309, 2.3.1.1: "the crawler MUST follow the parseable rules"; 2.4: "SHOULD NOT use the cached version for more
# than 24 hours".
def test_a_file_counts_for_a_day_and_is_asked_for_again_after_20_hours() -> None:
    state = after_fetch(None, 200, "", FILE, NOW)
    assert (state.kind, state.refresh_at, state.expires_at) == (Mode.RULES, NOW + 20 * HOUR, NOW + 24 * HOUR)
    assert reason(state, "/private/x") is Reason.ROBOTS
    assert reason(state, "/public") is None


def test_html_in_place_of_a_file_allows_all() -> None:
    page = b"<!DOCTYPE html><html><head><title>Not found</title></head>\n<body>User-agent: * Disallow: /</body></html>"
    assert reason(after_fetch(None, 200, "", page, NOW), "/x") is None


# RFC 9309, 2.3.1.3: "the crawler MAY access any resources on the server"; 2.3.1.2: "If there are more than five
# consecutive redirects, crawlers MAY assume that the robots.txt file is unavailable."
@pytest.mark.parametrize("status", [404, 403, 302])
def test_unavailable_allows_all_for_a_day(status: int) -> None:
    state = after_fetch(after_fetch(None, 200, "", FILE, NOW), status, "", b"", NOW + DAY)
    assert (state.kind, state.body, state.expires_at) == (Mode.ALLOW_ALL, None, NOW + 2 * DAY)
    assert reason(state, "/private") is None


# RFC 9309, 2.3.1.4: "the crawler MUST assume complete disallow".
@pytest.mark.parametrize(("status", "error"), [(503, ""), (429, ""), (0, "connect_timeout"), (0, "dns_not_found")])
def test_unreachable_disallows_all(status: int, error: str) -> None:
    state = after_fetch(None, status, error, b"", NOW)
    assert state.unreachable_since == NOW
    assert reason(state, "/x") is Reason.ROBOTS_UNREACHABLE
    assert reason(state, "/robots.txt") is None
    assert decide(state, None, "/x", 60.0) == Refusal(
        Reason.ROBOTS_UNREACHABLE, f"robots.txt: {error or f'status {status}'}"
    )


# RFC 9309, 2.4: "[...] unless the robots.txt is unreachable"; 2.3.1.4: "or continue to use a cached copy".
def test_a_copy_serves_while_the_file_is_unreachable() -> None:
    state = after_fetch(None, 200, "", FILE, NOW)
    for hour in range(20, 24 * 40, 6):
        state = after_fetch(state, 503, "", b"", NOW + hour * HOUR)
        assert reason(state, "/private") is Reason.ROBOTS
        assert reason(state, "/public") is None
        assert state.unreachable_since == NOW + 20 * HOUR
        assert NOW + hour * HOUR < state.refresh_at <= NOW + (hour + 6) * HOUR < state.expires_at
    state = after_fetch(state, 200, "", b"", NOW + 41 * DAY)
    assert (state.unreachable_since, reason(state, "/private")) == (0.0, None)


# RFC 9309, 2.3.1.4: "If the robots.txt file is undefined for a reasonably long period of time (for example, 30 days),
# crawlers MAY assume that the robots.txt file is unavailable".
def test_after_30_days_without_any_copy_all_is_allowed() -> None:
    state = after_fetch(None, 500, "", b"", NOW)
    state = after_fetch(state, 0, "connect_timeout", b"", NOW + 29.9 * DAY)
    assert reason(state, "/x") is Reason.ROBOTS_UNREACHABLE
    state = after_fetch(state, 500, "", b"", NOW + 30 * DAY)
    assert (state.kind, reason(state, "/x")) == (Mode.ALLOW_ALL, None)
    assert reason(after_fetch(state, 500, "", b"", NOW + 33 * DAY), "/x") is None
    assert reason(after_fetch(state, 200, "", FILE, NOW + 33 * DAY), "/private") is Reason.ROBOTS


def test_an_allow_all_serves_out_its_day_but_is_no_copy() -> None:
    state = after_fetch(None, 404, "", b"", NOW)
    state = after_fetch(state, 503, "", b"", NOW + 20 * HOUR)
    assert (reason(state, "/x"), state.expires_at) == (None, NOW + 24 * HOUR)
    state = after_fetch(state, 503, "", b"", NOW + 24 * HOUR)
    assert reason(state, "/x") is Reason.ROBOTS_UNREACHABLE


def test_retries_spread_out() -> None:
    state = after_fetch(None, 503, "", b"", NOW)
    waits = []
    for _ in range(12):
        waits.append(state.refresh_at - state.expires_at + 24 * HOUR)
        state = after_fetch(state, 503, "", b"", state.refresh_at)
    assert waits[:4] == [300.0, 300.0, 600.0, 1200.0]
    assert waits[-1] == 6 * HOUR


def test_the_first_wait_may_be_short_and_doubles_all_the_same() -> None:
    """A site that was away for a moment must not lose a whole crawl."""
    state = after_fetch(None, 503, "", b"", NOW, first_retry=10.0)
    waits = []
    for _ in range(5):
        at = state.refresh_at
        state = after_fetch(state, 503, "", b"", at, first_retry=10.0)
        waits.append(round(state.refresh_at - at, 3))
    assert waits == [10.0, 20.0, 40.0, 80.0, 160.0]


def test_a_time_named_by_the_server_is_taken_once_and_then_only_as_the_soonest() -> None:
    state = after_fetch(None, 503, "", b"", NOW, NOW + 5)
    assert state.refresh_at == NOW + 5 and reason(state, "/x") is Reason.ROBOTS_UNREACHABLE
    state = after_fetch(state, 503, "", b"", NOW + 5, NOW + 6)
    assert state.refresh_at == NOW + 5 + 300
    state = after_fetch(state, 429, "", b"", NOW + 305, NOW + 5000)
    assert state.refresh_at == NOW + 5000
    assert after_fetch(None, 429, "", b"", NOW, NOW - 1).refresh_at == NOW + 300


def test_not_modified_renews_a_copy_and_means_nothing_without_one() -> None:
    state = after_fetch(after_fetch(None, 200, "", FILE, NOW), 304, "", b"", NOW + 20 * HOUR)
    assert (state.body, state.fetched_at, state.expires_at) == (FILE, NOW, NOW + 44 * HOUR)
    assert reason(after_fetch(None, 304, "", b"", NOW), "/x") is Reason.ROBOTS_UNREACHABLE


# Issue 3: "Crawl-delay honoured up to max_crawl_delay, above it the host is refused by name. Verdict = value with the
# deciding line."
def test_refusals_carry_their_line() -> None:
    state = after_fetch(None, 200, "", FILE, NOW)
    rules = parse_rules(FILE, "Pisaura")
    assert decide(state, rules, "/private", 60.0) == Refusal(Reason.ROBOTS, "line 2: Disallow: /private")
    assert decide(state, rules, "/x", 4.0) == Refusal(Reason.CRAWL_DELAY, "line 3: Crawl-delay: 5 (limit 4 s)")
    assert decide(state, rules, "/x", 5.0) is None
    assert decide(state, None, "/x", 60.0) == Refusal(Reason.ROBOTS_UNREACHABLE, "robots.txt: status 200")


def test_a_line_that_was_only_assumed_to_match_says_so() -> None:
    lines = (f"Disallow: /*{'a' * 9}b{'a' * (9 + i % 9)}*{i:x}\n" for i in range(12_000))
    state = after_fetch(None, 200, "", f"User-agent: *\n{''.join(lines)}".encode(), NOW)
    assert state.body is not None
    path = "/" + "a" * 1000 + "b" + "a" * 1000
    refused = decide(state, parse_rules(state.body, "Pisaura"), path, 60.0)
    assert refused is not None
    assert refused.evidence.endswith("(assumed to match: trying all wildcards costs too much)")


def test_states_can_be_stored() -> None:
    for state in (after_fetch(None, 200, "", FILE, NOW), after_fetch(None, 0, "reset", b"", NOW)):
        assert decode(encode(state)) == state
    unreadable = decode(b"\xc1 nonsense")
    assert (reason(unreadable, "/x"), unreadable.refresh_at) == (Reason.ROBOTS_UNREACHABLE, 0.0)
