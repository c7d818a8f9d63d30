"""The index's inner loops in numpy: what runs where there is no compiled code, and the measure of it."""

from bisect import bisect_left, bisect_right
from typing import Final

import numpy as np
import numpy.typing as npt

from hasher.index.layout import Layout, masks, values
from hasher.index.words import Bytes, Found, Places, Words, nothing_found

NAME: Final = "numpy"
BLOCK: Final = 1 << 17
"""Most pairs compared at once: bounds memory however clustered the hashes are, and stays in cache."""
TOGETHER: Final = 32
"""Queries whose probes are made at once."""
HOT: Final = 8
"""A query that would compare with more than an eighth of the table, chunk by chunk, compares with all of it in order."""

Rows = npt.NDArray[np.intp]


def sort(keys: Places, bits: int) -> tuple[Places, Places]:
    """(starts, order): `order[starts[v] : starts[v + 1]]` are the places of value v, rising."""
    starts = np.zeros((1 << bits) + 1, np.uint32)
    np.cumsum(np.bincount(keys, minlength=1 << bits), out=starts[1:])
    return starts, np.argsort(keys, kind="stable").astype(np.uint32)


def brute(rows: Words, queries: Words, radius: int) -> Found:
    """Every pair within `radius` by comparing all with all."""
    if len(queries) > len(rows):
        return brute(queries, rows, radius)[:, [1, 0, 2]]
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
                found.append(_verify(rows, queries, np.full(len(at), number, np.intp), at, radius)[0])
    return _join(found)


def search(rows: Words, queries: Words, radius: int, layout: Layout, starts: Places, order: Places) -> Found:
    """Every pair within `radius`; `starts` and `order` are those of the chunks (see `sort`), laid end to end."""
    found = [
        part
        for first in range(0, len(queries), TOGETHER)
        for part in _search(rows, queries[first : first + TOGETHER], first, radius, layout, starts, order)
    ]
    return _join(found)


def locate(keys: Words, rest: Bytes, digest: bytes) -> tuple[int, int]:
    """Where `digest` lies in sorted digests, from and to: `keys` are their first 8 bytes as numbers, `rest` the others."""
    prefix = np.uint64(int.from_bytes(digest[:8]))
    low = int(np.searchsorted(keys, prefix))
    if low == len(keys) or keys[low] != prefix:
        return low, low
    same = range(low, int(np.searchsorted(keys, prefix, "right")))
    return (
        low + bisect_left(same, digest[8:], key=lambda place: rest[place].tobytes()),
        low + bisect_right(same, digest[8:], key=lambda place: rest[place].tobytes()),
    )


def reverse(
    stored: Words,
    rows: Words,
    radius: int,
    layout: Layout,
    coarse: int,
    bitmaps: Bytes,
    starts: Places,
    items: Places,
) -> Found:
    """Every pair (stored hash, row) within `radius`; see `hasher.index.reverse` for the tables."""
    found: list[Found] = []
    for first in range(0, len(stored), BLOCK):
        block = stored[first : first + BLOCK]
        bit_from, start_from, item_from = 0, 0, 0
        for number, chunk in enumerate(layout):
            keys = values(block, chunk)
            shift = chunk.bits - min(coarse, chunk.bits)
            begins = starts[start_from : start_from + (1 << (chunk.bits - shift)) + 1]
            hit = np.take(bitmaps[bit_from:], keys >> np.uint32(3)) >> (keys & np.uint32(7)).astype(np.uint8)
            asked = np.flatnonzero(hit & 1)
            buckets = (keys[asked] >> np.uint32(shift)).astype(np.intp)
            low = np.take(begins, buckets).astype(np.intp)
            sizes = np.take(begins, buckets + 1).astype(np.intp) - low
            mine = items[item_from : item_from + int(begins[-1])]
            found += _expand(rows, block, radius, layout, number, asked, low, sizes, mine, first)
            bit_from += (1 << chunk.bits) // 8
            start_from += len(begins)
            item_from += len(mine)
    return _join(found)


