"""What the client hands back: an answer with as much of its body as the limits allow, or why there is none."""

from typing import Final

from msgspec import Struct
from multidict import CIMultiDictProxy

from contracts.refusals import Refusal

ENOUGH: Final = "enough"
"""The `Response.cut` of a body of which no more was wanted; it never leaves a fetcher."""


class Response(Struct):
    """An HTTP answer. Its header was read whole; the body may have been cut.

    `body` is decoded and at most `limits.body_bytes` long; `wire_bytes` counts everything received. `cut` is empty for a
    whole body, `ENOUGH`, otherwise a `contracts.faults.Cut` or the `Fault` that ended it. `started_at` is taken just before the
    request was written, `ended_at` when the body's last byte was read or the socket was closed (the clock given to the client).
    """

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes | bytearray
    wire_bytes: int
    cut: str
    started_at: float
    ended_at: float
    address: str
    tls_fault: str = ""
    detail: str = ""


class Failure(Struct):
    """No answer. `error` is a `contracts.faults.Fault`, or the `Reason` of the address guard with `detail` as its evidence.

    `requested` tells whether request bytes were written: only then does politeness count from `ended_at`.
    `detail` is made of our own words and error names, never of bytes that a server sent.
    """

    error: str
    detail: str
    started_at: float
    ended_at: float
    requested: bool
    wire_bytes: int = 0
    tls_fault: str = ""


class Resolution(Struct):
    """Addresses of a host that the guard lets pass, IPv4 first, and the seconds they may be kept.

    Without addresses, `error` is a DNS `Fault`, or the `Reason` of `refusal`, the first address' one.
    """

    addresses: list[str]
    ttl: float = 0.0
    error: str = ""
    detail: str = ""
    refusal: Refusal | None = None
