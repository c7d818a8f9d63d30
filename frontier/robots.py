"""What an origin's robots.txt means for us over time: from the answer to its fetch to a verdict with evidence.

Reading a file is `frontier.robotstxt`; here is when a file counts (RFC 9309, 2.3 and 2.4):

    answer to the fetch              means          until
    2xx                              its rules      24 h, asked again from 20 h on
    4xx but 429, redirects used up   all allowed    24 h, likewise
    429, 5xx, no usable answer       unreachable: a copy of earlier rules serves on, however long; an "all allowed" serves
                                     out its 24 h; otherwise nothing is allowed, and after 30 days all is (2.3.1.4)

The RFC leaves what happens after 30 days to the crawler (go on with the copy, or take the file for unavailable). We go
on with the copy if there is one, since that is what the owner last said.
"""

from enum import StrEnum
from typing import Final

from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder, Encoder
from msgspec.structs import replace

from contracts.options import DAY, HOUR
from contracts.refusals import Reason, Refusal, refuse
from frontier.robotstxt import MAX_OCTETS, Robots, RobotsVerdict
from frontier.robotstxt import parse as parse_rules

__all__ = [
    "Access", "Mode", "Robots", "RobotsState", "RobotsVerdict",
    "access", "after_fetch", "decide", "decode", "encode", "explain", "parse_rules",
]  # fmt: skip

REFRESH: Final = 20 * HOUR
EXPIRY: Final = 24 * HOUR
"""Longest use of a file that can be fetched anew (2.4)."""
UNREACHABLE_FOR: Final = 30 * DAY
"""Time after which a file that never could be reached no longer forbids all (2.3.1.4)."""
FIRST_RETRY: Final = 300.0
_LAST_RETRY: Final = 6 * HOUR


class Access(StrEnum):
    """What the answer to a robots.txt fetch amounts to (2.3.1)."""

    FILE = "file"
    NOT_MODIFIED = "not_modified"
    REDIRECT = "redirect"  # to be followed, as another order
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"


class Mode(StrEnum):
    """What counts for an origin."""

    RULES = "rules"
    ALLOW_ALL = "allow_all"
    DISALLOW_ALL = "disallow_all"


class RobotsState(Struct, frozen=True, array_like=True):
    """What counts for an origin, why, and until when. Times are unix seconds.

    Orders end by `expires_at`, a fetch is due at `refresh_at`. `unreachable_since` is 0.0 unless the last fetch failed.
    `body` is the file that came at `fetched_at` if its rules count, else None; `crawl_delay` (seconds) is for callers
    who parsed it.
    """

    kind: Mode
    why: str
    fetched_at: float
    refresh_at: float
    expires_at: float
    unreachable_since: float = 0.0
    body: bytes | None = None
    crawl_delay: float | None = None


_ENCODER: Final = Encoder()
_DECODER: Final = Decoder(RobotsState)


def access(status: int, error: str = "") -> Access:
    """What an HTTP status (0: none) or the name of an error means."""
    if error or status < 200:
        return Access.UNREACHABLE
    if status < 300:
        return Access.FILE
    if status == 304:
        return Access.NOT_MODIFIED
    if status < 400:
        return Access.REDIRECT
    return Access.UNAVAILABLE if status < 500 and status != 429 else Access.UNREACHABLE


