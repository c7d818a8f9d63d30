"""What every list format yields, and what no list may bring in.

A format (`hasher.formats`) turns bytes into `Batch`es of `ListEntry` and `BadLine`; here are the checks that do not
depend on the format. Series names and notes can hold victims' names: they stay in memory until `hasher.sources`
seals them, and no refusal carries them or a digest.
"""

import re
from base64 import b64decode
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from contracts.lists import OTHER_KIND, UNKNOWN, UNMAPPED, Opinion
from contracts.refusals import Reason, Refusal, refuse
from hasher import featureless
from hasher.schemes import Classified

ALGORITHMS: Final = {"md5": 16, "sha1": 20, "sha256": 32, "pdq": 32}
"""Algorithms that are matched, with their length in bytes."""

PHOTODNA: Final = "photodna"
PHOTODNA_BYTES: Final = 144
OPAQUE_BYTES: Final = 4096
"""Longest digest of an algorithm that we only hand on."""
WORD_CHARS: Final = 200
"""Longest category, source, series and id: words, not texts."""
NOTE_CHARS: Final = 8000
NOTE_LINES: Final = 80
"""Longest note that is kept; the rest of a longer one is cut off, and its further lines become one."""
NOT_A_WORD: Final = re.compile("[\x00-\x1f\x7f\x80-\x9f\ud800-\udfff]")

EMPTY_FILE: Final = frozenset(
    bytes.fromhex(text)
    for text in (
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    )
)
"""MD5 (RFC 1321, A.5), SHA-1 and SHA-256 of no bytes at all: every empty file on the web would match."""


class ListEntry(Struct, gc=False):
    """One entry as its source gave it: (`member`, `member_entry_id`) is its identity, `digests` are (algorithm, bytes).

    `category` is the source's own word, unchanged. `held` is empty or the reason for which it may cause no match.
    `line` is where it began in the file (from 1), 0 where the format has no lines. `media` is "image", "video" or "" where it is
    not said. `deleted`: the source takes it back (a tombstone; digests may be missing). `opaque` are (name, bytes) of digests
    that are kept and handed on, never matched. `kind` is what its own word says it is, empty where that
    is no more than its list's kind (`hold_other_kinds`). The rest is as in `contracts.lists.NewEntry`.
    """

    member: str
    member_entry_id: str
    digests: tuple[tuple[str, bytes], ...]
    category: str = ""
    series: str = ""
    note: str = ""
    held: str = ""
    line: int = 0
    size: int = 0
    legality: str = UNKNOWN
    act: str = UNKNOWN
    age: str = UNKNOWN
    generated: bool = False
    media: str = ""
    deleted: bool = False
    opinions: tuple[Opinion, ...] = ()
    opaque: tuple[tuple[str, bytes], ...] = ()
    kind: str = ""


class BadLine(Struct, frozen=True, gc=False):
    """A line that was not imported: number and column (both from 1; column 0: the whole line), and why not."""

    line: int
    column: int
    refusal: Refusal


class Batch(Struct):
    """A piece of a list: what it held, what was refused, and how many bytes and lines of the source it took."""

    entries: list[ListEntry]
    bad: list[BadLine]
    bytes_read: int = 0
    lines: int = 0


def check_digest(algorithm: str, text: str) -> bytes | Refusal:
    """The digest's bytes, from hex of either case; else why not. `algorithm` must be one of `ALGORITHMS`."""
    length = ALGORITHMS[algorithm]
    if len(text) != 2 * length:
        return refuse(Reason.BAD_DIGEST, f"{algorithm} has {2 * length} hex digits, this has {len(text)} characters")
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        return refuse(Reason.BAD_DIGEST, f"{algorithm} with a character that is no hex digit")
    if len(digest) != length:  # fromhex skips white space
        return refuse(Reason.BAD_DIGEST, f"{algorithm} with white space inside")
    return check_bytes(algorithm, digest)


def check_base64(algorithm: str, text: str) -> bytes | Refusal:
    """As `check_digest`, from base64 (RFC 4648, 4; its padding may be missing)."""
    digest = unbase64(text)
    if digest is None:
        return refuse(Reason.BAD_DIGEST, f"{algorithm} that is no base64")
    if len(digest) != ALGORITHMS[algorithm]:
        return refuse(Reason.BAD_DIGEST, f"{algorithm} has {ALGORITHMS[algorithm]} bytes, this has {len(digest)}")
    return check_bytes(algorithm, digest)


