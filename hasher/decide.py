"""From hits to verdicts: which entries explain a medium, how strongly, and which of them count (domain, section 1).

Exact: SHA-256, SHA-1, or MD5 with a second agreeing fact of the same entry (MD5 collisions can be made). All else is near
and for people to review: MD5 alone, every PDQ match, and so every turned or mirrored one.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Final

from msgspec import Struct

from contracts.messages import FrameDigest
from contracts.vault import EntryFacts, MatchRow
from hasher.index import Hit

SURE: Final = ("sha256", "sha1")
"""Algorithms that prove identity by themselves, the strongest first."""
BANDS: Final = (10, 20, 31, 40)
LOWEST_BAND: Final = 31
"""Of a single frame that resembles a picture, however closely; above it only where the setting reaches further."""
AGREES: Final = 10
"""PDQ distance that backs an MD5."""
SMALLEST_BYTES: Final = 1024
SMALLEST_SIDE: Final = 64
TINY_MEDIA: Final = "tiny_media"
FRAMES: Final = 3
FRAMES_SHORT: Final = 2
SHORT_SECONDS: Final = 10.0


class Medium(Struct, frozen=True):
    """What deciding needs of a medium. `size` in bytes, sides in pixels (0: unknown), `duration` in seconds."""

    sha256: bytes
    size: int
    width: int
    height: int
    duration: float
    frames: Sequence[FrameDigest]


class FrameHit(Struct, frozen=True, gc=False):
    """A hit of a form of a frame; cryptographic hits have frame and turn 0."""

    hit: Hit
    frame: int = 0
    turn: int = 0


def decide(
    medium: Medium,
    hits: Iterable[FrameHit],
    facts: Mapping[int, EntryFacts],
    suppressed: Set[int] = frozenset(),
    *,
    radius: int,
    quality: int,
) -> list[MatchRow]:
    """One verdict per entry, its strongest evidence leading; entries in `suppressed` were refused by people for this medium.

    `facts` are the vault's word on the entries that were hit: one that is missing there, or not live, explains nothing.

    PDQ hits beyond `radius` or of frames below `quality` are passed over, and so are those of a video with too few
    distinct frames.
    """
    by_entry: dict[int, list[FrameHit]] = {}
    for found in hits:
        known = facts.get(found.hit.entry_id)
        if known is None or not known.live or found.hit.entry_id in suppressed:
            continue
        if found.hit.algorithm != "pdq" or _usable(medium, found, radius, quality):
            by_entry.setdefault(found.hit.entry_id, []).append(found)
    held = TINY_MEDIA if tiny(medium) else ""
    verdicts = [
        _verdict(medium, entry_id, found, facts[entry_id], quality, held) for entry_id, found in by_entry.items()
    ]
    return [verdict for verdict in verdicts if verdict is not None]


def tiny(medium: Medium) -> bool:
    """Under 1 KiB or 64 pixels a side: spacers and icons; held whatever they match."""
    if medium.size < SMALLEST_BYTES:
        return True
    return bool(medium.width and medium.height) and min(medium.width, medium.height) < SMALLEST_SIDE


def band(distance: int) -> int:
    """The review band of a PDQ distance: 10, 20, 31, and 40 where the setting reaches that far."""
    return next(limit for limit in BANDS if distance <= limit)


def _usable(medium: Medium, found: FrameHit, radius: int, quality: int) -> bool:
    return found.hit.distance <= radius and medium.frames[found.frame].quality >= quality


def _verdict(
    medium: Medium, entry_id: int, found: list[FrameHit], facts: EntryFacts, quality: int, held: str
) -> MatchRow | None:
    pictures = [one for one in found if one.hit.algorithm == "pdq"]
    exact = {one.hit.algorithm: one.hit for one in found if one.hit.algorithm != "pdq"}
    nearest = min(pictures, key=_nearness, default=None)
    for algorithm in SURE:
        if algorithm in exact:
            return MatchRow(medium.sha256, entry_id, algorithm, exact[algorithm].digest, held=held)
    if "md5" in exact:
        agrees = nearest is not None and nearest.hit.distance <= AGREES
        agrees = agrees or (facts.size > 0 and facts.size == medium.size)
        return MatchRow(medium.sha256, entry_id, "md5", exact["md5"].digest, near=not agrees, held=held)
    if nearest is None:
        return None
    moving = len(medium.frames) > 1
    of_video = facts.pdqs > 1
    agreeing = 1
    if moving and of_video:
        agreeing, needed = _agreement(medium, pictures, facts, quality)
        if agreeing < needed:
            return None
    distance = nearest.hit.distance
    review = band(distance) if moving == of_video else max(LOWEST_BAND, band(distance))
    frame = medium.frames[nearest.frame]
    return MatchRow(
        medium.sha256, entry_id, "pdq", nearest.hit.digest, distance, nearest.turn, frame.quality, frame.at, agreeing,
        near=True, band=review, held=held,
    )  # fmt: skip


def _nearness(found: FrameHit) -> tuple[int, int, int, bytes]:
    return found.hit.distance, found.turn, found.frame, found.hit.digest


def _agreement(medium: Medium, pictures: list[FrameHit], facts: EntryFacts, quality: int) -> tuple[int, int]:
    """(distinct frames that agree, how many must): 3, 2 under 10 s, all where the video or the entry has fewer.

    Frames count as one picture where the first of them is within the lowest band of the other, and one digest of the
    entry explains no more than one of them.
    """
    usable = [number for number, frame in enumerate(medium.frames) if frame.quality >= quality]
    distinct = _distinct(medium, usable)
    agreeing = _distinct(medium, sorted({found.frame for found in pictures}))
    explained = len({found.hit.digest for found in pictures})
    needed = FRAMES_SHORT if medium.duration < SHORT_SECONDS else FRAMES
    return min(len(agreeing), explained), min(needed, len(distinct), facts.pdqs)


def _distinct(medium: Medium, numbers: Iterable[int]) -> list[int]:
    """Frames that show another picture than every one kept before them."""
    kept: list[tuple[int, int]] = []
    for number in numbers:
        value = int.from_bytes(medium.frames[number].forms[0])
        if all((value ^ other).bit_count() > LOWEST_BAND for _, other in kept):
            kept.append((number, value))
    return [number for number, _ in kept]
