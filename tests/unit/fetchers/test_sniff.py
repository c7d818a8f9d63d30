"""What a body is, by content first."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fetchers.sniff import Body, sniff

HTML = b"<!DOCTYPE html><html><body><p>x</p></body></html>"


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 40)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif"), ("WEBP", "image/webp"), ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"), ("ICO", "image/x-icon"), ("AVIF", "image/avif"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("declared", ["", "text/html", "application/octet-stream", "video/mp4", "image/x-nonsense"])
def test_pictures_whatever_the_server_says(kind: str, media_type: str, declared: str) -> None:
    found = sniff(picture(kind), declared)
    assert found == (Body.IMAGE, media_type)
    assert found.is_media


def box(brand: bytes, *compatible: bytes) -> bytes:
    content = brand + b"\0\0\0\0" + b"".join(compatible)
    return (8 + len(content)).to_bytes(4, "big") + b"ftyp" + content + b"\0\0\0\x08free"


SIGNATURES = [
    (box(b"isom", b"mp41"), Body.VIDEO, "video/mp4"),
    (box(b"mif1", b"miaf", b"avif"), Body.IMAGE, "image/avif"),
    (box(b"heic", b"mif1"), Body.IMAGE, "image/heic"),
    (box(b"qt  "), Body.VIDEO, "video/quicktime"),
    (box(b"M4A "), Body.AUDIO, "audio/mp4"),
    (box(b"3gp4"), Body.VIDEO, "video/3gpp"),
    (b"\0\0\0\x08wide\0\0\0\0mdat", Body.VIDEO, "video/quicktime"),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", Body.VIDEO, "video/webm"),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", Body.VIDEO, "video/x-matroska"),
    (b"RIFF\0\0\0\0AVI LIST", Body.VIDEO, "video/x-msvideo"),
    (b"RIFF\0\0\0\0WAVEfmt ", Body.AUDIO, "audio/wav"),
    (b"FLV\x01\x05", Body.VIDEO, "video/x-flv"),
    (b"OggS\0\2" + b"\0" * 20 + b"\x80theora", Body.VIDEO, "video/ogg"),
    (b"OggS\0\2" + b"\0" * 20 + b"\x01vorbis", Body.AUDIO, "audio/ogg"),
    ((b"G" + b"\0" * 187) * 3, Body.VIDEO, "video/mp2t"),
    ((b"\0\0\0\1G" + b"\0" * 187) * 3, Body.VIDEO, "video/mp2t"),
    (b"\0\0\1\xba\x44", Body.VIDEO, "video/mpeg"),
    (gzip.compress(b"x"), Body.GZIP, "application/gzip"),
    (b"%PDF-1.7", Body.OTHER, "application/pdf"),
    (b"PK\3\4", Body.OTHER, "application/zip"),
]


@pytest.mark.parametrize(("head", "body", "media_type"), SIGNATURES)
def test_signatures(head: bytes, body: Body, media_type: str) -> None:
    assert sniff(head, "text/html; charset=utf-8") == (body, media_type)


TEXTS = [
    (HTML, "", Body.HTML, "text/html"),
    (HTML, "image/jpeg", Body.HTML, "text/html"),
    (HTML, "text/plain; charset=x", Body.HTML, "text/html"),
    (HTML, "application/octet-stream", Body.HTML, "text/html"),
    (b"\xef\xbb\xbf \n<!-- c --><HTML>", "text/plain", Body.HTML, "text/html"),
    ("<html>".encode("utf-16"), "", Body.HTML, "text/html"),
    (b"Hello <b>world</b>", "text/html", Body.HTML, "text/html"),
    (b"Hello <b>world</b>", "text/plain", Body.TEXT, "text/plain"),
    (b"Hello", "", Body.TEXT, "text/plain"),
    (b"", "text/html", Body.HTML, "text/html"),
    (b"", "image/png", Body.IMAGE, "image/png"),
    (b"", "", Body.TEXT, "text/plain"),
    (b"<?xml version='1.0'?><html xmlns='x'>", "application/xhtml+xml", Body.HTML, "application/xhtml+xml"),
    (b"<?xml version='1.0'?>\n<!-- x --><urlset>", "text/html", Body.XML, "application/xml"),
    (b"<s:sitemapindex xmlns:s='x'>", "", Body.XML, "application/xml"),
    (b"<?xml version='1.0'?><rss version='2.0'>", "text/xml", Body.XML, "text/xml"),
    (b"<feed xmlns='http://www.w3.org/2005/Atom'>", "text/plain", Body.XML, "application/atom+xml"),
    (b"<rdf:RDF>", "", Body.XML, "application/rdf+xml"),
    (b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'b'>]><svg>", "", Body.IMAGE, "image/svg+xml"),
    (b"<svg xmlns='x'>", "text/plain", Body.IMAGE, "image/svg+xml"),
    (b"<svg><a href=x>", "text/html", Body.HTML, "text/html"),
    (b"<unknown>", "application/xml", Body.XML, "application/xml"),
    (b"a{b:c}", "text/css", Body.CSS, "text/css"),
    (b"@import url(x);", "", Body.CSS, "text/css"),
    (b"/* c */ .a, #b > c { color : red }", "text/plain", Body.CSS, "text/css"),
    (b'{"a":1}', "", Body.JSON, "application/json"),
    (b'{"a":1}', "text/html", Body.JSON, "application/json"),
    (b'[{"a":1}]', "application/ld+json", Body.JSON, "application/ld+json"),
    (b"https://h.example/\n", "text/plain", Body.TEXT, "text/plain"),
    (b"BMW builds cars, and this is a sentence.", "", Body.TEXT, "text/plain"),
    (b"GIF is a format", "text/plain", Body.TEXT, "text/plain"),
    (b"\0\1\2\3 binary", "image/x-unknown", Body.IMAGE, "image/x-unknown"),
    (b"\0\1\2\3 binary", "text/html", Body.OTHER, "application/octet-stream"),
    (b"not found", "image/jpeg", Body.TEXT, "text/plain"),
]


@pytest.mark.parametrize(("head", "declared", "body", "media_type"), TEXTS)
def test_text(head: bytes, declared: str, body: Body, media_type: str) -> None:
    assert sniff(head, declared) == (body, media_type)


@given(
    st.binary(max_size=2000),
    st.sampled_from(["", "text/html", "image/png", "text/plain", "a/b", "nonsense", "text/css;"]),
)
def test_any_bytes_give_an_answer(head: bytes, declared: str) -> None:
    assert isinstance(sniff(head, declared).body, Body)


def test_a_page_with_a_stray_nul_is_still_a_page() -> None:
    """WHATWG MIME Sniffing: the binary test is for text/plain; what is declared HTML and begins like it is rendered."""
    page = b"<p>one</p>\0<a href=/two>two</a>"
    assert sniff(page, "text/html").body is Body.HTML
    assert sniff(page, "application/octet-stream").body is Body.OTHER
