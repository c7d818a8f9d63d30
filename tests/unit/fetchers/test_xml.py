"""The flat reader of XML."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.xml import Tag, Text, attributes, events


def flat(text: str) -> list[str]:
    out = []
    for event in events(text):
        if isinstance(event, Text):
            out.append(event.value)
        else:
            out.append(f"{'+' if event.opens else ''}{'-' if event.closes else ''}{event.name}")
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a>x</a>", ["+a", "x", "-a"]),
        ("<s:A/><b />", ["+-a", "+-b"]),
        ("<a>x &amp; &lt;&#65;&#x42;</a>", ["+a", "x & <AB", "-a"]),
        ("<a><![CDATA[<b>&amp;]]></a>", ["+a", "<b>&amp;", "-a"]),
        ("<?xml version='1.0'?><!-- <no> --><a>", ["+a"]),
        ("<!DOCTYPE a [<!ENTITY e 'x'><!ELEMENT b>]><a>&e;", ["+a", "&e;"]),
        ("<!DOCTYPE a><b>", ["+b"]),
        ("<a x='>' y=\"<\">t", ["+a", "t"]),
        ("<a x='>t", ["+a", "t"]),
        ("<a", ["+a"]),
        ("< a>", []),
        ("<![CDATA[x", ["x"]),
        ("<!-- x", []),
        ("x", ["x"]),
        ("", []),
    ],
)
def test_events(text: str, expected: list[str]) -> None:
    assert flat(text) == expected


def test_attributes() -> None:
    (tag,) = events("<l HREF='a&amp;b' rel=\"c\" xml:base='d' href='no' x=y/>")
    assert isinstance(tag, Tag)
    assert attributes(tag) == {"href": "a&b", "rel": "c", "xml:base": "d"}


@pytest.mark.parametrize(
    "part",
    [
        "<",
        "<a b='",
        "<![CDATA[",
        "<!--",
        "<!DOCTYPE [",
        "<?",
        "<a>",
        "</a>",
        "&",
        "&#",
        "<a '\">",
        "<a " + "x" * 200,
        "a b",
        "<a x=" + " " * 50,
    ],
)
def test_hostile_documents_are_linear(part: str) -> None:
    started = time.process_time()
    for _ in events(part * 100_000):
        pass
    assert time.process_time() - started < 5


@given(st.text(alphabet="<>/a='\"![]CDATA-?& ;#1", max_size=60))
def test_any_text_gives_events(text: str) -> None:
    for event in events(text):
        if isinstance(event, Tag):
            attributes(event)
