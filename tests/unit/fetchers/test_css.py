"""URLs of style sheets by the tokens of CSS Syntax Level 3."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import LinkKind
from fetchers.css import urls

MEDIA, SHEET = LinkKind.MEDIA, LinkKind.STYLESHEET

CASES = [
    ("", []),
    ("a{color:red}", []),
    ("a{b:url(x.png)}", [("x.png", MEDIA)]),
    ("a{b:URL(\n x.png\t)}", [("x.png", MEDIA)]),
    ("a{b:url(\"x y.png\")}c{d:url( 'z).png' )}", [("x y.png", MEDIA), ("z).png", MEDIA)]),
    ("a{b:url()}c{d:url('')}", []),
    ("a{b:url(#f)}", []),
    # 4.3.2: comments; no comments within url().
    ("/* url(no) */a{b:url(y)}", [("y", MEDIA)]),
    ("a{b:url(/**/x)}", [("/**/x", MEDIA)]),
    ("/* url(no)", []),
    # 4.3.5: strings; one that a line break cuts is bad, one that the end cuts is not.
    ('a{content:"url(no)";b:url(y)}', [("y", MEDIA)]),
    ('a{b:url("bad\n)}c{d:url(y)}', [("y", MEDIA)]),
    ('a{b:url("x', [("x", MEDIA)]),
    ("a{b:url('x\\'y\\\nz')}", [("x'yz", MEDIA)]),
    # 4.3.6 and 4.3.14: unquoted urls and the remnants of bad ones.
    ("a{b:url(x", [("x", MEDIA)]),
    ("a{b:url(x y)}c{d:url(ok)}", [("ok", MEDIA)]),
    ("a{b:url(x'y)}c{d:url(ok)}", [("ok", MEDIA)]),
    ("a{b:url(x(y)}c{d:url(ok)}", [("ok", MEDIA)]),
    ("a{b:url(x y\\)url(no))}c{d:url(ok)}", [("ok", MEDIA)]),
    # 4.3.7: escapes, in the name too.
    ("a{b:url(x\\28 y\\)z)}", [("x(y)z", MEDIA)]),
    ("a{b:u\\72 l(x)}c{d:\\55\\52\\4c(y)}", [("x", MEDIA), ("y", MEDIA)]),
    ("a{b:url(\\0 \\d800 \\110000 )}", [("\ufffd\ufffd\ufffd", MEDIA)]),
    # Names that only end in url.
    ("a{b:xurl(no);c:-url(no);d:éurl(no);e:_url(no)}", []),
    ("a{b:my\\url(no)}", []),
    # CSS Cascade: @import with string or url, in any case, with conditions.
    ("@import 'a.css';@IMPORT url(b.css) screen;", [("a.css", SHEET), ("b.css", SHEET)]),
    ('@import/**/url("c.css") layer(x) supports(background:url(no.png));', [("c.css", SHEET), ("no.png", MEDIA)]),
    ("@\\69mport 'd.css';", [("d.css", SHEET)]),
    ("@importx 'no.css';", []),
    ("@namespace s url(http://no);@namespace 'http://no2';a{b:url(y)}", [("y", MEDIA)]),
    # Fonts are neither pictures nor pages.
    ("@font-face{src:url(f.svg#x),url('f')}a{b:url(y)}", [("y", MEDIA)]),
    ("a{b:url(f.WOFF2?v=1)}", []),
    ("@media screen{a{b:url(y)}}@supports (a:b){c{d:url(z)}}", [("y", MEDIA), ("z", MEDIA)]),
    # CSS Images 4: image-set(), image(), src() take strings; type() and format() hold none.
    ("a{b:image-set('p' 1x,url(q) 2x,\"r\" type('image/avif') 3x)}", [("p", MEDIA), ("q", MEDIA), ("r", MEDIA)]),
    ("a{b:-webkit-image-set(url(p) 1x)}", [("p", MEDIA)]),
    ("a{b:image('p',red)}c{d:src('q')}", [("p", MEDIA), ("q", MEDIA)]),
    ("a{b:image-set(linear-gradient('no',x),'p' 1x);content:'no'}", [("p", MEDIA)]),
    ("a{b:image-set('p' 1x}c{content:'no'}", [("p", MEDIA)]),
    ("a{--x:url(y)}", [("y", MEDIA)]),
    ("background-image:url(st.png);color:red", [("st.png", MEDIA)]),
    ("a{b:url(x\r\n)}c{d:url(y\f)}", [("x", MEDIA), ("y", MEDIA)]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_urls(text: str, expected: list[tuple[str, LinkKind]]) -> None:
    assert [(found.raw, found.kind) for found in urls(text)] == expected


@given(st.text(alphabet="url()'\"\\/*@import{};x \n-5"))
def test_any_text_gives_an_answer(text: str) -> None:
    assert all(found.raw for found in urls(text))


@given(st.lists(st.sampled_from(["url(a)", "'", '"', "/*", "*/", "image-set(", ")", "@import ", ";", "{", "}", "x"])))
def test_an_escape_elsewhere_changes_nothing(parts: list[str]) -> None:
    """Text with a backslash is read by the full scanner, other text by a quicker one: they agree."""
    text = "".join(parts)
    plain = urls(text)
    assert urls("\\x " + text) == plain


@pytest.mark.parametrize(
    "part",
    ["url(", 'url("', "/*", '"', "'", "\\", "image-set(", "@import ", "(", "url(x\\", "u\\72", "url('\n", "url('\n\\"],
)
def test_hostile_sheets_are_linear(part: str) -> None:
    text = part * 200_000 + "url(x)"
    started = time.process_time()
    urls(text)
    assert time.process_time() - started < 5
