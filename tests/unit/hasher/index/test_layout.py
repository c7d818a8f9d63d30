"""hasher.index.layout: chunks obey the pigeonhole, and take no more room than they may."""

import numpy as np
import pytest

from hasher.index.layout import ROOM, Chunk, check_radius, chunked, complete, flipped, masks, probes, values
from hasher.index.words import MAX_RADIUS

COUNTS = (0, 1, 5_000, 30_000, 100_000, 1_000_000, 10_000_000, 100_000_000)


@pytest.mark.parametrize("radius", range(MAX_RADIUS + 1))
def test_whatever_the_size_nothing_within_the_radius_is_missed(radius: int) -> None:
    for count in COUNTS:
        layout = chunked(count, radius)
        assert not layout or complete(layout, radius)
        if layout:
            assert sum(4 << chunk.bits for chunk in layout) + 4 * len(layout) * count <= ROOM * count
    for count in (0, 1, 100, 1_000, 30_000):
        layout, coarse = flipped(count, radius)
        assert not layout or (complete(layout, radius) and 8 <= coarse <= 24)


def test_chunks_that_miss_something() -> None:
    assert complete([Chunk(0, 16, 0), Chunk(16, 16, 1)], 2) and not complete([Chunk(0, 16, 0), Chunk(16, 16, 1)], 3)
    for bad in (Chunk(250, 16, 3), Chunk(-1, 16, 3), Chunk(0, 25, 3), Chunk(0, 0, 3), Chunk(0, 16, -1), Chunk(0, 3, 3)):
        assert not complete([bad], 0)
    assert not complete([Chunk(0, 16, 1), Chunk(8, 16, 1)], 1), "they overlap"


def test_masks_are_all_values_with_so_many_flips() -> None:
    found = masks(9, 2).tolist()
    assert found == sorted(value for value in range(512) if value.bit_count() <= 2)
    assert len(found) == probes(Chunk(3, 9, 2)) and not masks(9, 2).flags.writeable


@pytest.mark.parametrize(
    "chunk", [Chunk(0, 24, 2), Chunk(46, 23, 2), Chunk(60, 8, 0), Chunk(233, 23, 1), Chunk(64, 16, 0)]
)
def test_a_chunk_may_lie_across_words(chunk: Chunk) -> None:
    rows = np.random.default_rng(1).integers(0, 2**64, (20, 4), dtype=np.uint64)
    whole = [sum(word << (64 * number) for number, word in enumerate(row)) for row in rows.tolist()]
    assert values(rows, chunk).tolist() == [(row >> chunk.first) & ((1 << chunk.bits) - 1) for row in whole]


@pytest.mark.parametrize("radius", [-1, 41])
def test_other_radii_are_refused(radius: int) -> None:
    for ask in (check_radius, lambda value: chunked(1_000, value), lambda value: flipped(1_000, value)):
        with pytest.raises(ValueError, match=r"0\.\.40"):
            ask(radius)
