"""Sitemaps and feeds: XML sitemaps and their indexes with image and video extensions, text sitemaps, RSS, Atom, RDF.

Elements are told by their local names and their parents, so that any namespace prefix will do.
"""

import re
from collections.abc import Callable
from typing import Final

from contracts.messages import LinkKind
from fetchers import xml
from fetchers.kinds import MEDIA, PAGE, SITEMAP, STYLESHEET, by_type, is_media_path, link_kind
from fetchers.sinks import Rebased, Sink, join

Markup = Callable[[str, Sink], None]
"""Reads HTML that a feed carries and hands its URLs to the sink."""

MAX_DEPTH: Final = 256
MAX_MARKUP: Final = 10_000
"""Most pieces of HTML of one feed that are read."""

_TEXT: Final[dict[tuple[str, str], LinkKind]] = {
    ("url", "loc"): PAGE, ("sitemap", "loc"): SITEMAP, ("image", "loc"): MEDIA,
    ("video", "thumbnail_loc"): MEDIA, ("video", "content_loc"): MEDIA, ("video", "player_loc"): PAGE,
    ("item", "link"): PAGE, ("channel", "link"): PAGE, ("item", "comments"): PAGE, ("image", "url"): MEDIA,
    ("image", "link"): PAGE, ("feed", "icon"): MEDIA, ("feed", "logo"): MEDIA, ("entry", "icon"): MEDIA,
}  # fmt: skip
_HTML: Final = frozenset((("item", "description"), ("item", "encoded"), ("item", "content"), ("item", "summary")))
_ATOM_HTML: Final = frozenset(("content", "summary", "title"))
_URL_LINE: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_STYLED: Final = re.compile(r"<\?xml-stylesheet\s([^>]{0,2000}?)\?>")
_HREF: Final = re.compile(r"href\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def text_sitemap(text: str, sink: Sink) -> None:
    """A text sitemap: one absolute URL a line, nothing else (sitemaps.org, "Text file"); other text has none."""
    lines = text.split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    if not _URL_LINE.fullmatch(first):
        return
    for number, line in enumerate(lines, 1):
        raw = line.strip()
        if raw and _URL_LINE.fullmatch(raw):
            sink.add(raw, MEDIA if is_media_path(raw) else PAGE, "text", f"line {number}")


def xml_document(text: str, base: str, sink: Sink, markup: Markup) -> None:
    """Any sitemap or feed. `markup` reads the HTML that entries carry."""
    _Reader(base, sink, markup).read(text)


class _Reader:
    """One walk over a document; `path` are the open elements, `sinks` the sink for each (xml:base changes it)."""

    def __init__(self, base: str, sink: Sink, markup: Markup) -> None:
        self.base = base
        self.markup = markup
        self.pieces = 0
        self.path: list[str] = []
        self.sinks = [sink]
        self.bases = [base]
        self.kept: list[str] = []
        self.quiet = 0

    def read(self, text: str) -> None:
        if (styled := _STYLED.search(text[:4096])) and (href := _HREF.search(xml.resolve(styled[1]))):
            self.sinks[0].add(href[1] or href[2] or "", STYLESHEET, "xml-stylesheet", "href")
        inline_from = -1
        attrs: dict[str, str] = {}
        for event in xml.events(text):
            if isinstance(event, xml.Text):
                if inline_from < 0:
                    self.kept.append(event.value)
                continue
            if inline_from >= 0:
                if event.name == self.path[-1]:
                    self.quiet += (1 if event.opens else 0) - (1 if event.closes else 0)
                    if self.quiet < 0:
                        self._html(text[inline_from : event.start])
                        inline_from = -1
                        self._close(event.name, attrs)
                continue
            if event.opens:
                attrs = xml.attributes(event) if len(event.inside) > len(event.name) + 1 else {}
                self._open(event, attrs)
                if attrs.get("type") == "xhtml" and not event.closes:
                    inline_from, self.quiet = event.end, 0
            if event.closes and not (event.opens and len(self.path) > MAX_DEPTH):
                self._close(event.name, attrs)

    def _open(self, tag: xml.Tag, attrs: dict[str, str]) -> None:
        parent = self.path[-1] if self.path else ""
        if len(self.path) > MAX_DEPTH:
            self.path.pop()
            self.sinks.pop()
            self.bases.pop()
        sink, base = self.sinks[-1], self.bases[-1]
        if (given := attrs.get("xml:base")) and (joined := join(base, given)):
            base = joined
            sink = Rebased(self.sinks[0], base)
        self.path.append(tag.name)
        self.sinks.append(sink)
        self.bases.append(base)
        self.kept = []
        if attrs:
            _from_attributes(sink, tag.name, parent, attrs)

    def _close(self, name: str, attrs: dict[str, str]) -> None:
        if name not in self.path[-8:]:
            return
        while self.path:
            top = self.path.pop()
            sink = self.sinks.pop()
            self.bases.pop()
            if top == name:
                break
        value = "".join(self.kept)
        self.kept = []
        if value:
            self._value(sink, name, value, attrs)

    def _value(self, sink: Sink, name: str, value: str, attrs: dict[str, str]) -> None:
        parent = self.path[-1] if self.path else ""
        kind = _TEXT.get((parent, name))
        if kind is not None:
            raw = value.strip()
            if raw and "&" in raw and re.search(r"&\w+;", raw):
                return  # an entity of a DTD: never resolved, so this is no URL
            sink.add(raw, MEDIA if kind is PAGE and is_media_path(raw) else kind, name, "text")
        elif (parent, name) in _HTML or (
            name in _ATOM_HTML and parent in ("entry", "feed") and attrs.get("type") == "html"
        ):
            self._html(value, sink)
        elif (parent, name) == ("item", "guid") and _permanent(value.strip(), attrs):
            sink.add(value.strip(), PAGE, name, "text")

    def _html(self, value: str, sink: Sink | None = None) -> None:
        if "<" in value and self.pieces < MAX_MARKUP:
            self.pieces += 1
            self.markup(value, sink or self.sinks[-1])


def _permanent(guid: str, attrs: dict[str, str]) -> bool:
    """RSS 2.0: a guid is a permanent link unless it says that it is none."""
    return attrs.get("ispermalink", "").lower() != "false" and _URL_LINE.fullmatch(guid) is not None


def _from_attributes(sink: Sink, name: str, parent: str, attrs: dict[str, str]) -> None:
    """Elements whose URL is an attribute: Atom and XHTML links, enclosures, Media RSS, iTunes, RDF."""
    mime = attrs.get("type", "").lower()
    if name == "link" and (raw := attrs.get("href")):
        rel = attrs.get("rel", "alternate").lower()
        kind = link_kind(rel.split(), type_=mime)
        if rel in ("self", "first", "last", "next", "previous", "prev", "current") and parent in ("feed", "channel"):
            kind = SITEMAP
        elif rel == "enclosure":
            kind = by_type(mime, PAGE)
        if kind is not None:
            sink.add(raw, MEDIA if kind is PAGE and is_media_path(raw) else kind, name, "href", rel)
    elif name in ("enclosure", "content") and (raw := attrs.get("url") or attrs.get("src")):
        shown = attrs.get("medium", "").lower() in ("image", "video") or is_media_path(raw)
        kind = MEDIA if shown else by_type(mime, MEDIA if name == "content" and "url" in attrs else PAGE)
        if kind is not None:
            sink.add(raw, kind, name, "url" if "url" in attrs else "src")
    elif name == "thumbnail" and (raw := attrs.get("url")):
        sink.add(raw, MEDIA, name, "url")
    elif name == "player" and (raw := attrs.get("url")):
        sink.add(raw, MEDIA if is_media_path(raw) else PAGE, name, "url")
    elif name == "image" and (raw := attrs.get("href")):
        sink.add(raw, MEDIA, name, "href")
    elif name == "source" and parent == "item" and (raw := attrs.get("url")):
        sink.add(raw, SITEMAP, name, "url")
