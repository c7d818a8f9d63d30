"""hasher.formats.formulas: marking and taking the mark off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hasher.formats.formulas import marked, unmarked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("@a", "'@a"),
        ("'+a", "''+a"),
        ("plain", "plain"),
        ("'quoted'", "'quoted'"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_only_what_a_spreadsheet_would_run_is_marked(text: str, shown: str) -> None:
    assert marked(text) == shown


@given(st.text() | st.text("'=+-@a", max_size=6))
def test_taking_the_mark_off_gives_back_what_was_there(text: str) -> None:
    assert unmarked(marked(text)) == text
    assert not marked(text).startswith(("=", "+", "-", "@"))
