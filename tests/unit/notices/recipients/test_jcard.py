"""notices.recipients.jcard: contacts as registries write them, and as nobody should."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.recipients.jcard import EMAILS, PROPERTIES, TEXT, Card, card, country, words
from tests.fakeweb.registry import mail, vcard

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=30,
)


def test_a_card() -> None:
    line = ["adr", {"cc": "nl"}, "text", ["", "", "1 Street", "Town", "", "", "The Netherlands"]]
    read = card(vcard(["org", {}, "text", ["Hoster", "Desk"]], line, mail("mailto:abuse@host.example")))
    assert read == Card("Abuse desk", "Hoster", ("abuse@host.example",), "NL")


def test_the_preferred_address_is_first() -> None:
    read = card(
        vcard(mail("c@x.example"), mail("b@x.example", pref="2"), mail("a@x.example", pref="1"), mail("c@x.example"))
    )
    assert read.emails == ("a@x.example", "b@x.example", "c@x.example")
    assert card(vcard(mail("a@x.example", pref="9" * 5000), mail("b@x.example", pref="x"))).emails == ("a@x.example", "b@x.example")  # fmt: skip


def test_addresses_that_are_none_are_counted() -> None:
    read = card(
        vcard(mail("a@x.example\r\nBcc: b@x.example"), mail("x"), mail("ok@x.example"), ["email", {}, "text", 7])
    )
    assert (read.emails, read.faulty) == (("ok@x.example",), 3)


@pytest.mark.parametrize(
    ("value", "code"),
    [("NL", "NL"), ("nl", "NL"), ("EU", ""), ("AP", ""), ("ZZ", ""), ("NLD", ""), ("N1", ""), ("ßß", ""), ("", ""), (None, ""), (7, "")],
)  # fmt: skip
def test_countries(value: object, code: str) -> None:
    assert country(value) == code


def test_a_name_of_a_country_is_not_guessed_at() -> None:
    assert card(vcard(["adr", {}, "text", ["", "", "", "", "", "", "Germany"]])).country == ""
    assert card(vcard(["adr", {}, "text", ["", "", "", "", "", "", "DE"]])).country == "DE"


@pytest.mark.parametrize("raw", [None, [], ["vcard"], ["vcard", 1], ["card", []], {"vcard": []}, "vcard", ["vcard", [[], [1], ["fn"], ["fn", {}, "text"], 7]]])  # fmt: skip
def test_what_is_no_card(raw: object) -> None:
    assert card(raw) == Card()


def test_a_card_without_end() -> None:
    lines: list[Any] = [mail(f"a{n}@x.example") for n in range(100_000)]
    assert len(card(["vcard", lines]).emails) == EMAILS
    late = [["fn", {}, "text", "x"]] * PROPERTIES + [mail("late@x.example")]
    assert card(["vcard", late]).emails == ()
    assert len(card(vcard(name="x" * 1_000_000)).name) == TEXT


def test_words_are_one_line() -> None:
    assert words("a\r\nSubject: b\0\u202ec") == "a Subject: b c"
    assert words(None) == words(3) == ""


@given(ANYTHING)
def test_anything(raw: object) -> None:
    for value in (
        raw,
        ["vcard", raw],
        ["vcard", [["email", raw, "text", raw], ["adr", raw, "text", raw], ["org", raw, "x", raw]]],
    ):
        read = card(value)
        assert len(read.emails) <= EMAILS and read.name.isprintable()
