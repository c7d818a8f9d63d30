"""frontier.pace: caps of the whole crawl. Over any stretch of time no more is spent than the cap allows, plus one batch."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.settings import Caps
from frontier.pace import UNLIMITED, Pace


def test_no_cap_is_no_limit() -> None:
    pace = Pace(Caps())
    pace.spent(10**6, 10**12)
    assert pace.allowance(0.0) == UNLIMITED
    assert pace.free_at(5.0) == 5.0


def test_a_cap_in_debt_lets_go_when_time_has_paid() -> None:
    pace = Pace(Caps(pages_per_second=10.0))
    assert pace.allowance(100.0) > 0
    pace.spent(30, 0)
    assert pace.allowance(100.0) == 0
    assert pace.free_at(100.0) == 102.0
    assert pace.allowance(101.9) == 0
    assert pace.allowance(102.2) > 0


def test_bytes_hold_up_pages() -> None:
    pace = Pace(Caps(bytes_per_second=1000))
    assert pace.allowance(0.0) == UNLIMITED
    pace.spent(1, 5000)
    assert pace.allowance(0.0) == 0
    assert pace.allowance(3.9) == 0
    assert pace.allowance(4.1) == UNLIMITED


def test_idle_time_is_not_saved_up() -> None:
    """A second's worth at most: a crawl that slept does not make up for it at its hosts' expense."""
    pace = Pace(Caps(pages_per_second=10.0))
    pace.allowance(0.0)
    assert pace.allowance(10_000.0) <= 11


def test_a_clock_that_goes_back_pays_nothing() -> None:
    pace = Pace(Caps(pages_per_second=10.0))
    pace.allowance(100.0)
    pace.spent(20, 0)
    assert pace.allowance(50.0) == 0


@given(st.lists(st.tuples(st.floats(0.0, 2.0), st.integers(1, 20)), max_size=50))
def test_never_more_than_the_cap_and_one_batch(steps: list[tuple[float, int]]) -> None:
    pace, now, spent = Pace(Caps(pages_per_second=10.0)), 0.0, 0
    for wait, wanted in steps:
        now += wait
        taken = min(wanted, pace.allowance(now))
        pace.spent(taken, 0)
        spent += taken
        assert spent <= 10.0 * now + 10 + 1
