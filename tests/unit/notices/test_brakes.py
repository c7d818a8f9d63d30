"""Brakes (docs/domain.md, section 2): "at most 5 recipients per entry in its first 24 h, at most 2,000 notices a day in all"."""

import pytest

from notices.brakes import braked, loosens_at
from notices.rules import EntryLoad, Load
from tests.unit.notices.courses import DAY, START, rules


def load(recipients: int, first_at: float = START, notices: int = 0) -> Load:
    return Load(notices, {1: EntryLoad(first_at, frozenset(str(number) for number in range(recipients)))})


@pytest.mark.parametrize(
    ("counted", "recipient", "now", "brake"),
    [
        (Load(), "new", START, ""),
        (load(0, 0.0), "new", START, ""),
        (load(4), "new", START, ""),
        (load(5), "new", START, "brake_entry"),
        (load(5), "3", START, ""),
        (load(5), "new", START + DAY - 1, "brake_entry"),
        (load(5), "new", START + DAY, ""),
        (load(0, notices=1999), "new", START, ""),
        (load(0, notices=2000), "new", START, "brake_day"),
        (load(5, notices=2000), "3", START + DAY, "brake_day"),
    ],
)
def test_brakes(counted: Load, recipient: str, now: float, brake: str) -> None:
    assert braked(1, recipient, now, rules(load=counted)) == brake


def test_each_entry_has_its_own_day() -> None:
    assert braked(2, "new", START, rules(load=load(5))) == ""


def test_when_it_loosens() -> None:
    by = rules(load=load(5))
    assert loosens_at(1, START, by) == START + DAY
    assert loosens_at(1, START + DAY, by) == loosens_at(2, START, by) == 0.0
