"""hasher.index.tail."""

from hasher.index.kernel import Kernel
from hasher.index.tail import GONE, Tail
from hasher.index.words import to_words


def test_added_and_removed(kernel: Kernel) -> None:
    tail = Tail(7)
    tail.add([(1, (("md5", b"m" * 16), ("pdq", b"p" * 32))), (2, (("md5", b"m" * 16), ("pdq", b"q" * 32)))])
    assert len(tail) == 4 and tail.exact(b"m" * 16) == [1, 2] and tail.counted([2, 3]) == [2, 0]
    assert tail.remove([1, 3, 1]) == 2 and len(tail) == 2 and tail.exact(b"m" * 16) == [2]
    found, rows, ids = tail.near(to_words(b"p" * 32 + b"q" * 32), 0, kernel)
    assert [(query, ids[row], rows[row].tobytes()) for query, row, _ in found.tolist()] == [
        (0, GONE, b"p" * 32),
        (1, 2, b"q" * 32),
    ]
    assert tail.remove([2]) == 2 and not len(tail) and tail.exact(b"m" * 16) == [] and not tail.entries
    assert tail.weight == tail.pdqs == 2, "until it is sealed, what is gone takes room"


def test_it_grows(kernel: Kernel) -> None:
    tail = Tail(1)
    for start in range(0, 5_000, 500):
        tail.add([(number, (("pdq", number.to_bytes(32)),)) for number in range(start, start + 500)])
    found, _, ids = tail.near(to_words(b"".join(number.to_bytes(32) for number in (0, 1_999, 4_999))), 0, kernel)
    assert sorted(ids[row] for _, row, _ in found.tolist()) == [0, 1_999, 4_999]
