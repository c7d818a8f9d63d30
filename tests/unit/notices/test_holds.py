"""What stops a notice, and what stops deletion (docs/domain.md, sections 2 and 4)."""

import pytest
from msgspec.structs import replace

from contracts.cases import OPEN, Case, CaseState, Stop
from contracts.options import DAY
from contracts.removal import Retention
from notices.holds import deletable, in_force, may_unhold, stopped
from tests.unit.notices.courses import EXACT, HOST, target

CASE = Case(7, b"p", b"s", CaseState.NOTIFIED, 0.0, evidence=(EXACT,), targets=(target(),))
YEAR = 365 * DAY


def test_a_stop_ends_when_it_expires() -> None:
    assert in_force(Stop("case", "7", "police"), 1e12)
    assert in_force(Stop("case", "7", "police", 10.0), 9.9) and not in_force(Stop("case", "7", "police", 10.0), 10.0)


@pytest.mark.parametrize(
    ("stop", "recipient", "stops"),
    [
        (Stop("recipient", HOST, "police"), HOST, True),
        (Stop("recipient", HOST, "police"), "other", False),
        (Stop("site", "", "police"), "other", True),
        (Stop("case", "7", "police"), "other", True),
        (Stop("entry", "1", "police"), HOST, True),
        (Stop("entry", "2", "police"), HOST, False),
    ],
)
def test_scopes(stop: Stop, recipient: str, stops: bool) -> None:
    assert stopped(replace(CASE, stops=(stop,)), recipient, 0.0) is stops


def test_a_persons_hold_takes_two_others_or_themselves_and_another() -> None:
    held = replace(CASE, held_by="Ann", held_at=5.0)
    assert may_unhold(held, ("Ann", "Bob"), 5.0) and may_unhold(held, ("Bob", "Cid"), 6.0)
    assert not may_unhold(held, ("Bob",), 6.0) and not may_unhold(held, ("Bob", " bob"), 6.0)
    assert not may_unhold(held, ("Bob", "Cid"), 4.0), "before it was held"
    assert not may_unhold(CASE, ("Bob", "Cid"), 6.0)


def test_gone_and_closed_cases_go_after_a_year() -> None:
    """ "gone cases 1 y; [...] a legal hold stops deletion" """
    gone = replace(CASE, state=CaseState.GONE, gone_at=10.0)
    closed = replace(CASE, state=CaseState.CLOSED, closed_at=10.0)
    for ended in (gone, closed):
        assert deletable(ended, 10.0 + YEAR, Retention()) and not deletable(ended, 9.0 + YEAR, Retention())
        assert not deletable(replace(ended, legal_hold="a court"), 99 * YEAR, Retention())
        assert not deletable(replace(ended, next_check=5.0), 99 * YEAR, Retention()), "still looked at"
    owing = replace(closed, withdrawn_at=10.0, targets=(replace(target(), informed=True),))
    assert not deletable(owing, 99 * YEAR, Retention()), "a retraction waits"
    assert deletable(
        replace(owing, targets=(replace(target(), informed=True, retracted=True),)), 99 * YEAR, Retention()
    )
    for state in OPEN:
        assert not deletable(replace(gone, state=state), 99 * YEAR, Retention())
