"""What a body is, by its first bytes and, where these leave room, by its Content-Type (in the spirit of WHATWG MIME Sniffing).

Pictures, videos and other binary formats are told by their signatures, whatever the server says; text by its first
markup. Only what has no mark of its own (CSS, plain text, JSON with an odd type) is believed to be as declared.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

HEAD_BYTES: Final = 1445
"""Bytes that `sniff` looks at ("resource header"); more is not needed, less may do."""


class Body(StrEnum):
    """How a body is to be read."""

    HTML = "html"
    XML = "xml"
    CSS = "css"
    JSON = "json"
    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    GZIP = "gzip"
    OTHER = "other"


class Sniffed(NamedTuple):
    """How to read a body, and its media type (as declared where the content does not contradict it)."""

    body: Body
    media_type: str

    @property
    def is_media(self) -> bool:
        """Whether it is a picture or video."""
        return self.body is Body.IMAGE or self.body is Body.VIDEO


def _image(subtype: str) -> Sniffed:
    return Sniffed(Body.IMAGE, f"image/{subtype}")


def _video(subtype: str) -> Sniffed:
    return Sniffed(Body.VIDEO, f"video/{subtype}")


def _other(media_type: str) -> Sniffed:
    return Sniffed(Body.OTHER, media_type)


_HTML: Final = Sniffed(Body.HTML, "text/html")
_XHTML: Final = Sniffed(Body.HTML, "application/xhtml+xml")
_SVG: Final = _image("svg+xml")
_AUDIO_MPEG: Final = Sniffed(Body.AUDIO, "audio/mpeg")

_SIGNATURES: Final[tuple[tuple[bytes, Sniffed], ...]] = (
    (b"\xff\xd8\xff", _image("jpeg")),
    (b"\x89PNG\r\n\x1a\n", _image("png")),
    (b"GIF87a", _image("gif")),
    (b"GIF89a", _image("gif")),
    (b"II*\0", _image("tiff")),
    (b"MM\0*", _image("tiff")),
    (b"II+\0", _image("tiff")),
    (b"MM\0+", _image("tiff")),
    (b"\0\0\1\0", _image("x-icon")),
    (b"\0\0\2\0", _image("x-icon")),
    (b"\0\0\0\x0cJXL \r\n\x87\n", _image("jxl")),
    (b"\xff\x0a", _image("jxl")),
    (b"\0\0\0\x0cjP  \r\n\x87\n", _image("jp2")),
    (b"\xff\x4f\xff\x51", _image("jp2")),
    (b"8BPS\0\1", _image("vnd.adobe.photoshop")),
    (b"FLV\1", _video("x-flv")),
    (b"\0\0\1\xba", _video("mpeg")),
    (b"\0\0\1\xb3", _video("mpeg")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _video("x-ms-wmv")),
    (b".RMF", _video("vnd.rn-realvideo")),
    (b"\x1f\x8b\x08", Sniffed(Body.GZIP, "application/gzip")),
    (b"ID3", _AUDIO_MPEG),
    (b"\xff\xfb", _AUDIO_MPEG),
    (b"\xff\xf3", _AUDIO_MPEG),
    (b"\xff\xf2", _AUDIO_MPEG),
    (b"fLaC", Sniffed(Body.AUDIO, "audio/flac")),
    (b"%PDF-", _other("application/pdf")),
    (b"%!PS-Adobe-", _other("application/postscript")),
    (b"PK\3\4", _other("application/zip")),
    (b"Rar!\x1a\x07", _other("application/vnd.rar")),
    (b"7z\xbc\xaf\x27\x1c", _other("application/x-7z-compressed")),
    (b"wOFF", _other("font/woff")),
    (b"wOF2", _other("font/woff2")),
    (b"\0asm", _other("application/wasm")),
    (b"\x7fELF", _other("application/x-elf")),
)


def _by_first_byte() -> dict[int, tuple[tuple[bytes, Sniffed], ...]]:
    table: dict[int, list[tuple[bytes, Sniffed]]] = {}
    for signature, what in _SIGNATURES:
        table.setdefault(signature[0], []).append((signature, what))
    return {first: tuple(entries) for first, entries in table.items()}


_TABLE: Final = _by_first_byte()

_HEIC: Final = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_ATOMS: Final = frozenset((b"moov", b"mdat", b"wide", b"skip", b"pnot"))
_BMP_HEADERS: Final = frozenset((12, 16, 40, 52, 56, 64, 108, 124))

_BINARY: Final = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
"""Bytes that no text has (MIME Sniffing, "binary data byte")."""

_TAG: Final = re.compile(
    rb"<(?:!doctype[\s>]|!--|/?(?:html|head|body|script|iframe|h[1-6]|div|font|table|a|style|title|b|br|p|meta|link|img|base"
    rb"|center|form|frameset|noscript|span|ul|ol|li|section|article|main|header|nav|footer|video|picture|figure|template"
    rb"|pre|dl|td|tr|i|em|strong|object|embed|input|button)(?=[\s>/]))",
    re.IGNORECASE,
)
_PROLOGUE: Final = re.compile(
    rb"(?:\s++|<\?[^>]*+>|<!--(?:[^-]|-(?!->))*+-->|<!doctype[^>\[]*+(?:\[[^\]]*+\]\s*+)?>)++", re.IGNORECASE
)
_ROOT: Final = re.compile(rb"<(?:[\w.\-]{1,40}:)?([\w.\-]{1,40})")
_RULE: Final = re.compile(
    rb"(?:\s++|/\*(?:[^*]|\*(?!/))*+\*/)*+(?:@(?:charset|import|font-face|media|keyframes)\b|[.#:*\w][\w\s.#:,>+~\-\[\]=\"'()*]{0,200}\{\s*[\w\-]+\s*:)"
)
_MARKUP_TYPES: Final = frozenset(("text/html", "application/xhtml+xml"))
_XML_ROOTS: Final = {
    b"rss": "application/rss+xml", b"feed": "application/atom+xml", b"rdf": "application/rdf+xml",
    b"urlset": "application/xml", b"sitemapindex": "application/xml",
}  # fmt: skip


def sniff(head: bytes, declared: str = "") -> Sniffed:
    """What a body is. `head` holds its first bytes, `declared` its Content-Type (parameters do not count) or "".

    A picture served as text/html is a picture, a page served as image/jpeg is a page; any bytes give an answer.
    """
    declared = declared.partition(";")[0].strip(" \t\r\n").lower()
    if len(head) > HEAD_BYTES:
        head = head[:HEAD_BYTES]
    if not head:
        return _declared(declared, binary=False)
    if (found := _signature(head, declared)) is not None:
        return found
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        # UTF-16: every other byte of ASCII markup is zero.
        head = head[2:].replace(b"\0", b"")
        text = head
    else:
        text = head[3:] if head[:3] == b"\xef\xbb\xbf" else head
        believed = declared in _MARKUP_TYPES and text.lstrip()[:1] == b"<"  # browsers render pages with stray NULs
        if not believed and len(text.translate(None, _BINARY)) != len(text) and b"<html" not in text.lower():
            return _declared(declared, binary=True)
    text = text.lstrip()
    first = text[:1]
    if first == b"<":
        return _markup(text, declared)
    if declared in _MARKUP_TYPES:
        if first in (b"{", b"[") and b"<" not in text:
            return Sniffed(Body.JSON, "application/json")
        return Sniffed(Body.HTML, declared)
    if declared == "text/css":
        return Sniffed(Body.CSS, declared)
    if first in (b"{", b"[") and (
        not declared or "json" in declared or declared.startswith(("text/plain", "application/octet"))
    ):
        return Sniffed(Body.JSON, declared if "json" in declared else "application/json")
    return _declared(declared, binary=False, text=text)


def _signature(head: bytes, declared: str) -> Sniffed | None:
    for signature, what in _TABLE.get(head[0], ()):
        if head.startswith(signature):
            return what
    brand = head[4:8]
    if brand == b"ftyp":
        return _iso(head)
    if brand in _ATOMS:
        return _video("quicktime")
    four = head[:4]
    if four == b"RIFF":
        form = head[8:12]
        if form == b"WEBP":
            return _image("webp")
        if form == b"AVI ":
            return _video("x-msvideo")
        return Sniffed(Body.AUDIO, "audio/wav") if form == b"WAVE" else _other("application/octet-stream")
    if four == b"\x1a\x45\xdf\xa3":
        return _video("webm") if b"webm" in head[:128] else _video("x-matroska")
    if four == b"OggS":
        shown = b"theora" in head or b"OVP80" in head or declared.startswith("video/")
        return _video("ogg") if shown else Sniffed(Body.AUDIO, "audio/ogg")
    if head[:2] == b"BM" and len(head) >= 18 and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return _image("bmp")
    if head[0] == 0x47 and (head[188:189] == b"G" if len(head) > 188 else declared == "video/mp2t"):
        return _video("mp2t")
    if head[0] == 0 and head[4:5] == b"G" and head[196:197] == b"G":
        return _video("mp2t")  # with time stamps (M2TS)
    return None


def _iso(head: bytes) -> Sniffed:
    """ISO base media file: the major brand tells, a compatible one where the major says only "image" or "file"."""
    size = min(max(int.from_bytes(head[:4], "big"), 16), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size, 4))]
    major = brands[0]
    if major in (b"avif", b"avis") or (major in _HEIC and any(b in (b"avif", b"avis") for b in brands)):
        return _image("avif")
    if major in _HEIC:
        return _image("heic")
    if major == b"qt  ":
        return _video("quicktime")
    if major in (b"M4A ", b"M4B ", b"M4P "):
        return Sniffed(Body.AUDIO, "audio/mp4")
    return _video("3gpp") if major[:3] == b"3gp" else _video("mp4")


def _markup(text: bytes, declared: str) -> Sniffed:
    prologue = _PROLOGUE.match(text)
    root = _ROOT.match(text, prologue.end() if prologue else 0)
    name = root[1].lower() if root else b""
    if name == b"svg" and declared not in _MARKUP_TYPES:
        return _SVG
    if kind := _XML_ROOTS.get(name):
        specific = declared.endswith(("+xml", "/xml")) and declared != "application/xhtml+xml"
        return Sniffed(Body.XML, declared if specific else kind)
    if declared in _MARKUP_TYPES:
        return Sniffed(Body.HTML, declared)
    if name == b"html" and (declared.endswith("xml") or text.startswith(b"<?xml")):
        return _XHTML
    if name == b"html" or _TAG.match(text) or (prologue and _TAG.match(text, prologue.end())):
        return _HTML
    if declared.endswith(("+xml", "/xml")):
        return Sniffed(Body.XML, declared)
    if text.startswith(b"<?xml"):
        return Sniffed(Body.XML, "application/xml")
    return _HTML if not declared or declared.startswith(("image/", "video/")) else _declared(declared, binary=False)


def _declared(declared: str, *, binary: bool, text: bytes = b"") -> Sniffed:
    """What has no mark of its own: believed as declared, as far as text and binary data allow."""
    if declared.startswith("image/"):
        return Sniffed(Body.IMAGE, declared) if binary or not text else Sniffed(Body.TEXT, "text/plain")
    if declared.startswith("video/"):
        return Sniffed(Body.VIDEO, declared) if binary or not text else Sniffed(Body.TEXT, "text/plain")
    if declared.startswith("audio/"):
        return Sniffed(Body.AUDIO, declared)
    if binary:
        return Sniffed(
            Body.OTHER, "application/octet-stream" if declared in ("", "text/plain", "text/html") else declared
        )
    if declared in _MARKUP_TYPES:
        return Sniffed(Body.HTML, declared)
    if declared == "text/css" or (declared in ("", "text/plain") and text and _RULE.match(text)):
        return Sniffed(Body.CSS, "text/css")
    if declared.endswith(("+xml", "/xml")):
        return Sniffed(Body.XML, declared)
    if "json" in declared:
        return Sniffed(Body.JSON, declared)
    if declared.startswith("text/") or declared == "":
        return Sniffed(Body.TEXT, declared or "text/plain")
    return Sniffed(Body.OTHER if not text else Body.TEXT, declared)
