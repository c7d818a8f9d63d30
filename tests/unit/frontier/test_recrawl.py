"""Issue 3: "recrawl interval halves on change, doubles without, between bounds"."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.options import DAY
from contracts.settings import Recrawl
from frontier.recrawl import next_interval

SETTINGS = Recrawl()


def test_it_halves_on_change_and_doubles_without() -> None:
    assert next_interval(None, True, SETTINGS) == 7 * DAY
    assert next_interval(8 * DAY, True, SETTINGS) == 4 * DAY
    assert next_interval(8 * DAY, False, SETTINGS) == 16 * DAY


def test_it_stays_between_the_bounds() -> None:
    assert next_interval(1.5 * DAY, True, SETTINGS) == 1 * DAY
    assert next_interval(60 * DAY, False, SETTINGS) == 90 * DAY
    assert next_interval(None, True, Recrawl(first=DAY / 2)) == 1 * DAY


@given(st.none() | st.floats(), st.booleans())
def test_whatever_was_stored_the_bounds_hold(previous: float | None, changed: bool) -> None:
    assert SETTINGS.shortest <= next_interval(previous, changed, SETTINGS) <= SETTINGS.longest
