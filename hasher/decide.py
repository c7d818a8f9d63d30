"""From hits to verdicts: which entries explain a medium, how strongly, and which of them count (domain, section 1).

Exact: SHA-256, SHA-1, or MD5 with a second agreeing fact of the same entry (MD5 collisions can be made). All else is near
and for people to review: MD5 alone, every PDQ match, and so every turned or mirrored one. How many frames of a video agree
is for `hasher.agreement` to say.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Final

from msgspec import Struct

from contracts.messages import FrameDigest
from contracts.vault import Agreement, EntryFacts, MatchRow
from hasher.agreement import agreeing, groups, required, whole
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
EVIDENCE: Final = 64
"""Agreeing frames that are kept with a verdict, the nearest ones."""
VIDEO: Final = "video"


class Medium(Struct, frozen=True):
    """What deciding needs of a medium. `size` in bytes, sides in pixels (0: unknown), `duration` in seconds."""

    sha256: bytes
    size: int
    width: int
    height: int
    duration: float
    frames: Sequence[FrameDigest]

    @property
    def moving(self) -> bool:
        """Whether it is a video or an animation, if only one frame of it could be decoded."""
        return len(self.frames) > 1 or self.duration > 0


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
    stopped: Set[bytes] = frozenset(),
    *,
    radius: int,
    quality: int,
) -> list[MatchRow]:
    """One verdict per entry, its strongest evidence leading; entries in `suppressed` were refused by people for this medium.

    `facts` are the vault's word on the entries that were hit: one that is missing there, or not live, explains nothing.

    PDQ hits beyond `radius` or of frames below `quality` are passed over, and so are those of a video with too few
    distinct frames. A frame of a video that is near one of `stopped` (digests that unrelated videos show) is none.
    """
    hits = list(hits)
    shown = {found.frame for found in hits if found.hit.digest in stopped} if stopped and medium.moving else set()
    usable = {
        number: frame.forms[0]
        for number, frame in enumerate(medium.frames)
        if frame.quality >= quality and number not in shown and whole(frame.forms)
    }
    by_entry: dict[int, list[FrameHit]] = {}
    for found in hits:
        known = facts.get(found.hit.entry_id)
        if known is None or not known.live or found.hit.entry_id in suppressed:
            continue
        picture = found.hit.algorithm == "pdq"
        if not picture or (found.hit.distance <= radius and found.frame in usable):
            by_entry.setdefault(found.hit.entry_id, []).append(found)
    held = TINY_MEDIA if tiny(medium) else ""
    verdicts = [
        _verdict(medium, entry_id, found, facts[entry_id], usable, stopped, held)
        for entry_id, found in by_entry.items()
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


def _verdict(
    medium: Medium,
    entry_id: int,
    found: list[FrameHit],
    facts: EntryFacts,
    usable: Mapping[int, bytes],
    stopped: Set[bytes],
    held: str,
) -> MatchRow | None:
    pictures = [one for one in found if one.hit.algorithm == "pdq"]
    exact = {one.hit.algorithm: one.hit for one in found if one.hit.algorithm != "pdq"}
    nearest = min(pictures, key=_nearness, default=None)
    seen = _agreements(medium, pictures) if medium.moving else ()
    for algorithm in SURE:
        if algorithm in exact:
            return MatchRow(medium.sha256, entry_id, algorithm, exact[algorithm].digest, held=held, evidence=seen)
    if "md5" in exact:
        agrees = nearest is not None and nearest.hit.distance <= AGREES
        agrees = agrees or (facts.size > 0 and facts.size == medium.size and not facts.sure)
        return MatchRow(medium.sha256, entry_id, "md5", exact["md5"].digest, near=not agrees, held=held, evidence=seen)
    if nearest is None:
        return None
    known = (*facts.pdqs, *(one.hit.digest for one in pictures))
    entry = groups(digest for digest in known if digest not in stopped)
    of_video = facts.media == VIDEO or (not facts.media and len(set(entry.values())) > 1)
    agree, alone = 1, medium.moving != of_video
    if medium.moving and of_video:
        frames = groups(usable.values())
        most = len(set(frames.values())), len(set(entry.values()))
        pairs = [(frames[usable[one.frame]], entry[one.hit.digest]) for one in pictures]
        agree = agreeing(pairs)
        if agree < required(medium.duration, *most):
            return None
        alone = agree == 1 and max(most) > 1
    distance = nearest.hit.distance
    review = max(LOWEST_BAND, band(distance)) if alone else band(distance)
    frame = medium.frames[nearest.frame]
    return MatchRow(
        medium.sha256, entry_id, "pdq", nearest.hit.digest, distance, nearest.turn, frame.quality, frame.at, agree,
        near=True, band=review, held=held, evidence=seen,
    )  # fmt: skip


def _agreements(medium: Medium, pictures: Iterable[FrameHit]) -> tuple[Agreement, ...]:
    """Every frame that agrees with a picture of the entry, by its nearest one; in the order of time, at most `EVIDENCE`."""
    best: dict[int, FrameHit] = {}
    for found in sorted(pictures, key=_nearness):
        best.setdefault(found.frame, found)
    kept = [(medium.frames[one.frame], one) for one in list(best.values())[:EVIDENCE]]
    agreements = [Agreement(frame.at, one.hit.distance, one.turn, frame.quality, one.hit.digest) for frame, one in kept]
    return tuple(sorted(agreements, key=lambda one: (one.at, one.distance)))


def _nearness(found: FrameHit) -> tuple[int, int, int, bytes]:
    return found.hit.distance, found.turn, found.frame, found.hit.digest
