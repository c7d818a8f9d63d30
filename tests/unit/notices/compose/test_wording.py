"""Templates: every language has every kind, and no value is taken for a template."""

import re
from importlib.resources import files

import pytest

from contracts.notices import KINDS
from notices.compose.wording import LANGUAGES, PARTS, filled, paragraphs, spoken, words

VALUES = {"reference", "recipient", "operator", "country", "mandate", "contact", "appeal", "count", "date", "what"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_all_that_english_has(language: str) -> None:
    here, english = words(language), words("en")
    assert set(here.subjects) == set(here.kinds) == set(KINDS)
    assert set(here.parts) == set(PARTS)
    for field in ("labels", "legality", "match", "about"):
        assert getattr(here, field).keys() == getattr(english, field).keys()
    for kind in KINDS:
        assert len(here.kinds[kind]) == len(english.kinds[kind])
        said = " ".join([here.subjects[kind], *paragraphs(here, kind, ("csam", "child-exploitative"))])
        assert set(re.findall(r"\$\{?(\w+)", said)) <= VALUES
        assert "$reference" in here.subjects[kind]
        assert "@places" in said
        assert "@" not in said.replace("@places", "").replace("[@]", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_of_templates_is_used(language: str) -> None:
    folder = files("notices.compose") / "templates" / language
    assert {one.name for one in folder.iterdir()} == {*(f"{one}.txt" for one in (*KINDS, *PARTS)), "words.toml"}


@pytest.mark.parametrize(
    ("asked", "got"), [("fr", "fr"), ("FR-ca", "fr"), ("en", "en"), ("de", "en"), ("", "en"), ("../x", "en")]
)
def test_languages_that_nobody_wrote_are_english(asked: str, got: str) -> None:
    assert spoken(asked) == got
    assert words(asked) is words(got)


def test_a_value_is_no_template() -> None:
    assert filled("We are $operator.", {"operator": "$mandate ${x} @places"}) == "We are $mandate ${x} @places."


def test_reasons_are_those_of_the_kinds_concerned() -> None:
    said = words("en")
    both = list(paragraphs(said, "first", ("csam", "child-exploitative")))
    one = list(paragraphs(said, "first", ("child-exploitative",)))
    assert set(both) - set(one) == set(said.parts["csam"])
