"""hasher.schemes.classify: the source's own word to its fields, and what several sources say together."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.lists import KINDS, UNKNOWN
from hasher.schemes import Classified, agree, classify, vics_profile
from hasher.schemes.scheme import TABLES

SAID = [classify(scheme, word, profile) for scheme, table in TABLES.items() for profile, word in table]
said = st.sampled_from([*SAID, Classified(mapped=False)])


# Domain, section 1: "legality (baseline, national, harmful, unknown), act (A, B, C or 1, 2, unknown: IWF grades the act),
# age (pre-pubescent, pubescent, unknown: NCMEC's A/B is age)".
def test_ncmec_letters_are_the_age_and_digits_the_act() -> None:
    assert classify("ncmec", "A1") == Classified(age="pre-pubescent", act="1")
    assert classify("ncmec", "A2") == Classified(age="pre-pubescent", act="2")
    assert classify("ncmec", "B1") == Classified(age="pubescent", act="1")
    assert classify("ncmec", " b2 ") == Classified(age="pubescent", act="2")
    assert classify("ncmec", "") == Classified()


def test_iwf_grades_the_act_alone() -> None:
    for letter in "ABC":
        assert classify("iwf", letter) == Classified(act=letter, kind="csam")
    assert classify("iwf", "category b").act == "B"


def test_inhope_grades_legality_alone() -> None:
    assert classify("inhope", "Baseline") == Classified(legality="baseline", kind="csam")
    assert classify("inhope", "National") == Classified(legality="national", kind="csam")
    assert classify("inhope", "harmful").kind == "child-exploitative"


# Domain, section 1: "VICS numbers are read by the country profile of `@odata.context`; an unknown profile or category is
# `unmapped`".
def test_vics_numbers_mean_different_things_by_country() -> None:
    assert classify("vics", "1", "US") == Classified(legality="national", kind="csam")
    assert classify("vics", "1", "GB") == classify("vics", "1", "uk") == Classified(act="A", kind="csam")
    assert classify("vics", "2", "US").kind == "child-exploitative"
    assert classify("vics", "2", "GB").act == "B"
    assert classify("vics", "3", "US").generated


@pytest.mark.parametrize(
    ("word", "profile"), [("1", "Default"), ("1", ""), ("1", "ZZ"), ("99", "US"), ("0", "US"), ("", "US"), ("2", "CA")]
)
def test_unknown_profiles_and_categories_are_unmapped(word: str, profile: str) -> None:
    assert classify("vics", word, profile) == Classified(mapped=False)


# Domain, section 1: "StopNCII is adults, ThreatExchange is any harm".
def test_kinds() -> None:
    assert classify("stopncii", "").kind == "ncii-adult"
    assert {classify("threatexchange", tag).kind for tag in ("csam", "ncii", "violent_extremism", "")} == {
        "csam", "ncii-adult", "other", "",
    }  # fmt: skip
    assert not classify("threatexchange", "my_own_tag").mapped


@given(st.sampled_from(sorted(TABLES)), st.text(), st.text())
def test_any_word_has_an_answer(scheme: str, word: str, profile: str) -> None:
    found = classify(scheme, word, profile)
    assert found.mapped or found == Classified(mapped=False)


@pytest.mark.parametrize(
    ("context", "profile"),
    [
        ("http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media", "US"),
        ("http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media", "Default"),
        ("http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml/CA/$metadata", "CA"),
        ("https://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/$metadata#Media", "2.0.xml"),
        ("", ""),
        ("$metadata", ""),
        ("x" * 100_000 + "/US/$metadata", ""),
    ],
)
def test_the_country_is_the_segment_before_metadata(context: str, profile: str) -> None:
    assert vics_profile(context) == profile


# Domain, section 1: "Disagreement between sources lowers to review, never raises."
def test_what_sources_state_differently_is_unknown_and_people_look() -> None:
    together, review = agree([classify("ncmec", "A1"), classify("ncmec", "B1")])
    assert together == Classified(act="1") and review
    together, review = agree([classify("vics", "1", "US"), classify("vics", "2", "US")])
    assert together == Classified(kind="child-exploitative") and review


def test_who_says_nothing_of_a_field_does_not_disagree() -> None:
    assert agree([classify("iwf", "A"), classify("inhope", "baseline")]) == (
        Classified(legality="baseline", act="A", kind="csam"),
        False,
    )
    assert agree([classify("iwf", "A"), Classified(mapped=False)]) == (classify("iwf", "A"), False)
    assert agree([]) == (Classified(mapped=False), False)


@given(st.lists(said, max_size=5))
def test_together_nothing_is_said_that_nobody_said(several: list[Classified]) -> None:
    together, review = agree(several)
    heard = [one for one in several if one.mapped]
    for field in ("legality", "act", "age"):
        stated = {getattr(one, field) for one in heard} - {UNKNOWN}
        assert getattr(together, field) in {UNKNOWN, *stated}
        assert getattr(together, field) == UNKNOWN or len(stated) == 1
        assert review or len(stated) < 2
    assert together.kind in {"", *(one.kind for one in heard)}
    assert together.mapped == bool(heard)


@given(st.lists(said, min_size=1, max_size=5), said)
def test_another_word_never_raises(several: list[Classified], other: Classified) -> None:
    before, review = agree(several)
    after, later = agree([*several, other])
    assert later or not review
    for field in ("legality", "act", "age"):
        was, now = getattr(before, field), getattr(after, field)
        assert now in (was, UNKNOWN) or (was == UNKNOWN and now == getattr(other, field))
    if before.kind:
        assert KINDS.index(after.kind) >= KINDS.index(before.kind)


@given(st.lists(said, max_size=4))
def test_the_order_does_not_matter(several: list[Classified]) -> None:
    assert len({agree(order) for order in permutations(several)}) == 1
