"""What people decide (docs/domain.md, section 2)."""

import pytest
from msgspec.structs import replace

from contracts.cases import Case, CaseState, Decision
from notices.reviews import (
    BASES,
    DECISIONS,
    involved,
    name_of,
    needed,
    outcome,
    people,
    refused,
    releases,
    same_person,
    visible,
    with_word,
    words,
)
from tests.unit.notices.courses import EXACT, NEAR

CASE = Case(7, b"p", b"s", CaseState.IN_REVIEW, 0.0, entry_id=2, evidence=(NEAR,))


def said(person: str, decision: str = "release", at: float = 1.0, account: int = 0, round_: int = 0) -> Decision:
    return Decision(person, account, decision, "assessed-in-hotline-tool", at, "why", round_, 2)


def after(*decisions: Decision) -> Case:
    case = CASE
    for one in decisions:
        case = replace(case, decisions=with_word(case.decisions, one))
    return case


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("decision", DECISIONS)
def test_metadata_only_may_hold_dispute_or_close_never_release(basis: str, decision: str) -> None:
    word = replace(said("Ann", decision), basis=basis)
    wrong = basis == "metadata-only" and decision == "release"
    assert refused(CASE, word) == ("metadata_never_releases" if wrong else "")


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (replace(said("Ann"), decision="delete"), "unknown_decision"),
        (replace(said("Ann"), basis="a feeling"), "unknown_basis"),
        (replace(said("Ann", "close"), why=" "), "close_needs_a_why"),
        (said("  "), "nobody"),
        (said("Ann", round_=1), "earlier_round"),
        (replace(said("Ann"), entry_id=0), "not_its_evidence"),
    ],
)
def test_what_counts_for_nothing_has_a_name(word: Decision, why: str) -> None:
    assert refused(CASE, word) == why


def test_two_different_people_agree() -> None:
    assert outcome(CASE, 2) == outcome(after(said("Ann")), 2) == ""
    assert outcome(after(said("Ann"), said("Bob")), 2) == "release"
    assert outcome(after(said("Ann"), said("Bob")), 1) == "", "a word counts for the entry that was shown"


def test_the_same_person_deciding_twice_counts_once() -> None:
    assert outcome(after(said("Ann"), said(" ANN", at=2.0)), 2) == ""
    assert outcome(after(said("Ann", account=4), said("Anna", at=2.0, account=4)), 2) == "", "one account"
    assert outcome(after(said("Ann", account=4), said("Bob", account=5)), 2) == "release"
    assert same_person(said("Ann"), said("ann")) and not same_person(said("Ann"), said("Bob"))


def test_the_later_word_of_a_person_counts() -> None:
    changed = after(said("Ann"), said("Ann", "hold", 2.0))
    assert [one.decision for one in words(changed, 2)] == ["hold"]
    assert with_word(changed.decisions, said("Ann")) == changed.decisions, "told again"


def test_two_that_disagree_wait_for_a_third() -> None:
    two = (said("Ann"), said("Bob", "hold", 2.0))
    assert outcome(after(*two), 2) == ""
    assert outcome(after(*two, said("Cid", at=3.0)), 2) == "release"
    assert outcome(after(*two, said("Cid", "dispute", 3.0)), 2) == ""
    assert outcome(after(*two, said("Cid", at=3.0), said("Dan", "hold", 4.0)), 2) == "", "two against two"


def test_words_of_an_earlier_round_count_no_more() -> None:
    assert outcome(replace(after(said("Ann"), said("Bob")), round=1), 2) == ""


def test_the_second_reviewer_does_not_see_the_firsts_word() -> None:
    """ "The second reviewer does not see the first's word." """
    case = after(said("Ann"))
    assert visible(case, "Bob", 0) == ()
    assert visible(case, "Ann", 0) == case.decisions
    both = after(said("Ann"), said("Bob", "hold"))
    assert visible(both, "Bob", 0) == both.decisions
    assert visible(both, "Cid", 0) == (), "nor does the third"
    assert visible(replace(both, round=1), "Ann", 0) == (said("Ann"),), "who decides anew sees their own word only"


def test_supervisors() -> None:
    assert (needed(EXACT), needed(replace(EXACT, notify=False))) == (1, 2)
    assert people(["Ann", "ann ", "", " "]) == 1 and name_of(" Ann ") == "ann"
    case = replace(CASE, evidence=(EXACT,), released_by=("Ann",), released_entry=1, released_round=0)
    assert releases(case, EXACT)
    assert not releases(case, replace(EXACT, notify=False))
    assert not releases(replace(case, round=1), EXACT)
    assert not releases(replace(case, released_entry=2), EXACT)
    assert not releases(case, replace(EXACT, near=True)), "never in bulk"
    assert releases(case, replace(EXACT, near=True, confirmed=True))
    for fields in (
        {"held": "x"},
        {"live": False},
        {"guarded": False},
        {"refused": True},
        {"kind": "child-exploitative"},
    ):
        assert not releases(case, replace(EXACT, **fields))


def test_who_had_a_part_is_involved() -> None:
    case = replace(CASE, involved=("ann",))
    assert involved(case, "Ann ") and not involved(case, "Bob")
