"""Header fields (RFC 5322), encoded words and encoded bodies of hostile messages: bounded, and never an unforeseen exception."""

import binascii
import re
from email.errors import MessageError
from email.header import decode_header
from typing import Final

from notices.compose.fit import clean

Fields = list[tuple[str, str]]
"""Name in lower case and value, unfolded, octets as Latin-1."""

FIELDS: Final = 500
"""Most fields of a message or part that are looked at."""
VALUE: Final = 8_000
"""Longest value, in characters."""
_IDS: Final = re.compile(r"<([^<>\s]{1,300})>")
_ADDRESS: Final = re.compile(r"[^\s<>,;:\"()]{1,64}@[^\s<>,;:\"()]{1,190}")
_CHARSETS: Final = re.compile(
    r"utf-?8|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?\d|windows-125\d|cp125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|"
    r"shift_jis|euc-jp|euc-kr|iso-2022-jp|utf-16(?:le|be)?"
)
"""Charsets that are decoded. Python's other codecs are no charsets, or take long for hostile input."""


def parse(raw: bytes) -> Fields:
    """The fields of a head."""
    found: Fields = []
    for line in raw.decode("latin-1").replace("\r\n", "\n").split("\n"):
        if line[:1] in (" ", "\t") and found:
            name, value = found[-1]
            if len(value) < VALUE:
                found[-1] = (name, f"{value} {line.strip()}"[:VALUE])
        elif ":" in line and len(found) < FIELDS:
            name, _, value = line.partition(":")
            found.append((name.strip().lower()[:100], value.strip()[:VALUE]))
    return found


def value_of(fields: Fields, name: str) -> str:
    """The first value of a field, or ""."""
    return next((value for known, value in fields if known == name), "")


def parameter(value: str, name: str) -> str:
    """A parameter of a structured value such as `multipart/mixed; boundary="x"`, or ""."""
    found = re.search(rf';\s*{name}\s*=\s*(?:"([^"]{{0,300}})"|([^\s;"]{{1,300}}))', value, re.IGNORECASE)
    return (found[1] if found[1] is not None else found[2]).strip() if found else ""


def ids_in(value: str) -> list[str]:
    """Message-IDs in a value, without brackets."""
    return _IDS.findall(value)[:50]


def address_in(value: str) -> str:
    """An address in a value, or ""."""
    inside = [one for one in ids_in(value) if "@" in one]
    found = _ADDRESS.search(inside[-1] if inside else value)
    return clean(found[0], 254) if found else ""


def decoded(value: str) -> str:
    """An unstructured value with its encoded words (RFC 2047) undone."""
    try:
        pieces = decode_header(value[:VALUE])
    except (MessageError, ValueError, LookupError):
        return clean(value, 500)
    words = (raw if isinstance(raw, str) else in_charset(raw, charset or "latin-1") for raw, charset in pieces)
    return clean("".join(words), 500)


def in_charset(raw: bytes, charset: str) -> str:
    """Octets as text; what is none in that charset becomes U+FFFD, unknown charsets are taken for UTF-8."""
    named = charset.strip().lower()
    try:
        return raw.decode(named if _CHARSETS.fullmatch(named) else "utf-8", "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def body_of(fields: Fields, raw: bytes) -> str:
    """The text of a part that was cut anywhere."""
    encoding = value_of(fields, "content-transfer-encoding").strip().lower()
    if encoding == "quoted-printable":
        raw = binascii.a2b_qp(raw)
    elif encoding == "base64":
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
        try:
            raw = binascii.a2b_base64(letters[: len(letters) // 4 * 4])
        except binascii.Error:
            raw = b""
    return in_charset(raw, parameter(value_of(fields, "content-type"), "charset") or "utf-8")
