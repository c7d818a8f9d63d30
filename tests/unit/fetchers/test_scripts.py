"""Pictures and videos named in JSON-LD, JSON and the JSON that scripts carry."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import LinkKind
from fetchers.scripts import inline, json_ld, json_strings

MEDIA, PAGE = LinkKind.MEDIA, LinkKind.PAGE

# schema.org: image, thumbnailUrl, contentUrl, and url of media objects are URLs of files; embedUrl is a player.
LD = [
    ('{"image":"/a"}', [("/a", MEDIA)]),
    ('{"image":["https:\\/\\/h\\/a.jpg","b.png"]}', [("https://h/a.jpg", MEDIA), ("b.png", MEDIA)]),
    ('{"image":{"@type":"ImageObject","url":"x","width":5}}', [("x", MEDIA)]),
    ('{"image":{"url":"/y"}}', [("/y", MEDIA)]),
    ('{"@graph":[{"@type":["Thing","schema:VideoObject"],"url":"/w","thumbnailUrl":["t"],"contentUrl":"c"}]}',
     [("/w", MEDIA), ("t", MEDIA), ("c", MEDIA)]),
    ('{"@type":"VideoObject","embedUrl":"/player/1"}', [("/player/1", PAGE)]),
    ('{"@type":"Article","url":"/art","author":{"url":"/me"},"name":"A. B. and c/d"}', []),
    ('{"@type":"ImageObject","@id":"https://h/#primary","caption":"see /x"}', []),
    ('{"logo":"not a url"}', []),
    ('{"sameAs":"https://h/pic.JPG?x"}', [("https://h/pic.JPG?x", MEDIA)]),
    ('[{"image":"/1"},[{"image":"/2"}]]', [("/1", MEDIA), ("/2", MEDIA)]),
    # Malformed JSON is read string by string.
    ('{"image":"/a", // comment\n "embedUrl":"/e",}', [("/a", MEDIA), ("/e", PAGE)]),
    ('//<![CDATA[\n{"image":"/a"}\n//]]>', [("/a", MEDIA)]),
    ('"lone"', []),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LD)
def test_json_ld(text: str, expected: list[tuple[str, LinkKind]]) -> None:
    assert json_ld(text) == expected


JSON = [
    ('{"a":"https:\\/\\/h\\/x.jpg","b":[{"c":"/v.mp4?x=1"}]}', ["https://h/x.jpg", "/v.mp4?x=1"]),
    ('{"a":"image/png","b":"/page","c":"a photo.jpg b","x.jpg":1}', []),
    ('{"a":"\\u002fx.jpg"}', ["/x.jpg"]),
    ('{a:\'no\', "b":"/x.jpg", "/key.jpg": 1}', ["/x.jpg"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), JSON)
def test_json_strings(text: str, expected: list[str]) -> None:
    assert json_strings(text) == [(raw, MEDIA) for raw in expected]


INLINE = [
    (
        'window.S={"img":"https:\\/\\/h\\/x.jpg","n":["/a.png", "//h/b.mp4"]};',
        ["https://h/x.jpg", "/a.png", "//h/b.mp4"],
    ),
    ('var a="/no.jpg";load("/no.jpg");f(x,"/no.jpg");', []),
    ("document.write(\"<img src='/no.jpg'>\"); s='<img src=\"/no.jpg\">'", []),
    ('x={"a":"no.jpg","b":"/page"}', []),
]


@pytest.mark.parametrize(("text", "expected"), INLINE)
def test_inline(text: str, expected: list[str]) -> None:
    assert inline(text) == [(raw, MEDIA) for raw in expected]


@pytest.mark.parametrize("part", ["[", '{"image":', '"', '"\\', ':"/', '["/a.jpg",', "\\", ':"/a'])
def test_hostile_scripts_are_bounded(part: str) -> None:
    text = part * 100_000
    started = time.process_time()
    for read in (json_ld, json_strings, inline):
        read(text)
    assert time.process_time() - started < 5


@given(st.text(alphabet='{}[]":,\\/ax.jpg1 ', max_size=60))
def test_any_text_gives_an_answer(text: str) -> None:
    for read in (json_ld, json_strings, inline):
        assert all(raw for raw, _ in read(text))
