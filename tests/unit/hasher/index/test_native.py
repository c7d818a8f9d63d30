"""hasher.index.native: damaged arrays are refused or passed over; nothing outside of them is read or written."""

from itertools import product

import numpy as np
import pytest

from hasher.index.kernel import KERNELS
from hasher.index.layout import chunked
from hasher.index.near import Near
from hasher.index.reverse import Reverse
from tests.unit.hasher.index.test_near import small

NATIVE = [kernel for kernel in KERNELS if kernel.NAME == "native"]
"""Empty where there was no compiler: then there is nothing to be wrong."""

ROWS = np.random.default_rng(1).integers(0, 2**64, (300, 4), dtype=np.uint64)


def test_lengths_that_do_not_fit_are_refused() -> None:
    for native in NATIVE:
        near = Near(ROWS, np.zeros(300, np.uint32)).cut(small(chunked(1_000_000, 31)), native)
        for damaged in (
            near._replace(starts=near.starts[:-1]),
            near._replace(order=near.order[1:]),
            near._replace(rows=ROWS[:-1]),
            near._replace(layout=near.layout[:-1]),
            near._replace(layout=near.layout * 3),
            near._replace(layout=(near.layout[0]._replace(first=250), *near.layout[1:])),
            near._replace(layout=(near.layout[0]._replace(first=-1), *near.layout[1:])),
        ):
            with pytest.raises(ValueError, match="belong together"):
                damaged.search(ROWS, 31, native)
        with pytest.raises(ValueError, match="too many bits"):
            native.sort(np.array([1, 256], np.uint32), 8)
        with pytest.raises(ValueError, match="differ in number"):
            native.locate(np.zeros(3, np.uint64), np.zeros((2, 8), np.uint8), bytes(16))
        with pytest.raises(ValueError, match="differ in number"):
            native.locate(np.zeros(3, np.uint64), np.zeros((3, 8), np.uint8), bytes(7))


def test_numbers_that_point_outside_are_passed_over() -> None:
    chance = np.random.default_rng(2)
    for native, _ in product(NATIVE, range(20)):
        near = Near(ROWS, np.zeros(300, np.uint32)).cut(small(chunked(1_000_000, 31)), native)
        for array in (near.starts, near.order):
            places = chance.integers(0, len(array), len(array) // 10)
            array[places] = chance.integers(0, 2**32, len(places))
        assert all(row < 300 and distance <= 31 for _, row, distance in near.search(ROWS, 31, native).tolist())


def test_entries_laid_out_wrongly() -> None:
    chance = np.random.default_rng(3)
    for native in NATIVE:
        entries = Reverse(ROWS, range(300), 31, native)
        assert len(entries.search(ROWS)) == 300
        table = (entries._layout, entries._coarse, entries._bitmaps, entries._starts, entries._items)
        for at, shorter in ((2, table[2][:-1]), (3, table[3][:-1]), (4, table[4][:-1]), (0, table[0] * 4), (1, 0)):
            damaged = [*table]
            damaged[at] = shorter
            with pytest.raises(ValueError, match="belong together"):
                native.reverse(ROWS, ROWS, 31, *damaged)  # type: ignore[arg-type]
        starts, items = table[3].copy(), table[4].copy()
        last = 1 << entries._coarse
        starts[chance.integers(0, last, last)] = 2**32 - 1
        items[::3] = 2**31
        assert all(row < 300 for _, row, _ in native.reverse(ROWS, ROWS, 31, *table[:3], starts, items).tolist())
