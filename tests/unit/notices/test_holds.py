"""What stops a notice (docs/domain.md, section 2)."""

import pytest
from msgspec.structs import replace

from contracts.cases import Case, CaseState, Stop
from notices.holds import in_force, may_unhold, owes, stopped
from tests.unit.notices.courses import EXACT, HOST, target

CASE = Case(7, b"p", b"s", CaseState.NOTIFIED, 0.0, evidence=(EXACT,), targets=(target(),))


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


def test_who_still_waits_for_a_retraction() -> None:
    owing = replace(CASE, withdrawn_at=10.0, targets=(replace(target(), informed=True),))
    assert owes(owing) and not owes(CASE)
    assert not owes(replace(owing, targets=(replace(target(), informed=True, retracted=True),)))
