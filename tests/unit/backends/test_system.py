"""The steady clock, with a wall clock that others set and a machine that sleeps."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.system import JUMP_SECONDS, SteadyClock, boot, now, skew


class Machine:
    """Two clocks to turn."""

    def __init__(self) -> None:
        self.wall, self.boot = 1_700_000_000.0, 5.0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.boot)

    def passes(self, seconds: float, wall: float | None = None) -> None:
        """Time passes, for the wall clock perhaps another."""
        self.boot += seconds
        self.wall += seconds if wall is None else wall


def test_follows_time() -> None:
    machine = Machine()
    machine.passes(90)
    assert machine.clock() == machine.wall
    assert machine.clock.check() == 0.0


def test_a_set_wall_clock_is_reported_once_and_not_before() -> None:
    for jump in (3600.0, -3600.0, 2.5, -2.5):
        machine = Machine()
        before = machine.clock()
        machine.passes(1, wall=1 + jump)
        assert machine.clock() - before == 1
        assert abs(machine.clock.drift() - jump) < 1e-5
        assert abs(machine.clock.check() - jump) < 1e-5
        assert machine.clock() == machine.wall
        assert machine.clock.check() == 0.0


def test_steering_is_made_up_for() -> None:
    """adjtime(3) and NTP steer by parts per million; that is no jump."""
    machine = Machine()
    for _ in range(100):
        machine.passes(1, wall=1.0005)
        assert machine.clock.check() == 0.0
        assert abs(machine.clock.drift()) < 1e-5


def test_falls_back_slowly() -> None:
    machine = Machine()
    machine.passes(1, wall=0)
    before = machine.clock()
    assert machine.clock.check() == 0.0
    assert machine.clock() == before
    machine.passes(1)
    assert 0.89 < machine.clock() - before < 0.91
    for _ in range(60):
        machine.passes(1)
        assert machine.clock.check() == 0.0
    assert abs(machine.clock.drift()) < 0.01


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(-JUMP_SECONDS / 2, JUMP_SECONDS / 2), st.booleans())))
def test_never_goes_back_without_a_jump(steps: list[tuple[float, float, bool]]) -> None:
    machine = Machine()
    last = machine.clock()
    for passed, error, check in steps:
        machine.passes(passed, wall=passed + error)
        assert machine.clock() >= last
        if check and machine.clock.check() < 0:
            last = machine.clock()
        assert machine.clock() >= last
        last = machine.clock()


def test_real_clocks() -> None:
    first = boot()
    assert boot() >= first > 0
    assert abs(now() - time.time()) < JUMP_SECONDS
    assert abs(SteadyClock().drift()) < JUMP_SECONDS


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