def trim() -> None:
    """Give back to the system what was freed: not to be had from here."""


def _search(
    rows: Words, queries: Words, number: int, radius: int, layout: Layout, starts: Places, order: Places
) -> list[Found]:
    """`search` for a few queries, the first of which has this number."""
    lows, counts, masked, start_from = [], [], [], 0
    for chunk in layout:
        flips = masks(chunk.bits, chunk.flips)
        keys = (values(queries, chunk)[:, None] ^ flips).ravel().astype(np.intp)
        keys += start_from
        low = np.take(starts, keys).astype(np.intp)
        lows.append(low)
        counts.append(np.take(starts, keys + 1).astype(np.intp) - low)
        masked.append(len(flips))
        start_from += (1 << chunk.bits) + 1
    totals = sum(sizes.reshape(len(queries), -1).sum(axis=1) for sizes in counts)
    hot = np.asarray(totals) * HOT > len(rows)
    found: list[Found] = []
    if hot.any():
        all_of_them = np.flatnonzero(hot)
        pairs = brute(rows, queries[all_of_them], radius)
        pairs[:, 0] = all_of_them[pairs[:, 0]] + number
        found.append(pairs)
    for at, (low, sizes, probed) in enumerate(zip(lows, counts, masked, strict=True)):
        sizes.reshape(len(queries), -1)[hot] = 0
        asked = np.repeat(np.arange(len(queries), dtype=np.intp), probed)
        mine = order[at * len(rows) : (at + 1) * len(rows)]
        found += _expand(rows, queries, radius, layout, at, asked, low, sizes, mine, number)
    return found


def _expand(
    rows: Words,
    queries: Words,
    radius: int,
    layout: Layout,
    chunk: int,
    asked: Rows,
    low: Rows,
    sizes: Rows,
    order: Places,
    number: int,
) -> list[Found]:
    """Compare query `asked[i]` with the rows `order[low[i] : low[i] + sizes[i]]`, for all i, a block at a time.

    Keeps the pairs that `chunk` is the first to find, so that each is found once.
    """
    found: list[Found] = []
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    shift = low - (ends - sizes)
    for start in range(0, total, BLOCK):
        run = np.arange(start, min(start + BLOCK, total))
        if total <= BLOCK:
            which = np.repeat(np.arange(len(sizes)), sizes)
        else:
            which = np.searchsorted(ends, run, side="right")
        run += np.take(shift, which)
        pairs, differ = _verify(rows, queries, np.take(asked, which), np.take(order, run).astype(np.intp), radius)
        if len(pairs):
            first = np.ones(len(pairs), bool)
            for earlier in layout[:chunk]:
                first &= np.bitwise_count(values(differ, earlier)) > earlier.flips
            pairs = pairs[first & (np.bitwise_count(values(differ, layout[chunk])) <= layout[chunk].flips)]
            pairs[:, 0] += number
            found.append(pairs)
    return found


def _verify(rows: Words, queries: Words, asked: Rows, at: Rows, radius: int) -> tuple[Found, Words]:
    """The pairs (asked, at) that are within the radius, and the bits in which they differ; half of the bits first."""
    differ = np.take(rows, at, axis=0)  # take is eight times faster than an index array here
    differ ^= np.take(queries, asked, axis=0)
    half = np.bitwise_count(differ[:, 0])
    half += np.bitwise_count(differ[:, 1])
    keep = np.flatnonzero(half <= radius)
    differ = differ[keep]
    distances = np.bitwise_count(differ).sum(axis=1, dtype=np.uint16)
    near = distances <= radius
    keep = keep[near]
    pairs = np.empty((len(keep), 3), np.uint32)
    pairs[:, 0], pairs[:, 1], pairs[:, 2] = asked[keep], at[keep], distances[near]
    return pairs, differ[near]


def _join(found: list[Found]) -> Found:
    return np.concatenate(found) if found else nothing_found()
