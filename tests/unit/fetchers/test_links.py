"""The front door: bodies of every kind, headers, limits, and that nothing makes it raise."""

import dataclasses
import gzip
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages import LinkKind
from contracts.settings import LimitSettings
from fetchers.links import Extraction, describe, extract
from fetchers.sniff import Body
from tests.unit.fetchers.pages import URL, markup

P, M, C, F = LinkKind.PAGE << 1, LinkKind.MEDIA << 1, LinkKind.STYLESHEET << 1, LinkKind.SITEMAP << 1

BODIES: list[tuple[bytes, str, Body, dict[str, int]]] = [
    (b"<a href=x><img src=y>", "text/html", Body.HTML, {"x": P, "y": M}),
    (b"<!doctype html><a href=x>", "image/jpeg", Body.HTML, {"x": P}),
    (b"<a href=x><img src=x>", "text/html", Body.HTML, {"x": M}),
    (b"a{b:url(x)}@import 'y';", "text/css", Body.CSS, {"x": M, "y": C}),
    (b'{"a":["/x.jpg"]}', "application/json", Body.JSON, {"/x.jpg": M}),
    (b"https://h/x\nhttps://h/y.mp4", "text/plain", Body.TEXT, {"https://h/x": P, "https://h/y.mp4": M}),
    (b"<urlset><url><loc>https://h/x</loc></url></urlset>", "text/html", Body.XML, {"https://h/x": P}),
    (b"<sitemapindex><sitemap><loc>x</loc></sitemap></sitemapindex>", "", Body.XML, {"x": F}),
    (
        gzip.compress(b"<urlset><url><loc>https://h/x</loc></url></urlset>"),
        "application/x-gzip",
        Body.XML,
        {"https://h/x": P},
    ),
    (gzip.compress(b"https://h/x")[:-8], "", Body.TEXT, {"https://h/x": P}),
    (gzip.compress(gzip.compress(b"https://h/x")), "", Body.OTHER, {}),
    (b"<svg xmlns='x'><image href='a'/></svg>", "image/svg+xml", Body.IMAGE, {"a": M}),
    (b"<?xml version='1.0'?><html><script/><a href='x'/></html>", "application/xhtml+xml", Body.HTML, {"x": P}),
    (b"\xff\xd8\xff\xe0<a href=x>", "text/html", Body.IMAGE, {}),
    (b"%PDF-1.7 <a href=x>", "text/html", Body.OTHER, {}),
    (b"", "", Body.TEXT, {}),
]


@pytest.mark.parametrize(("body", "declared", "kind", "raws"), BODIES)
def test_bodies(body: bytes, declared: str, kind: Body, raws: dict[str, int]) -> None:
    found = extract(body, URL, declared)
    assert (found.body, found.raws) == (kind, raws)
    assert extract(bytearray(body), URL, declared) == found
    assert {place.raw for place in describe(body, URL, declared).found} == set(raws)


HEADERS = [
    ("Content-Type", "text/html; charset=windows-1251"),
    ("LINK", '</a>; rel=next, <b.css>; rel="stylesheet"'),
    ("link", '<c>; rel=preload; as=image; imagesrcset="d 1x, e 2x"'),
    ("Link", "<no>; rel=preconnect"),
    ("Refresh", "0; url=f"),
    ("Content-Location", "g"),
    ("X-Robots-Tag", "otherbot: noindex"),
    ("X-Robots-Tag", "nofollow"),
    ("Location", "no"),
]


def test_headers() -> None:
    found = extract("<a href='?q=я'>".encode("cp1251"), URL, "text/html", HEADERS)
    assert found.encoding == "windows-1251"
    assert found.raws == {
        "?q=%FF": P | 1,
        "/a": P | 1,
        "b.css": C | 1,
        "c": M | 1,
        "d": M | 1,
        "e": M | 1,
        "f": P | 1,
        "g": P | 1,
    }
    assert (found.noindex, found.nofollow) == (False, True)
    places = {
        (p.raw, p.kind.name, p.element, p.attribute, p.rel) for p in describe(b"", URL, "text/html", HEADERS).found
    }
    assert ("f", "REDIRECT", "header", "refresh", "") in places
    assert ("/a", "PAGE", "header", "link", "next") in places


