"""A table of PDQ: hashes with the places of their entries, found by their chunks, or one by one while they are few."""

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from hasher.index.kernel import Kernel
from hasher.index.layout import Chunk, Layout, chunked, complete, values
from hasher.index.words import Found, Places, Words, nothing_found

NO_PLACES = np.empty(0, np.uint32)


class Near(NamedTuple):
    """Immutable. `owners` are the places of the hashes' entries in the table's ids."""

    rows: Words
    owners: Places
    layout: Layout = ()
    starts: Places = NO_PLACES
    order: Places = NO_PLACES

    def search(self, queries: Words, radius: int, kernel: Kernel) -> Found:
        """Every pair within the radius."""
        if not len(self.rows) or not len(queries):
            return nothing_found()
        if not self.layout:
            return kernel.brute(self.rows, queries, radius)
        return kernel.search(self.rows, queries, radius, self.layout, self.starts, self.order)

    def by_chunks(self, radius: int, kernel: Kernel) -> Self:
        """The same hashes with what finding them fast takes; below some ten thousand comparing with all is fastest."""
        return self.cut(chunked(len(self.rows), radius), kernel)

    def cut(self, layout: Layout, kernel: Kernel) -> Self:
        """The same hashes, found by these chunks."""
        count = len(self.rows)
        starts = np.empty(sum((1 << chunk.bits) + 1 for chunk in layout), np.uint32)
        order = np.empty(len(layout) * count, np.uint32)
        start = 0
        for number, chunk in enumerate(layout):
            end = start + (1 << chunk.bits) + 1
            starts[start:end], order[number * count : (number + 1) * count] = kernel.sort(
                values(self.rows, chunk), chunk.bits
            )
            start = end
        return self._replace(layout=layout, starts=starts, order=order)

    def check(self, entries: int, radius: int) -> None:
        """Raises ValueError if the arrays do not belong together, or point outside."""
        count = len(self.rows)
        _need(self.rows.shape == (count, 4) and self.owners.shape == (count,), "hashes and owners differ in number")
        _need(not count or int(self.owners.max()) < entries, "an owner is no entry")
        _need(not self.layout or complete(self.layout, radius), f"the chunks are not those of radius {radius}")
        sizes = [(1 << chunk.bits) + 1 for chunk in self.layout]
        _need(self.starts.shape == (sum(sizes),), "the starts do not fit the chunks")
        _need(self.order.shape == (len(sizes) * count,), "the order does not fit the hashes")
        _need(not len(self.order) or int(self.order.max()) < count, "the order names a hash that is none")
        at = 0
        for size in sizes:
            mine = self.starts[at : at + size]
            _need(int(mine[0]) == 0 and int(mine[-1]) == count, "the starts do not span the hashes")
            _need(bool((mine[1:] >= mine[:-1]).all()), "the starts fall")
            at += size


def layout_of(chunks: npt.NDArray[np.int32]) -> Layout:
    """A layout from its array of shape (m, 3); ValueError for another shape."""
    _need(chunks.ndim == 2 and chunks.shape[1] == 3, "the chunks have no three numbers each")
    return tuple(Chunk(*(int(value) for value in row)) for row in chunks)


def _need(condition: bool, reason: str) -> None:
    if not condition:
        raise ValueError(reason)
