"""hasher.index.table: entries laid out, and merged without those that are not to be kept."""

import numpy as np

from hasher.index.kernel import KERNEL
from hasher.index.table import Digests, flat, merged


def _entry(number: int, pictures: int = 1) -> Digests:
    shown = tuple(("pdq", bytes([number, at]) * 16) for at in range(pictures))
    return (("md5", b"%16d" % number), ("sha1", b"%20d" % number), ("sha256", b"shared".ljust(32)), *shown)


def test_laid_out_by_id() -> None:
    table = flat(3, {9: _entry(9), 2: _entry(2, 0), 5: _entry(5, 3)})
    assert table.ids.tolist() == [2, 5, 9] and table.counts.tolist() == [3, 6, 4] and table.weight == 13
    assert table.counted([9, 1, 5, 10]) == [4, 0, 6, 0] and table.pdqs == 4
    assert table.ids[table.near.owners].tolist() == [9, 5, 5, 5]
    assert table.ids[table.exact["md5"].find(b"%16d" % 5, KERNEL)].tolist() == [5]
    assert table.ids[table.exact["sha256"].find(b"shared".ljust(32), KERNEL)].tolist() == [2, 5, 9]
    empty = flat(1, {})
    assert empty.counted([1]) == [0] and not empty.weight


def test_merging_keeps_what_it_is_told_to() -> None:
    one, two = flat(1, {1: _entry(1), 4: _entry(4), 9: _entry(9, 2)}), flat(2, {3: _entry(3), 4: _entry(5)})
    table = merged(2, [(one, np.array([True, False, True])), (two, np.array([True, True]))])
    assert table.number == 2 and table.ids.tolist() == [1, 3, 4, 9] and table.counts.tolist() == [4, 4, 4, 5]
    assert table.ids[table.near.owners].tolist() == [1, 9, 9, 3, 4]
    assert not len(table.exact["md5"].find(b"%16d" % 4, KERNEL)), "that was of the entry that is not kept"
    assert table.ids[table.exact["md5"].find(b"%16d" % 5, KERNEL)].tolist() == [4]
    assert table.ids[table.exact["sha256"].find(b"shared".ljust(32), KERNEL)].tolist() == [1, 3, 4, 9]
    nothing = merged(2, [(one, np.zeros(3, bool))])
    assert not nothing.weight and not len(nothing.ids)
