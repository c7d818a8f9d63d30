"""frontier.outcomes: one table from error to wait, tries and effect on the host, and the verdict on a URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.crawl import QueueItem, UrlState
from contracts.faults import NOT_REQUESTED, Fault
from contracts.messages import LinkKind, Outcome, Result
from contracts.options import DAY
from contracts.refusals import Reason
from contracts.settings import LimitSettings, Recrawl, Settings
from frontier.outcomes import ERRORS_IN_A_ROW, TREATMENTS, Effect, Verdict, host_wait, judge, treatment

NOW = 1_000_000.0
SETTINGS = Settings()
POLITENESS = SETTINGS.politeness
BACKOFF = POLITENESS.backoff


def item(**changes: object) -> QueueItem:
    given: dict[str, object] = {
        "lane": 4, "due_at": 0.0, "url_id": b"u" * 16, "media": False, "https": False, "path": "/", "kind": int(LinkKind.PAGE),
        "depth": 0, "hops": 0, "tries": 0, "lost": 0, "fetched_at": 0.0, "interval": 0.0, "etag": "", "last_modified": "",
        "content_key": b"", "found_on": [],
    }  # fmt: skip
    return QueueItem(**{**given, **changes})  # type: ignore[arg-type]


def outcome(result: Result, **changes: object) -> Outcome:
    given: dict[str, object] = {
        "order_id": b"o", "url_id": b"u" * 16, "result": result, "started_at": NOW - 1, "ended_at": NOW,
    }  # fmt: skip
    return Outcome(**{**given, **changes})  # type: ignore[arg-type]


def failed(error: str, **changes: object) -> Outcome:
    return outcome(Result.FAILED, error=error, **changes)


def http(status: int, **changes: object) -> Outcome:
    return outcome(Result.HTTP_ERROR, status=status, **changes)


def verdict(came: Outcome, of: QueueItem | None = None, settings: Settings = SETTINGS) -> Verdict:
    return judge(came, of or item(), settings, 0.0)


def wait(came: Outcome, errors: int, chance: float = 0.0) -> float:
    return host_wait(treatment(came), came, errors, POLITENESS, chance)


def test_every_fault_of_a_request_has_a_row() -> None:
    assert {fault for fault in Fault if fault not in NOT_REQUESTED} - TREATMENTS.keys() == set()


@given(st.integers(300, 999))
def test_every_status_has_a_row(status: int) -> None:
    row = treatment(http(status))
    assert row.again is (500 <= status < 600 or status in (408, 425, 429))


@pytest.mark.parametrize("status", [404, 410])
def test_gone_is_gone(status: int) -> None:
    found = verdict(http(status))
    assert (found.state, found.due_at) == (UrlState.GONE, NOW + SETTINGS.recrawl.longest)


def test_a_failing_url_is_tried_again_ever_later_and_then_given_up() -> None:
    waits, tries = [], 0
    for _ in range(SETTINGS.limits.tries - 1):
        found = verdict(http(500), item(tries=tries))
        assert found.state is UrlState.QUEUED and found.due_at is not None
        tries = found.tries
        waits.append(found.due_at - NOW)
    assert waits == [BACKOFF, 2 * BACKOFF, 4 * BACKOFF]
    last = verdict(http(500), item(tries=tries))
    assert (last.state, last.why) == (UrlState.FAILED, f"{Reason.TRIES}: {SETTINGS.limits.tries}, the last one 500")


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_never_early_and_costs_no_try(status: int) -> None:
    """RFC 9110, 10.2.3; the issue: never early, at most 5 s late when idle."""
    came = http(status, retry_at=NOW + 90)
    assert wait(came, 1) == NOW + 90
    found = verdict(came)
    assert (found.state, found.tries, found.due_at) == (UrlState.QUEUED, 0, NOW + 90)


def test_retry_after_is_bounded_by_what_is_sane() -> None:
    assert wait(http(429, retry_at=NOW + 365 * DAY), 1) == NOW + POLITENESS.max_retry_after


def test_a_busy_server_that_does_not_say_how_long_costs_a_try() -> None:
    assert verdict(http(503)).tries == 1
    assert treatment(http(503)).strain


def test_a_dead_host_costs_its_urls_nothing_and_waits_ever_longer() -> None:
    came = failed(Fault.CONNECT_REFUSED)
    assert verdict(came).tries == 0
    assert [wait(came, errors) - NOW for errors in (1, 2, 3)] == [BACKOFF, 2 * BACKOFF, 4 * BACKOFF]


def test_a_name_that_does_not_exist_waits_longest_after_three_looks() -> None:
    came = failed(Fault.DNS_NOT_FOUND)
    assert [wait(came, errors) - NOW for errors in (1, 2, 3)] == [BACKOFF, 2 * BACKOFF, POLITENESS.max_backoff]


def test_errors_of_single_urls_do_not_hold_up_their_host_unless_there_are_many() -> None:
    came = failed(Fault.BAD_HTTP)
    assert treatment(came).effect is Effect.NONE
    assert wait(came, ERRORS_IN_A_ROW - 1) == 0.0
    assert wait(came, ERRORS_IN_A_ROW) > NOW


def test_a_page_that_crashes_its_parser_three_times_is_poison() -> None:
    """The issue: refused as `poison`, its fellows are fetched."""
    tries = 0
    for _ in range(2):
        found = verdict(failed("parser_crashed"), item(tries=tries))
        assert found.state is UrlState.QUEUED
        tries = found.tries
    last = verdict(failed("parser_crashed"), item(tries=tries))
    assert (last.state, last.due_at) == (UrlState.REFUSED, None)
    assert last.refusal is not None and last.refusal.reason is Reason.POISON


def test_media_too_large_for_a_page_is_asked_for_as_media() -> None:
    came = outcome(Result.REFUSED, error=Reason.TOO_LARGE.value, is_media=True)
    assert (verdict(came).state, verdict(came).due_at) == (UrlState.QUEUED, NOW)
    final = verdict(came, item(media=True))
    assert final.state is UrlState.REFUSED and final.refusal is not None
    assert final.refusal.reason is Reason.TOO_LARGE


def test_change_decides_when_a_page_is_fetched_again() -> None:
    recrawl = SETTINGS.recrawl
    first = verdict(outcome(Result.FETCHED, content_key=b"1"))
    assert (first.state, first.due_at) == (UrlState.FETCHED, NOW + recrawl.first)
    known = item(fetched_at=1.0, interval=8 * DAY, content_key=b"1")
    assert verdict(outcome(Result.FETCHED, content_key=b"2"), known).interval == 4 * DAY
    assert verdict(outcome(Result.FETCHED, content_key=b"1"), known).interval == 16 * DAY
    assert verdict(outcome(Result.NOT_MODIFIED), known).interval == 16 * DAY


def test_without_recrawl_nothing_comes_back_but_retries() -> None:
    settings = Settings(recrawl=Recrawl(enabled=False))
    assert verdict(outcome(Result.FETCHED), settings=settings).due_at is None
    assert verdict(http(404), settings=settings).due_at is None
    assert verdict(http(500), settings=settings).due_at is not None


def test_the_number_of_tries_is_a_setting() -> None:
    once = Settings(limits=LimitSettings(tries=1))
    assert verdict(http(500), settings=once).state is UrlState.FAILED


@given(
    st.sampled_from([http(status) for status in (404, 429, 500, 503)] + [failed(fault) for fault in Fault]),
    st.integers(0, 10),
    st.floats(0.0, 1.0),
)
def test_nothing_is_due_before_it_ended(came: Outcome, tries: int, chance: float) -> None:
    found = judge(came, item(tries=tries), SETTINGS, chance)
    assert found.due_at is None or found.due_at >= NOW
    assert found.why
    assert found.tries <= tries + 1
