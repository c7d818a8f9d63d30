"""How far clocks are apart, as far as the round trip tells."""

import pytest

from crawlctl.doctor.clocks import Reading, judge_clock, reading
from crawlctl.doctor.findings import Verdict


def read(ahead: float, trip: float) -> Reading:
    return reading(1000.0, 1000.0 + trip / 2 - ahead, 1000.0 + trip)


@pytest.mark.parametrize(
    ("ahead", "trip", "verdict"),
    [
        (0.0, 0.001, Verdict.OK),
        (1.9, 0.01, Verdict.OK),
        (-1.9, 0.01, Verdict.OK),
        (2.1, 0.01, Verdict.FAILED),
        (-2.1, 0.01, Verdict.FAILED),
        (1.9, 1.0, Verdict.WARNING),
        (2.1, 1.0, Verdict.WARNING),
        (3.0, 1.0, Verdict.FAILED),
    ],
)
def test_a_clock_against_another(ahead: float, trip: float, verdict: Verdict) -> None:
    found = judge_clock("clock", "Postgres", [read(ahead, trip)], 2.0)
    assert found.verdict is verdict
    assert ("behind" if ahead < 0 else "ahead of") in found.found


def test_the_quickest_answer_counts() -> None:
    assert judge_clock("clock", "x", [read(0.5, 9.0), read(0.1, 0.01)], 2.0).verdict is Verdict.OK


def test_no_answer_at_all() -> None:
    assert judge_clock("clock", "x", [], 2.0).verdict is Verdict.WARNING


def test_our_clock_was_set_back_meanwhile() -> None:
    assert reading(1000.0, 1000.0, 999.0).unsure == 0.5
