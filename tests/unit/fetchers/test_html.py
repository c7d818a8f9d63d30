"""A page as a whole: base URL, nesting, caps, and that both ways of reading find the same."""

import time

import pytest
from hypothesis import given, settings

from contracts.messages import LinkKind
from fetchers import html
from fetchers.sinks import Places, Raws
from tests.unit.fetchers.pages import URL, markup, places, raws


def base_of(text: str) -> str:
    return html.read(text, URL, Raws(), elements=1000).base


# HTML standard 4.2.3: the first base element with href, joined to the document's URL; "frozen base URL".
@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("", URL),
        ("<base href=/b/>", "https://h.example/b/"),
        ("<base href='  sub/  '>", "https://h.example/dir/sub/"),
        ("<base target=x><base href=/1/><base href=/2/>", "https://h.example/1/"),
        ("<body><p><base href=/b/>", "https://h.example/b/"),
        ("<base href='//o.example/x?y#z'>", "https://o.example/x?y"),
        ("<base href='http://[bad'><base href=/no/>", URL),
        ("<base href=data:,x><base href=/no/>", URL),
        ("<base href='JavaScript:x'>", URL),
        ("<base href=''>", URL),
        ("<template><base href=/no/></template>", URL),
        ("<svg><base href=/no/></svg>", URL),
        ("<!-- <base href=/no/> --><title><base href=/no/></title>", URL),
        ("<body><noscript><base href=/no/></noscript>", URL),
    ],
)
def test_base(text: str, base: str) -> None:
    assert base_of(text) == base


def test_fragments_count_only_with_another_base() -> None:
    assert not raws("<a href=#x>").found
    assert list(raws("<base href=/other><a href=#x>").found) == ["#x"]


# HTML standard: srcdoc documents have the base URL of their container, unless they bring their own.
def test_srcdoc() -> None:
    text = "<base href=/b/><iframe srcdoc='<base href=&quot;c/&quot;><a href=x>'></iframe><iframe srcdoc='<a href=y>'></iframe>"
    assert set(raws(text).found) == {p.raw for p in places(text).found} == {"https://h.example/b/c/x", "y"}


def test_nesting_is_bounded() -> None:
    text = "<a href=x>"
    for depth in range(6):
        quoted = text.replace("&", "&amp;").replace('"', "&quot;")
        text = f'<a href=d{depth}><iframe srcdoc="{quoted}"></iframe>'
    assert set(raws(text).found) == {"d5", "d4", "d3", "d2"}


def test_nofollow_of_one_place_does_not_mark_the_other() -> None:
    text = (
        "<a href=x rel=nofollow><a href=x><a href=y rel=nofollow><a href=y rel='NOFOLLOW'><a href=z.jpg rel=nofollow>"
    )
    assert raws(text).found == {"x": 0, "y": 1, "z.jpg": LinkKind.MEDIA << 1 | 1}


@settings(max_examples=500)
@given(markup)
def test_both_ways_find_the_same(text: str) -> None:
    fast, whole = raws(text), places(text)
    assert set(fast.found) == {place.raw for place in whole.found}
    merged = Raws()
    merged.own = False
    for place in whole.found:
        merged.add(place.raw, place.kind, "", "", "", place.flags)
    assert fast.found == merged.found
    assert (fast.noindex, fast.nofollow) == (whole.noindex, whole.nofollow)


def test_elements_are_capped() -> None:
    sink = Raws()
    page = html.read("".join(f"<a href=/{i}>x</a>" for i in range(100)), URL, sink, elements=40)
    assert page.cut
    assert len(sink.found) == 40
    assert not html.read("<p>x</p>" * 40, URL, Raws(), elements=40).cut


def test_visible_text() -> None:
    page = html.read(
        "<title>t</title><p>one<script>no</script><style>no</style><noscript>no<template>no</template></noscript> two",
        URL,
        Raws(),
        elements=99,
    )
    assert page.text() == "one two"


def test_xhtml_empty_elements() -> None:
    assert html.opened("<script src='a'/><br/><img src=x /><title/><a href='b'/>") == (
        "<script src='a'></script><br/><img src=x /><title></title><a href='b'></a>"
    )


FORMATTING = "".join(f"<b id={i}>" for i in range(300))


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 100_000 + "<a href=x>",
        "<a href=x>" + "<font><p>" * 100_000,
        "<p>" + FORMATTING + "</p>" + "<p>x" * 100_000 + "<a href=x>",
        "<a href=x>" + "".join(f"<body a{i}>" for i in range(30_000)),
        "<a href=x " + " ".join(f"a{i}" for i in range(200_000)) + ">",
        "<a href=x><table>" + "<b>" * 50_000,
        "<a href=x><svg>" + "<g>" * 50_000 + "</x>" * 50_000,
        "<a href=x><!--" * 100_000,
        "<a href=x>" + "<" * 1_000_000,
        "<a href=x><svg><![CDATA[" + "]" * 1_000_000,
        "<a href=x><img srcset='" + "a (" * 200_000 + "'>",
        "<a href=x><p title='" + "y" * 1_000_000,
        "<a href=x>" + "&notit;" * 200_000,
        "<a href=x>" + "<iframe srcdoc='<p>'></iframe>" * 20_000,
        "<a href=x>" + "<base href=>" * 100_000,
    ],
    ids=range(15),
)
def test_hostile_pages_are_bounded(text: str) -> None:
    started = time.process_time()
    for sink in (Raws(), Places(most=1000)):
        html.read(text, URL, sink, elements=1_000_000)
        assert len(sink.found) >= 1
    assert time.process_time() - started < 10
