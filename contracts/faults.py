"""What can go wrong with one request: closed tables of names that fetchers report and the frontier's retry table maps.

A name is also a metric label, an `Outcome.error` or an `Outcome.cut`; it never carries bytes of the answer.
"""

from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """Why there is no usable HTTP answer. After the header was read, the same names say what cut the body."""

    # looking the name up
    DNS_NOT_FOUND = "dns_not_found"  # the name does not exist, or has no address
    DNS_TIMEOUT = "dns_timeout"
    DNS_FAILURE = "dns_failure"  # the name server refused, failed or answered nonsense
    # before anything was requested
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_FAILED = "connect_failed"  # no route, reset while connecting; `detail` has the errno's name
    TLS_FAILED = "tls_failed"
    TLS_TIMEOUT = "tls_timeout"
    # of an exchange
    RESET = "reset"  # closed or reset before the answer was complete
    RESET_IDLE = "reset_idle"  # a kept connection was closed as we wrote and answered nothing: worth one repetition
    FIRST_BYTE_TIMEOUT = "first_byte_timeout"
    TOTAL_TIMEOUT = "total_timeout"
    TOO_SLOW = "too_slow"  # fewer bytes a second than the limit asks for
    BAD_HTTP = "bad_http"  # not an HTTP/1 answer, a bad chunk, an upgrade that nobody asked for
    TOO_MANY_HEADERS = "too_many_headers"  # by bytes or by lines
    BAD_ENCODING = "bad_encoding"  # an unknown, stacked too high or corrupt content coding
    NO_LOCATION = "no_location"  # a redirect that does not say where to
    # nothing was requested, and no try is spent
    DEADLINE = "deadline"  # the order's deadline passed (if it had been requested, it does cost a try)
    ADDRESS_MOVED = "address_moved"  # the host does not have the permitted address any more
    BUSY = "busy"  # no connection was free under the cap, or this machine is out of sockets
    BAD_ROUTE = "bad_route"  # the order asks for a route that this fetcher does not have
    BAD_URL = "bad_url"  # not a canonical http(s) URL; it would never have been ordered
    STOPPED = "stopped"  # the fetcher is shutting down


class Cut(StrEnum):
    """Which limit ended a body that was being read well. `Outcome.cut` holds one of these or the `Fault` that ended it."""

    BODY_BYTES = "body_bytes"  # as long as the limit, on the wire or decoded
    EXPANSION = "expansion"  # content decoding made too much of too little: a bomb
    TRUNCATED = "truncated"  # the server closed, or the content coding ended, before the announced end


class TlsFault(StrEnum):
    """What a certificate that we accepted all the same has wrong. Chains are not checked: no fault is no proof."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    NAME_MISMATCH = "name_mismatch"
    SELF_SIGNED = "self_signed"
    UNREADABLE = "unreadable"


NOT_REQUESTED: Final = frozenset(
    {Fault.DEADLINE, Fault.ADDRESS_MOVED, Fault.BUSY, Fault.BAD_ROUTE, Fault.BAD_URL, Fault.STOPPED}
)
"""Faults that cost no try as long as no request was written."""
