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


ACCOUNTS = {
    name: Person(name, number, "account") for name, number in (("anna", 7), ("bert", 8), ("sub-1", 0), ("sub-2", 0))
}


@pytest.mark.parametrize(
    ("one", "other", "is_another"),
    [
        (ACCOUNTS["anna"], ACCOUNTS["bert"], True),
        (ACCOUNTS["anna"], ACCOUNTS["anna"], False),
        (ACCOUNTS["anna"], Person("anna", 9, "account"), False),  # one name, two accounts: one was revoked
        (ACCOUNTS["anna"], Person("carl", 7, "account"), False),
        (ACCOUNTS["sub-1"], ACCOUNTS["sub-2"], True),  # by tokens of an issuer
        (ACCOUNTS["sub-1"], ACCOUNTS["sub-1"], False),
        (ACCOUNTS["anna"], ACCOUNTS["sub-1"], True),
        (ACCOUNTS["anna"], Person("root", 0, "desk"), False),  # who knows which of them has the account?
    ],
    ids=str,
)
def test_people_with_accounts_are_told_apart_by_them(one: Person, other: Person, is_another: bool) -> None:
    assert another(one, other) is is_another and another(other, one) is is_another


def test_a_person_is_named_with_account_and_machine() -> None:
    assert label(ANNA) == "anna (1 on desk)"
    assert label(ACCOUNTS["anna"]) == "anna (account 7)"
    assert label(ACCOUNTS["sub-1"]) == "sub-1 (by a token)"
