"""Times as people write and read them: ISO 8601 in UTC, dates, and durations from now."""

import math
import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Final

from contracts.crawl import FAR
from contracts.errors import UsageError
from crawlctl.units import seconds, write_seconds

UNTIL: Final = (
    "a date like 2027-01-31, a time like 2027-01-31T12:00:00Z (UTC if it does not say), or a duration like 30d"
)
SINCE: Final = (
    "a date like 2027-01-31, a time like 2027-01-31T12:00:00Z (UTC if it does not say), or how long ago, like 7d"
)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?", re.ASCII)
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


def iso(at: float) -> str | None:
    """Unix seconds as `2027-01-31T12:00:00Z`; None for 0 and for times that never come."""
    if not 0 < at < min(FAR, _LAST):
        return None
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def until(text: str, now: float) -> float:
    """Unix seconds of an end that an operator gave. UsageError, naming --until, if it is none or is over."""
    text = text.strip()
    try:
        if _DATE.fullmatch(text):
            found = _moment(text)
        else:
            found = now + seconds(text)
    except (ValueError, OverflowError):
        raise UsageError(f"--until: {text[:80]!r} must be {UNTIL}") from None
    if not now < found < _LAST:
        raise UsageError(f"--until: {text[:80]!r} is {'over already' if found <= now else 'too far away'}")
    return math.ceil(found)


def past(text: str, now: float, option: str) -> float:
    """Unix seconds of a time gone by that an operator gave for `option`: a date, a time, or how long ago. UsageError otherwise."""
    text = text.strip()
    try:
        found = _moment(text) if _DATE.fullmatch(text) else now - seconds(text)
    except (ValueError, OverflowError):
        raise UsageError(f"{option}: {text[:80]!r} must be {SINCE}") from None
    if not 0 <= found <= now:
        raise UsageError(f"{option}: {text[:80]!r} is {'still to come' if found > now else 'too long ago'}")
    return found


def _moment(text: str) -> float:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def delay(text: str) -> str:
    """The value of a `delay` control, in seconds; empty for `default`. The type of a command line argument."""
    if text == "default":
        return ""
    try:
        wanted = seconds(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} must be {error}, or the word default") from None
    if wanted > 86400:
        raise ArgumentTypeError(f"{text!r} must be at most 24h")
    return f"{wanted:g}"


def away(at: float, now: float) -> str:
    """How far from now, for people: `in 5m`, `3s ago`, `now`."""
    apart = abs(at - now)
    if apart < 1:
        return "now"
    rough = write_seconds(round(apart) if apart < 120 else round(apart / 60) * 60 if apart < 7200 else _coarse(apart))
    return f"in {rough}" if at > now else f"{rough} ago"


def _coarse(apart: float) -> float:
    unit = 3600 if apart < 172800 else 86400
    return round(apart / unit) * unit
