"""Which evidence leads (docs/domain.md, section 2)."""

from itertools import permutations

from msgspec.structs import replace

from contracts.cases import Case, CaseState
from notices.evidence import added, alive, blocked, carried, leading, replaced, sure
from tests.unit.notices.courses import EXACT, NEAR, UNVERIFIED

ORDER = (
    EXACT,
    replace(EXACT, entry_id=10, legality="national"),
    replace(EXACT, entry_id=11, kind="child-exploitative"),
    UNVERIFIED,
    NEAR,
    replace(NEAR, entry_id=12, distance=9),
    replace(NEAR, entry_id=13, legality="national", distance=1),
    replace(NEAR, entry_id=14, standing="unverified"),
    replace(EXACT, entry_id=15, held="flood"),
)
"""The strongest first: "exact before near, verified before unverified, csam before child-exploitative, legality baseline before
national, smaller distance"; what is held comes last."""


def test_the_strongest_leads_whatever_came_first() -> None:
    for number, strongest in enumerate(ORDER):
        for some in permutations(ORDER[number : number + 4]):
            assert leading(some) == strongest
    assert leading(()) is None


def test_equal_ones_are_told_apart_by_number() -> None:
    assert leading((replace(EXACT, entry_id=9), EXACT)) == EXACT


def test_withdrawn_refused_and_other_kinds_lead_nothing() -> None:
    for fields in ({"standing": "withdrawn"}, {"refused": True}, {"kind": "ncii-adult"}):
        gone = replace(EXACT, **fields)
        assert not alive(gone) and leading((gone, NEAR)) == NEAR and leading((gone,)) is None
    assert alive(replace(EXACT, kind="child-exploitative"))


def test_blocked_and_sure() -> None:
    assert not blocked(EXACT) and sure(EXACT)
    for fields in ({"held": "x"}, {"standing": "held"}, {"live": False}, {"guarded": False}):
        assert blocked(replace(EXACT, **fields))
    for fields in ({"near": True}, {"standing": "disputed"}, {"kind": "child-exploitative"}):
        assert not sure(replace(EXACT, **fields))


def test_a_late_match_changes_nothing_that_is_known() -> None:
    held = replace(EXACT, held="flood")
    assert added((held,), (EXACT, NEAR)) == (held, NEAR)
    assert replaced((EXACT, NEAR), (NEAR,)) == (replace(EXACT, standing="withdrawn"), NEAR)
    assert not alive(added(replaced((EXACT,), ()), (EXACT,))[0])


def test_what_carries_a_notice_that_was_made() -> None:
    case = Case(1, b"p", b"s", CaseState.NOTIFIED, 0.0, bases=(2,), evidence=(NEAR,))
    assert carried(case)
    assert carried(replace(case, evidence=(replace(NEAR, held="flood", standing="disputed"),))), "held is not withdrawn"
    assert not carried(replace(case, bases=(1,))), "a near match that caused no notice"
    assert carried(replace(case, bases=(2,), evidence=(replace(NEAR, refused=True), EXACT)))
    assert not carried(replace(case, evidence=(replace(NEAR, standing="withdrawn"), UNVERIFIED)))
    assert not carried(replace(case, evidence=(replace(NEAR, kind="child-exploitative"),)))
