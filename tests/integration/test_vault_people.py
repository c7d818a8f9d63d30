"""backends.postgres.vault_people: who counts as another person."""

import pytest

from backends.postgres.vault_people import another, label
from contracts.desk import Person

ANNA = Person("anna", 1, "desk")


# Domain, section 2: "Nobody approves an act of their own".
@pytest.mark.parametrize(
    ("other", "is_another"),
    [
        (ANNA, False),
        (Person("bert", 1, "desk"), False),
        (Person("anna", 7, "pod-2"), False),
        (Person("bert", 2, "desk"), True),
        (Person("bert", 1, "pod-2"), True),
    ],
    ids=str,
)
def test_another(other: Person, is_another: bool) -> None:
    assert another(ANNA, other) is is_another and another(other, ANNA) is is_another


def test_a_person_is_named_with_account_and_machine() -> None:
    assert label(ANNA) == "anna (1 on desk)"
