"""What a found URL is for, as far as the markup tells: by the name of the file, by rel, as and type of a link."""

import re
from collections.abc import Iterable
from typing import Final

from contracts.messages import LinkKind

PAGE: Final = LinkKind.PAGE
MEDIA: Final = LinkKind.MEDIA
STYLESHEET: Final = LinkKind.STYLESHEET
SITEMAP: Final = LinkKind.SITEMAP
REDIRECT: Final = LinkKind.REDIRECT

STRENGTH: Final = (0, 4, 3, 2, 0, 0)
"""Index: LinkKind. The kind of a URL that is used as several: media before all, page last."""

_EXTENSIONS: Final = [
    "jpg",
    "jpeg",
    "jpe",
    "jfif",
    "pjpeg",
    "pjp",
    "png",
    "apng",
    "gif",
    "webp",
    "avif",
    "avifs",
    "heic",
    "heif",
    "bmp",
    "dib",
    "tif",
    "tiff",
    "jxl",
    "jp2",
    "svg",
    "svgz",
    "ico",
    "cur",
    "mp4",
    "m4v",
    "mov",
    "qt",
    "webm",
    "mkv",
    "avi",
    "wmv",
    "asf",
    "flv",
    "f4v",
    "ogv",
    "ogm",
    "mpg",
    "mpeg",
    "mpe",
    "m2v",
    "m2ts",
    "mts",
    "3gp",
    "3g2",
    "divx",
    "vob",
    "rm",
    "rmvb",
]


def _any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words in any case, sharing prefixes: five times as fast as a plain list of them."""
    heads: dict[str, list[str]] = {}
    for word in words:
        heads.setdefault(word[:1], []).append(word[1:])
    end = "" in heads
    parts = [
        (f"[{head}{head.upper()}]" if head.isalpha() else head) + (_any_of(tails) if any(tails) else "")
        for head, tails in heads.items()
        if head
    ]
    return f"(?:{'|'.join(parts)}){'?' if end else ''}"


_EXTENSION: Final = r"\." + _any_of(_EXTENSIONS)
MEDIA_HINT: Final = re.compile(_EXTENSION + r"(?=[?#\x00-\x20]|\Z)")
"""Finds the end of a media file name in text where URLs stand between control characters; may find it in a query too."""

_MEDIA_END: Final = re.compile(_EXTENSION + r"\Z")
_TEXT_URL: Final = re.compile(
    r"(?:https?:|(?![a-z][a-z0-9+.\-]*:))[^\x00-\x20<>\"{}|\\^`?#]*(?:[?#][^\x00-\x20<>\"{}]*)?", re.IGNORECASE
)
_BROKEN: Final = str.maketrans("", "", "\t\n\r")


def is_media_path(raw: str) -> bool:
    """Whether the path of a URL reference ends like the name of a picture or video file."""
    cut = raw.find("#")
    path = raw if cut < 0 else raw[:cut]
    cut = path.find("?")
    if cut >= 0:
        path = path[:cut]
    if "\n" in path or "\t" in path or "\r" in path:
        path = path.translate(_BROKEN)  # as the URL parser does
    return _MEDIA_END.search(path[-24:].rstrip()) is not None


def is_media_text(text: str) -> bool:
    """Whether any text (of a script or data attribute) reads as the URL of a picture or video file."""
    return 5 <= len(text) <= 4096 and is_media_path(text) and _TEXT_URL.fullmatch(text) is not None


_PICTURES: Final = frozenset(
    ("icon", "apple-touch-icon", "apple-touch-icon-precomposed", "apple-touch-startup-image", "mask-icon", "fluid-icon",
     "image_src", "video_src", "thumbnail", "image")
)  # fmt: skip
_PAGES: Final = frozenset(
    ("alternate", "amphtml", "archives", "author", "appendix", "bookmark", "canonical", "chapter", "child", "contents",
     "copyright", "current", "enclosure", "end", "first", "glossary", "help", "home", "index", "last",
     "latest-version", "license", "me", "next", "original", "parent", "payment", "prefetch", "prerender", "prev",
     "predecessor-version", "previous", "privacy-policy", "related", "section", "self", "shortlink", "start",
     "subsection", "successor-version", "tag", "terms-of-service", "toc", "top", "up", "via")
)  # fmt: skip
_LOADED: Final = {"image": MEDIA, "video": MEDIA, "audio": MEDIA, "track": MEDIA, "style": STYLESHEET, "document": PAGE}
_FEEDS: Final = frozenset(("application/rss+xml", "application/atom+xml", "application/rdf+xml"))


def link_kind(rels: Iterable[str], as_: str = "", type_: str = "") -> LinkKind | None:
    """Kind of a `<link>` or Link header (RFC 8288) by its relation types in lower case; None if nothing is to follow.

    `as_` and `type_` are the attributes in lower case. Connections, fonts, scripts and API endpoints are not followed.
    """
    relations = frozenset(rels)
    mime = type_.partition(";")[0].strip()
    if "stylesheet" in relations:
        return STYLESHEET
    if relations & _PICTURES:
        return MEDIA
    if "sitemap" in relations:
        return SITEMAP
    if "preload" in relations:
        return _LOADED.get(as_.strip())
    if relations & {"prefetch", "prerender"}:
        return _LOADED.get(as_.strip()) if as_.strip() else by_type(mime, PAGE)
    if not relations & _PAGES:
        return None
    return by_type(mime, PAGE)


def by_type(mime: str, otherwise: LinkKind | None) -> LinkKind | None:
    """Kind by a declared media type in lower case; None for data that is neither shown nor leads on."""
    if not mime:
        return otherwise
    if mime in _FEEDS:
        return SITEMAP
    if mime.startswith(("image/", "video/", "audio/")):
        return MEDIA
    if mime == "text/css":
        return STYLESHEET
    if "json" in mime or "oembed" in mime or "opensearch" in mime or mime.endswith("javascript"):
        return None
    return otherwise
