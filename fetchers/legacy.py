"""Queries of pages that are not in UTF-8: a browser sends them in the page's encoding (URL standard, "query state")."""

from functools import lru_cache
from typing import Final

_PYTHON_NAMES: Final = {
    "shift_jis": "cp932", "euc-kr": "cp949", "big5": "big5hkscs", "macintosh": "mac_roman", "windows-874": "cp874",
    "x-mac-cyrillic": "mac_cyrillic", "iso-8859-8-i": "iso-8859-8", "ibm866": "cp866",
}  # fmt: skip
_AS_UTF_8: Final = frozenset(("utf-8", "utf-16le", "utf-16be", "replacement", "x-user-defined", "iso-2022-jp"))
_KEPT: Final = frozenset(b for b in range(0x21, 0x7F) if chr(b) not in "\"#<>'")


def needed(encoding: str) -> bool:
    """Whether links of a page in this encoding (WHATWG name in lower case) need `query`."""
    return encoding not in _AS_UTF_8


def query(raw: str, encoding: str) -> str:
    """A URL reference whose query has its non-ASCII characters percent-encoded in the page's encoding.

    Characters that the encoding lacks become `&#N;`, percent-encoded, as in a form.
    """
    if raw.isascii() or (at := raw.find("?")) < 0:
        return raw
    cut = raw.find("#")
    if 0 <= cut < at:
        return raw
    end = len(raw) if cut < 0 else cut
    if raw[at:end].isascii():
        return raw
    codec = _PYTHON_NAMES.get(encoding, encoding)
    return raw[:at] + "".join(c if c < "\x80" else _encoded(c, codec) for c in raw[at:end]) + raw[end:]


@lru_cache(4096)
def _encoded(character: str, codec: str) -> str:
    try:
        data = character.encode(codec)
    except (UnicodeEncodeError, LookupError):
        return f"%26%23{ord(character)}%3B"
    return "".join(chr(b) if b in _KEPT else f"%{b:02X}" for b in data)
