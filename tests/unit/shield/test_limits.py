"""shield.limits: buckets and days."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shield.limits import Bucket, Daily, day_of, retry_after, until_tomorrow


def test_a_burst_then_the_rate() -> None:
    bucket = Bucket(10.0, 3, 100.0)
    assert [bucket.take(100.0) for _ in range(3)] == [0.0] * 3
    assert bucket.take(100.0) == pytest.approx(0.1)
    assert bucket.take(100.11) == 0.0
    assert bucket.take(50.0) > 0, "a clock that goes back gives nothing"
    assert [bucket.take(1e9) for _ in range(4)][:3] == [0.0] * 3


@given(st.lists(st.floats(0, 5), max_size=200), st.floats(0.1, 50), st.integers(1, 20))
def test_never_more_than_burst_and_rate(steps: list[float], rate: float, burst: int) -> None:
    bucket, now, passed = Bucket(rate, burst, 0.0), 0.0, 0
    for step in steps:
        now += step
        passed += bucket.take(now) == 0.0
    assert passed <= burst + rate * now + 1e-6


def test_days() -> None:
    assert day_of(86_400.0 * 3 + 5) == 3
    assert until_tomorrow(86_400.0 * 3 + 5) == 86_395.0
    assert [retry_after(seconds) for seconds in (0.001, 1.0, 1.2)] == ["1", "1", "2"]


def test_questions_of_a_day() -> None:
    daily = Daily(3, 90, 0)
    assert daily.ask(10, 100)
    assert not daily.ask(1, 100)
    assert daily.turn(3) is daily and daily.turn(2) is daily
    assert daily.turn(4).ask(100, 100)


def test_distinct_entries_of_a_day() -> None:
    daily = Daily(3, 0, 1)
    assert daily.tell([7, 8, 7], 3) == [7, 8, 7]
    assert daily.tell([9, 8], 3) == [8], "what was told before costs nothing"
    assert daily.near == 3


def test_what_is_not_kept_yet() -> None:
    daily = Daily(3, 5, 1)
    daily.ask(2, 100)
    daily.tell([1], 100)
    assert daily.unsaved() == (2, 1)
    daily.ask(1, 100)
    daily.saved(2, 1)
    assert daily.unsaved() == (1, 0)
