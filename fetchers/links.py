"""Every URL by which a fetched body shows or reaches a picture, a video or a page: the front door of extraction.

`extract` is for the fetcher: each raw URL once with its kind, to be joined elsewhere. `describe` is for people: every
place with element and attribute. Both find the same URLs. Nothing here raises for any bytes or headers.
"""

import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from msgspec import Struct

from contracts.messages import NOFOLLOW, LinkKind
from contracts.settings import PRODUCT_TOKEN, LimitSettings
from fetchers import charset, css, feeds, html, legacy, refresh, scripts, srcset
from fetchers.headers import content_type, link_values, robots_tag
from fetchers.kinds import MEDIA, PAGE, REDIRECT, is_media_path, link_kind
from fetchers.sinks import Found, Places, Raws, Rebased, Sink
from fetchers.sniff import HEAD_BYTES, Body, Sniffed, sniff
from fetchers.textkey import text_key as key_of

AGENT: Final = PRODUCT_TOKEN.lower()
Headers = Iterable[tuple[str, str]]
"""Header fields in order, names in any case; several of a name may occur."""

SITEMAP_FACTOR: Final = 5
"""A sitemap or feed may have so many times as many links as a page: with the default of 10,000 just as many as
sitemaps.org allows."""

_PLACES_A_LINK: Final = 4
_LIMITS: Final = LimitSettings()
_KINDS: Final = tuple(LinkKind)


class Extraction(Struct):
    """What a body holds. `raws` are raw URLs with `kind << 1 | flags` (0 or NOFOLLOW), to be joined to `base`.

    `body` and `media_type` are what the content is, which may not be what was declared; media has no links. `text_key`
    is 0 for none. `cuts` counts what limits cut, by their names (`page_bytes`, `elements`, `links`, `expansion`).
    """

    body: Body
    media_type: str
    encoding: str
    base: str
    raws: dict[str, int]
    noindex: bool
    nofollow: bool
    text_key: int
    cuts: dict[str, int]


class Description(Struct):
    """An extraction and every place where its links stand, in the order of the document, headers last."""

    extraction: Extraction
    found: list[Found]


def extract(
    body: bytes | bytearray,
    url: str,
    declared: str = "",
    headers: Headers = (),
    limits: LimitSettings = _LIMITS,
    *,
    agent: str = AGENT,
    with_text_key: bool = True,
) -> Extraction:
    """Links of a body fetched from `url`. `declared` is its Content-Type, `agent` our product token in lower case.

    A charset that `declared` lacks is taken from a Content-Type among the headers.
    """
    sink = Raws(agent)
    result = _read(body, url, declared, headers, sink, limits, with_text_key)
    raws = sink.found
    if legacy.needed(result.encoding):
        raws = {legacy.query(raw, result.encoding): value for raw, value in raws.items()}
    most = _most(result, limits)
    if len(raws) > most:
        result.cuts["links"] = len(raws) - most
        raws = _first(raws, most)
    result.raws = {raw: value | NOFOLLOW for raw, value in raws.items()} if result.nofollow else raws
    return result


def describe(
    body: bytes | bytearray,
    url: str,
    declared: str = "",
    headers: Headers = (),
    limits: LimitSettings = _LIMITS,
    *,
    agent: str = AGENT,
) -> Description:
    """The same as `extract` finds, place by place. A URL used as page and as media is media at each of its places."""
    headers = list(headers)
    result = extract(body, url, declared, headers, limits, agent=agent)
    old = legacy.needed(result.encoding)
    sink = Places(agent, most=(_most(result, limits) + 1) * _PLACES_A_LINK, wanted=None if old else result.raws)
    _read(body, url, declared, headers, sink, limits, False)
    found: list[Found] = []
    for place in sink.found:
        place.raw = legacy.query(place.raw, result.encoding) if old else place.raw
        if (value := result.raws.get(place.raw)) is None:
            continue
        if place.kind is not REDIRECT:
            place.kind = _KINDS[value >> 1]
        place.flags |= NOFOLLOW if result.nofollow else 0
        found.append(place)
    return Description(result, found)


def _most(result: Extraction, limits: LimitSettings) -> int:
    return limits.links * (SITEMAP_FACTOR if result.body in (Body.XML, Body.TEXT) else 1)


def _first(raws: dict[str, int], most: int) -> dict[str, int]:
    """At most so many URLs: media and what leads to media first, then pages in their order."""
    media = [item for item in raws.items() if item[1] >> 1 != PAGE]
    pages = [item for item in raws.items() if item[1] >> 1 == PAGE]
    return dict((media + pages)[:most])


