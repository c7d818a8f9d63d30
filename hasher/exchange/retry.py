"""Which failure of a source is tried again, how often, and when: one table for all of them."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Trouble(StrEnum):
    """What went wrong with a request."""

    UNREACHED = "unreached"
    """No connection, or none that holds: refused, reset, cut off, too slow."""
    BUSY = "busy"
    """429, or the source's own word for too many requests."""
    DOWN = "down"
    """5xx."""
    GARBLED = "garbled"
    """An answer that is none of the source's pages."""


class Rule(Struct, frozen=True):
    """At most `tries` requests, with pauses of `first` seconds, doubled each time, up to `longest`; chance takes up to half."""

    tries: int
    first: float
    longest: float


TABLE: Final = {
    Trouble.UNREACHED: Rule(6, 1.0, 60.0),
    Trouble.BUSY: Rule(12, 5.0, 600.0),
    Trouble.DOWN: Rule(6, 2.0, 120.0),
    Trouble.GARBLED: Rule(3, 1.0, 10.0),
}
LONGEST: Final = 3600.0
"""Longest Retry-After that is waited for, in seconds; a source that asks for more is left for the next sync."""


def pause(trouble: Trouble, tries: int, retry_after: float, chance: float) -> float | None:
    """Seconds to wait before asking again after `tries` requests met this trouble; None: give up.

    `retry_after` is what the source asked for, in seconds (0: nothing), and is never cut short; `chance` is in 0..1.
    """
    rule = TABLE[trouble]
    if tries >= rule.tries or retry_after > LONGEST:
        return None
    grown = min(rule.longest, rule.first * 2.0 ** (tries - 1))
    return max(grown * (0.5 + chance / 2), retry_after)