def after_fetch(
    previous: RobotsState | None,
    status: int,
    error: str,
    body: bytes,
    now: float,
    retry_at: float = 0.0,
    first_retry: float = FIRST_RETRY,
) -> RobotsState:
    """The state after a fetch ended at `now` with an HTTP status (0: none) and `body`, or with the name of an error.

    What cannot be reached is asked again after `first_retry` seconds, then after twice as long each time.
    A time that the server named for another try (`retry_at`) counts: as it stands after a first failure, as the soonest
    one after others, so that a server which always says "in a second" is not asked each second.

    A redirect comes here only if it is not followed, being the sixth or leading nowhere: unavailable (2.3.1.2). One whose
    target fails, or is refused by us, comes here as that error.
    """
    came = access(status, error)
    why = error or f"status {status}"
    copy = previous if previous is not None and previous.kind is Mode.RULES else None
    if came is Access.FILE:
        return RobotsState(Mode.RULES, why, now, now + REFRESH, now + EXPIRY, body=body[:MAX_OCTETS])
    if came is Access.NOT_MODIFIED and copy is not None:
        return replace(copy, why=why, refresh_at=now + REFRESH, expires_at=now + EXPIRY, unreachable_since=0.0)
    if came in (Access.UNAVAILABLE, Access.REDIRECT):
        return RobotsState(Mode.ALLOW_ALL, why, now, now + REFRESH, now + EXPIRY)
    since = (previous.unreachable_since if previous else 0.0) or now
    refresh_at = now + min(max(now - since, first_retry), _LAST_RETRY)  # doubles with each failure
    if retry_at > now:
        refresh_at = retry_at if since == now else max(refresh_at, retry_at)
    if copy is not None:
        return replace(copy, why=why, refresh_at=refresh_at, expires_at=now + EXPIRY, unreachable_since=since)
    kind, expires_at = Mode.DISALLOW_ALL, now + EXPIRY
    if now - since >= UNREACHABLE_FOR:
        kind = Mode.ALLOW_ALL
    elif previous is not None and previous.kind is Mode.ALLOW_ALL and now < previous.expires_at:
        kind, expires_at = Mode.ALLOW_ALL, previous.expires_at
        refresh_at = min(refresh_at, expires_at)
    return RobotsState(kind, why, previous.fetched_at if previous else 0.0, refresh_at, expires_at, since)


def decide(state: RobotsState, rules: Robots | None, path: str, max_crawl_delay: float) -> Refusal | None:
    """Why path and query may not be fetched, or None. `rules` are those of the state's body, if it has one.

    ROBOTS_UNREACHABLE, CRAWL_DELAY (over `max_crawl_delay` seconds: the whole host) or ROBOTS, each with its evidence.
    """
    if path == "/robots.txt" or state.kind is Mode.ALLOW_ALL:
        return None
    if state.kind is Mode.DISALLOW_ALL or rules is None:
        return refuse(Reason.ROBOTS_UNREACHABLE, f"robots.txt: {state.why}")
    if rules.crawl_delay is not None and rules.crawl_delay > max_crawl_delay:
        number, line = rules.line_at(rules.crawl_delay_at)
        return refuse(Reason.CRAWL_DELAY, f"line {number}: {line} (limit {max_crawl_delay:g} s)")
    if rules.allows(path):
        return None
    verdict = rules.verdict(path)
    assumed = " (assumed to match: trying all wildcards costs too much)" if verdict.assumed else ""
    return refuse(Reason.ROBOTS, f"line {verdict.line_number}: {verdict.line}{assumed}")


def explain(state: RobotsState, rules: Robots | None, path: str, max_crawl_delay: float) -> RobotsVerdict | Refusal:
    """As `decide`, but tells as well by which line, or for want of which, a path is allowed."""
    if refused := decide(state, rules, path, max_crawl_delay):
        return refused
    if state.kind is Mode.ALLOW_ALL or rules is None:
        return RobotsVerdict(True, why=f"robots.txt unavailable: {state.why}")
    return rules.verdict(path)


def encode(state: RobotsState) -> bytes:
    """A state as it is stored: a msgpack array."""
    return _ENCODER.encode(state)


def decode(stored: bytes) -> RobotsState:
    """A stored state; if it cannot be read, one that forbids all and is due at once."""
    try:
        return _DECODER.decode(stored)
    except DecodeError:
        return RobotsState(Mode.DISALLOW_ALL, "stored state cannot be read", 0.0, 0.0, 0.0)
