"""Kinds by file name, relation, as and type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import LinkKind
from fetchers.kinds import MEDIA, MEDIA_HINT, PAGE, SITEMAP, STYLESHEET, is_media_path, is_media_text, link_kind

EXTENSIONS = [
    "jpg",
    "jpeg",
    "png",
    "gif",
    "webp",
    "avif",
    "bmp",
    "tif",
    "tiff",
    "heic",
    "svg",
    "ico",
    "mp4",
    "m4v",
    "mov",
    "webm",
    "mkv",
    "avi",
    "flv",
    "ogv",
    "mpg",
    "mpeg",
    "3gp",
    "wmv",
]


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_media_names(extension: str) -> None:
    for raw in (
        f"a.{extension}",
        f"/x/a.{extension.upper()}",
        f"http://h/a.{extension}?q=1#f",
        f"a.{extension}#x.html",
    ):
        assert is_media_path(raw)
        assert MEDIA_HINT.search(f"x\0{raw}\0y")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "a",
        "a.html",
        "jpg",
        "/jpg/",
        "a.jpg/",
        "a.jpgx",
        "a.jp",
        "a.jpg.html",
        "/v?f=a.jpg",
        "#a.jpg",
        "a.mp3",
        "a.pdf",
        "a.ts",
    ],
)
def test_other_names(raw: str) -> None:
    assert not is_media_path(raw)


# WHATWG URL: blanks around and line breaks and tabs within are dropped.
def test_names_as_the_url_parser_sees_them() -> None:
    assert is_media_path(" a.jpg \n")
    assert is_media_path("a.j\np\tg?x")


@given(st.text(alphabet="a.jpgPNG/?#\n\t \x00", max_size=24))
def test_the_hint_never_misses(raw: str) -> None:
    """The quick search over all of a page's links may find too much, never too little."""
    if is_media_path(raw) and not set(raw) & set("\t\n\r"):
        assert MEDIA_HINT.search(f"{raw}\0x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://h/a.jpg", True), ("//h/a.jpg?x=1", True), ("/a.mp4#t=1", True), ("img/a.png", True), ("a.png", True),
        ("image/png", False), ("see a.png", False), ("<img src=a.png", False), ("ftp://h/a.png", False), (".png", False),
        ("javascript:a.png", False), ("{a}.png", False), ("https://h:80/a.png", True), ("a\n.png", False), ("x" * 5000 + ".png", False),
    ],
)  # fmt: skip
def test_media_text(text: str, expected: bool) -> None:
    assert is_media_text(text) is expected


LINKS: list[tuple[str, str, str, LinkKind | None]] = [
    ("stylesheet", "", "", STYLESHEET), ("alternate stylesheet", "", "text/css", STYLESHEET),
    ("icon", "", "", MEDIA), ("shortcut icon", "", "", MEDIA), ("apple-touch-icon", "", "", MEDIA),
    ("apple-touch-icon-precomposed", "", "", MEDIA), ("mask-icon", "", "", MEDIA), ("image_src", "", "", MEDIA),
    ("preload", "image", "", MEDIA), ("preload", "video", "", MEDIA), ("preload", "style", "", STYLESHEET),
    ("preload", "script", "", None), ("preload", "font", "", None), ("preload", "", "", None),
    ("prefetch", "", "", PAGE), ("prefetch", "image", "", MEDIA), ("prefetch", "script", "", None),
    ("alternate", "", "", PAGE), ("alternate", "", "text/html", PAGE), ("alternate", "", "application/rss+xml", SITEMAP),
    ("alternate", "", "application/atom+xml; charset=x", SITEMAP), ("alternate", "", "application/json+oembed", None),
    ("alternate", "", "text/xml+oembed", None), ("alternate", "", "image/png", MEDIA), ("sitemap", "", "", SITEMAP),
    ("next", "", "", PAGE), ("prev", "", "", PAGE), ("canonical", "", "", PAGE), ("amphtml", "", "", PAGE),
    ("dns-prefetch", "", "", None), ("preconnect", "", "", None), ("modulepreload", "", "", None),
    ("manifest", "", "", None), ("https://api.w.org/", "", "", None), ("", "", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("rel", "as_", "type_", "kind"), LINKS)
def test_link_kind(rel: str, as_: str, type_: str, kind: LinkKind | None) -> None:
    assert link_kind(rel.split(), as_, type_) is kind
