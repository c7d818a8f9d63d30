"""Hashes to search: uniform ones, and clustered ones as lists really have them (series, edits, one template with other texts)."""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from tests.fakeweb.pdq import pdq
from tests.pictures import edits, picture

Words = npt.NDArray[np.uint64]
"""Hashes, shape (n, 4)."""

BASES: Final = 40
"""Generated pictures that clusters grow from, each with all its edits."""
SCENES: Final = 30
"""Hashes a cluster, on average."""
SKEW: Final = 0.6
"""Exponent of Zipf's law by which clusters differ in size: of ten million hashes the largest has some 25,000."""
APART: Final = 80
"""Most bits by which a cluster differs from the picture that it resembles."""
STRAY: Final = 48
"""Most bits by which a member of a cluster differs from what it grew from."""
BLOCK: Final = 1 << 16


def uniform(count: int, seed: int = 1) -> Words:
    """Random hashes."""
    return np.random.default_rng(seed).integers(0, 2**64, (count, 4), np.uint64)


@cache
def bases() -> Words:
    """PDQ of pictures and of their edits."""
    shown = [picture(number) for number in range(BASES)]
    images = [edited.convert("RGB") for image in shown for edited in (image, *edits(image).values())]
    return np.frombuffer(b"".join(pdq(image).to_bytes(32) for image in images), np.uint64).reshape(-1, 4)


def clustered(count: int, seed: int = 1) -> Words:
    """Hashes in clusters: many of one member, few large ones, and all of them like real pictures' in their skew."""
    chance = np.random.default_rng(seed)
    grown = bases()
    clusters = max(1, count // SCENES)
    centres = _strayed(grown[chance.integers(0, len(grown), clusters)], APART, chance)
    ends = np.cumsum(1 / np.arange(1, clusters + 1) ** SKEW)
    made = []
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        which = np.searchsorted(ends, chance.random(size) * ends[-1])
        made.append(_strayed(centres[which], STRAY, chance))
    return np.concatenate(made)


def _strayed(rows: Words, most: int, chance: np.random.Generator) -> Words:
    """Each row with up to about `most` bits changed."""
    made = []
    for start in range(0, len(rows), BLOCK):
        some = rows[start : start + BLOCK]
        flips = chance.random((len(some), 4, 64)) < chance.random((len(some), 1, 1)) * most / 256
        made.append(some ^ np.packbits(flips, axis=2).view(np.uint64)[:, :, 0])
    return np.concatenate(made)


def flipped(rows: Words, bits: int, seed: int) -> Words:
    """Each row with exactly so many bits changed."""
    chance = np.random.default_rng(seed)
    masks = np.zeros((len(rows), 256), np.uint8)
    places = np.argsort(chance.random((len(rows), 256)), axis=1)[:, :bits]
    np.put_along_axis(masks, places, np.uint8(1), axis=1)
    return rows ^ np.packbits(masks, axis=1).view(np.uint64)
