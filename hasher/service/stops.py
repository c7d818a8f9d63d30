"""Frames that unrelated videos show count no more (domain, section 1: "a frame seen in more than 10 unrelated videos is stop-listed").

A frame is known by the digest that it is near: it was seen in a video where a frame of that video would agree with that digest.
So what is counted is exactly what would agree, however a title card was encoded, and frames that are near nothing known cost
nothing. Two videos are unrelated if they do not match each other by the rules for videos: copies of one count once.

Verdicts from before a digest was stop-listed are looked at again; those that needed it are held.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from contracts.messages import DigestRecord
from contracts.settings import Matching
from contracts.vault import FrameVault, Pair, ShownFrames, StoredMedia, VideoFrames
from hasher import agreement
from hasher.decide import FrameHit
from hasher.lookup import medium

STOP_FRAME: Final = "stop_frame"
"""Why a verdict is held that agreed by such frames alone."""
FRAMES: Final = 64
"""Distinct frames by which videos are compared, at most."""
MEDIA: Final = 500
"""Media looked at again at a time."""

Unexplained = Callable[[Sequence[bytes]], Awaitable[set[Pair]]]


class Stops:
    """Counts frames in one vault, by one set of rules."""

    def __init__(self, vault: FrameVault, settings: Matching) -> None:
        self._vault, self._settings = vault, settings

    async def among(
        self, media: Sequence[DigestRecord | StoredMedia], found: Sequence[Sequence[FrameHit]]
    ) -> set[bytes]:
        """Count the known digests that frames of these media are near; those that count no more."""
        shown = [
            ShownFrames(self._frames(one), near)
            for one, hits in zip(media, found, strict=True)
            if medium(one).moving and (near := self._near(hits))
        ]
        return await self._vault.count_frames(shown, self._settings.stop_frames, self._related) if shown else set()

    async def review(self, unexplained: Unexplained) -> int:
        """Hold earlier verdicts that needed a digest which counts no more; how many. `unexplained` decides anew for media."""
        held = 0
        for digest, entries in await self._vault.newly_stopped():
            last = b""
            while some := await self._vault.near_media(entries, last, MEDIA):
                last = some[-1]
                held += await self._vault.hold_pairs(sorted(await unexplained(some)), STOP_FRAME)
            await self._vault.reviewed([digest])
        return held

    def _near(self, hits: Sequence[FrameHit]) -> dict[bytes, set[int]]:
        pictures = [
            one for one in hits if one.hit.algorithm == "pdq" and one.hit.distance <= self._settings.pdq_distance
        ]
        entries: dict[int, set[int]] = {}
        for one in pictures:
            entries.setdefault(one.frame, set()).add(one.hit.entry_id)
        near: dict[bytes, set[int]] = {}
        for one in pictures:
            near.setdefault(one.hit.digest, set()).update(entries[one.frame])
        return near

    def _frames(self, one: DigestRecord | StoredMedia) -> VideoFrames:
        """One frame of each group of those that resemble each other."""
        usable = [
            frame
            for frame in one.media.frames
            if frame.quality >= self._settings.pdq_quality and agreement.whole(frame.forms)
        ]
        firsts = {frame.forms[0]: frame for frame in reversed(usable)}
        distinct = dict.fromkeys(agreement.groups(frame.forms[0] for frame in usable).values())
        return VideoFrames(one.sha256, one.media.duration, [firsts[value] for value in list(distinct)[:FRAMES]])

    def _related(self, one: VideoFrames, other: VideoFrames) -> bool:
        return agreement.related(one, other, self._settings.pdq_distance)
