"""ThreatExchange's types of indicators, and lines of `type value`, which tools exchange."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain
from typing import Final

from contracts.refusals import Reason
from hasher.formats.format import About
from hasher.formats.lines import UNDECODED, Lines
from hasher.formats.pages import gather, opaque_bytes
from hasher.formats.records import bad_line
from hasher.lists import PHOTODNA, BadLine, Batch, ListEntry, grade, quarantine
from hasher.schemes import classify

MEMBER: Final = "threatexchange"
MATCHED: Final = {
    "md5": ("md5", ""),
    "sha1": ("sha1", ""),
    "sha256": ("sha256", ""),
    "pdq": ("pdq", ""),
    "video_md5": ("md5", "video"),
}
"""Types of indicators (HASH_PDQ; tools leave out the HASH_), with algorithm and the media that they are of."""
OPAQUE: Final = {"photodna": PHOTODNA, "tmk": "tmk-pdqf", "videntifier": "videntifier"}
"""Types that are kept and handed on, if they are not too long."""

Digests = tuple[tuple[str, bytes], ...]


def read_lines(chunks: Iterable[bytes], about: About) -> Iterator[Batch]:
    """Batches of a file of lines; the identity of an entry is its digest. A bad line costs itself alone."""
    lines, number = Lines(about.file), 0
    for chunk, final in chain(((chunk, False) for chunk in chunks), [(b"", True)]):
        batch = Batch([], [], bytes_read=len(chunk))
        for line in lines.feed(chunk, final=final):
            number += 1
            _line(line, number, about, batch)
            batch.lines += 1
        quarantine(batch.entries)
        yield batch


def _line(line: str, number: int, about: About, batch: Batch) -> None:
    parts = line.split()
    if not parts or parts[0].startswith("#"):
        return
    if len(parts) != 2 or UNDECODED.search(line):
        batch.bad.append(bad_line(number, 0, "a line is a type and a value, in UTF-8"))
        return
    found = indicator_digests(parts[0], parts[1], number, batch.bad)
    if found is None:
        return
    digests, opaque, media = found
    algorithm, digest = digests[0] if digests else (opaque[0][0], sha256(opaque[0][1]).digest())
    entry = ListEntry(about.list_name, f"{algorithm}:{digest.hex()}", digests, line=number, media=media)
    entry.opaque = opaque
    grade(entry, classify(MEMBER, ""))
    batch.entries.append(entry)


def indicator_digests(kind: str, value: str, number: int, bad: list[BadLine]) -> tuple[Digests, Digests, str] | None:
    """(digests, opaque ones, media) of an indicator; None: then `bad` says why."""
    kind = kind.strip().lower().removeprefix("hash_")
    if kind in MATCHED:
        algorithm, media = MATCHED[kind]
        digests = gather([(algorithm, value)], number, bad)
        return (digests, (), media) if digests else None
    kept = opaque_bytes(OPAQUE[kind], value) if kind in OPAQUE else b""
    if not kept:
        what = f"no type that is matched, or too long a value to be kept; matched are {', '.join(MATCHED)}"
        bad.append(bad_line(number, 0, what, Reason.UNKNOWN_ALGORITHM))
        return None
    return (), ((OPAQUE[kind], kept),), ""
