"""Exact search of 256-bit hashes within a Hamming distance: brute force for few, multi-index hashing for many.

Multi-index hashing cuts a hash into 16 chunks of 16 bits. With a_i flips probed in chunk i and sum(a_i + 1) = radius + 1,
two hashes within the radius must agree up to a_i flips in some chunk (otherwise they would differ in at least
sum(a_i + 1) = radius + 1 bits): recall is 100 % (Norouzi, Punjani, Fleet: Fast exact search in Hamming space with
multi-index hashing, 2014).
"""

from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Ids = npt.NDArray[np.int64]
Found = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.uint16]]
"""(query, row, distance) of every pair within the radius, as three arrays of one length, in no order."""

MAX_RADIUS: Final = 40
CHUNKS: Final = 16
VALUES: Final = 1 << 16
BLOCK: Final = 1 << 17
"""Most pairs compared at once: bounds memory however clustered the hashes are, and stays in cache."""


def to_words(digests: bytes) -> Words:
    """Hashes laid end to end as an array of shape (n, 4). Bit order does not matter to a distance."""
    return np.frombuffer(digests, dtype=np.uint64).reshape(-1, 4)


def brute(rows: Words, queries: Words, radius: int) -> Found:
    """Every pair within `radius` by comparing all with all."""
    if len(queries) > len(rows):
        swapped = brute(queries, rows, radius)
        return swapped[1], swapped[0], swapped[2]
    found: list[Found] = []
    columns = [np.ascontiguousarray(rows[:, word]) for word in range(4)]
    for start in range(0, len(rows), BLOCK):
        first, second = columns[0][start : start + BLOCK], columns[1][start : start + BLOCK]
        for number, query in enumerate(queries):
            # Half of the bits rule out nearly every pair; at most 128, so that uint8 does not overflow.
            near = np.bitwise_count(first ^ query[0])
            near += np.bitwise_count(second ^ query[1])
            at = np.flatnonzero(near <= radius)
            if len(at):
                at += start
                found.append(_verify(rows, queries, np.full(len(at), number, np.intp), at, radius))
    return _join(found)


class Table:
    """An immutable set of hashes, indexed for one radius. 104 bytes a hash, and 4 MiB."""

    def __init__(self, rows: Words, radius: int) -> None:
        self.rows = np.ascontiguousarray(rows)
        self.radius = radius
        self._masks = probes(radius)
        self._probed = len(self._masks)
        chunks = self.rows.view(np.uint16).reshape(-1, CHUNKS)
        self._orders: list[npt.NDArray[np.uint32]] = []
        self._starts: list[npt.NDArray[np.uint32]] = []
        for chunk in range(self._probed):
            values = np.ascontiguousarray(chunks[:, chunk])
            self._orders.append(np.argsort(values, kind="stable").astype(np.uint32))
            starts = np.zeros(VALUES + 1, np.uint32)
            np.cumsum(np.bincount(values, minlength=VALUES), out=starts[1:])
            self._starts.append(starts)

    def search(self, queries: Words) -> Found:
        """Every pair within the radius."""
        found: list[Found] = []
        chunks = np.ascontiguousarray(queries).view(np.uint16).reshape(-1, CHUNKS)
        numbers = np.arange(len(queries), dtype=np.intp)
        for chunk, masks in enumerate(self._masks):
            starts, order = self._starts[chunk], self._orders[chunk]
            keys = (chunks[:, chunk, None] ^ masks).ravel().astype(np.intp)
            low = np.take(starts, keys).astype(np.intp)
            sizes = np.take(starts, keys + 1) - low
            asked = np.repeat(numbers, len(masks))
            ends = np.cumsum(sizes)
            total = int(ends[-1]) if len(ends) else 0
            shift = low - (ends - sizes)
            for start in range(0, total, BLOCK):
                run = np.arange(start, min(start + BLOCK, total))
                if total <= BLOCK:
                    which = np.repeat(np.arange(len(keys)), sizes)
                else:
                    which = np.searchsorted(ends, run, side="right")
                run += np.take(shift, which)
                at = np.take(order, run).astype(np.intp)
                found.append(_verify(self.rows, queries, np.take(asked, which), at, self.radius))
        return _once(_join(found))


def probes(radius: int) -> list[npt.NDArray[np.uint16]]:
    """Per probed chunk the masks of up to a_i flips, with sum(a_i + 1) = radius + 1, as even as can be."""
    if not 0 <= radius <= MAX_RADIUS:
        raise ValueError(f"a PDQ distance is 0..{MAX_RADIUS}, not {radius}")
    chunks = min(CHUNKS, radius + 1)
    small, larger = divmod(radius + 1, chunks)
    return [_masks(small - 1 + (chunk < larger)) for chunk in range(chunks)]


def _masks(flips: int) -> npt.NDArray[np.uint16]:
    masks = [sum(1 << bit for bit in bits) for count in range(flips + 1) for bits in combinations(range(16), count)]
    return np.array(masks, dtype=np.uint16)


def _verify(rows: Words, queries: Words, asked: npt.NDArray[np.intp], at: npt.NDArray[np.intp], radius: int) -> Found:
    """The pairs (asked, at) that are within the radius, with their distances; half of the bits first."""
    differ = np.take(rows, at, axis=0)  # take is eight times faster than an index array here
    differ ^= np.take(queries, asked, axis=0)
    half = np.bitwise_count(differ[:, 0])
    half += np.bitwise_count(differ[:, 1])
    keep = np.flatnonzero(half <= radius)
    distances = np.bitwise_count(differ[keep]).sum(axis=1, dtype=np.uint16)
    near = distances <= radius
    keep = keep[near]
    return asked[keep], at[keep], distances[near]


def _join(found: list[Found]) -> Found:
    if not found:
        return np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.uint16)
    if len(found) == 1:
        return found[0]
    queries, rows, distances = zip(*found, strict=True)
    return np.concatenate(queries), np.concatenate(rows), np.concatenate(distances)


def _once(found: Found) -> Found:
    """Each pair once: several chunks may have found it."""
    queries, rows, distances = found
    if len(queries) < 2:
        return found
    order = np.lexsort((rows, queries))
    queries, rows = queries[order], rows[order]
    new = np.ones(len(order), bool)
    new[1:] = (queries[1:] != queries[:-1]) | (rows[1:] != rows[:-1])
    return queries[new], rows[new], distances[order][new]
