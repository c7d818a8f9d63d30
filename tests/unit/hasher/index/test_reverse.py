"""hasher.index.reverse: few entries met by many stored hashes equal brute force, whatever the layout."""

import numpy as np
import pytest

from hasher.index.kernel import Kernel
from hasher.index.reverse import Reverse
from hasher.index.words import MAX_RADIUS, Words
from tests.unit.hasher.index.test_near import flipped, pairs, plain


def _words(rng: np.random.Generator, count: int) -> Words:
    return rng.integers(0, 2**64, (count, 4), dtype=np.uint64)


@pytest.mark.parametrize("entries", [1, 60, 400, 3_000])
@pytest.mark.parametrize("radius", [0, 1, 10, 20, 31])
def test_every_planted_distance_is_found(kernel: Kernel, radius: int, entries: int) -> None:
    rng = np.random.default_rng(radius)
    rows = _words(rng, entries)
    stored = np.concatenate(
        [flipped(rng, rows[-1:], distance) for distance in range(MAX_RADIUS + 2)] + [_words(rng, 50)]
    )
    found = Reverse(rows, range(entries), radius, kernel).search(stored)
    assert pairs(found) == {(distance, entries - 1, distance) for distance in range(radius + 1)}


@pytest.mark.parametrize("entries", [60, 400])
def test_at_the_widest_radius(kernel: Kernel, entries: int) -> None:
    rng = np.random.default_rng(9)
    rows = _words(rng, entries)
    stored = np.concatenate([flipped(rng, rows[:9], distance) for distance in (39, 40, 41)])
    found = Reverse(rows, range(entries), 40, kernel).search(stored)
    assert pairs(found) == {(at, at, 39) for at in range(9)} | {(9 + at, at, 40) for at in range(9)}


@pytest.mark.parametrize("radius", [10, 31, 40])
def test_pictures_and_their_edits(kernel: Kernel, clustered: Words, radius: int) -> None:
    entries, stored = clustered[::7], clustered
    found = Reverse(entries, range(len(entries)), radius, kernel).search(stored.tobytes())
    assert pairs(found) == plain(entries, stored, radius)
    few = Reverse(clustered[:5].tobytes(), range(5), radius, kernel).search(stored)
    assert pairs(few) == plain(clustered[:5], stored, radius)


def test_nothing(kernel: Kernel) -> None:
    rows = _words(np.random.default_rng(1), 3)
    assert not len(Reverse(b"", [], 31, kernel).search(rows))
    assert not len(Reverse(rows, [1, 2, 3], 31, kernel).search(b""))
    with pytest.raises(ValueError, match="2 ids for hashes of shape"):
        Reverse(rows, [1, 2], 31, kernel)
    with pytest.raises(ValueError, match=r"0\.\.40"):
        Reverse(rows, [1, 2, 3], 41, kernel)
