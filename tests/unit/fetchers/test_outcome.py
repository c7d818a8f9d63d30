"""What the frontier is told: results, errors, validators, retry times."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from contracts.faults import NOT_REQUESTED, Cut, Fault
from contracts.messages import Limits, LinkKind, Order, OrderItem, OrderKind, Outcome, Result
from contracts.refusals import Reason, Refusal
from fetchers.outcome import VALIDATOR_CHARS, location_of, not_requested, outcome_of, resolved
from fetchers.response import Failure, Resolution, Response

LIMITS = Limits(1000, 1000, 10.0, 5.0, 0)
ORDER = Order(b"o", 0, 0, OrderKind.PAGES, "h.test", "127.0.0.1", 0, 0, 0, 0, 1, "agent", LIMITS, [])
PAGE = OrderItem("http://h.test/", b"u", LinkKind.PAGE)
KNOWN = OrderItem("http://h.test/", b"u", LinkKind.PAGE, etag='"old"', last_modified="then")
MEDIA = OrderItem("http://h.test/i.jpg", b"u", LinkKind.MEDIA)
ROBOTS = OrderItem("http://h.test/robots.txt", b"u", LinkKind.ROBOTS)


def response(status: int = 200, *headers: tuple[str, str], body: bytes = b"body", cut: str = "") -> Response:
    fields = CIMultiDictProxy(CIMultiDict(headers))
    return Response(status, fields, body, 300, cut, 100.0, 101.0, "127.0.0.1", "expired", "")


def told(outcome: Outcome) -> tuple[Result, str]:
    return outcome.result, outcome.error


def test_a_whole_answer_is_fetched() -> None:
    answer = response(200, ("ETag", '"x"'), ("Last-Modified", "Tue, 15 Nov 1994 12:45:26 GMT"))
    outcome = outcome_of(ORDER, PAGE, answer, media_type="text/html", content_key=b"k" * 16, text_key=7)
    assert outcome == Outcome(
        b"o",
        b"u",
        Result.FETCHED,
        100.0,
        101.0,
        status=200,
        bytes_read=300,
        media_type="text/html",
        etag='"x"',
        last_modified="Tue, 15 Nov 1994 12:45:26 GMT",
        content_key=b"k" * 16,
        text_key=7,
        tls_fault="expired",
    )


# RFC 9110, 15.4: these five say where to go; 300 leaves a choice, 305 and 306 are gone, 304 is no redirect.
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects(status: int) -> None:
    outcome = outcome_of(ORDER, PAGE, response(status, ("Location", " /there "), cut=Cut.BODY_BYTES))
    assert (outcome.result, outcome.location) == (Result.REDIRECT, "/there")
    assert (
        outcome_of(ORDER, PAGE, response(status, ("Location", "/t")), location="http://h.test/t").location
        == "http://h.test/t"
    )
    assert told(outcome_of(ORDER, PAGE, response(status))) == (Result.FAILED, Fault.NO_LOCATION)


@pytest.mark.parametrize(
    "status", [300, 305, 306, 400, 401, 403, 404, 410, 418, 429, 451, 500, 503, 599, 600, 999, 0, 100]
)
def test_other_statuses_are_errors(status: int) -> None:
    assert told(outcome_of(ORDER, PAGE, response(status, ("Location", "/x")))) == (Result.HTTP_ERROR, "")


# RFC 9110, 15.4.5: only an answer to a conditional request; validators may be sent again, the old ones hold otherwise.
def test_not_modified() -> None:
    outcome = outcome_of(ORDER, KNOWN, response(304, ("ETag", '"new"'), body=b""))
    assert (outcome.result, outcome.etag, outcome.last_modified) == (Result.NOT_MODIFIED, '"new"', "then")
    assert told(outcome_of(ORDER, PAGE, response(304))) == (Result.FAILED, Fault.BAD_HTTP)


@pytest.mark.parametrize(
    ("item", "cut", "body", "expected"),
    [
        (PAGE, Cut.BODY_BYTES, b"b", (Result.FETCHED, "")),
        (PAGE, Cut.EXPANSION, b"b", (Result.FETCHED, "")),
        (PAGE, Cut.TRUNCATED, b"b", (Result.FETCHED, "")),
        (PAGE, Fault.RESET, b"b", (Result.FETCHED, "")),
        (PAGE, Fault.TOO_SLOW, b"b", (Result.FETCHED, "")),
        (PAGE, Fault.BAD_ENCODING, b"", (Result.FAILED, "bad_encoding")),
        (PAGE, Cut.TRUNCATED, b"", (Result.FAILED, "reset")),
        (PAGE, Fault.DEADLINE, b"b", (Result.FAILED, "deadline")),
        (PAGE, Fault.STOPPED, b"b", (Result.FAILED, "stopped")),
        (MEDIA, Cut.BODY_BYTES, b"b", (Result.REFUSED, "too_large")),
        (MEDIA, Cut.BODY_BYTES, b"", (Result.REFUSED, "too_large")),
        (MEDIA, Cut.EXPANSION, b"b", (Result.REFUSED, "too_large")),
        (MEDIA, Cut.TRUNCATED, b"b", (Result.FAILED, "reset")),
        (MEDIA, Fault.TOO_SLOW, b"b", (Result.FAILED, "too_slow")),
        # RFC 9309, 2.5: a crawler must read at least 500 KiB; 2.3.1.4: what cannot be read whole is unreachable.
        (ROBOTS, Cut.BODY_BYTES, b"b", (Result.FETCHED, "")),
        (ROBOTS, Cut.TRUNCATED, b"b", (Result.FAILED, "reset")),
        (ROBOTS, Fault.RESET, b"b", (Result.FAILED, "reset")),
    ],
)
def test_cut_bodies(item: OrderItem, cut: str, body: bytes, expected: tuple[Result, str]) -> None:
    outcome = outcome_of(ORDER, item, response(200, ("ETag", '"x"'), body=body, cut=cut))
    assert told(outcome) == expected
    assert outcome.cut == cut
    assert outcome.etag == ""  # or the part would count as the whole for ever


def test_media_behind_a_page_link_is_held_to_the_rules_of_media() -> None:
    assert told(outcome_of(ORDER, PAGE, response(cut=Cut.BODY_BYTES), is_media=True)) == (Result.REFUSED, "too_large")


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("requested", [False, True])
def test_failures(fault: Fault, requested: bool) -> None:
    outcome = outcome_of(ORDER, PAGE, Failure(fault, "d" * 999, 1.0, 2.0, requested))
    unspent = not requested and fault in NOT_REQUESTED
    assert told(outcome) == (Result.NOT_REQUESTED if unspent else Result.FAILED, fault)
    assert len(outcome.detail) == 200


@pytest.mark.parametrize("reason", [Reason.ADDRESS_DENIED, Reason.ADDRESS_NOT_GLOBAL])
def test_the_guards_reasons_are_refusals(reason: Reason) -> None:
    outcome = outcome_of(ORDER, PAGE, Failure(reason, "Loopback", 1.0, 1.0, False))
    assert (outcome.result, outcome.error, outcome.detail) == (Result.REFUSED, reason, "Loopback")


# RFC 9110, 10.2.3: seconds, counted from when the answer was there, or a date.
@pytest.mark.parametrize("status", [200, 301, 429, 503])
def test_retry_after_is_absolute(status: int) -> None:
    assert outcome_of(ORDER, PAGE, response(status, ("Retry-After", "120"))).retry_at == 221.0
    assert outcome_of(ORDER, PAGE, response(status, ("Retry-After", "Thu, 01 Jan 1970 00:10:00 GMT"))).retry_at == 600.0
    assert outcome_of(ORDER, PAGE, response(status, ("Retry-After", "soon"))).retry_at == 0.0


@pytest.mark.parametrize("value", ["", "x" * (VALIDATOR_CHARS + 1), "a\r\nb", "ä", "a\udc80", "\x7f"])
def test_validators_that_cannot_be_sent_back_are_dropped(value: str) -> None:
    outcome = outcome_of(ORDER, PAGE, response(200, ("ETag", value), ("Last-Modified", value)))
    assert (outcome.etag, outcome.last_modified) == ("", "")


# WHATWG Fetch, 2.2.2 (location URL): header bytes as Latin-1; browsers read UTF-8 first.
def test_a_location_of_any_bytes_is_text() -> None:
    assert location_of(response(301, ("Location", "/bücher"))) == "/bücher"
    assert location_of(response(301, ("Location", "/b\udcfccher"))) == "/bücher"
    assert len(location_of(response(301, ("Location", "/" * 99_999)))) == 8192


@given(
    st.dictionaries(st.sampled_from(["ETag", "Last-Modified", "Location", "Retry-After"]), st.binary(max_size=50)),
    st.integers(0, 999),
)
def test_any_header_makes_an_outcome_that_can_be_sent(fields: dict[str, bytes], status: int) -> None:
    headers = [(name, value.decode("utf-8", "surrogateescape")) for name, value in fields.items()]
    for item in (PAGE, KNOWN, MEDIA):
        outcome = outcome_of(ORDER, item, response(status, *headers))
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(outcome), type=Outcome) == outcome


def test_look_ups() -> None:
    good = resolved(ORDER, b"u", Resolution(["1.1.1.1"], 60.0), 1.0, 2.0)
    assert (good.result, good.addresses, good.ttl, good.error) == (Result.FETCHED, ["1.1.1.1"], 60.0, "")
    missing = resolved(ORDER, b"u", Resolution([], error=Fault.DNS_NOT_FOUND, detail="ARES_ENOTFOUND"), 1.0, 2.0)
    assert told(missing) == (Result.FAILED, "dns_not_found")
    refusal = Refusal(Reason.ADDRESS_DENIED, "10.0.0.0/8")
    refused = resolved(ORDER, b"u", Resolution([], 60.0, refusal.reason, refusal.evidence, refusal), 1.0, 2.0)
    assert (*told(refused), refused.detail) == (Result.REFUSED, "address_denied", "10.0.0.0/8")


def test_items_that_were_not_requested() -> None:
    outcome = not_requested(ORDER, PAGE, "status_429", 5.0)
    assert (*told(outcome), outcome.started_at, outcome.ended_at) == (Result.NOT_REQUESTED, "status_429", 5.0, 5.0)
