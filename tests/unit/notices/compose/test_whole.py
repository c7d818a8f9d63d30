"""A whole notice: its words as people review them (`golden/`), all that the rules ask of it, whatever is told."""

import json
import re

import pytest
from hypothesis import given, settings

from contracts.notices import KINDS, Notice, reference
from contracts.removal import Operator
from notices.compose.whole import compose, payload
from notices.compose.wording import LANGUAGES
from tests.notices import OPERATOR, PROVIDER, notice, notices, place
from tests.unit.notices.compose import golden

ALL = [(language, kind) for language in LANGUAGES for kind in KINDS]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_words_are_those_that_were_reviewed() -> None:
    """Written anew by `python -m tests.unit.notices.compose.golden`."""
    files = dict(golden.files())
    kept = {path.name: path.read_bytes() for path in golden.FOLDER.iterdir()}
    assert sorted(files) == sorted(kept)
    assert [name for name in files if files[name] != kept[name]] == []


@pytest.mark.parametrize(("language", "kind"), ALL)
def test_eu_dsa_article_16_2_elements_a_to_d(language: str, kind: str) -> None:
    """(a) reasons, (b) exact electronic location, (c) name and e-mail address, (d) bona fide belief."""
    if kind == "retraction":
        return  # it alleges nothing
    composed = compose(golden.made(kind, language), OPERATOR)
    article = {
        "en": "Article 16(2) of Regulation (EU) 2022/2065",
        "fr": "article 16, paragraphe 2, du règlement (UE) 2022/2065",
    }
    faith = {"en": "believe in good faith", "fr": "pensons de bonne foi"}
    for said in (flat(composed.text), flat(composed.html)):
        a, b, c, d = (said.index(f"({letter})") for letter in "abcd")
        assert said.index(article[language]) < a < b < c < d
        assert "places.json" in said[b:c]
        assert "Example Hotline" in said[c:d] and "notices@hotline.example" in said[c:d]
        assert faith[language] in said[d:]
    assert "places.json" in {one.name for one in composed.attachments}


@pytest.mark.parametrize(("language", "kind"), ALL)
def test_a_notice_holds_what_the_rules_name(language: str, kind: str) -> None:
    one = golden.made(kind, language)
    composed = compose(one, OPERATOR)
    said = flat(composed.text)
    for needed in (
        "Example Hotline",
        "FR",
        "named by law",
        "notices@hotline.example",
        "https://hotline.example/appeals",
    ):
        assert needed in said
    for told in one.places:
        assert str(told.case_id) in said and told.sha256.hex() in said
    number = reference(one.notice_id, one.message_id)
    assert number in said and number in composed.subject and composed.reference == number
    if kind != "retraction":
        asks = {
            "en": ("preserve as your law requires, then remove", "Do not reply with media"),
            "fr": ("conserver ce que votre droit exige, puis retirer", "Ne répondez pas avec des médias"),
        }
        assert all(ask in said for ask in asks[language])


def test_a_reverse_proxy_is_asked_for_the_origin_and_not_to_forward() -> None:
    assert "Do not forward this notice to the customer" in flat(compose(golden.made("origin", "en"), OPERATOR).text)
    assert "Ne transmettez pas cette notification au client" in flat(
        compose(golden.made("origin", "fr"), OPERATOR).text
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_child_exploitative_is_never_called_abuse_material(language: str) -> None:
    one = notice(place(kind="child-exploitative", category="", legality="harmful"), language=language)
    composed = compose(one, OPERATOR)
    about = {"en": "child sexual abuse material on your", "fr": "abus sexuels sur mineurs sur vos"}
    assert about[language] not in flat(composed.text) + composed.subject
    assert [found.name for found in composed.attachments] == ["places.json"]


@settings(max_examples=80, deadline=None)
@given(notices)
def test_no_notice_has_a_link_of_a_place_whatever_is_told(one: Notice) -> None:
    composed = compose(one, OPERATOR)
    for said in (composed.text, composed.html, composed.subject):
        rest = said.replace(OPERATOR.appeal, "").replace(OPERATOR.contact, "")
        assert not re.search(r"https?:/|ftps?:/|://|www\.", rest, re.IGNORECASE)
        assert not re.search(r"(?:media|pages|evil)\.example", rest)
    assert "\n" not in composed.subject and composed.subject.isprintable()
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x09\x0b-\x1f]", composed.text + composed.html)


@settings(max_examples=30, deadline=None)
@given(notices)
def test_the_same_notice_has_the_same_bytes(one: Notice) -> None:
    assert compose(one, OPERATOR) == compose(one, OPERATOR)
    api = payload(one, compose(one, OPERATOR), OPERATOR)
    assert api == payload(one, compose(one, OPERATOR), OPERATOR) and api.isascii()


def test_a_provider_gets_the_same_as_json() -> None:
    one = notice(recipient=PROVIDER, in_reply_to="n1.00@hotline.example")
    told = json.loads(payload(one, compose(one, OPERATOR), OPERATOR))
    assert (told["version"], told["kind"], told["idempotency_key"]) == (1, "first", one.idempotency_key)
    assert told["places"][0]["url"] == place().url and told["xarf"][0]["classification"] == "A1"
    assert told["operator"]["appeal"] == OPERATOR.appeal and "missing" not in told


def test_what_is_not_set_is_said_where_it_is_needed() -> None:
    composed = compose(notice(), Operator())
    assert composed.missing == tuple(f"operator.{name}" for name in ("name", "country", "mandate", "contact", "appeal"))
    assert flat(composed.text).startswith(
        "Not sent: written to a folder by a dry run. Before anything can be sent, set operator.name,"
    )
    assert "missing" in json.loads(payload(notice(), composed, Operator()))
