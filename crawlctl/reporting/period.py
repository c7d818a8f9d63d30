"""Which days a report is about. Days are whole, in UTC."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from contracts.errors import UsageError
from contracts.figures import Period

DAYS: Final = "a day like 2027-01-31, or a month like 2027-01"
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


def period_of(first: str, last: str, now: float) -> Period:
    """From the beginning of the first day (or month) to the end of the last. UsageError if they are none, or the wrong way round."""
    since = _day(first, "--from", end=False)
    until = _day(last, "--to", end=True)
    if until <= since:
        raise UsageError(f"--to {last} is before --from {first}")
    if since.timestamp() > now:
        raise UsageError(f"--from {first} is still to come")
    return Period(since.timestamp(), until.timestamp(), now)


def day_of(at: float) -> str:
    """The day (UTC) of a time."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def _day(text: str, option: str, *, end: bool) -> datetime:
    try:
        if found := _MONTH.fullmatch(text):
            year, month = int(found[1]), int(found[2])
            if end and 1 <= month <= 12:
                year, month = year + month // 12, month % 12 + 1
            day = date(year, month, 1)
        else:
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
        if not 1970 <= day.year <= 9000:
            raise ValueError
    except (ValueError, OverflowError):
        raise UsageError(f"{option}: {text[:80]!r} must be {DAYS}") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
