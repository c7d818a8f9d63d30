"""contracts.settings: every setting has a default within its bounds, a unit and a meaning; nothing can be changed."""

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any

import pytest

from contracts.settings import PRODUCT_TOKEN, Settings

GROUPS = [(field.name, getattr(Settings(), field.name)) for field in fields(Settings) if field.name != "user_agent"]
KEYS = [(name, key, getattr(group, key.name)) for name, group in GROUPS for key in fields(group)]


@pytest.mark.parametrize(("group", "key", "default"), KEYS, ids=lambda value: getattr(value, "name", ""))
def test_each_has_a_default_within_bounds_a_unit_and_a_meaning(group: str, key: Any, default: Any) -> None:
    assert key.metadata["unit"]
    assert len(key.metadata["doc"]) > 10, group
    if isinstance(default, (int, float)) and not isinstance(default, bool):
        assert key.metadata["least"] <= default <= key.metadata["most"]


@pytest.mark.parametrize(("name", "group"), GROUPS, ids=[name for name, _ in GROUPS])
def test_groups_are_frozen_and_described(name: str, group: Any) -> None:
    assert is_dataclass(group)
    assert (group.__doc__ or "").endswith(".")
    with pytest.raises(FrozenInstanceError):
        setattr(group, fields(group)[0].name, None)


def test_defaults_that_are_lists_are_not_shared() -> None:
    first, second = Settings(), Settings()
    first.addresses.deny.append("192.0.2.0/24")
    assert second.addresses.deny == []


def test_the_user_agent_says_who_we_are_but_not_yet_whom_to_write_to() -> None:
    """The issue: a contact URL is demanded before anything but loopback is crawled, so there can be no default."""
    assert Settings().user_agent.startswith(f"{PRODUCT_TOKEN}/")
    assert "http" not in Settings().user_agent


def test_the_politest_promises_are_the_defaults() -> None:
    politeness = Settings().politeness
    assert (politeness.delay, politeness.parallel) == (1.0, 1)
    assert Settings().limits.robots_bytes >= 500 * 1024  # RFC 9309, 2.5
    assert Settings().limits.robots_redirects >= 5  # RFC 9309, 2.3.1.2
    assert not Settings().addresses.allow


@pytest.mark.parametrize("key", ["depth", "redirects", "robots_redirects", "tries"])
def test_what_is_stored_in_two_bytes_may_not_be_set_larger(key: str) -> None:
    """`urls.depth`, `hops` and `tries` are smallint: one more would end the crawl at its next commit."""
    (field,) = (field for field in fields(Settings().limits) if field.name == key)
    assert field.metadata["most"] + 1 < 2**15
