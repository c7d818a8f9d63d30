"""Every "no" has a name: the closed list of reasons and the value that carries one with its evidence."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Reason(StrEnum):
    """Why a URL, an address, an order or a media item was refused. The value is the metric label."""

    # contracts.urls
    MALFORMED = "malformed"
    SCHEME = "scheme"
    URL_TOO_LONG = "url_too_long"
    CREDENTIALS = "credentials"
    BLOCKED_PORT = "blocked_port"
    # frontier.policy
    SCOPE_EXCLUDED = "scope_excluded"
    SCOPE_NOT_INCLUDED = "scope_not_included"
    OPTED_OUT = "opted_out"
    DEPTH = "depth"
    REDIRECT_HOPS = "redirect_hops"
    REDIRECT_LOOP = "redirect_loop"
    NOFOLLOW = "nofollow"
    HOST_BUDGET = "host_budget"
    SITE_BUDGET = "site_budget"
    QUEUE_FULL = "queue_full"
    # frontier.traps
    CALENDAR = "calendar"
    PATH_REPETITION = "path_repetition"
    PATH_DEPTH = "path_depth"
    SESSION_ID = "session_id"
    PARAMETER_EXPLOSION = "parameter_explosion"
    NEAR_DUPLICATES = "near_duplicates"
    PATTERN_BUDGET = "pattern_budget"
    UNPRODUCTIVE = "unproductive"
    # frontier.robots
    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    CRAWL_DELAY = "crawl_delay"
    # frontier.outcomes
    POISON = "poison"
    TRIES = "tries"
    # fetchers.addresses
    ADDRESS_DENIED = "address_denied"
    ADDRESS_NOT_GLOBAL = "address_not_global"
    # fetchers.client
    TOO_LARGE = "too_large"
    # hasher.lists
    EMPTY_FILE_DIGEST = "empty_file_digest"
    FEATURELESS = "featureless"
    BAD_DIGEST = "bad_digest"
    BAD_LINE = "bad_line"
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    # hasher.sources
    BAD_PAGE = "bad_page"
    DELETIONS_FORGOTTEN = "deletions_forgotten"


class Refusal(Struct, frozen=True, array_like=True):
    """A named "no".

    `evidence` is what decided: the rule, line, limit with its value, or network. It never holds media,
    list digests or credentials, and is at most 300 characters.
    """

    reason: Reason
    evidence: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.evidence}" if self.evidence else str(self.reason)


EVIDENCE_CHARS: Final = 300
"""Longest evidence kept: enough for a robots line or a pattern, short enough for a counter's row."""


def refuse(reason: Reason, evidence: str = "") -> Refusal:
    """A `Refusal` with its evidence cut to `EVIDENCE_CHARS`."""
    return Refusal(reason, evidence if len(evidence) <= EVIDENCE_CHARS else evidence[: EVIDENCE_CHARS - 1] + "…")
