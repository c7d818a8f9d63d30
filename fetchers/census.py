"""A first look at a page's bytes, in a few microseconds: will a tree of it explode, and which lazy loading names does it use?

The standard's parser reopens unclosed formatting in every later block (n x m elements out of n + m tags) and merges the
attributes of every further html and body tag (n x m memory). Pages that could grow beyond measure are rewritten first:
formatting elements become `span`, further roots `div`; no URL is lost by that.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from fetchers.lazy import SET_NAMES, URL_NAMES

_GROWTH: Final = 250_000
"""Most elements that unclosed formatting may make of a page in the worst case."""
_MERGES: Final = 8 * 1024 * 1024
"""Most root tags times bytes."""
_FEW: Final = 1000
_SMALL: Final = 4096

_FORMATTING: Final = ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
_FORMATTING_TAG: Final = re.compile(rf"<(/?)(?:{'|'.join(_FORMATTING)})(?=[\s/>])", re.IGNORECASE)
_ROOT_TAG: Final = re.compile(r"<(?:html|body)(?=[\s/>])", re.IGNORECASE)


def _tag_table() -> Any:
    """The two bytes after `<`, little-endian, to 1 where a formatting element may begin and 2 for html and body."""
    table = np.zeros(65536, dtype=np.uint8)

    def mark(first: str, second: str, value: int) -> None:
        for a in {first.lower(), first.upper()}:
            for b in {second.lower(), second.upper()}:
                table[ord(a) | ord(b) << 8] = value

    for name in _FORMATTING:
        for second in name[1:2] or "\t\n\f\r />":
            mark(name[0], second, 1)
    mark("h", "t", 2)
    mark("b", "o", 2)
    return table


def _name_codes() -> dict[int, list[str]]:
    """The two letters after `data-`, little-endian, to the names that begin so."""
    codes: dict[int, list[str]] = {}
    for name in [*URL_NAMES, *SET_NAMES]:
        codes.setdefault(int.from_bytes(name[5:7].encode(), "little"), []).append(name)
    return codes


_TABLE: Final = _tag_table()
_CODES: Final = _name_codes()
_DATA: Final = np.uint32(int.from_bytes(b"data", "little"))
_LOWER_4: Final = np.uint32(0x20202020)
_LOWER_2: Final = np.uint16(0x2020)


def lazy_names(data: bytes | bytearray) -> Iterable[str]:
    """The common lazy loading attributes whose names may occur in a page; `data` is its text in an ASCII superset."""
    if len(data) < 8:
        return ()
    dashes = np.flatnonzero(np.frombuffer(data, np.uint8, len(data) - 6, 4) == 0x2D)  # counted from the fourth byte
    if not len(dashes):
        return ()
    named = dashes[(np.ndarray((len(data) - 3,), "<u4", data, 0, (1,))[dashes] | _LOWER_4) == _DATA]
    if not len(named):
        return ()
    codes = set((np.ndarray((len(data) - 6,), "<u2", data, 5, (1,))[named] | _LOWER_2).tolist())
    return [name for code in codes & _CODES.keys() for name in _CODES[code]]


def tame(text: str, data: bytes | bytearray) -> str:
    """The page with what would make its tree explode replaced; an ordinary page is given back as it is."""
    if len(data) < _SMALL:
        return text
    opens = np.frombuffer(data, np.uint8) == 0x3C
    tags = int(np.count_nonzero(opens))
    if tags <= _FEW and tags * len(data) <= 4 * _MERGES:
        return text
    at = np.flatnonzero(opens[:-3])
    counts = np.bincount(_TABLE[np.ndarray((len(data) - 2,), "<u2", data, 1, (1,))[at]], minlength=3)
    if int(counts[1]) * tags > _GROWTH:
        text = _FORMATTING_TAG.sub(r"<\1span", text)
    if int(counts[2]) > 2 and int(counts[2]) * len(data) > _MERGES:
        kept = [found.end() for found, _ in zip(_ROOT_TAG.finditer(text), range(2), strict=False)]
        if len(kept) == 2:
            text = text[: kept[1]] + _ROOT_TAG.sub("<div", text[kept[1] :])
    return text
