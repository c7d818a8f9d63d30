"""Who may do what."""

import pytest

from contracts.people import PERMISSIONS, ROLES, Identity, may


def test_every_role_of_the_table_exists_and_every_role_may_do_something() -> None:
    assert {role for roles in PERMISSIONS.values() for role in roles} == set(ROLES)


@pytest.mark.parametrize("act", sorted(PERMISSIONS))
def test_nobody_may_do_what_is_not_given_to_their_role(act: str) -> None:
    for role in ROLES:
        assert may(Identity("a", role), act) == (role in PERMISSIONS[act])


def test_what_is_in_no_row_is_forbidden() -> None:
    assert not any(may(Identity("a", role), "no such act") for role in ROLES)


def test_only_analysts_and_supervisors_see_places() -> None:
    assert set(PERMISSIONS["cases.reveal"]) == {"analyst", "supervisor"}
    assert PERMISSIONS["shield"] == ("provider",)
