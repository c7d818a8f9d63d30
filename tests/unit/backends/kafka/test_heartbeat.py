"""How far a clock is off, by the broker's time of a heartbeat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.kafka.heartbeat import skew


@pytest.mark.parametrize(
    ("t0", "t1", "appended", "ahead"),
    [(10.0, 10.0, 10.0, 0.0), (10.0, 10.2, 10.1, 0.0), (12.5, 12.7, 10.1, 2.5), (8.0, 8.0, 10.0, -2.0)],
)
def test_how_far_a_clock_is_ahead(t0: float, t1: float, appended: float, ahead: float) -> None:
    assert skew(t0, t1, appended) == pytest.approx((ahead, (t1 - t0) / 2))


@given(st.floats(-1e3, 1e3), st.floats(0, 30), st.floats(0, 30))
def test_the_truth_is_within_the_uncertainty(ahead: float, there: float, back: float) -> None:
    """However unequal the ways there and back are."""
    t0 = 1e6
    found, uncertainty = skew(t0, t0 + there + back, t0 + there - ahead)
    assert abs(found - ahead) <= uncertainty + 1e-6