def check_bytes(algorithm: str, digest: bytes) -> bytes | Refusal:
    """The digest, or why it may not be in a list whatever its length is."""
    if digest in EMPTY_FILE and algorithm != "pdq":
        return refuse(Reason.EMPTY_FILE_DIGEST, f"the {algorithm} of an empty file")
    return digest


def check_opaque(text: str) -> bytes | Refusal:
    """The bytes of a digest that is only kept, from base64."""
    digest = unbase64(text) if len(text) <= 2 * OPAQUE_BYTES else None
    if not digest or len(digest) > OPAQUE_BYTES:
        return refuse(Reason.BAD_DIGEST, f"a digest that is only kept is base64 of 1 to {OPAQUE_BYTES} bytes")
    return digest


def check_photodna(text: str) -> bytes | Refusal:
    """The bytes of a PhotoDNA, from hex of either case or base64, as tools write it."""
    digest: bytes | None
    if len(text) == 2 * PHOTODNA_BYTES:
        try:
            digest = bytes.fromhex(text)
        except ValueError:
            digest = None
    else:
        digest = unbase64(text) if len(text) < 2 * PHOTODNA_BYTES else None
    if digest is None or len(digest) != PHOTODNA_BYTES:
        return refuse(Reason.BAD_DIGEST, f"a PhotoDNA is hex or base64 of {PHOTODNA_BYTES} bytes")
    return digest


def unbase64(text: str) -> bytes | None:
    """The bytes, or None if this is no base64 with or without padding."""
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return None


def check_word(text: str) -> Refusal | None:
    """Why this is no category, source, series or id: they are words, not texts."""
    if len(text) <= WORD_CHARS and text.isprintable():
        return None
    if len(text) > WORD_CHARS or NOT_A_WORD.search(text):
        return refuse(Reason.BAD_LINE, f"a control character, or more than {WORD_CHARS} characters")
    return None


def tidy_note(text: str) -> str:
    """A note as it is kept: without white space around it, lines that end in a newline, of bounded length, no half characters."""
    text = text.strip()
    if len(text) > NOTE_CHARS:
        text = text[:NOTE_CHARS].rstrip()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") >= NOTE_LINES:
        *kept, rest = text.split("\n", NOTE_LINES - 1)
        text = "\n".join((*kept, rest.replace("\n", " ")))
    return text if text.isascii() else text.encode(errors="replace").decode()


def quarantine(entries: Sequence[ListEntry]) -> int:
    """Hold the entries with a PDQ that says nothing about a picture (`hasher.featureless`); how many were held.

    One such digest holds the whole entry (domain, section 1: holds belong to the entry).
    """
    where: list[int] = []
    digests: list[bytes] = []
    for position, entry in enumerate(entries):
        for algorithm, digest in entry.digests:
            if algorithm == "pdq":
                where.append(position)
                digests.append(digest)
    held = {where[found] for found in featureless.suspects(digests)}
    for position in held:
        entries[position].held = Reason.FEATURELESS
    return len(held)


def grade(entry: ListEntry, classified: Classified) -> None:
    """Give an entry what its own word says; one that is in no mapping is held. What its source states itself stays."""
    entry.legality = classified.legality if entry.legality == UNKNOWN else entry.legality
    entry.act = classified.act if entry.act == UNKNOWN else entry.act
    entry.age = classified.age if entry.age == UNKNOWN else entry.age
    entry.generated = entry.generated or classified.generated
    entry.kind = classified.kind
    if not classified.mapped:
        entry.held = UNMAPPED


def hold_other_kinds(entries: Iterable[ListEntry], kind: str) -> None:
    """Hold the entries whose own word says another kind than `kind`, their list's: what NCMEC calls exploitative, or an other
    harm of ThreatExchange, is no CSAM whatever list it comes in (domain, section 1)."""
    for entry in entries:
        if entry.kind and entry.kind != kind and not entry.held:
            entry.held = OTHER_KIND


def tally(bad: Iterable[BadLine]) -> dict[str, int]:
    """How many bad lines by reason."""
    counts: dict[str, int] = {}
    for line in bad:
        reason = str(line.refusal.reason)
        counts[reason] = counts.get(reason, 0) + 1
    return counts
