"""hasher.index.exact: found by the whole digest, however many share a prefix."""

import random

import numpy as np
import pytest

from hasher.index.exact import WIDTHS, Exact
from hasher.index.kernel import Kernel


def _table(digests: list[bytes], width: int) -> Exact:
    joined = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, width)
    return Exact.of(joined, np.arange(len(digests), dtype=np.uint32))


@pytest.mark.parametrize("width", WIDTHS.values())
def test_found_as_in_a_dictionary(kernel: Kernel, width: int) -> None:
    chance = random.Random(width)
    digests = [chance.randbytes(width) for _ in range(500)]
    digests += [
        b"hostile!" + chance.choice([b"", b"prefixes"])[: width - 9].ljust(width - 9, b"\0") + chance.randbytes(1)
        for _ in range(500)
    ]
    digests += chance.choices(digests, k=100)
    table = _table(digests, width)
    table.check(width, len(digests))
    for digest in set(digests):
        expected = [owner for owner, other in enumerate(digests) if other == digest]
        assert table.find(digest, kernel).tolist() == expected
    for unknown in (bytes(width), b"\xff" * width, b"hostile!".ljust(width, b"\x01"), b"short", bytes(width + 1)):
        assert not len(table.find(unknown, kernel)) or unknown in digests
    assert not len(_table([], width).find(bytes(width), kernel))


def test_damage_is_named() -> None:
    table = _table([bytes([n]) * 16 for n in range(5)], 16)
    table.check(16, 5)
    for damaged, reason in (
        (table._replace(owners=table.owners[:-1]), "differ in number"),
        (table._replace(rest=table.rest[:, :-1]), "differ in number"),
        (table._replace(owners=table.owners + 1), "no entry"),
        (table._replace(keys=table.keys[::-1]), "not in order"),
    ):
        with pytest.raises(ValueError, match=reason):
            damaged.check(16, 5)
