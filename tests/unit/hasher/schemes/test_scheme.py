"""hasher.schemes.scheme: every file is held to the closed sets, names its sources, and derives no field from another."""

from importlib.resources import files
from itertools import combinations

import pytest

from contracts.lists import ACTS, AGES, KINDS, LEGALITIES, UNKNOWN
from hasher import schemes
from hasher.schemes.scheme import CLOSED, SCHEMES, TABLES, Profile, parse

LOADED = {name: parse(files(schemes).joinpath(f"{name}.toml").read_bytes(), name) for name in SCHEMES}
PROFILES = [(name, profile) for name, scheme in LOADED.items() for profile in scheme.profile]


def ids(case: object) -> str:
    return case if isinstance(case, str) else "/".join(case.names) if isinstance(case, Profile) else ""


def test_every_file_is_a_scheme() -> None:
    found = {path.name.removesuffix(".toml") for path in files(schemes).iterdir() if path.name.endswith(".toml")}
    assert found == set(SCHEMES) == TABLES.keys()


# Domain, section 1: "One mapping file per scheme, data under review."
@pytest.mark.parametrize("name", SCHEMES)
def test_a_file_says_what_it_is_and_that_it_is_under_review(name: str) -> None:
    assert LOADED[name].about and LOADED[name].review.startswith("under review")


@pytest.mark.parametrize(("name", "profile"), PROFILES, ids=ids)
def test_every_row_has_a_source_a_meaning_and_values_of_the_closed_sets(name: str, profile: Profile) -> None:
    assert len(profile.source) > 20 and profile.names and profile.word
    for row in profile.word:
        assert row.words and row.means
        assert row.legality in LEGALITIES and row.act in ACTS and row.age in AGES and row.kind in ("", *KINDS)


# Domain, section 1: "plus three fields never derived from each other".
@pytest.mark.parametrize(("name", "profile"), PROFILES, ids=ids)
def test_a_scheme_says_nothing_of_a_field_that_it_does_not_grade(name: str, profile: Profile) -> None:
    for field in CLOSED.keys() - set(profile.grades):
        assert {getattr(row, field) for row in profile.word} == {UNKNOWN}
    for field in profile.grades:
        assert {getattr(row, field) for row in profile.word} - {UNKNOWN}, "it grades this field, and states it nowhere"


@pytest.mark.parametrize(("name", "profile"), PROFILES, ids=ids)
def test_no_field_can_be_told_from_another(name: str, profile: Profile) -> None:
    for one, other in combinations(profile.grades, 2):
        pairs = {(getattr(row, one), getattr(row, other)) for row in profile.word} - {(UNKNOWN, UNKNOWN)}
        for value in {first for first, _ in pairs}:
            assert len({second for first, second in pairs if first == value}) > 1
        for value in {second for _, second in pairs}:
            assert len({first for first, second in pairs if second == value}) > 1


GOOD = """
about = "a"
review = "under review"
[[profile]]
names = [""]
grades = ["act"]
source = "a source"
[[profile.word]]
words = ["1"]
means = "something"
act = "A"
"""


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('act = "A"', 'act = "Z"'),
        ('act = "A"', 'age = "pubescent"'),  # a field that it does not grade
        ('act = "A"', 'legality = "baseline"'),
        ('act = "A"', 'kind = "porn"'),
        ('grades = ["act"]', 'grades = ["severity"]'),
        ('source = "a source"', 'source = ""'),
        ('means = "something"', 'means = ""'),
        ('words = ["1"]', "words = []"),
        ('act = "A"', 'severity = "A"'),
        ('words = ["1"]', 'words = ["1", "1"]\nact = 1'),
    ],
)
def test_what_breaks_the_rules_is_refused(wrong: str, right: str) -> None:
    parse(GOOD.encode(), "good")
    with pytest.raises(ValueError):
        parse(GOOD.replace(wrong, right).encode(), "bad")
