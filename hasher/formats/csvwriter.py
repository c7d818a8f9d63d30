"""Entries to CSV that `hasher.formats.csv` reads without a mapping: one line an entry, a column for each algorithm.

Text that a spreadsheet would take for a formula is marked (`hasher.formats.formulas`). Digests stand by algorithm; their order
among algorithms is not kept.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Final

from hasher.formats.format import About
from hasher.formats.formulas import marked
from hasher.lists import ALGORITHMS, OPAQUE_BYTES, ListEntry

LOSES: Final = ("line", "held", "opinions", "kind")
"""What is not in the file: where the entry stood, what we hold it for, opinions, and what follows from category and scheme.
Of opaque digests those over `OPAQUE_BYTES` (videos' TMK) are left out: a line has an end."""
HEADER: Final = (
    "source", "id", *ALGORITHMS, "opaque", "category", "series", "note", "size", "media", "deleted", "generated", "legality",
    "act", "age",
)  # fmt: skip
DIGESTS_A_LINE: Final = 300
OPAQUE_A_LINE: Final = 3
"""Above these an entry takes several lines of the same id, so that none is longer than a reader takes; the vault puts them
together."""
PIECE: Final = 1 << 16


def write(entries: Iterable[ListEntry], about: About) -> Iterator[bytes]:
    """The file in pieces of some 64 KiB, in UTF-8 with CRLF (RFC 4180)."""
    lines = [",".join(HEADER)]
    size = 0
    for entry in entries:
        for line in _lines(entry):
            lines.append(line)
            size += len(line)
        if size >= PIECE:
            lines.append("")
            yield "\r\n".join(lines).encode()
            lines, size = [], 0
    if lines:
        lines.append("")
        yield "\r\n".join(lines).encode()


def _lines(entry: ListEntry) -> Iterator[str]:
    digests = entry.digests
    opaque = tuple(pair for pair in entry.opaque if len(pair[1]) <= OPAQUE_BYTES)
    while True:
        some, digests = digests[:DIGESTS_A_LINE], digests[DIGESTS_A_LINE:]
        kept, opaque = opaque[:OPAQUE_A_LINE], opaque[OPAQUE_A_LINE:]
        cells = [entry.member, entry.member_entry_id]
        cells += (" ".join(digest.hex() for name, digest in some if name == algorithm) for algorithm in ALGORITHMS)
        cells.append(" ".join(f"{name}:{b64encode(digest).decode()}" for name, digest in kept))
        cells += (entry.category, entry.series, entry.note, str(entry.size) if entry.size else "", entry.media)
        cells += ("true" if flag else "" for flag in (entry.deleted, entry.generated))
        cells += ("" if grade == "unknown" else grade for grade in (entry.legality, entry.act, entry.age))
        yield ",".join(map(_cell, cells))
        if not digests and not opaque:
            return


def _cell(text: str) -> str:
    text = marked(text)
    if '"' in text or "," in text or "\n" in text:
        return '"' + text.replace('"', '""') + '"'
    return text
