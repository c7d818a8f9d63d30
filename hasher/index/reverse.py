"""Few new entries against a stream of stored hashes: the entries are laid out with all their flips, a stored hash probes once.

Per chunk there is a bitmap of all values that some entry would be found by: most stored hashes fail all of them and are done.
Those that pass look up, by the first bits of the value, the entries that may be meant.
"""

from collections.abc import Sequence

import numpy as np

from hasher.index.kernel import KERNEL, Kernel
from hasher.index.layout import Chunk, check_radius, flipped, masks, values
from hasher.index.words import Bytes, Found, Ids, Places, Words, nothing_found, to_words


class Reverse:
    """The hashes of new entries, ready to be met by stored ones. Immutable, so that threads may share it."""

    def __init__(self, entries: Words | bytes, ids: Ids | Sequence[int], radius: int, kernel: Kernel = KERNEL) -> None:
        """`entries`: PDQ of shape (n, 4), or laid end to end; `ids`: the entry of each. ValueError if they differ in number."""
        self.rows = np.ascontiguousarray(to_words(entries) if isinstance(entries, bytes) else entries)
        self.ids: Ids = np.asarray(ids, np.int64)
        if self.rows.shape != (len(self.ids), 4):
            raise ValueError(f"{len(self.ids)} ids for hashes of shape {self.rows.shape}")
        self.radius = check_radius(radius)
        self._kernel = kernel
        self._layout, self._coarse = flipped(len(self.rows), radius)
        tables = [_table(self.rows, chunk, min(self._coarse, chunk.bits), kernel) for chunk in self._layout]
        if tables:
            self._bitmaps: Bytes = np.concatenate([bitmap for bitmap, _, _ in tables])
            self._starts: Places = np.concatenate([starts for _, starts, _ in tables])
            self._items: Places = np.concatenate([items for _, _, items in tables])

    def search(self, stored: Words | bytes) -> Found:
        """Every pair within the radius: (number of the stored hash, number of the entry in `ids`, distance)."""
        hashes = np.ascontiguousarray(to_words(stored) if isinstance(stored, bytes) else stored)
        if not len(self.rows) or not len(hashes):
            return nothing_found()
        if not self._layout:
            return self._kernel.brute(self.rows, hashes, self.radius)
        return self._kernel.reverse(
            hashes,
            self.rows,
            self.radius,
            self._layout,
            self._coarse,
            self._bitmaps,
            self._starts,
            self._items,
        )


def _table(rows: Words, chunk: Chunk, coarse: int, kernel: Kernel) -> tuple[Bytes, Places, Places]:
    """(bitmap, starts, items) of a chunk: which values find anything, and which rows by the first `coarse` bits of a value."""
    mine = values(rows, chunk)
    seen = np.zeros(1 << chunk.bits, bool)
    flips = masks(chunk.bits, chunk.flips)
    for start in range(0, len(mine), 4096):
        seen[(mine[start : start + 4096, None] ^ flips).ravel()] = True
    flips = masks(coarse, min(chunk.flips, coarse))
    buckets = ((mine >> np.uint32(chunk.bits - coarse))[:, None] ^ flips).ravel()
    starts, order = kernel.sort(buckets, coarse)
    return np.packbits(seen, bitorder="little"), starts, order // np.uint32(len(flips))
