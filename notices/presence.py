"""What the answer to a re-check says of the medium (docs/domain.md, section 3).

"A re-check says present (same digest, or still matches any entry, or PDQ <= 40 from the sighted one) | absent (404, 410, decodable
media that matches nothing, a learnt placeholder: one SHA-256 at 3 or more cases of the host) | unknown (HTML for media, 401, 403, 429,
451, 5xx, challenge, DNS, time-out, newly disallowed by robots) | moved (redirect: a new place)."

Where two of them could be meant, the one that keeps the case open is. What media say goes before the status that came with them: an
error page that is the picture is no removal.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from msgspec import Struct

from contracts.cases import Presence
from contracts.errands import NOT_ASKED
from contracts.messages import DigestRecord, FrameDigest, MediaDigests, Recheck

BITS: Final = range(64, 193)
"""PDQ hashes with fewer or more bits set say nothing: plain pictures, black frames."""
QUALITY: Final = 50
"""Least quality of a video's frame that is compared."""
GONE: Final = (404, 410)
MOVED: Final = (301, 302, 303, 307, 308)
WHOLE: Final = (200, 203, 206)
UNCHANGED: Final = (*WHOLE, 304)


class Sighted(Struct, frozen=True):
    """The medium as it was sighted. No frames: it could not be decoded, or is known by cryptographic digests alone."""

    sha256: bytes
    frames: tuple[FrameDigest, ...] = ()


class Judged(Struct, frozen=True):
    """`same`: present by the digest of the case itself (a strong ETag or the first 64 KiB vouch for it). `why` in a word."""

    presence: Presence
    why: str
    same: bool = False


class Wait(Struct, frozen=True):
    """Other media, of which the hasher has not said yet whether it matches: ask again when it has. Its digest by SHA-256."""

    sha256: bytes


class Again(Struct, frozen=True):
    """Nobody was asked, so it says nothing of the medium: ask anew, and count no answer."""


def judge(
    answer: Recheck,
    sighted: Sighted,
    still_matches: bool | None,
    distance: int,
    placeholders: AbstractSet[bytes] = frozenset(),
) -> Judged | Wait | Again:
    """What an answer says. `still_matches`: whether the media that came matches any entry, None while the hasher has not said.
    `distance` in bits, within which it counts as the sighted one; `placeholders`: what the host shows instead of removed media.
    """
    if answer.error in NOT_ASKED:
        return Again()
    if answer.error:
        return Judged(Presence.UNKNOWN, answer.error)
    if answer.unchanged and answer.status in UNCHANGED:
        return Judged(Presence.PRESENT, "unchanged", same=True)
    record = answer.record
    if record is not None and (shown := _shown(record, sighted, still_matches, distance)) is not None:
        return shown
    if answer.status in GONE:
        return Judged(Presence.ABSENT, f"status_{answer.status}")
    if answer.status in MOVED:
        return Judged(Presence.MOVED, f"status_{answer.status}")
    if answer.status not in WHOLE:
        return Judged(Presence.UNKNOWN, f"status_{answer.status}")
    if record is None:
        return Judged(Presence.UNKNOWN, "no_media")
    if still_matches is None:
        return Wait(record.sha256)
    if record.sha256 in placeholders:
        return Judged(Presence.ABSENT, "placeholder")
    if decodable(record.media):
        return Judged(Presence.ABSENT, "other_media")
    return Judged(Presence.UNKNOWN, "not_decodable")


def _shown(record: DigestRecord, sighted: Sighted, still_matches: bool | None, distance: int) -> Judged | None:
    """Present, if the media that came says so."""
    if record.sha256 == sighted.sha256:
        return Judged(Presence.PRESENT, "same_digest", same=True)
    if still_matches:
        return Judged(Presence.PRESENT, "still_matches")
    if nearest(record.media.frames, sighted.frames) <= distance:
        return Judged(Presence.PRESENT, "near_the_sighted")
    return None


def decodable(media: MediaDigests) -> bool:
    """Whether a sandbox could see what it shows."""
    return bool(media.frames) and not media.why


def nearest(shown: Iterable[FrameDigest], sighted: Iterable[FrameDigest]) -> int:
    """Least PDQ distance in bits between two media, any frame and any form of the shown; 257 if nothing can be compared."""
    wanted = [int.from_bytes(frame.forms[0]) for frame in _telling(sighted)]
    forms = [int.from_bytes(form) for frame in _telling(shown) for form in frame.forms]
    return min(((one ^ other).bit_count() for one in wanted for other in forms), default=257)


def _telling(frames: Iterable[FrameDigest]) -> list[FrameDigest]:
    """Frames that say something: of a video those of enough quality, and none that is all but plain."""
    found = [frame for frame in frames if frame.forms]
    least = QUALITY if len(found) > 1 else 0
    return [frame for frame in found if frame.quality >= least and int.from_bytes(frame.forms[0]).bit_count() in BITS]


def is_placeholder(cases: int, least: int) -> bool:
    """Whether so many cases of one host that show one SHA-256, which matches nothing, make it a placeholder."""
    return cases >= least


def learnable(judged: Judged | Wait | Again, answer: Recheck, still_matches: bool | None) -> bytes:
    """The SHA-256 to count towards a placeholder of the host, or empty: other media, sent as if it were the one, that matches
    nothing and is not near it. So media of cases never becomes a placeholder, at however many cases a host shows it."""
    if not isinstance(judged, Judged) or judged.presence is Presence.PRESENT or answer.record is None:
        return b""
    return answer.record.sha256 if answer.status in WHOLE and still_matches is False else b""
