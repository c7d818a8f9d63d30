"""crawlctl.report: one object for people, nothing that is empty, nothing that breaks a line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlctl.report import inline, lines, text, write_object

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
OBJECTS = st.dictionaries(
    st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1),
    st.recursive(
        LEAVES, lambda inner: st.lists(LEAVES) | st.dictionaries(st.text("abc", min_size=1), inner), max_leaves=9
    ),
)


def test_nested_objects_are_indented_and_lists_have_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    value = {
        "url": "http://a/", "nothing": None, "none_either": [], "tries": 0, "held": False,
        "robots": {"state": "rules", "line": ""}, "pages": ["x", "y"], "orders": [{"kind": "pages", "urls": 2}, {"kind": "media"}],
    }  # fmt: skip
    write_object("A title", value)
    assert capsys.readouterr().out.splitlines() == [
        "A title",
        "  url                http://a/",
        "  tries              0",
        "  held               no",
        "  robots",
        "    state              rules",
        "  pages              x",
        "                     y",
        "  orders             pages  urls 2",
        "                     media",
    ]


def test_inline() -> None:
    assert (
        inline({"kind": "pages", "not_set": None, "next_at": "soon", "urls": [1, 2]})
        == "pages  next at soon  urls 1, 2"
    )


def test_text() -> None:
    assert [text(one) for one in (True, False, 3, ["a", True])] == ["yes", "no", "3", "a, yes"]


@given(OBJECTS)
def test_hostile_text_breaks_no_line(value: dict[str, Any]) -> None:
    for line in lines(value, ""):
        assert len(line.splitlines()) <= 1