# RFC 8288, 3.2 and RFC 9110, 8.7: relative to the URL of the response; a base element is none of theirs.
def test_headers_know_no_base_element() -> None:
    found = extract(b"<base href=/b/><a href=x>", URL, "text/html", [("Link", "<y>; rel=next")])
    assert found.base == "https://h.example/b/"
    assert set(found.raws) == {"x", "https://h.example/dir/y"}


def limited(**changes: int) -> LimitSettings:
    return dataclasses.replace(LimitSettings(), **changes)


def test_caps_are_counted() -> None:
    body = b"".join(b"<a href=/%d>x</a>" % i for i in range(100)) + b"<img src=m>"
    found = extract(body, URL, "text/html", (), limited(links=10))
    assert found.cuts == {"links": 91}
    assert list(found.raws)[:2] == ["m", "/0"]  # media first: links cannot crowd it out
    assert len(found.raws) == len({p.raw for p in describe(body, URL, "text/html", (), limited(links=10)).found}) == 10
    assert extract(body, URL, "text/html", (), limited(elements=10)).cuts == {"elements": 1}
    cut = extract(body, URL, "text/html", (), limited(page_bytes=40))
    assert cut.cuts == {"page_bytes": len(body) - 40}
    assert list(cut.raws) == ["/0", "/1"]
    assert extract(body, URL, "text/html").cuts == {}


# sitemaps.org: at most 50,000 URLs a file, five times the default cap of a page.
def test_sitemaps_may_have_more_links() -> None:
    body = b"".join(b"https://h/%d\n" % i for i in range(60))
    assert extract(body, URL, "text/plain", (), limited(links=10)).cuts == {"links": 10}
    body = b"<urlset>" + b"".join(b"<url><loc>https://h/%d</loc></url>" % i for i in range(60)) + b"</urlset>"
    assert len(extract(body, URL, "text/xml", (), limited(links=10)).raws) == 50


def test_gzip_bombs_are_cut() -> None:
    bomb = gzip.compress(b"https://h/x\n" + b" " * 50_000_000)
    assert extract(bomb, URL).cuts == {"expansion": 1}
    assert extract(bomb, URL, "", (), limited(expansion=10_000)).cuts == {"page_bytes": 1}


def test_text_key_is_for_pages() -> None:
    page = b"<script>var x</script><p>Some text of a page, long enough"
    assert extract(page, URL, "text/html").text_key != 0
    assert extract(page.replace(b"var x", b"let y"), URL).text_key == extract(page, URL).text_key
    assert extract(page, URL, "text/html", with_text_key=False).text_key == 0
    assert extract(b"Some text of a page, long enough", URL, "text/plain").text_key == 0


def test_crosses_processes() -> None:
    found = extract(b"<a href=x>", URL, "text/html")
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
    assert isinstance(found, Extraction)


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "text/html", "text/css", "text/xml", "application/json", "text/plain", "x"]),
)
def test_any_bytes(body: bytes, declared: str) -> None:
    found = extract(body, URL, declared)
    assert {place.raw for place in describe(body, URL, declared).found} == set(found.raws)


@settings(max_examples=200)
@given(
    markup,
    st.sampled_from(["utf-8", "utf-16", "cp1251", "shift_jis"]),
    st.lists(st.tuples(st.sampled_from(["Link", "Refresh", "Content-Location", "X-Robots-Tag"]), st.text(max_size=30))),
    st.integers(1, 8),
)
def test_describe_equals_extract(text: str, encoding: str, headers: list[tuple[str, str]], most: int) -> None:
    body = b"<!doctype html>".decode().encode(encoding) + text.encode(encoding, "replace")
    for limits in (LimitSettings(), limited(links=most)):
        found = extract(body, URL, "text/html", headers, limits)
        told = describe(body, URL, "text/html", headers, limits)
        assert len(found.raws) <= limits.links
        assert {place.raw for place in told.found} == set(found.raws)
        assert told.extraction == found
        for place in told.found:
            if place.kind is not LinkKind.REDIRECT:
                assert place.kind == found.raws[place.raw] >> 1
