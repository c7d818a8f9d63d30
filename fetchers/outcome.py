"""What the frontier is told about one item: the facts of an answer under one of seven results, with a name for every "no"."""

import re
from typing import Final

from contracts.faults import NOT_REQUESTED, Cut, Fault
from contracts.messages import Discovery, LinkKind, Order, OrderItem, Outcome, Result
from contracts.refusals import Reason
from fetchers.headers import retry_after
from fetchers.response import Failure, Resolution, Response

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
"""Statuses whose Location is followed (RFC 9110, 15.4); 300, 305 and 306 do not say where to."""
VALIDATOR_CHARS: Final = 256
"""Longest ETag or Last-Modified that is kept; a longer one is dropped, since a part of it would never match."""
LOCATION_CHARS: Final = 8_192
"""Most of a Location that is looked at; one so long is refused for its length all the same."""
DETAIL_CHARS: Final = 200

_VALIDATOR: Final = re.compile(r"[!-~]([ -~]*[!-~])?")
_REFUSALS: Final = frozenset({Reason.ADDRESS_DENIED, Reason.ADDRESS_NOT_GLOBAL, Reason.TOO_LARGE})
_OURS: Final = frozenset({Fault.DEADLINE, Fault.STOPPED})


def outcome_of(
    order: Order,
    item: OrderItem,
    answer: Response | Failure,
    *,
    media_type: str = "",
    is_media: bool = False,
    location: str | None = None,
    content_key: bytes = b"",
    text_key: int = 0,
    links: list[Discovery] | None = None,
    refused_links: dict[str, int] | None = None,
    robots_body: bytes | None = None,
    fresh_media: bool = False,
    far_media: bool = False,
) -> Outcome:
    """The outcome of one item. Keywords are what the caller made of the body; `location` is the joined URL of a redirect.

    A page is FETCHED as far as it was read, `cut` says why no further. A picture or video means nothing in parts: too long it is
    REFUSED as `too_large`, broken off it FAILED. A robots.txt may be cut by its size only (RFC 9309, 2.5).
    """
    if isinstance(answer, Failure):
        return _failed(order, item, answer)
    result, error = verdict(item, answer, is_media)
    headers = answer.headers
    kept = result in (Result.FETCHED, Result.NOT_MODIFIED) and not answer.cut
    retry = headers.get("Retry-After")
    if location is None:
        location = location_of(answer) if result is Result.REDIRECT else ""
    unchanged = result is Result.NOT_MODIFIED
    return Outcome(
        order_id=order.order_id,
        url_id=item.url_id,
        result=result,
        started_at=answer.started_at,
        ended_at=answer.ended_at,
        status=answer.status,
        error=error,
        detail=answer.detail[:DETAIL_CHARS],
        bytes_read=answer.wire_bytes,
        media_type=media_type,
        is_media=is_media,
        etag=(validator(headers.get("ETag")) or (item.etag if unchanged else "")) if kept else "",
        last_modified=(validator(headers.get("Last-Modified")) or (item.last_modified if unchanged else ""))
        if kept
        else "",
        retry_at=retry_after(retry, answer.ended_at) if retry else 0.0,
        content_key=content_key,
        text_key=text_key,
        cut=answer.cut,
        links=links or [],
        refused_links=refused_links or {},
        robots_body=robots_body,
        location=location,
        tls_fault=answer.tls_fault,
        fresh_media=fresh_media,
        far_media=far_media,
    )


def verdict(item: OrderItem, answer: Response, is_media: bool) -> tuple[Result, str]:
    """(result, error) of an HTTP answer, by its status and by how its body ended."""
    status, cut = answer.status, answer.cut
    if status in REDIRECTS:
        return (Result.REDIRECT, "") if location_of(answer) else (Result.FAILED, Fault.NO_LOCATION)
    if status == 304:
        # Nobody asked whether it had changed: then there is nothing that it could be unchanged from.
        return (Result.NOT_MODIFIED, "") if item.etag or item.last_modified else (Result.FAILED, Fault.BAD_HTTP)
    if not 200 <= status < 300:
        return Result.HTTP_ERROR, ""
    if not cut:
        return Result.FETCHED, ""
    if cut in _OURS:
        return Result.FAILED, cut
    if is_media or item.kind is LinkKind.MEDIA:
        if cut in (Cut.BODY_BYTES, Cut.EXPANSION):
            return Result.REFUSED, Reason.TOO_LARGE
        return Result.FAILED, _fault(cut)
    if cut == Cut.BODY_BYTES or (answer.body and item.kind is not LinkKind.ROBOTS):
        return Result.FETCHED, ""
    return Result.FAILED, _fault(cut)


def location_of(answer: Response) -> str:
    """The Location of an answer, as sent, "" if there is none. Bytes that are no UTF-8 are read as Latin-1, as browsers do."""
    value = answer.headers.get("Location", "").strip(" \t")[:LOCATION_CHARS]
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value


def resolved(order: Order, url_id: bytes, resolution: Resolution, started_at: float, ended_at: float) -> Outcome:
    """The outcome of a look-up: addresses with their time to live, or the DNS fault or the guard's reason."""
    if resolution.addresses:
        result = Result.FETCHED
    else:
        result = Result.REFUSED if resolution.error in _REFUSALS else Result.FAILED
    return Outcome(
        order_id=order.order_id,
        url_id=url_id,
        result=result,
        started_at=started_at,
        ended_at=ended_at,
        error="" if resolution.addresses else resolution.error or Fault.DNS_FAILURE,
        detail=resolution.detail[:DETAIL_CHARS],
        addresses=resolution.addresses,
        ttl=resolution.ttl,
    )


def not_requested(order: Order, item: OrderItem, why: str, now: float) -> Outcome:
    """The outcome of an item that no request was made for."""
    return Outcome(order.order_id, item.url_id, Result.NOT_REQUESTED, now, now, error=why)


def _failed(order: Order, item: OrderItem, failure: Failure) -> Outcome:
    if failure.error in _REFUSALS:
        result = Result.REFUSED
    elif not failure.requested and failure.error in NOT_REQUESTED:
        result = Result.NOT_REQUESTED
    else:
        result = Result.FAILED
    return Outcome(
        order_id=order.order_id,
        url_id=item.url_id,
        result=result,
        started_at=failure.started_at,
        ended_at=failure.ended_at,
        error=failure.error,
        detail=failure.detail[:DETAIL_CHARS],
        bytes_read=failure.wire_bytes,
        tls_fault=failure.tls_fault,
    )


def _fault(cut: str) -> str:
    """The retry table knows faults only: a body that ended too early is a connection that did."""
    return Fault.RESET if cut == Cut.TRUNCATED else Fault.BAD_ENCODING if cut == Cut.EXPANSION else cut


def validator(value: str | None) -> str:
    """A validator fit to be sent back, "" otherwise."""
    if not value or len(value) > VALIDATOR_CHARS or not _VALIDATOR.fullmatch(value):
        return ""
    return value
