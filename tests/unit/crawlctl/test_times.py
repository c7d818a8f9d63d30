"""crawlctl.times: times as people write and read them (ISO 8601, always UTC)."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.crawl import FAR
from contracts.errors import UsageError
from crawlctl.times import away, delay, iso, until

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("at", "expected"), [(NOW, "2026-11-23T12:00:00Z"), (NOW + 0.9, "2026-11-23T12:00:00Z"), (0.0, None), (FAR, None)]
)
def test_iso(at: float, expected: str | None) -> None:
    assert iso(at) == expected


@given(st.floats(allow_nan=False))
def test_no_number_is_too_odd_to_show(at: float) -> None:
    text = iso(at)
    assert text is None or len(text) == 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        (" 2027-01-31T12:00:00Z ", datetime(2027, 1, 31, 12, tzinfo=UTC)),
        ("2027-01-31 12:00", datetime(2027, 1, 31, 12, tzinfo=UTC)),
        ("2027-01-31T12:00:00+02:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
        ("30d", datetime(2026, 12, 23, 12, tzinfo=UTC)),
    ],
)
def test_an_end_is_a_date_a_time_or_a_duration(text: str, expected: datetime) -> None:
    assert until(text, NOW) == expected.timestamp()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-01-01", "over already"),
        ("9999-12-31", "too far away"),
        ("2027-13-01", "must be"),
        ("soon", "must be"),
        ("", "must be"),
    ],
)
def test_an_end_that_is_none_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"^--until: .*{said}"):
        until(text, NOW)


@given(st.text(max_size=40))
def test_any_text_is_an_end_or_a_sentence(text: str) -> None:
    try:
        assert until(text, NOW) > NOW
    except UsageError as error:
        assert str(error).startswith("--until: ")


@pytest.mark.parametrize(
    ("text", "value"), [("default", ""), ("5s", "5"), ("250ms", "0.25"), ("24h", "86400"), ("0", "0")]
)
def test_delay(text: str, value: str) -> None:
    assert delay(text) == value


@pytest.mark.parametrize("text", ["25h", "-1s", "slow", ""])
def test_a_delay_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        delay(text)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0, "now"),
        (5.0, "in 5s"),
        (-90.0, "90s ago"),
        (300.0, "in 5m"),
        (-7 * 3600.0, "7h ago"),
        (30 * 86400.0, "in 30d"),
    ],
)
def test_away(seconds: float, expected: str) -> None:
    assert away(NOW + seconds, NOW) == expected
