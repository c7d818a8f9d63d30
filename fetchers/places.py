"""The elements and attributes by which a page shows or reaches a picture, a video or a page.

`visit` hands one element's URLs to a sink; both ways of reading a page (`fetchers.html`) call it, so they cannot differ.
Not followed, since no reader gets there by looking or clicking: ping, cite, manifest, scripts, and form actions.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import turbohtml

from contracts.messages import NOFOLLOW
from fetchers import css, refresh, scripts, srcset
from fetchers.headers import robots_directives
from fetchers.kinds import MEDIA, PAGE, REDIRECT, by_type, is_media_path, is_media_text, link_kind
from fetchers.lazy import data_attribute
from fetchers.sinks import Sink

Attributes = dict[str, Any]
"""Values are strings; those that the standard calls sets of tokens (rel, class) are lists of strings."""

_MEDIA_METAS: Final = frozenset(
    [
        "og:image",
        "og:image:url",
        "og:image:secure_url",
        "og:video",
        "og:video:url",
        "og:video:secure_url",
        "og:audio",
        "og:audio:url",
        "og:audio:secure_url",
        "og:logo",
        "twitter:image",
        "twitter:image:src",
        "twitter:image0",
        "twitter:image1",
        "twitter:image2",
        "twitter:image3",
        "twitter:player:stream",
        "thumbnail",
        "image",
        "thumbnailurl",
        "contenturl",
        "logo",
        "photo",
        "msapplication-tileimage",
        "msapplication-square70x70logo",
        "msapplication-square150x150logo",
        "msapplication-wide310x150logo",
        "msapplication-square310x310logo",
        "sailthru.image.full",
        "sailthru.image.thumb",
        "parsely-image-url",
        "vk:image",
    ]
)
_PAGE_METAS: Final = frozenset(("twitter:player", "embedurl"))
_MEDIA_PROPERTIES: Final = frozenset(
    ("image", "thumbnail", "thumbnailurl", "contenturl", "logo", "photo", "screenshot")
)
_MOVIE_PARAMETERS: Final = frozenset(("movie", "src", "url", "file", "filename", "href"))
_DOCUMENT: Final = re.compile(r"(?:\.(?:x?html?|php\d?|aspx?|jsp|cgi)|/)\Z", re.IGNORECASE)


def _page(sink: Sink, raw: str, tag: str, attribute: str, rel: str = "", flags: int = 0) -> None:
    sink.add(raw, MEDIA if is_media_path(raw) else PAGE, tag, attribute, rel, flags)


def _words(attrs: Attributes, name: str) -> list[str]:
    value = attrs.get(name) or ()
    return [word.lower() for word in (value.split() if isinstance(value, str) else value)]


def _lower(attrs: Attributes, name: str) -> str:
    return str(attrs.get(name) or "").strip().lower()


def _anchor(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    rels = _words(attrs, "rel") if "rel" in attrs else []
    flags = NOFOLLOW if "nofollow" in rels else 0
    for name in ("href", "xlink:href"):
        if raw := attrs.get(name):
            if name == "xlink:href" and element.namespace is turbohtml.Namespace.HTML:
                continue
            kind = by_type(_lower(attrs, "type"), PAGE) if "type" in attrs else PAGE
            sink.add(raw, MEDIA if kind is MEDIA or is_media_path(raw) else PAGE, tag, name, " ".join(rels), flags)


def _image(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    for name in ("src", "lowsrc", "dynsrc"):
        if raw := attrs.get(name):
            sink.add(raw, MEDIA, tag, name)
    if value := attrs.get("srcset"):
        for raw in srcset.candidates(value):
            sink.add(raw, MEDIA, tag, "srcset")
    if raw := attrs.get("longdesc"):
        _page(sink, raw, tag, "longdesc")


def _player(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    for name in ("src", "poster"):
        if raw := attrs.get(name):
            sink.add(raw, MEDIA, tag, name)


def _source(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    if raw := attrs.get("src"):
        sink.add(raw, MEDIA, tag, "src")
    if value := attrs.get("srcset"):
        for raw in srcset.candidates(value):
            sink.add(raw, MEDIA, tag, "srcset")


def _frame(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    if raw := attrs.get("src"):
        _page(sink, raw, tag, "src")
    if markup := attrs.get("srcdoc"):
        sink.nested.append(markup)


def _embedded(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    """`object` and `embed`: what they hold is told by type, then by name; a browser shows pictures, videos and pages."""
    name = "data" if tag == "object" else "src"
    if raw := attrs.get(name):
        mime = _lower(attrs, "type")
        page = "html" in mime or (not mime and _DOCUMENT.search(raw.partition("#")[0].partition("?")[0]) is not None)
        sink.add(raw, PAGE if page else MEDIA, tag, name)


def _parameter(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    raw = attrs.get("value")
    if raw and _lower(attrs, "name") in _MOVIE_PARAMETERS and is_media_text(raw.strip()):
        sink.add(raw, MEDIA, tag, "value")


def _input(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    if (raw := attrs.get("src")) and _lower(attrs, "type") == "image":
        sink.add(raw, MEDIA, tag, "src")


def _graphic(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    """SVG image, feImage and use (SVG 2, 16.1.3: href, or xlink:href of old). `#id` is a part of the page itself."""
    if element.namespace is turbohtml.Namespace.HTML:
        return
    for name in ("href", "xlink:href"):
        if (raw := attrs.get(name)) and raw[0] != "#":
            sink.add(raw, MEDIA, tag, name)


def _link(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    rels = _words(attrs, "rel")
    if not rels:
        return
    as_ = _lower(attrs, "as")
    kind = link_kind(rels, as_, _lower(attrs, "type"))
    rel = " ".join(rels)
    if kind is not None and (raw := attrs.get("href")):
        flags = NOFOLLOW if "nofollow" in rels else 0
        sink.add(raw, MEDIA if kind is PAGE and is_media_path(raw) else kind, tag, "href", rel, flags)
    if as_ == "image" and "preload" in rels and (value := attrs.get("imagesrcset")):
        for raw in srcset.candidates(value):
            sink.add(raw, MEDIA, tag, "imagesrcset", rel)


def _meta(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    content = attrs.get("content")
    if not content:
        return
    if _lower(attrs, "http-equiv") == "refresh":
        if raw := refresh.target(content):
            sink.add(raw, REDIRECT, tag, "content", "refresh")
        return
    for name in ("property", "name", "itemprop"):
        for key in _words(attrs, name):
            if key in _MEDIA_METAS:
                sink.add(content.strip(), MEDIA, tag, "content", key)
            elif key in _PAGE_METAS:
                _page(sink, content.strip(), tag, "content", key)
            elif name == "name" and key in ("robots", sink.agent):
                robots = robots_directives(content)
                sink.noindex |= robots.noindex
                sink.nofollow |= robots.nofollow


def _script(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    mime = _lower(attrs, "type").partition(";")[0].strip()
    if mime and "json" not in mime and "javascript" not in mime and mime not in ("module", "text/ecmascript"):
        return
    if not (text := element.text):
        return
    if mime == "application/ld+json":
        found = scripts.json_ld(text)
    else:
        found = scripts.json_strings(text) if "json" in mime else scripts.inline(text)
    for raw, kind in found:
        sink.add(raw, kind, tag, "text", mime)


def _style(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    for found in css.urls(element.text):
        sink.add(found.raw, found.kind, tag, found.token)


def _fallback(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    """noframes and noembed: their content is text to a parser, and a page to a browser without frames."""
    if "<" in (text := element.text):
        sink.nested.append(text)


def _nothing(sink: Sink, tag: str, attrs: Attributes, element: Any) -> None:
    """`base` is read by `fetchers.html` before all others."""


Handler = Callable[[Sink, str, Attributes, Any], None]
HANDLERS: Final[dict[str, Handler]] = {
    "img": _image, "amp-img": _image, "amp-anim": _image, "source": _source,
    "video": _player, "audio": _player, "amp-video": _player, "amp-audio": _player, "track": _player, "bgsound": _player,
    "iframe": _frame, "frame": _frame, "amp-iframe": _frame, "object": _embedded, "embed": _embedded, "param": _parameter,
    "input": _input, "image": _graphic, "feImage": _graphic, "use": _graphic, "area": _anchor, "link": _link,
    "meta": _meta, "script": _script, "style": _style, "noframes": _fallback, "noembed": _fallback, "base": _nothing,
}  # fmt: skip
"""Elements that are always looked at, all but `a`."""


def visit(element: Any, sink: Sink) -> None:
    """Hands every URL of one element to the sink."""
    tag: str = element.tag
    attrs: Attributes = element.attrs.copy()
    handler = HANDLERS.get(tag)
    if handler is not None:
        handler(sink, tag, attrs, element)
    elif tag == "a":
        _anchor(sink, tag, attrs, element)
    for name, value in attrs.items():
        if name[:5] == "data-":
            data_attribute(sink, tag, name, value or "", handled=handler is not None)
        elif name == "itemprop":
            if handler is not _meta:
                _property(sink, tag, attrs)
        elif name == "background":
            sink.add(value, MEDIA, tag, name)
        elif name == "style" and sink.styles and value:
            for found in css.urls(value):
                sink.add(found.raw, MEDIA, tag, name)


def _property(sink: Sink, tag: str, attrs: Attributes) -> None:
    """Microdata: itemprop=image and kin make a picture of whatever URL the element has (HTML standard, 5.2.4)."""
    names = _words(attrs, "itemprop")
    media = not _MEDIA_PROPERTIES.isdisjoint(names)
    if not media and "embedurl" not in names:
        return
    for name in ("href", "src", "data", "content"):
        if raw := attrs.get(name):
            sink.add(raw, MEDIA if media or is_media_path(raw) else PAGE, tag, name, " ".join(names))
