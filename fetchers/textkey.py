"""A similarity key of a page's text: 64 bits, few of which differ between near-duplicates.

One-permutation MinHash, one bit a bin: every 8-byte shingle of the text (without digits and blanks, so that dates and
counters do not count) falls into one of 64 bins by its hash, the smallest of each bin gives that bin's bit. Expected
Hamming distance is 32 x (1 - J), with J the Jaccard similarity of the shingle sets: at most 3 means about 0.9 and more alike.
For a sensitive sketch of large texts only shingles chosen by their own bytes are hashed, about 1 in 16.
"""

from typing import Final

import numpy as np

MAX_CHARACTERS: Final = 256 * 1024
"""Text beyond is not looked at."""

_DROP: Final = b"0123456789 \t\n\r\x0b\x0c"
_MANY: Final = 4096
_SHINGLE: Final = 8
_MULTIPLY: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xD6E8FEB86659FD93)
_SHIFT: Final = np.uint64(32)
_BIN_SHIFT: Final = np.uint64(58)
_EDGES: Final = np.arange(64, dtype=np.uint64) << _BIN_SHIFT
_BITS: Final = np.arange(64, dtype=np.uint64)
_ONE: Final = np.uint64(1)
_CHOOSE: Final = np.uint16(0x9E37)
_CHOSEN: Final = np.uint16(0x1000)


def text_key(text: str) -> int:
    """Key of a page's visible text, 0 if it has fewer than 8 bytes of letters. Costs about 1 us per KB of text."""
    data = text[:MAX_CHARACTERS].encode("utf-8", "replace").translate(None, _DROP)
    count = len(data) - _SHINGLE + 1
    if count < 1:
        return 0
    shingles = np.ndarray((count,), "<u8", data, 0, (1,))
    if count > _MANY:
        pairs = np.ndarray((count,), "<u2", data, 0, (1,))
        chosen = shingles[(pairs * _CHOOSE) < _CHOSEN]
        if len(chosen) >= 256:
            shingles = chosen
    hashes = shingles * _MULTIPLY
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes.sort()
    first = np.searchsorted(hashes, _EDGES)
    # An empty bin takes the next one's smallest (rotation), but another bit of it.
    smallest = hashes[np.where(first < len(hashes), first, 0)]
    bits = (smallest >> (_BITS & np.uint64(31))) & _ONE
    return int(np.bitwise_or.reduce(bits << _BITS)) or 1


def distance(one: int, other: int) -> int:
    """Hamming distance of two keys, 0..64."""
    return (one ^ other).bit_count()
