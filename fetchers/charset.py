"""From bytes to text: byte order mark, header, `<meta>`, then a guess (HTML standard, "determining the character encoding").

Labels and decoders are those of the WHATWG Encoding standard. No function here raises for any bytes or label.
"""

import re
from codecs import utf_8_decode
from functools import lru_cache
from typing import Final, NamedTuple

import cchardet
import turbohtml
import turbohtml.detect  # registers the WHATWG decoders as codecs named whatwg-*

PRESCAN_BYTES: Final = 1024
LATE_BYTES: Final = 64 * 1024
"""How far a `<meta>` is looked for that comes too late for the prescan; browsers then start over with its charset."""
GUESS_BYTES: Final = 64 * 1024

_SPACE: Final = b"\t\n\x0c\r "
_LABEL: Final = re.compile(r"[\t\n\f\r ]*([!-~]{1,40})[\t\n\f\r ]*")
_XML: Final = re.compile(rb"<\?xml[ \t\r\n][^>]{0,200}?encoding[ \t\r\n]*=[ \t\r\n]*(?:\"([^\">]*)\"|'([^'>]*)')")
_CSS: Final = re.compile(rb'@charset "([^"]{1,40})";')
_PLACE: Final = re.compile(rb"<!--|<(?=meta[\t\n\x0c\r /])|<(?=/?[a-z])|<[!/?]", re.IGNORECASE)
_META: Final = re.compile(rb"meta[\t\n\x0c\r /]", re.IGNORECASE)
_IN_CONTENT: Final = re.compile(
    rb"charset[\t\n\x0c\r ]*=[\t\n\x0c\r ]*(?:\"([^\"]*)\"|'([^']*)'|([^\"'\t\n\x0c\r ;][^\t\n\x0c\r ;]*))"
)


class Decoded(NamedTuple):
    """Text without byte order mark, the WHATWG name of its encoding in lower case, and what told it."""

    text: str
    encoding: str
    source: str


def decode(body: bytes | bytearray, header: str = "", *, markup: bool = True) -> Decoded:
    """Text of a body. `header` is the charset label of Content-Type, `markup` whether `<meta>` and `<?xml` count."""
    if body[:3] == b"\xef\xbb\xbf":
        return Decoded(body[3:].decode("utf-8", "replace"), "utf-8", "bom")
    if body[:2] == b"\xff\xfe":
        return Decoded(to_text(body[2:], "utf-16le"), "utf-16le", "bom")
    if body[:2] == b"\xfe\xff":
        return Decoded(to_text(body[2:], "utf-16be"), "utf-16be", "bom")
    if header and (name := encoding(header)):
        return Decoded(to_text(body, name), name, "header")
    if markup:
        if name := prescan(body):
            return Decoded(to_text(body, name), name, "meta")
    elif (css := _CSS.match(body)) and (name := encoding(css[1].decode("latin-1"))):
        name = "utf-8" if name.startswith("utf-16") else name
        return Decoded(to_text(body, name), name, "charset rule")
    return _guess(body)


def _guess(body: bytes | bytearray) -> Decoded:
    try:
        # Not final: a body that a limit cut inside a character is UTF-8 all the same.
        return Decoded(utf_8_decode(body, "strict", False)[0], "utf-8", "detector")
    except UnicodeDecodeError:
        pass
    label = cchardet.detect(bytes(body[:GUESS_BYTES])).get("encoding") or ""
    name = encoding(label) or "windows-1252"
    if name.startswith("utf-16") or name == "replacement":
        name = "windows-1252"
    return Decoded(to_text(body, name), name, "detector")


@lru_cache(1024)
def encoding(label: str) -> str:
    """WHATWG name of an encoding label in lower case ("get an encoding"), empty if there is none."""
    found = _LABEL.fullmatch(label)
    if found is None:
        return ""
    # Not by codecs.lookup: that would remember every label that a page makes up, for ever.
    try:
        return (turbohtml.parse(b"", encoding=found[1].lower()).encoding or "").lower()
    except (LookupError, ValueError):
        return ""


