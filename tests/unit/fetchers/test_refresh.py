"""Refresh by the HTML standard's "shared declarative refresh steps"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.refresh import target

CASES = [
    ("5; url=next", "next"),
    ("5;url=next", "next"),
    ("5, url=next", "next"),
    ("5 url=next", "next"),
    ("  0  ;  URL  =  next  ", "next  "),
    ("0;next", "next"),
    ("0;'ne xt'rest", "ne xt"),
    ('0; url="next" rest', "next"),
    ("0; url='a\"b'", 'a"b'),
    ("0; url='open", "open"),
    # Steps 3-6: time, then digits and dots that are thrown away, then ; , or a blank.
    ("3.5;url=a", "a"),
    ("..5;url=a", "a"),
    (".;a", "a"),
    ("5", ""),
    ("5.", ""),
    ("5;", ""),
    ("0;url=", ""),
    ("", None),
    ("abc", None),
    ("-1;url=a", None),
    ("5x;url=a", None),
    ("5seconds", None),
    # Steps 8-10: "u", "ur", "url" without "=" belong to the URL.
    ("0;u", "u"),
    ("0;urn:x", "urn:x"),
    ("0;url next", "url next"),
    ("0;urlx=1", "urlx=1"),
    ("0; uRl\t=\n'q'", "q"),
    ("0;;a", ";a"),
    ("0 , a", "a"),
]


@pytest.mark.parametrize(("value", "expected"), CASES)
def test_target(value: str, expected: str | None) -> None:
    assert target(value) == expected


@given(st.text(alphabet="05.;, url='\"=ax\t"))
def test_never_raises(value: str) -> None:
    result = target(value)
    assert result is None or isinstance(result, str)
