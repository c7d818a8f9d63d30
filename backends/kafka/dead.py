"""Dead letters: how one is written, and the newest state of each place that has some. Pure."""

import hashlib
from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from contracts.codec import encode_all
from contracts.notes import DeadLetter

HEAD: Final = 4096
"""Bytes of a letter that are not its payload, at most."""
WHY: Final = 1000
"""Characters that a reason may have."""


class Kept(Struct, frozen=True):
    """Where a letter with a payload lies in its topic, and what that is like: many letters are more than memory may hold."""

    at: int
    size: int
    sha256: bytes


class Dead(Struct, frozen=True):
    """What was parked of one place of a topic: bundles, as they were read. `retried_at` is 0 until they are sent again."""

    topic: str
    partition: int
    offset: int
    why: str
    process: str
    parked_at: float
    kept: tuple[Kept, ...]
    retried_at: float = 0.0


def fitting(letter: DeadLetter, most: int) -> DeadLetter:
    """The letter, without its payload if that makes it longer than a record may be."""
    letter = replace(letter, why=letter.why[:WHY])
    if len(encode_all([letter])) <= most:
        return letter
    why = f"{letter.why} (its {len(letter.payload)} bytes are too long to be kept)"
    return replace(letter, why=why, payload=b"")


def light(letter: DeadLetter, at: int) -> tuple[DeadLetter, Kept]:
    """A letter without its payload, and that payload's place; at most as long as one of ours."""
    kept = Kept(at, len(letter.payload), hashlib.sha256(letter.payload).digest())
    return replace(letter, why=letter.why[:WHY], process=letter.process[:WHY], payload=b""), kept


def newest(letters: Iterable[tuple[DeadLetter, Kept]]) -> list[Dead]:
    """The state of each place, of letters as `light` has them, in the order in which they were parked first. A message that was parked again, since its reader
    died before it had committed, counts once."""
    found: dict[tuple[str, int, int], Dead] = {}
    for letter, kept in letters:
        place = (letter.topic, letter.partition, letter.offset)
        known = found.get(place)
        if letter.retried_at:
            if known is not None:
                found[place] = replace(known, retried_at=letter.retried_at)
        elif known is None or known.offset < 0:
            # Those of no place (too long to be sent) are each for themselves.
            key = place if letter.offset >= 0 else (letter.topic, letter.partition, -1 - len(found))
            found[key] = Dead(*place, letter.why, letter.process, letter.parked_at, (kept,))
        elif kept.sha256 not in {one.sha256 for one in known.kept}:
            found[place] = replace(known, kept=(*known.kept, kept))
    return list(found.values())


def retried(dead: Dead, process: str, now: float) -> DeadLetter:
    """The letter that says that a place's messages were sent again."""
    return DeadLetter(dead.topic, dead.partition, dead.offset, dead.why, process, dead.parked_at, b"", now)
