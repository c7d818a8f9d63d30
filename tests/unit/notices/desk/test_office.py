"""Who asks, as acts that take two people know them."""

import pytest

from backends.postgres.vault_people import another
from contracts.errors import UsageError
from contracts.people import Identity
from notices.desk.office import person, said


def test_one_account_is_one_person_and_people_of_an_issuer_are_two() -> None:
    olga, otto = (person(Identity(name, "supervisor", 0, (), "oidc")) for name in ("olga", "otto"))
    assert another(olga, otto) and not another(olga, olga)
    anna, annas = person(Identity("anna", "analyst", 1)), person(Identity("other", "analyst", 1))
    assert not another(anna, annas) and another(anna, olga)
    assert not another(anna, person(Identity("anna", "analyst", 0, (), "oidc")))


def test_a_reason_says_something() -> None:
    assert said("  a   reason\n") == "a reason"
    with pytest.raises(UsageError, match="--authority"):
        said(" \t", "--authority")
