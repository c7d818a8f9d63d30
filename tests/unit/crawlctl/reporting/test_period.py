"""Which days a report is about."""

import pytest

from contracts.errors import UsageError
from crawlctl.reporting.period import day_of, period_of

NOW = 1_800_000_000.0


def test_days_are_whole_and_the_last_is_included() -> None:
    period = period_of("2026-03-01", "2026-03-01", NOW)
    assert period.until - period.since == 86_400
    assert (day_of(period.since), day_of(period.until)) == ("2026-03-01", "2026-03-02")


@pytest.mark.parametrize(
    ("first", "last", "days"), [("2026-02", "2026-02", 28), ("2024-02", "2024-02", 29), ("2025-12", "2026-01", 62)]
)
def test_months_are_whole(first: str, last: str, days: int) -> None:
    period = period_of(first, last, NOW)
    assert period.until - period.since == days * 86_400


@pytest.mark.parametrize(
    ("first", "last", "named"),
    [("x", "2026-01", "--from"), ("2026-01", "2026-13", "--to"), ("2026-02-30", "2026-03", "--from"), ("2026-03", "2026-02", "before"),
     ("2999-01", "2999-02", "still to come"), ("9999-12", "9999-12", "--from"), ("0001-01-01", "2026-01", "--from")],
)  # fmt: skip
def test_what_is_none_is_refused_by_name(first: str, last: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        period_of(first, last, NOW)
