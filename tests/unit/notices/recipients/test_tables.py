"""notices.recipients.tables: errors name the file, the row and the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from notices.recipients.tables import CHARS, Row, rows

TABLES = {"thing": ("name", "network", "number", "country", "language", "contact")}


def row(text: str) -> Row:
    ((_, found),) = rows("f.toml", f"[[thing]]\n{text}", TABLES)
    return found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1 1\n", "f.toml: is no TOML: .*line 1"),
        ("a = [" * 3000, "f.toml: is no TOML"),
        ("[[other]]", r"f.toml: 'other' is no table of this file; known are \[\[thing\]\]"),
        ("thing = 1", r"f.toml: thing must be written as \[\[thing\]\]"),
        ("[thing]", r"f.toml: thing must be written as"),
        ("[[thing]]\n[[thing]]\nnamme = 1", r"\[\[thing\]\] number 2: namme is no key; did you mean name\?"),
        ("#" * (CHARS + 1), "longer than"),
    ],
    ids=range(7),
)
def test_files(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rows("f.toml", text, TABLES)


def test_values() -> None:
    one = row('name = " Hoster "\nnetwork = "192.0.2.0/24"\nnumber = 7\ncountry = "NL"\nlanguage = "nl"')
    assert (one.text("name"), str(one.network("network")), one.number("number", 9)) == ("Hoster", "192.0.2.0/24", 7)
    assert (one.country("country"), one.language("language"), one.has("contact")) == ("NL", "nl", False)


def test_wrong_values_are_named() -> None:
    one = row(
        'name = "a\\nb"\nnetwork = "192.0.2.1/24"\nnumber = true\ncountry = "EU"\nlanguage = "English"\ncontact = "x"'
    )
    for act, key in (
        (lambda: one.text("name"), "name"),
        (lambda: one.network("network"), "network"),
        (lambda: one.networks("number"), "number"),
        (lambda: one.number("number", 9), "number"),
        (lambda: one.country("country"), "country"),
        (lambda: one.language("language"), "language"),
        (lambda: one.contact("email", needed=True), "contact"),
        (lambda: one.word("contact", ("a",), "a"), "contact"),
        (lambda: row('contact = "a b"').contact("webhook", needed=True), "contact"),
        (lambda: row("").text("name", needed=True), "name"),
    ):
        with pytest.raises(UsageError, match=rf"f.toml: \[\[thing\]\] number 1: {key} "):
            act()


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    try:
        rows("f.toml", text, TABLES)
    except UsageError as error:
        assert str(error).startswith("f.toml: ")
