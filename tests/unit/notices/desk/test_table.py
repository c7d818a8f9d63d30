"""The acts by name: each with its row of permissions, its question and its answer."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from contracts.people import PERMISSIONS, ROLES, Identity
from notices.desk.office import Denied
from notices.desk.table import ACTS, asked_with, permitted


@pytest.mark.parametrize("name", ACTS)
def test_every_role_may_do_what_its_row_says(name: str) -> None:
    for role in ROLES:
        if role in PERMISSIONS[ACTS[name].permission]:
            assert permitted(Identity("x", role), name) is ACTS[name]
        else:
            with pytest.raises(Denied, match=f"x is {role}"):
                permitted(Identity("x", role), name)


def test_what_is_no_act() -> None:
    for name in ("", "none", "cases", "__class__"):
        with pytest.raises(UsageError, match="there is no act"):
            permitted(Identity("x", "supervisor"), name)
        with pytest.raises(UsageError, match="there is no act"):
            asked_with(name, b"{}")


@given(st.sampled_from(sorted(ACTS)), st.one_of(st.binary(max_size=200), st.builds(msgspec.json.encode, st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10))))  # fmt: skip
def test_no_body_is_an_unforeseen_error(name: str, body: Any) -> None:
    try:
        found = asked_with(name, body)
    except UsageError as error:
        assert str(error)
    else:
        assert isinstance(found, ACTS[name].asks)
