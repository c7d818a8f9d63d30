"""What URLs travel in [urls] for besides the crawl itself: a redirected robots.txt, a re-check. Parts of `contracts.messages.Discovery`."""

from typing import Final

from msgspec import Struct

from contracts.faults import Fault

UNREQUESTABLE: Final = frozenset({Fault.BAD_ROUTE, Fault.BAD_URL})
"""Why a fetcher requests nothing, where that is its answer: another try would end alike."""
NOT_ASKED: Final = frozenset({Fault.BUSY}) | UNREQUESTABLE
"""Errors of a `Recheck` that say nothing of the medium, since nobody was asked: the asker tries later. BUSY: too many wait already."""


class RobotsErrand(Struct, frozen=True, array_like=True):
    """A redirected robots.txt on its way (purpose ROBOTS) and its answer on the way back (ROBOTS_ANSWER; design, rule 10).

    `origin` is whom the robots.txt is for, `reply_to` that origin's bucket; status 0 means unreachable with `error`.
    """

    origin: str
    reply_to: int
    status: int = 0
    error: str = ""
    body: bytes = b""


class RecheckErrand(Struct, frozen=True, array_like=True):
    """A re-check on its way (purpose RECHECK): what its one URL is asked with, and nothing that tells why.

    `ticket` is the asker's (16 bytes) and comes back with the answer. `etag` is a strong validator or empty, `head_key` a keyed
    HMAC (`contracts.seal`, 16 bytes) of the SHA-256 of the first 64 KiB as they were, `size` that of the whole; `referer` is
    the page that embeds it. `due_at` is when it was due; in an order, and from when on politeness allowed it, if that was later.
    `route` names one of the settings' routes, "direct" for none. Without a ticket it marks an order that prepares re-checks.
    """

    ticket: bytes
    etag: str = ""
    head_key: bytes = b""
    size: int = 0
    referer: str = ""
    due_at: float = 0.0
    route: str = "direct"
