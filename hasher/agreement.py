"""How many frames of a video agree: distinct frames with distinct pictures, one with one (domain, section 1).

"At least 3 distinct frames of quality >= 50 (2 under 10 s, all where fewer)." Frames that resemble each other as closely as
a match may are one picture, on both sides; a picture of the entry explains one frame and a frame agrees with one picture.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Final

import numpy as np

from contracts.vault import VideoFrames

ALIKE: Final = 31
"""Bits up to which two pictures are one: the lowest review band."""
FRAMES: Final = 3
FRAMES_SHORT: Final = 2
SHORT_SECONDS: Final = 10.0
FORMS: Final = 8
FORM_BYTES: Final = 32


def whole(forms: Sequence[bytes]) -> bool:
    """Eight forms of 32 bytes; a message that claims otherwise is not searched."""
    return len(forms) == FORMS and all(len(form) == FORM_BYTES for form in forms)


def groups(values: Iterable[bytes]) -> dict[bytes, bytes]:
    """Each value with the first one that shows the same picture: within `ALIKE` bits of it."""
    kept: list[tuple[int, bytes]] = []
    found: dict[bytes, bytes] = {}
    for value in values:
        if value in found:
            continue
        number = int.from_bytes(value)
        for other, first in kept:
            if (number ^ other).bit_count() <= ALIKE:
                found[value] = first
                break
        else:
            kept.append((number, value))
            found[value] = value
    return found


def required(duration: float, *distinct: int) -> int:
    """How many distinct frames must agree of videos with so many: 3, 2 under 10 s, all where there are fewer, never none."""
    return max(1, min(FRAMES_SHORT if duration < SHORT_SECONDS else FRAMES, *distinct))


def agreeing(pairs: Iterable[tuple[Hashable, Hashable]]) -> int:
    """The most pairs of which no two share a side (a largest matching, by augmenting paths: Kuhn, 1955)."""
    near: dict[Hashable, list[Hashable]] = {}
    for left, right in dict.fromkeys(pairs):
        near.setdefault(left, []).append(right)
    taken: dict[Hashable, Hashable] = {}
    return sum(_place(left, near, taken) for left in near)


def _place(left: Hashable, near: dict[Hashable, list[Hashable]], taken: dict[Hashable, Hashable]) -> bool:
    """Give `left` a partner, moving others where they can be moved. A walk without recursion: videos have many frames."""
    came_from: dict[Hashable, Hashable] = {}
    waiting = [left]
    while waiting:
        here = waiting.pop()
        for right in near[here]:
            if right in came_from:
                continue
            came_from[right] = here
            if right in taken:
                waiting.append(taken[right])
                continue
            while True:  # free: every frame on the way moves up by one
                mover = came_from[right]
                before = next((held for held, owner in taken.items() if owner == mover), None)
                taken[right] = mover
                if before is None or mover == left:
                    return True
                right = before
    return False


def related(one: VideoFrames, other: VideoFrames, radius: int) -> bool:
    """Whether two videos match each other as videos: as many distinct frames agree as the shorter one needs."""
    if one.sha256 == other.sha256:
        return True
    left = groups(frame.forms[0] for frame in one.frames)
    right = groups(frame.forms[0] for frame in other.frames)
    if not left or not right:
        return False
    firsts = np.frombuffer(b"".join(frame.forms[0] for frame in other.frames), np.uint64).reshape(-1, 4)
    pairs: list[tuple[Hashable, Hashable]] = []
    for frame in one.frames:
        forms = np.frombuffer(b"".join(frame.forms), np.uint64).reshape(-1, 1, 4)
        apart = np.bitwise_count(forms ^ firsts).sum(axis=2, dtype=np.int64).min(axis=0)
        pairs += [(left[frame.forms[0]], right[other.frames[int(n)].forms[0]]) for n in np.flatnonzero(apart <= radius)]
    duration = min(one.duration, other.duration)
    return agreeing(pairs) >= required(duration, len(set(left.values())), len(set(right.values())))
