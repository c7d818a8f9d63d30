"""When a clock is good enough: playbooks of measurements, jumps and looks."""

import pytest

from crawlctl.roles.skew import GOOD_FOR, SkewGuard, follows


def test_nothing_is_served_before_the_first_good_measurement() -> None:
    guard = SkewGuard(2.0)
    assert guard.hold(0.0) == "the clock was not yet compared with the brokers'"
    guard.measured(0.3, 0.01, 1.0)
    assert guard.hold(1.0) == ""


@pytest.mark.parametrize(
    ("skew", "uncertainty", "serves"),
    [
        (1.9, 0.05, True),
        (-1.9, 0.05, True),
        (2.0, 0.0, True),
        (2.3, 0.5, False),  # it may be within the limit, or not: that is no good measurement
        (0.0, 1.01, False),  # too vague to say anything
    ],
)
def test_what_a_first_measurement_says(skew: float, uncertainty: float, serves: bool) -> None:
    guard = SkewGuard(2.0)
    guard.measured(skew, uncertainty, 1.0)
    assert (guard.hold(1.0) == "") is serves


def test_a_wrong_clock_holds_until_it_is_right() -> None:
    guard = SkewGuard(2.0)
    guard.measured(0.0, 0.01, 1.0)
    guard.measured(-2.6, 0.5, 3.0)
    assert guard.hold(3.0) == (
        "the clock is 2.6 s behind the brokers', more than cluster.max_skew (2 s); put the clocks right, with NTP for example"
    )
    guard.measured(-2.1, 0.5, 5.0)
    assert "2.6 s behind" in guard.hold(5.0)
    guard.measured(0.2, 0.5, 7.0)
    assert guard.hold(7.0) == ""


def test_a_vague_measurement_holds_nobody() -> None:
    """Two seconds of a slow broker are not two seconds of a wrong clock."""
    guard = SkewGuard(2.0)
    guard.measured(0.0, 0.01, 1.0)
    for skew, uncertainty in ((2.4, 0.5), (9.0, 9.0)):
        guard.measured(skew, uncertainty, 3.0)
        assert guard.hold(3.0) == ""


def test_a_good_measurement_counts_for_ten_minutes_without_another() -> None:
    guard = SkewGuard(2.0)
    guard.measured(0.0, 0.01, 100.0)
    assert guard.hold(100.0 + GOOD_FOR) == ""
    assert guard.hold(101.0 + GOOD_FOR) == "the clock was last compared with the brokers' 601 s ago"
    guard.measured(0.0, 0.01, 900.0)
    assert guard.hold(901.0) == ""


def test_after_a_jump_only_what_was_sent_later_counts() -> None:
    guard = SkewGuard(2.0)
    guard.measured(0.0, 0.01, 1.0)
    guard.jumped(-3600.0, 10.0)
    assert guard.hold(10.0) == "the wall clock jumped by -3600 s; waiting until it is compared with the brokers' anew"
    guard.measured(0.0, 0.01, 9.9)  # on its way when it jumped
    assert guard.hold(11.0)
    guard.measured(0.0, 0.01, 12.0)
    assert guard.hold(12.0) == ""


@pytest.mark.parametrize(
    ("skew", "drift", "wall"),
    [
        (5.0, -5.0, True),  # we began with a wrong wall clock, which was put right
        (0.1, 3600.0, False),  # somebody set it wrong
        (-4.0, 3.0, True),
        (0.0, 0.0, False),
    ],
)
def test_whichever_clock_is_nearer_to_the_brokers_is_followed(skew: float, drift: float, wall: bool) -> None:
    assert follows(skew, drift) is wall
