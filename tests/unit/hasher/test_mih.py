"""hasher.mih: all variants equal brute force in plain Python, at every planted distance, on uniform and clustered hashes."""

from collections.abc import Callable

import numpy as np
import pytest

from hasher import mih

Found = set[tuple[int, int, int]]


def _words(rng: np.random.Generator, count: int) -> mih.Words:
    return rng.integers(0, 2**64, (count, 4), dtype=np.uint64)


def _flipped(rng: np.random.Generator, rows: mih.Words, bits: int) -> mih.Words:
    """Each row with exactly so many bits changed."""
    out = rows.copy()
    for row in out:
        for bit in rng.permutation(256)[:bits]:
            row[bit // 64] ^= np.uint64(1 << int(bit % 64))
    return out


def _plain(rows: mih.Words, queries: mih.Words, radius: int) -> Found:
    found: Found = set()
    left = [int.from_bytes(row.tobytes()) for row in rows]
    for number, query in enumerate(int.from_bytes(query.tobytes()) for query in queries):
        found |= {
            (number, at, (row ^ query).bit_count())
            for at, row in enumerate(left)
            if (row ^ query).bit_count() <= radius
        }
    return found


def _set(found: mih.Found) -> Found:
    listed = list(zip(*(part.tolist() for part in found), strict=True))
    assert len(listed) == len(set(listed)), "a pair was found twice"
    return set(listed)


def _table(rows: mih.Words, queries: mih.Words, radius: int) -> mih.Found:
    return mih.Table(rows, radius).search(queries)


VARIANTS: list[Callable[[mih.Words, mih.Words, int], mih.Found]] = [mih.brute, _table]


@pytest.mark.parametrize("search", VARIANTS)
@pytest.mark.parametrize("radius", range(mih.MAX_RADIUS + 1))
def test_every_planted_distance_is_found(search: Callable[..., mih.Found], radius: int) -> None:
    rng = np.random.default_rng(radius)
    rows = _words(rng, 300)
    planted = np.concatenate([_flipped(rng, rows[:7], distance) for distance in range(mih.MAX_RADIUS + 1)])
    expected = {(distance * 7 + at, at, distance) for distance in range(radius + 1) for at in range(7)}
    assert _set(search(rows, planted, radius)) == expected


# The worst cases of multi-index hashing: all differences in the fewest chunks, or spread as evenly as can be.
@pytest.mark.parametrize("radius", [0, 1, 15, 16, 30, 31, 32, 40])
def test_differences_packed_or_spread_over_chunks(radius: int) -> None:
    row = np.zeros((1, 4), np.uint64)
    orders = [range(256), [chunk * 16 + bit for bit in range(16) for chunk in range(16)], range(255, -1, -1)]
    for order in orders:
        query = row.copy()
        for bit in list(order)[:radius]:
            query[0][bit // 64] ^= np.uint64(1 << (bit % 64))
        assert _set(_table(row, query, radius)) == {(0, 0, radius)}
        further = list(order)[radius]
        query[0][further // 64] ^= np.uint64(1 << (further % 64))
        assert _set(_table(row, query, radius)) == set()


@pytest.mark.parametrize("search", VARIANTS)
@pytest.mark.parametrize("radius", [10, 31, 40])
def test_clustered_hashes(search: Callable[..., mih.Found], radius: int) -> None:
    rng = np.random.default_rng(3)
    centres = _words(rng, 5)
    rows = np.concatenate([_flipped(rng, centres[[n % 5]], n % 45) for n in range(600)] + [centres, centres])
    queries = np.concatenate([centres, _flipped(rng, centres, 20), _words(rng, 3)])
    assert _set(search(rows, queries, radius)) == _plain(rows, queries, radius)


def test_a_block_ends_in_the_middle_of_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    rows = np.repeat(_words(rng, 3), 70, axis=0)
    queries = np.concatenate([rows[::70], _words(rng, 2)])
    expected = _plain(rows, queries, 31)
    monkeypatch.setattr(mih, "BLOCK", 64)
    assert _set(_table(rows, queries, 31)) == expected
    assert _set(mih.brute(rows, queries, 31)) == expected


@pytest.mark.parametrize("search", VARIANTS)
def test_nothing_to_search_or_to_ask(search: Callable[..., mih.Found]) -> None:
    rng = np.random.default_rng(5)
    empty = np.empty((0, 4), np.uint64)
    assert _set(search(empty, _words(rng, 2), 31)) == set()
    assert _set(search(_words(rng, 2), empty, 31)) == set()


# 256 differing bits must not look like none: eight-bit counts would wrap.
@pytest.mark.parametrize("search", VARIANTS)
def test_complements_are_far_apart(search: Callable[..., mih.Found]) -> None:
    rows = _words(np.random.default_rng(6), 50)
    assert _set(search(rows, ~rows, 40)) == set()


@pytest.mark.parametrize("radius", range(mih.MAX_RADIUS + 1))
def test_probes_obey_the_pigeonhole(radius: int) -> None:
    flips = [max(int(mask).bit_count() for mask in masks) for masks in mih.probes(radius)]
    assert sum(flip + 1 for flip in flips) == radius + 1
    assert all(len(set(masks.tolist())) == len(masks) for masks in mih.probes(radius))


@pytest.mark.parametrize("radius", [-1, 41])
def test_other_radii_are_refused(radius: int) -> None:
    with pytest.raises(ValueError, match=r"0\.\.40"):
        mih.probes(radius)
