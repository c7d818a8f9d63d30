"""How paths and patterns are spelt for comparison (RFC 9309, 2.2.2 and 2.2.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontier.patterns import spell_path, spell_pattern


# RFC 9309, 2.2.2, the table "Examples of matching percent-encoded URI components": pattern and URI compare equal in all
# the spellings that a row shows.
@pytest.mark.parametrize(
    "spellings",
    [
        ["/foo/bar?baz=quz"],
        ["/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https%3a%2f%2ffoo.bar"],
        ["/foo/bar/ツ", "/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84"],
        ["/foo/bar/%62%61%7A", "/foo/bar/baz", "/foo/bar/%62a%7a"],
        ["/a(b)", "/a%28b%29"],
        ["/a%7Cb", "/a|b"],
        ["/a%20b", "/a b"],
    ],
)
def test_spellings_of_one_path_are_one(spellings: list[str]) -> None:
    assert len({spell_path(path) for path in spellings}) == 1
    patterns = {spell_pattern(path.encode().decode("latin-1")) for path in spellings}
    assert patterns == {(spell_path(spellings[0]),)}


# RFC 9309, 2.2.2: "it MUST be unencoded prior to comparison, unless it is a reserved character in the URI".
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/a%2Fb", "/a/b"),
        ("/a%3Fb", "/a?b"),
        ("/a?b=1%26c", "/a?b=1&c"),
        ("/a?b%3D1", "/a?b=1"),
        ("/a?b+c", "/a?b%2Bc"),
        ("/a%2562", "/a%62"),
        ("/A", "/a"),
    ],
)
def test_what_separates_stays_distinct_from_data(one: str, other: str) -> None:
    assert spell_path(one) != spell_path(other)


# RFC 9309, 2.2.3, "Example of percent-encoding": /path/file-with-a-%2A.html stands for a literal star, %24 for a dollar.
def test_special_characters_are_literal_when_escaped() -> None:
    assert spell_path("/path/file-with-a-*.html") == spell_path("/path/file-with-a-%2A.html")
    assert spell_pattern("/path/file-with-a-%2a.html") == (spell_path("/path/file-with-a-*.html"),)
    assert spell_pattern("/path/foo-%24") == (spell_path("/path/foo-$"),)
    assert spell_pattern("/foo$bar$") == ("/foo%24bar$",)


def test_a_pattern_that_does_not_start_at_the_root_matches_nothing() -> None:
    assert spell_pattern("foo") == spell_pattern("https://example.org/") == spell_pattern("$") == ()
    assert spell_pattern("*.gif$") == ("*.gif$",)


def test_what_follows_a_star_may_stand_in_path_or_query() -> None:
    assert set(spell_pattern("/*https%3A%2F%2F")) == {"/*https:%2F%2F", "/*https://"}
    assert spell_pattern("/a?*%2F") == ("/a?*/",)


@given(st.text(max_size=60))
def test_spelling_a_path_twice_changes_nothing_and_never_fails(text: str) -> None:
    once = spell_path("/" + text)
    assert once.isascii()
    assert spell_path(once) == once
    assert "*" not in once
    assert "$" not in once


@given(st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="*$?"), max_size=40))
def test_a_pattern_without_special_characters_is_spelt_as_its_path(text: str) -> None:
    octets = ("/" + text).encode("latin-1")
    path = "/" + "".join(chr(o) if o < 128 else f"%{o:02X}" for o in octets[1:])
    assert spell_pattern("/" + text) == (spell_path(path),)
