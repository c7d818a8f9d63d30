"""Lines and columns of TOML keys."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlctl.places import complaint, places

DOCUMENT = '''\
# a comment = with [brackets] and "quotes
user_agent = "Pisaura # no comment"   # a comment

  [politeness]  # table
delay = "1s"
"parallel" = 1
text = """
delay = 'not a key'
[limits]
"""
[ "addresses" . deep ]
allow = [
  "127.0.0.0/8", # = [
  "]",
]
deny.more = { inside = ['}'], b = 1 }
[[many]]
one = 1
'''


def test_keys_and_tables_are_found_where_they_stand() -> None:
    tomllib.loads(DOCUMENT)
    assert places(DOCUMENT) == {
        ("user_agent",): (2, 1),
        ("politeness",): (4, 3),
        ("politeness", "delay"): (5, 1),
        ("politeness", "parallel"): (6, 1),
        ("politeness", "text"): (7, 1),
        ("addresses",): (11, 1),
        ("addresses", "deep"): (11, 1),
        ("addresses", "deep", "allow"): (12, 1),
        ("addresses", "deep", "deny"): (16, 1),
        ("addresses", "deep", "deny", "more"): (16, 1),
        ("many",): (17, 1),
        ("many", "one"): (18, 1),
    }


def test_a_file_without_a_last_line_end() -> None:
    assert places("a = 1\n\tb=2") == {("a",): (1, 1), ("b",): (2, 2)}


@given(st.text(alphabet="ab.=\"'[]{}#\n \\,1"))
def test_any_valid_document_has_a_place_for_each_of_its_keys(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = places(text)
    assert {path[0] for path in found} == set(document)
    lines = text.split("\n")
    assert all(line <= len(lines) and column <= len(lines[line - 1]) for line, column in found.values())


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a = \n", 1, 5), ("a = 1\nb c = 2\n", 2, 3), ("a = [1,\n", 2, 1), ('a = "', 1, 6), ("[x]\n[x]\n", 2, 3)],
)
def test_complaints_of_the_reader_have_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    assert complaint(caught.value, text)[:2] == (line, column)
    assert "line" not in complaint(caught.value, text)[2]
