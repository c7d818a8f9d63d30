"""Sitemaps and feeds."""

import pytest

from contracts.messages import LinkKind
from fetchers.feeds import text_sitemap, xml_document
from fetchers.html import read
from fetchers.sinks import Places, Sink

P, M, C, F = LinkKind.PAGE, LinkKind.MEDIA, LinkKind.STYLESHEET, LinkKind.SITEMAP
BASE = "https://h.example/dir/feed"


def found(text: str) -> list[tuple[LinkKind, str]]:
    sink = Places(most=1000)

    def markup(piece: str, to: Sink) -> None:
        read(piece, BASE, to, elements=1000, nesting=1)

    xml_document(text, BASE, sink, markup)
    return [(place.kind, place.raw) for place in sink.found]


CASES = [
    # sitemaps.org protocol 0.9; image and video extensions; any prefix.
    ("<urlset><url><loc> https://h/a?x=1&amp;y </loc><lastmod>2031</lastmod></url></urlset>", [(P, "https://h/a?x=1&y")]),
    ("<s:urlset xmlns:s='x'><s:url><s:loc>https://h/a</s:loc><i:image><i:loc>https://h/i</i:loc></i:image></s:url></s:urlset>",
     [(P, "https://h/a"), (M, "https://h/i")]),
    ("<urlset><url><loc><![CDATA[https://h/a]]></loc><video:video><video:thumbnail_loc>t</video:thumbnail_loc>"
     "<video:content_loc>c</video:content_loc><video:player_loc allow='x'>p</video:player_loc></video:video></url></urlset>",
     [(P, "https://h/a"), (M, "t"), (M, "c"), (P, "p")]),
    ("<urlset><url><loc>https://h/a</loc><xhtml:link rel='alternate' hreflang='de' href='https://h/de'/></url></urlset>",
     [(P, "https://h/a"), (P, "https://h/de")]),
    ("<sitemapindex><sitemap><loc>https://h/s.xml.gz</loc></sitemap></sitemapindex>", [(F, "https://h/s.xml.gz")]),
    ("<urlset><url><loc>https://h/a</loc></url><url><loc>https://h/b", [(P, "https://h/a")]),
    ("<urlset><!-- <url><loc>no</loc></url> --><url><loc></loc></url></urlset>", []),
    ("<?xml-stylesheet type='text/xsl' href='/s.xsl'?><urlset/>", [(C, "/s.xsl")]),
    # Entities of a DTD are never resolved.
    ("<!DOCTYPE u [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>https://h/&e;</loc></url></urlset>", []),
    # RSS 2.0, Media RSS, iTunes.
    ("<rss><channel><link>/c</link><image><url>/i</url><link>/l</link></image><item><link>/a</link><comments>/k</comments>"
     "<guid>https://h/g</guid><enclosure url='/e' type='video/mp4'/><enclosure url='/z' type='application/zip'/></item></channel></rss>",
     [(P, "/c"), (M, "/i"), (P, "/l"), (P, "/a"), (P, "/k"), (P, "https://h/g"), (M, "/e"), (P, "/z")]),
    ("<rss><channel><item><guid isPermaLink='false'>https://h/no</guid><guid>no</guid></item></channel></rss>", []),
    ("<rss><channel><item><media:group><media:content url='/v' medium='video'/><media:thumbnail url='/t'/>"
     "<media:player url='/p'/></media:group><itunes:image href='/i'/></item></channel></rss>",
     [(M, "/v"), (M, "/t"), (P, "/p"), (M, "/i")]),
    ("<rss><channel><atom:link rel='self' href='/f'/><atom:link rel='hub' href='/no'/><item><description>&lt;img src='/d'&gt;"
     "&lt;a href=/a&gt;</description><content:encoded><![CDATA[<img src=/c>]]></content:encoded></item></channel></rss>",
     [(F, "/f"), (M, "/d"), (P, "/a"), (M, "/c")]),
    # RSS 1.0.
    ("<rdf:RDF><item rdf:about='x'><link>/a</link></item></rdf:RDF>", [(P, "/a")]),
    # RFC 4287: links by relation, content by type, xml:base.
    ("<feed><link href='/a'/><link rel='next' href='/n'/><link rel='edit' href='/no'/><icon>/i</icon><entry>"
     "<link rel='enclosure' type='image/png' href='/e'/><content type='html'>&lt;img src='/c'&gt;</content>"
     "<content type='text'>&lt;img src='/no'&gt;</content><content src='/s' type='image/png'/></entry></feed>",
     [(P, "/a"), (F, "/n"), (M, "/i"), (M, "/e"), (M, "/c"), (M, "/s")]),
    ("<feed xml:base='/x/'><link href='a'/><entry xml:base='y/'><link href='b'/><content type='xhtml'><div><a href='c'/>"
     "<img src='d'/></div></content><link href='e'/></entry><link href='f'/></feed>",
     [(P, "https://h.example/x/a"), (P, "https://h.example/x/y/b"), (P, "https://h.example/x/y/c"),
      (M, "https://h.example/x/y/d"), (P, "https://h.example/x/y/e"), (P, "https://h.example/x/f")]),
    ("", []),
    ("<html><a href=x>", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_documents(text: str, expected: list[tuple[LinkKind, str]]) -> None:
    assert found(text) == expected


def test_depth_is_bounded() -> None:
    assert found("<a>" * 100_000 + "<urlset><url><loc>https://h/a</loc></url>") in ([], [(P, "https://h/a")])


# sitemaps.org, "Text file": one URL a line and nothing else.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://h/a\r\n\r\nhttp://h/b.jpg\n", [(P, "https://h/a"), (M, "http://h/b.jpg")]),
        ("https://h/a\nnot a url\nhttps://h/b", [(P, "https://h/a"), (P, "https://h/b")]),
        ("Read this: https://h/a\nhttps://h/b", []),
        ("User-agent: *\nSitemap: https://h/s", []),
        ("", []),
    ],
)
def test_text_sitemap(text: str, expected: list[tuple[LinkKind, str]]) -> None:
    sink = Places(most=10)
    text_sitemap(text, sink)
    assert [(place.kind, place.raw) for place in sink.found] == expected
