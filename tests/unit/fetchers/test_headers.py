"""Content-Type, Link, X-Robots-Tag and Retry-After."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.headers import Robots, content_type, http_date, link_values, retry_after, robots_directives, robots_tag

# WHATWG Fetch, "extract a MIME type", and MIME Sniffing, "parse a MIME type".
TYPES = [
    ("text/html", "text/html", ""),
    (" Text/HTML ; Charset=UTF-8 ", "text/html", "UTF-8"),
    ('text/html;charset="utf-8"', "text/html", "utf-8"),
    ('text/html;charset="a\\"b"', "text/html", 'a"b'),
    ("text/html;x=y;charset=gbk;charset=utf-8", "text/html", "gbk"),
    ('text/html;x="a;charset=no";charset=yes', "text/html", "yes"),
    ("text/html, text/plain;charset=gbk", "text/plain", "gbk"),
    ("text/html;charset=gbk, text/html", "text/html", "gbk"),
    ("text/html;charset=gbk, text/plain", "text/plain", ""),
    ("text/html;charset=gbk, */*", "text/html", "gbk"),
    ("text/html;charset=gbk, nonsense", "text/html", "gbk"),
    ("", "", ""),
    ("nonsense", "", ""),
    ("text/", "", ""),
    ("text/ht ml", "", ""),
    ("text/html;charset", "text/html", ""),
]


@pytest.mark.parametrize(("value", "media_type", "charset"), TYPES)
def test_content_type(value: str, media_type: str, charset: str) -> None:
    assert content_type(value) == (media_type, charset)


# RFC 8288, section 3 and appendix B.2-B.4.
LINKS: list[tuple[list[str], list[tuple[str, str]]]] = [
    (["</a>; rel=next"], [("/a", "next")]),
    (['</a>; rel="next prev"'], [("/a", "next prev")]),
    (['<a,b>; rel="x, y"; title="q, <r>; s", <c>;rel=z'], [("a,b", "x, y"), ("c", "z")]),
    (["<a>;rel=one;rel=two"], [("a", "one")]),
    (["<a>;REL = next , , <b>"], [("a", "next"), ("b", "")]),
    (["<a>;rel=n", "<b>;rel=p"], [("a", "n"), ("b", "p")]),
    (['<a>; anchor="#x"; rel="s\\"q"'], [("a", 's"q')]),
    (["<a>; title*=UTF-8''x; rel=\"open"], [("a", "open")]),
    (["<a>; flag; rel=n"], [("a", "n")]),
    (["<>;rel=self"], [("", "self")]),
    (["nonsense"], []),
    (["<a"], []),
    (["<a>;rel=n junk <b>"], [("a", "n junk <b>")]),
    (["<a> junk, <b>"], [("a", "")]),
    ([""], []),
]


@pytest.mark.parametrize(("values", "expected"), LINKS)
def test_link_values(values: list[str], expected: list[tuple[str, str]]) -> None:
    assert [(link.target, link.rel) for link in link_values(values)] == expected


def test_link_parameters_keep_srcset() -> None:
    (link,) = link_values(['<a.jpg>; rel=preload; as=image; imagesrcset="b.jpg 1x, c.jpg 2x"; crossorigin'])
    assert link.params["imagesrcset"] == "b.jpg 1x, c.jpg 2x"
    assert link.params["crossorigin"] == ""


def test_link_flood_is_capped() -> None:
    assert len(link_values(["<a>," * 50_000])) == 1000


# Robots meta and X-Robots-Tag as search engines document them.
def test_robots_directives() -> None:
    assert robots_directives("NOINDEX , follow") == Robots(True, False)
    assert robots_directives("none") == Robots(True, True)
    assert robots_directives("nofollowing, max-snippet:0") == Robots()


TAGS: list[tuple[list[str], Robots]] = [
    (["nofollow"], Robots(False, True)),
    (["noindex", "nofollow"], Robots(True, True)),
    (["otherbot: none"], Robots()),
    (["otherbot: noindex, nofollow"], Robots()),
    (["Pisaura: nofollow"], Robots(False, True)),
    (["otherbot: noindex, pisaura: nofollow"], Robots(False, True)),
    (["unavailable_after: 25 Jun 2010 15:00:00 PST, nofollow"], Robots(False, True)),
    (["max-snippet:20, noindex"], Robots(True, False)),
    (["*: none"], Robots(True, True)),
    ([], Robots()),
]


@pytest.mark.parametrize(("values", "expected"), TAGS)
def test_robots_tag(values: list[str], expected: Robots) -> None:
    assert robots_tag(values, "pisaura") == expected


NOW = 784_111_700.0

# RFC 9110, 10.2.3: delay-seconds or HTTP-date; 5.6.7: three formats.
RETRIES = [
    ("120", NOW + 120),
    (" 0 ", NOW),
    ("1.5", NOW + 1.5),
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0),
    ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777.0),
    ("Sun Nov  6 08:49:37 1994", 784_111_777.0),
    ("Sun, 06 Nov 1994 09:49:37 +0100", 784_111_777.0),
    ("Sun, 06 Nov 1990 08:49:37 GMT", NOW),
    ("-5", 0.0),
    ("soon", 0.0),
    ("", 0.0),
    ("Sun, 32 Nov 1994 08:49:37 GMT", 0.0),
    ("Sun, 06 Foo 1994 08:49:37 GMT", 0.0),
    ("²", 0.0),
    ("١٢٠", 0.0),
]


@pytest.mark.parametrize(("value", "expected"), RETRIES)
def test_retry_after(value: str, expected: float) -> None:
    assert retry_after(value, NOW) == expected


def test_retry_after_is_bounded() -> None:
    assert retry_after("9" * 18, NOW) == retry_after("9" * 5000, NOW) <= NOW + 101 * 366 * 86400


# RFC 9110, 5.6.7: "a timestamp that appears to be more than 50 years in the future" is of the past century.
def test_two_digit_years() -> None:
    now = 1_700_000_000.0  # 2023
    assert http_date("Sunday, 06-Nov-94 08:49:37 GMT", now) == 784_111_777.0
    late = http_date("Tuesday, 06-Nov-35 08:49:37 GMT", now)
    assert late is not None and late > now


@given(st.text(), st.floats(0, 4e9))
def test_headers_never_raise(value: str, now: float) -> None:
    content_type(value)
    link_values([value, "<" + value, "<a>;" + value])
    robots_tag([value], "pisaura")
    assert retry_after(value, now) >= 0.0
