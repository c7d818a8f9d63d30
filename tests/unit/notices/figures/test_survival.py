"""Removal times with open cases censored."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from notices.figures.survival import Duration, curve, quantile, removed_within


def test_the_textbook_example() -> None:
    """Freireich's 6-MP arm of 21 patients, in every textbook on Kaplan and Meier (1958): S(6) = 0.857, S(10) = 0.753, S(23) = 0.448."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    steps = curve([Duration(t, True) for t in ended] + [Duration(t, False) for t in censored])
    left = {step.seconds: round(step.left, 3) for step in steps}
    assert left == {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert [step.watched for step in steps] == [21, 17, 15, 12, 11, 7, 6]
    assert quantile(steps, 0.5) == 23
    assert quantile(steps, 0.9) is None
    assert round(removed_within(steps, 10.5), 3) == 0.247


def test_open_cases_are_not_left_out() -> None:
    """ "open cases censored (Kaplan-Meier)" """
    removed = [Duration(3600.0, True)] * 10
    assert quantile(curve(removed), 0.5) == 3600.0
    still = [Duration(86_400.0, False)] * 11
    assert quantile(curve(removed + still), 0.5) is None


def test_nothing_has_no_median() -> None:
    assert curve([]) == []
    assert quantile([], 0.5) is None
    assert removed_within([], 100.0) == 0.0


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=60))
def test_without_open_cases_it_is_the_plain_share(times: list[float]) -> None:
    steps = curve([Duration(time, True) for time in times])
    for step in steps:
        assert math.isclose(step.left, sum(1 for time in times if time > step.seconds) / len(times), abs_tol=1e-9)
    assert quantile(steps, 0.5) == sorted(times)[math.ceil(len(times) / 2) - 1]


@given(st.lists(st.tuples(st.floats(0, 1e6), st.booleans()), max_size=60))
def test_the_curve_only_falls(durations: list[tuple[float, bool]]) -> None:
    steps = curve([Duration(*one) for one in durations])
    shares = [1.0] + [step.left for step in steps]
    assert all(0.0 <= later <= earlier for earlier, later in pairwise(shares))
    assert all(a.seconds < b.seconds for a, b in pairwise(steps))