def to_text(body: bytes | bytearray, name: str) -> str:
    """Text of bytes in an encoding named by `encoding`; malformed sequences become U+FFFD."""
    if name == "utf-8":
        return body.decode("utf-8", "replace")
    return body.decode(f"whatwg-{name}", "replace")


def prescan(body: bytes | bytearray) -> str:
    """Encoding that markup declares within its first bytes (HTML standard, "prescan a byte stream"); empty if none.

    Past the prescan's 1,024 bytes a `<meta>` is looked for up to `LATE_BYTES`.
    """
    head = bytes(body[:PRESCAN_BYTES])
    if head[:5] == b"<?xml" and (xml := _XML.match(head)):
        name = encoding((xml[1] or xml[2] or b"").decode("latin-1"))
        if name:
            return "utf-8" if name.startswith("utf-16") else name
    if head[:2] == b"<\0" and head[:6] == b"<\0?\0x\0":
        return "utf-16le"
    if head[:6] == b"\0<\0?\0x":
        return "utf-16be"
    found = _scan(head) if b"<" in head else ""
    if not found and len(body) > PRESCAN_BYTES and b"charset" in body[:LATE_BYTES].lower():
        found = _scan(bytes(body[:LATE_BYTES]))
    return found


def _scan(data: bytes) -> str:
    at = 0
    while (place := _PLACE.search(data, at)) is not None:
        at = place.start()
        if data.startswith(b"<!--", at):
            # "<!-->" is a whole comment: the two dashes may be the same.
            end = data.find(b"-->", at + 2)
            if end < 0:
                return ""
            at = end + 3
        elif _META.match(data, at + 1):
            name, at = _meta(data, at + 5)
            if name:
                return name
        elif place[0] == b"<":
            at = _tag(data, at + 1)
        else:
            end = data.find(b">", at)
            if end < 0:
                return ""
            at = end + 1
    return ""


def _meta(data: bytes, at: int) -> tuple[str, int]:
    seen: set[bytes] = set()
    got_pragma = False
    need_pragma: bool | None = None
    charset = ""
    while True:
        name, value, at = _attribute(data, at)
        if not name:
            break
        if name in seen:
            continue
        seen.add(name)
        if name == b"http-equiv":
            got_pragma = got_pragma or value == b"content-type"
        elif name == b"content" and not charset:
            if inner := _IN_CONTENT.search(value):
                label = next(group for group in inner.groups() if group is not None)
                if found := encoding(label.decode("latin-1")):
                    charset, need_pragma = found, True
        elif name == b"charset":
            charset, need_pragma = encoding(value.decode("latin-1")), False
    if need_pragma is None or (need_pragma and not got_pragma) or not charset:
        return "", at
    if charset.startswith("utf-16"):
        return "utf-8", at
    return ("windows-1252" if charset == "x-user-defined" else charset), at


def _tag(data: bytes, at: int) -> int:
    """End of any other tag: its name up to a blank or `>`, then its attributes."""
    end = len(data)
    while at < end and data[at] not in b"\t\n\x0c\r >":
        at += 1
    while True:
        name, _, at = _attribute(data, at)
        if not name:
            return at


def _attribute(data: bytes, at: int) -> tuple[bytes, bytes, int]:
    """Next attribute, name and value in lower case, and where it ends ("get an attribute"); an empty name ends the tag."""
    end = len(data)
    while at < end and data[at] in b"\t\n\x0c\r /":
        at += 1
    if at >= end or data[at] == 0x3E:
        return b"", b"", at
    start = at
    at += 1
    while at < end and data[at] not in b"\t\n\x0c\r />=":
        at += 1
    name = data[start:at].lower()
    after = at
    while after < end and data[after] in _SPACE:
        after += 1
    if after >= end or data[after] != 0x3D:
        return name, b"", at
    at = after + 1
    while at < end and data[at] in _SPACE:
        at += 1
    if at < end and data[at] in b"\"'":
        close = data.find(data[at : at + 1], at + 1)
        if close < 0:
            return b"", b"", end
        return name, data[at + 1 : close].lower(), close + 1
    start = at
    while at < end and data[at] not in b"\t\n\x0c\r >":
        at += 1
    return name, data[start:at].lower(), at
