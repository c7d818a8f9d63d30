"""How a hash is cut into chunks, and which values of a chunk are probed: multi-index hashing.

Hashes are found by the values of their chunks. With a_i flips probed in chunk i and sum(a_i + 1) = radius + 1, two hashes
within the radius must agree up to a_i flips in some chunk (otherwise they would differ in at least
sum(a_i + 1) = radius + 1 bits): recall is 100 % (Norouzi, Punjani, Fleet: Fast exact search in Hamming space with
multi-index hashing, 2014). Chunks need not cover all bits.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import Final, NamedTuple

import numpy as np

from hasher.index.words import HASH_BITS, MAX_RADIUS, Places, Words

MOST_CHUNKS: Final = 32
MOST_BITS: Final = 24
FEWEST_BITS: Final = 8
ROOM: Final = 96
"""Bytes a hash that its places in the chunks may take."""
BRUTE: Final = 1 / 24
"""What comparing with one hash in order costs, measured in looks at a place in memory that no one has been at lately."""
PROBE: Final = 1 / 4
"""What a look at a bitmap costs: it is small enough to stay near."""
BITMAP_BYTES: Final = 24 << 20
MOST_ITEMS: Final = 1 << 26
"""Bounds of what `flipped` may take."""


class Chunk(NamedTuple):
    """Bits `first` .. `first + bits - 1` of a hash, probed up to `flips` flips."""

    first: int
    bits: int
    flips: int


Layout = tuple[Chunk, ...]
"""Empty: no chunks, compare with all."""


def check_radius(radius: int) -> int:
    """`radius`, or ValueError if it is not 0..40."""
    if not 0 <= radius <= MAX_RADIUS:
        raise ValueError(f"a PDQ distance is 0..{MAX_RADIUS}, not {radius}")
    return radius


@lru_cache(1024)
def chunked(count: int, radius: int) -> Layout:
    """The cheapest layout for so many evenly spread hashes that takes no more than `ROOM`."""
    cheapest: Layout = ()
    least = BRUTE * count
    for chunks in range(1, min(MOST_CHUNKS, check_radius(radius) + 1) + 1):
        for most_bits in range(FEWEST_BITS, MOST_BITS + 1):
            layout = _cut(chunks, most_bits, radius)
            if sum(4 << chunk.bits for chunk in layout) + 4 * chunks * count <= ROOM * count:
                cost = sum(probes(chunk) * (1 + count / (1 << chunk.bits)) for chunk in layout)
                if cost < least:
                    cheapest, least = layout, cost
    return cheapest


@lru_cache(1024)
def flipped(count: int, radius: int) -> tuple[Layout, int]:
    """(layout, bits by which its rows are found) for so many rows with all their flips; see `hasher.index.reverse`."""
    cheapest: tuple[Layout, int] = ((), 0)
    least = BRUTE * count
    for chunks in range(1, min(MOST_CHUNKS, check_radius(radius) + 1) + 1):
        for most_bits in range(FEWEST_BITS, MOST_BITS + 1):
            layout = _cut(chunks, most_bits, radius)
            coarse = min(most_bits, max(FEWEST_BITS, (count * max(map(probes, layout))).bit_length() - 1))
            found = [Chunk(chunk.first, min(coarse, chunk.bits), min(chunk.flips, coarse)) for chunk in layout]
            items = [count * probes(chunk) for chunk in found]
            if sum(items) > MOST_ITEMS or sum((1 << chunk.bits) // 8 for chunk in layout) > BITMAP_BYTES:
                continue
            cost = 0.0
            for chunk, by, some in zip(layout, found, items, strict=True):
                passing = min(1.0, count * probes(chunk) / (1 << chunk.bits))
                cost += PROBE + passing * (2 + some / (1 << by.bits))
            if cost < least:
                cheapest, least = (layout, coarse), cost
    return cheapest


def complete(layout: Iterable[Chunk], radius: int) -> bool:
    """Whether the chunks are disjoint parts of a hash, and enough of them probed that nothing within the radius is missed."""
    free, found = 0, 0
    for first, bits, flips in layout:
        if first < free or not 1 <= bits <= MOST_BITS or first + bits > HASH_BITS or not 0 <= flips < bits:
            return False
        free = first + bits
        found += flips + 1
    return found > radius


def probes(chunk: Chunk) -> int:
    """How many values of a chunk are probed."""
    return sum(comb(chunk.bits, flips) for flips in range(chunk.flips + 1))


@lru_cache(64)
def masks(bits: int, flips: int) -> Places:
    """What a chunk's value is combined with by xor. Rising, so that values that are near in memory follow each other."""
    found = [sum(1 << bit for bit in some) for count in range(flips + 1) for some in combinations(range(bits), count)]
    out = np.array(sorted(found), np.uint32)
    out.setflags(write=False)
    return out


def values(rows: Words, chunk: Chunk) -> Places:
    """The chunk's value in each hash."""
    word, shift = divmod(chunk.first, 64)
    out = rows[:, word] >> np.uint64(shift)
    if shift + chunk.bits > 64:
        out |= rows[:, word + 1] << np.uint64(64 - shift)
    out &= np.uint64((1 << chunk.bits) - 1)
    return out.astype(np.uint32)


def _cut(chunks: int, most_bits: int, radius: int) -> Layout:
    """Even shares of the bits and of the flips; the wider a chunk, the fewer its flips."""
    share, wider = divmod(HASH_BITS, chunks)
    flips, more = divmod(radius + 1, chunks)
    layout, first = [], 0
    for number in range(chunks):
        room = share + (number < wider)
        layout.append(Chunk(first, min(room, most_bits), flips - 1 + (number >= chunks - more)))
        first += room
    return tuple(layout)
