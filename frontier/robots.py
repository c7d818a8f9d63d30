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

from msgspec import Struct

from contracts.refusals import Reason, Refusal, refuse
from contracts.settings import DAY, HOUR
from frontier.robotstxt import Robots as Robots
from frontier.robotstxt import RobotsVerdict as RobotsVerdict
from frontier.robotstxt import parse as parse
from frontier.robotstxt import product_token as product_token

REFRESH: Final = 20 * HOUR
EXPIRY: Final = 24 * HOUR
"""Longest use of a file that can be fetched anew (2.4)."""
UNREACHABLE_FOR: Final = 30 * DAY
"""Time after which a file that never could be reached no longer forbids all (2.3.1.4)."""
_FIRST_RETRY: Final = 300.0
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
    With RULES, the body that came at `fetched_at` is what counts.
    """

    mode: Mode
    why: str
    fetched_at: float
    refresh_at: float
    expires_at: float
    unreachable_since: float = 0.0


def access(status: int, error: str = "", location: bool = False, hops: int = 0, max_hops: int = 5) -> Access:
    """What an HTTP status (0: none) or an error means; `hops` redirects were followed already.

    A redirect that leads nowhere (no usable Location) or beyond `max_hops` means unavailable (2.3.1.2); one whose target
    fails, or is refused by us, comes here as an `error`.
    """
    if error or status < 200:
        return Access.UNREACHABLE
    if status < 300:
        return Access.FILE
    if status == 304:
        return Access.NOT_MODIFIED
    if status < 400:
        return Access.REDIRECT if location and hops < max_hops else Access.UNAVAILABLE
    return Access.UNAVAILABLE if status < 500 and status != 429 else Access.UNREACHABLE


def settle(previous: RobotsState | None, came: Access, now: float, why: str = "") -> RobotsState:
    """The state after a fetch ended at `now`. `why` names the answer (`status 503`, `connect_timeout`).

    The caller keeps the body: the new one after FILE, the earlier one otherwise. REDIRECT settles nothing: the caller
    asks on, and here it counts as unreachable.
    """
    copy = previous if previous is not None and previous.mode is Mode.RULES else None
    if came is Access.FILE:
        return RobotsState(Mode.RULES, why, now, now + REFRESH, now + EXPIRY)
    if came is Access.NOT_MODIFIED and copy is not None:
        return RobotsState(Mode.RULES, why, copy.fetched_at, now + REFRESH, now + EXPIRY)
    if came is Access.UNAVAILABLE:
        return RobotsState(Mode.ALLOW_ALL, why, now, now + REFRESH, now + EXPIRY)
    since = (previous.unreachable_since if previous else 0.0) or now
    fetched_at = previous.fetched_at if previous else 0.0
    refresh_at = now + min(max(now - since, _FIRST_RETRY), _LAST_RETRY)  # doubles with each failure
    expires_at = now + EXPIRY
    if copy is not None:
        mode = Mode.RULES
    elif now - since >= UNREACHABLE_FOR:
        mode = Mode.ALLOW_ALL
    elif previous is not None and previous.mode is Mode.ALLOW_ALL and now < previous.expires_at:
        mode, expires_at = Mode.ALLOW_ALL, previous.expires_at
    else:
        mode = Mode.DISALLOW_ALL
    return RobotsState(mode, why, fetched_at, refresh_at, expires_at, since)


def refusal(state: RobotsState, robots: Robots | None, path: str, max_crawl_delay: float) -> Refusal | None:
    """Why path and query may not be fetched, or None. `robots` are the rules if the state goes by rules.

    ROBOTS_UNREACHABLE, CRAWL_DELAY (over `max_crawl_delay` seconds: the whole host) or ROBOTS, each with its evidence.
    """
    if path == "/robots.txt" or state.mode is Mode.ALLOW_ALL:
        return None
    if state.mode is Mode.DISALLOW_ALL or robots is None:
        return refuse(Reason.ROBOTS_UNREACHABLE, f"robots.txt: {state.why}")
    if robots.crawl_delay is not None and robots.crawl_delay > max_crawl_delay:
        number, line = robots.line_at(robots.crawl_delay_at)
        return refuse(Reason.CRAWL_DELAY, f"line {number}: {line} (limit {max_crawl_delay:g} s)")
    if robots.allows(path):
        return None
    verdict = robots.verdict(path)
    return refuse(Reason.ROBOTS, f"line {verdict.line_number}: {verdict.line}")


def decide(state: RobotsState, robots: Robots | None, path: str, max_crawl_delay: float) -> RobotsVerdict | Refusal:
    """As `refusal`, but tells as well by which line, or for want of which, a path is allowed: for people who ask why."""
    if refused := refusal(state, robots, path, max_crawl_delay):
        return refused
    if state.mode is Mode.ALLOW_ALL or robots is None:
        return RobotsVerdict(True, why=f"robots.txt unavailable: {state.why}")
    return robots.verdict(path)
