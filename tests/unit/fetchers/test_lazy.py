"""Data attributes of lazy loaders."""

import time

import pytest

from contracts.messages import LinkKind
from fetchers.lazy import data_attribute, is_url
from fetchers.sinks import Places

MEDIA, PAGE = LinkKind.MEDIA, LinkKind.PAGE

CASES = [
    ("div", "data-src", "/a", [("/a", MEDIA)]),
    ("iframe", "data-src", "/a", [("/a", PAGE)]),
    ("iframe", "data-src", "/a.jpg", [("/a.jpg", MEDIA)]),
    ("script", "data-src", "/a.jpg", []),
    ("div", "data-srcset", "a.jpg 1x, b.jpg 2x", [("a.jpg", MEDIA), ("b.jpg", MEDIA)]),
    ("div", "data-bg", "url('a.jpg')", [("a.jpg", MEDIA)]),
    ("div", "data-bg", "url(a.jpg), url(b.jpg)", [("a.jpg", MEDIA), ("b.jpg", MEDIA)]),
    ("div", "data-bg", "#fff", []),
    ("div", "data-lazy", "true", []),
    ("div", "data-full", "1.5", []),
    ("div", "data-image", ".hero", []),
    ("div", "data-image", '{"a":"b.c"}', []),
    ("div", "data-background", "rgba(0,0,0,.5)", []),
    ("div", "data-original", "../x/y", [("../x/y", MEDIA)]),
    ("div", "data-src", "my photo.jpg", [("my photo.jpg", MEDIA)]),
    ("div", "data-anything", "/a.jpg", []),
    ("img", "data-anything", "/a.jpg", [("/a.jpg", MEDIA)]),
    ("img", "data-anything", "/a", []),
    ("img", "data-url", "/a", [("/a", MEDIA)]),
    ("div", "data-url", "/a", []),
    ("img", "data-my-srcset", "/a 1x", [("/a", MEDIA)]),
    ("img", "data-src", "", []),
]


@pytest.mark.parametrize(("tag", "name", "value", "expected"), CASES)
def test_data_attribute(tag: str, name: str, value: str, expected: list[tuple[str, LinkKind]]) -> None:
    sink = Places(most=10)
    data_attribute(sink, tag, name, value, handled=tag in ("img", "iframe", "script"))
    assert [(found.raw, found.kind) for found in sink.found] == expected
    assert all((found.element, found.attribute) == (tag, name) for found in sink.found)


def test_is_url() -> None:
    assert is_url("./a") and is_url("a/b") and is_url("a.b") and is_url("https://h")
    assert not any(is_url(value) for value in ("", "a", "12", "1/2", "a b/c", "[a.jpg]", "<a.b>"))


def test_hostile_values_are_linear() -> None:
    started = time.process_time()
    for value in ("./" * 500_000 + "(", "." * 1_000_000, "a/" * 500_000 + "\n", "url(" * 200_000):
        data_attribute(Places(most=10), "img", "data-src", value, handled=True)
    assert time.process_time() - started < 5
