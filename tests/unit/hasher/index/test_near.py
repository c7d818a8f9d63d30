"""hasher.index.near: all kernels equal brute force in plain Python, at every planted distance, on uniform and clustered hashes."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from hasher.index import arrays
from hasher.index.kernel import KERNELS, Kernel
from hasher.index.layout import Layout, chunked
from hasher.index.near import Near
from hasher.index.words import MAX_RADIUS, Found, Words

Pairs = set[tuple[int, int, int]]
Search = Callable[[Words, Words, int], Found]
SIZES = (100_000, 1_000_000, 10_000_000)
"""Tables are searched by the chunks of such sizes, small as they are."""


def _words(rng: np.random.Generator, count: int) -> Words:
    return rng.integers(0, 2**64, (count, 4), dtype=np.uint64)


def flipped(rng: np.random.Generator, rows: Words, bits: int) -> Words:
    """Each row with exactly so many bits changed."""
    out = rows.copy()
    for row in out:
        for bit in rng.permutation(256)[:bits]:
            row[bit // 64] ^= np.uint64(1 << int(bit % 64))
    return out


def plain(rows: Words, queries: Words, radius: int) -> Pairs:
    found: Pairs = set()
    left = [int.from_bytes(row.tobytes()) for row in rows]
    for number, query in enumerate(int.from_bytes(query.tobytes()) for query in queries):
        found |= {
            (number, at, (row ^ query).bit_count())
            for at, row in enumerate(left)
            if (row ^ query).bit_count() <= radius
        }
    return found


def pairs(found: Found) -> Pairs:
    listed = [(query, row, distance) for query, row, distance in found.tolist()]
    assert len(listed) == len(set(listed)), "a pair was found twice"
    return set(listed)


def small(layout: Layout) -> Layout:
    """The same flips over fewer bits, so that a test's tables take no memory to speak of."""
    return tuple(chunk._replace(bits=min(chunk.bits, 14)) for chunk in layout)


def by_chunks(kernel: Kernel, size: int, rows: Words, queries: Words, radius: int) -> Found:
    near = Near(rows, np.zeros(len(rows), np.uint32)).cut(small(chunked(size, radius)), kernel)
    assert near.layout
    near.check(1, radius)
    return near.search(queries, radius, kernel)


VARIANTS = [pytest.param(kernel.brute, id=f"{kernel.NAME}-brute") for kernel in KERNELS] + [
    pytest.param(partial(by_chunks, kernel, size), id=f"{kernel.NAME}-{size}") for kernel in KERNELS for size in SIZES
]
every_variant = pytest.mark.parametrize("search", VARIANTS)


@every_variant
@pytest.mark.parametrize("radius", range(MAX_RADIUS + 1))
def test_every_planted_distance_is_found(search: Search, radius: int) -> None:
    rng = np.random.default_rng(radius)
    rows = _words(rng, 300)
    planted = np.concatenate([flipped(rng, rows[:3], distance) for distance in range(MAX_RADIUS + 1)])
    expected = {(distance * 3 + at, at, distance) for distance in range(radius + 1) for at in range(3)}
    assert pairs(search(rows, planted, radius)) == expected


# The worst cases of multi-index hashing: all differences in the fewest chunks, or spread as evenly as can be.
@every_variant
@pytest.mark.parametrize("radius", [0, 1, 10, 15, 16, 30, 31, 32, 40])
def test_differences_packed_or_spread_over_chunks(search: Search, radius: int) -> None:
    row = np.zeros((1, 4), np.uint64)
    step = 256 // 16
    orders = [range(256), range(255, -1, -1)]
    orders += [[chunk * step + bit for bit in range(step) for chunk in range(16)]]  # type: ignore[list-item]
    orders += [[bit for first in range(23) for bit in range(first, 256, 23)]]  # type: ignore[list-item]
    for order in orders:
        query = row.copy()
        for bit in list(order)[:radius]:
            query[0][bit // 64] ^= np.uint64(1 << (bit % 64))
        assert pairs(search(row, query, radius)) == {(0, 0, radius)}
        further = list(order)[radius]
        query[0][further // 64] ^= np.uint64(1 << (further % 64))
        assert pairs(search(row, query, radius)) == set()


@every_variant
@pytest.mark.parametrize("radius", [0, 10, 31, 40])
def test_clustered_hashes(search: Search, radius: int) -> None:
    rng = np.random.default_rng(3)
    centres = _words(rng, 5)
    rows = np.concatenate([flipped(rng, centres[[n % 5]], n % 45) for n in range(600)] + [centres, centres])
    queries = np.concatenate([centres, flipped(rng, centres, 20), _words(rng, 3)])
    assert pairs(search(rows, queries, radius)) == plain(rows, queries, radius)


# Templates: half of the bits are those of a shared banner, so that some chunks say nothing, and pass every hash.
@every_variant
@pytest.mark.parametrize("radius", [10, 31, 40])
def test_hashes_that_share_half_of_their_bits(search: Search, radius: int) -> None:
    rng = np.random.default_rng(7)
    rows = _words(rng, 2_000)
    rows[:, :2] = _words(rng, 1)[0, :2]
    queries = np.concatenate([flipped(rng, rows[:2], bits) for bits in (0, 9, 30, 31, 39, 41)] + [_words(rng, 2)])
    assert pairs(search(rows, queries, radius)) == plain(rows, queries, radius)


@every_variant
def test_many_copies_of_few_hashes(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    rows = np.repeat(_words(rng, 3), 3_000, axis=0)
    queries = np.concatenate([rows[::3_000], _words(rng, 2)])
    monkeypatch.setattr(arrays, "BLOCK", 64)
    assert pairs(search(rows, queries, 31)) == {(n, n * 3_000 + copy, 0) for n in range(3) for copy in range(3_000)}


@every_variant
def test_nothing_to_search_or_to_ask(search: Search) -> None:
    rng = np.random.default_rng(5)
    empty = np.empty((0, 4), np.uint64)
    assert pairs(search(empty, _words(rng, 2), 31)) == set()
    assert pairs(search(_words(rng, 2), empty, 31)) == set()
    assert pairs(search(empty, empty, 0)) == set()


# 256 differing bits must not look like none: eight-bit counts would wrap.
@every_variant
def test_complements_are_far_apart(search: Search) -> None:
    rows = _words(np.random.default_rng(6), 50)
    assert pairs(search(rows, ~rows, 40)) == set()


def test_tables_are_fast_or_small_as_their_size_asks() -> None:
    rng = np.random.default_rng(8)
    few, many = (Near(_words(rng, count), np.zeros(count, np.uint32)) for count in (500, 40_000))
    assert not few.by_chunks(31, KERNELS[0]).layout and many.by_chunks(31, KERNELS[0]).layout
    kernels = [many.by_chunks(31, kernel) for kernel in KERNELS]
    assert all((one.order == kernels[0].order).all() and (one.starts == kernels[0].starts).all() for one in kernels)


@every_variant
@pytest.mark.parametrize("radius", [0, 10, 31, 40])
def test_pictures_and_their_edits(search: Search, clustered: Words, radius: int) -> None:
    queries = clustered[::11]
    expected = plain(clustered, queries, radius)
    assert pairs(search(clustered, queries, radius)) == expected
    assert len(expected) > len(queries) or not radius
