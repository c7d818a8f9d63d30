"""A table of cryptographic digests of one length: sorted, so that a digest is found by halving, however many share a prefix."""

from typing import Final, NamedTuple, Self

import numpy as np

from hasher.index.kernel import Kernel
from hasher.index.words import Bytes, Places, Words

WIDTHS: Final = {"md5": 16, "sha1": 20, "sha256": 32}
"""Algorithm to bytes."""
PREFIX: Final = 8


class Exact(NamedTuple):
    """Immutable. `keys` are the first 8 bytes as numbers, `rest` the others, `owners` places in the table's ids."""

    keys: Words
    rest: Bytes
    owners: Places

    @classmethod
    def of(cls, digests: Bytes, owners: Places) -> Self:
        """From digests of shape (n, width) in any order."""
        keys = digests[:, :PREFIX].copy().view(">u8").ravel().astype(np.uint64)
        return cls(keys, digests[:, PREFIX:], owners).in_order()

    def in_order(self) -> Self:
        """Sorted by digest."""
        order = np.argsort(self.keys, kind="stable")
        keys = np.take(self.keys, order)
        same = keys[1:] == keys[:-1]
        if same.any():  # rare, but for digests that several entries share: only those are looked at further
            tied = np.zeros(len(keys), bool)
            tied[1:] |= same
            tied[:-1] |= same
            places = np.flatnonzero(tied)
            mine = order[places]
            columns = [self.owners[mine].astype(np.uint64), *_numbers(self.rest[mine])[::-1], keys[places]]
            order[places] = mine[np.lexsort(columns)]
        return type(self)(keys, np.take(self.rest, order, axis=0), np.take(self.owners, order))

    def find(self, digest: bytes, kernel: Kernel) -> Places:
        """Places of the entries with this digest."""
        if len(digest) != PREFIX + self.rest.shape[1] or not len(self.keys):
            return self.owners[:0]
        low, high = kernel.locate(self.keys, self.rest, digest)
        return self.owners[low:high]

    def check(self, width: int, entries: int) -> None:
        """Raises ValueError if the arrays do not belong together, or point outside."""
        count = len(self.keys)
        if self.rest.shape != (count, width - PREFIX) or self.owners.shape != (count,):
            raise ValueError("digests and owners differ in number")
        if count and int(self.owners.max()) >= entries:
            raise ValueError("an owner is no entry")
        if not bool((self.keys[1:] >= self.keys[:-1]).all()):
            raise ValueError("digests are not in order")


def _numbers(rest: Bytes) -> list[Words]:
    """Columns that sort as the bytes do."""
    padded = np.zeros((len(rest), -(-rest.shape[1] // PREFIX) * PREFIX), np.uint8)
    padded[:, : rest.shape[1]] = rest
    return [column.astype(np.uint64) for column in padded.view(">u8").T]
