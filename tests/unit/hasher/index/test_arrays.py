"""hasher.index.arrays: what holds for every kernel, and the bounds of the one in numpy."""

import numpy as np
import pytest

from hasher.index import arrays
from hasher.index.kernel import Kernel


def test_sorting_keeps_the_order_of_equals(kernel: Kernel) -> None:
    keys = np.random.default_rng(1).integers(0, 256, 5_000).astype(np.uint32)
    starts, order = kernel.sort(keys, 8)
    assert order.tolist() == sorted(range(len(keys)), key=lambda place: (keys[place], place))
    assert np.diff(starts).tolist() == np.bincount(keys, minlength=256).tolist() and starts[0] == 0
    nothing = kernel.sort(keys[:0], 8)
    assert nothing[0].tolist() == [0] * 257 and not len(nothing[1])


def test_a_digest_is_located_among_equals(kernel: Kernel) -> None:
    digests = sorted([b"a" * 8 + bytes([n, 0]) for n in (1, 3, 3, 3, 9)] + [b"b" * 10, b"\xff" * 10, bytes(10)])
    keys = np.array([int.from_bytes(digest[:8]) for digest in digests], np.uint64)
    rest = np.frombuffer(b"".join(digest[8:] for digest in digests), np.uint8).reshape(-1, 2)
    for digest in [*digests, b"a" * 8 + b"\x02\x00", b"a" * 8 + b"\x09\x01", b"c" * 10]:
        low, high = kernel.locate(keys, rest, digest)
        assert digests[low:high] == [digest] * digests.count(digest)
    assert kernel.locate(keys[:0], rest[:0], b"a" * 10) == (0, 0)


def test_blocks_are_searched_to_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "BLOCK", 7)
    rows = np.random.default_rng(2).integers(0, 2**64, (50, 4), dtype=np.uint64)
    assert sorted(arrays.brute(rows, rows[::-1], 3).tolist()) == [[at, 49 - at, 0] for at in range(50)]
