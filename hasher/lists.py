"""What every list format yields, and what no list may bring in.

A format (`hasher.formats`) turns bytes into `Batch`es of `ListEntry` and `BadLine`; here are the checks that do not
depend on the format. Series names and notes can hold victims' names: they stay in memory until `hasher.sources`
seals them, and no refusal carries them or a digest.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from contracts.lists import UNKNOWN, Opinion
from contracts.refusals import Reason, Refusal, refuse
from hasher import featureless

ALGORITHMS: Final = {"md5": 16, "sha1": 20, "sha256": 32, "pdq": 32}
"""Algorithms that are matched, with their length in bytes."""

EMPTY_FILE: Final = frozenset(
    bytes.fromhex(text)
    for text in (
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    )
)
"""MD5 (RFC 1321, A.5), SHA-1 and SHA-256 of no bytes at all: every empty file on the web would match."""


class ListEntry(Struct):
    """One entry as its source gave it: (`member`, `member_entry_id`) is its identity, `digests` are (algorithm, bytes).

    `category` is the source's own word, unchanged. `held` is empty or the reason for which it may cause no match.
    `line` is where it began in the file (from 1), 0 where the format has no lines. `media` is "image", "video" or "" where it is
    not said. `deleted`: the source takes it back (a tombstone; digests may be missing). `opaque` are (name, bytes) of digests
    that are kept and handed on, never matched. The rest is as in `contracts.lists.NewEntry`.
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


class BadLine(Struct, frozen=True):
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
    if digest in EMPTY_FILE and algorithm != "pdq":
        return refuse(Reason.EMPTY_FILE_DIGEST, f"the {algorithm} of an empty file")
    return digest


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


def tally(bad: Iterable[BadLine]) -> dict[str, int]:
    """How many bad lines by reason."""
    counts: dict[str, int] = {}
    for line in bad:
        reason = str(line.refusal.reason)
        counts[reason] = counts.get(reason, 0) + 1
    return counts