def _read(
    body: bytes | bytearray,
    url: str,
    declared: str,
    headers: Headers,
    sink: Sink,
    limits: LimitSettings,
    with_text_key: bool,
) -> Extraction:
    fields = [(name.lower(), value) for name, value in headers]
    said = _content_type(declared)
    label = said.charset or next((_content_type(value).charset for name, value in fields if name == "content-type"), "")
    cuts: dict[str, int] = {}
    what = sniff(bytes(body[:HEAD_BYTES]), said.media_type)
    if what.body is Body.GZIP:
        body, what = _unpacked(body, limits, cuts)
    if len(body) > limits.page_bytes:
        cuts["page_bytes"] = len(body) - limits.page_bytes
        body = body[: limits.page_bytes]
    result = Extraction(what.body, what.media_type, "utf-8", url.partition("#")[0], {}, False, False, 0, cuts)
    if what.body is Body.HTML or what.media_type == "image/svg+xml":
        _page(body, url, label, sink, limits, with_text_key, result)
    elif what.body in (Body.XML, Body.TEXT, Body.CSS, Body.JSON):
        _other(body, url, label, sink, limits, result)
    # A base element means nothing to headers: they hold for the URL itself.
    own = url.partition("#")[0]
    _from_headers(fields, sink if result.base == own else Rebased(sink, own), result)
    result.noindex |= sink.noindex
    result.nofollow |= sink.nofollow
    return result


_content_type = lru_cache(1024)(content_type)


def _unpacked(body: bytes | bytearray, limits: LimitSettings, cuts: dict[str, int]) -> tuple[bytes, Sniffed]:
    """A gzipped sitemap or page, unpacked as far as the limits on size and expansion allow; a broken rest is dropped."""
    most = min(limits.page_bytes, len(body) * limits.expansion)
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(body, most)
    except zlib.error:
        plain = b""
    if unpacker.unconsumed_tail:
        cuts["page_bytes" if most == limits.page_bytes else "expansion"] = 1
    what = sniff(plain[:HEAD_BYTES])
    return plain, (Sniffed(Body.OTHER, "application/gzip") if what.body is Body.GZIP else what)


def _page(
    body: bytes | bytearray,
    url: str,
    label: str,
    sink: Sink,
    limits: LimitSettings,
    with_text_key: bool,
    result: Extraction,
) -> None:
    text, result.encoding, _ = charset.decode(body, label)
    if result.media_type == "application/xhtml+xml":
        text = html.opened(text)
    data = b"" if result.encoding.startswith("utf-16") else body
    page = html.read(text, url, sink, elements=limits.elements, data=data)
    result.base = page.base
    if page.cut:
        result.cuts["elements"] = 1
    if with_text_key and result.body is Body.HTML:
        result.text_key = key_of(page.text())


def _other(
    body: bytes | bytearray, url: str, label: str, sink: Sink, limits: LimitSettings, result: Extraction
) -> None:
    markup = result.body is Body.XML
    text, result.encoding, _ = charset.decode(body, label, markup=markup)
    if result.body is Body.XML:
        feeds.xml_document(text, result.base, sink, lambda piece, to: _piece(piece, url, to, limits))
    elif result.body is Body.CSS:
        for found in css.urls(text):
            sink.add(found.raw, found.kind, "css", found.token)
    elif result.body is Body.JSON:
        for raw, kind in scripts.json_strings(text):
            sink.add(raw, kind, "json", "string")
    else:
        feeds.text_sitemap(text, sink)


def _piece(markup: str, url: str, sink: Sink, limits: LimitSettings) -> None:
    """HTML that a feed carries: read as a page within the feed."""
    html.read(markup, url, sink, elements=limits.elements, nesting=1)


def _from_headers(fields: list[tuple[str, str]], sink: Sink, result: Extraction) -> None:
    links: list[str] = []
    tags: list[str] = []
    for name, value in fields:
        if name == "link":
            links.append(value)
        elif name == "x-robots-tag":
            tags.append(value)
        elif name == "refresh":
            if raw := refresh.target(value):
                sink.add(raw, REDIRECT, "header", "refresh")
        elif name == "content-location" and (raw := value.strip()):
            sink.add(raw, MEDIA if is_media_path(raw) else PAGE, "header", "content-location")
    if tags:
        robots = robots_tag(tags, sink.agent)
        result.noindex |= robots.noindex
        result.nofollow |= robots.nofollow
    for link in link_values(links) if links else ():
        rels = link.rel.lower().split()
        as_ = link.params.get("as", "").lower()
        kind = link_kind(rels, as_, link.params.get("type", "").lower())
        rel = " ".join(rels)
        if kind is not None:
            flags = NOFOLLOW if "nofollow" in rels else 0
            sink.add(
                link.target,
                MEDIA if kind is PAGE and is_media_path(link.target) else kind,
                "header",
                "link",
                rel,
                flags,
            )
        if as_ == "image" and "preload" in rels:
            for raw in srcset.candidates(link.params.get("imagesrcset", "")):
                sink.add(raw, MEDIA, "header", "link", rel)
