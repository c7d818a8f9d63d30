"""What a list may be, before anything of it is stored."""

import pytest
from msgspec.structs import replace

from contracts.errors import UsageError
from contracts.lists import KINDS, MATCHED_KINDS, TRUSTS, USES, ListSource, check_source, uses_of

SOURCE = ListSource("iwf", uses=())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("use", USES)
def test_uses_by_kind(kind: str, use: str) -> None:
    """Domain, section 1: "Only `csam` may reach a notice or the figures; `child-exploitative` has templates and counts of its own;
    `ncii-adult`, `self-reported-minor`, `other` serve Shield only"."""
    allowed = {
        "match": kind in MATCHED_KINDS,
        "notify": kind == "csam",
        "shield": kind != "known-good",
        "export": True,
    }[use]
    source = replace(SOURCE, kind=kind, uses=(use,))
    if allowed:
        check_source(source)
    else:
        with pytest.raises(UsageError, match=f"kind {kind} may serve .* only, not {use}"):
            check_source(source)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("trust", TRUSTS)
def test_what_a_list_serves_by_itself_is_allowed(kind: str, trust: str) -> None:
    check_source(replace(SOURCE, kind=kind, trust=trust, uses=uses_of(kind)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": ""}, "kind must be one of"),
        ({"trust": "sure"}, "trust must be one of"),
        ({"uses": ("match", "sell")}, "a use is one of"),
        ({"name": "own csam"}, "hold our own entries"),
    ],
)
def test_what_no_list_can_be(wrong: dict[str, str], said: str) -> None:
    """Domain, section 1: "No kind, no import"."""
    with pytest.raises(UsageError, match=said):
        check_source(replace(SOURCE, **wrong))
