"""Many tables to one, beside searches and changes: planned at once, built in a thread, adopted at once.

An entry that is removed from a table is written down as gone: with the number of the tail at that time, from which on what
is there of it counts again. Tables and tails are numbered as they came; an entry counts in one of them at most.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from hasher.index.kernel import Kernel
from hasher.index.table import Table, flat, merged
from hasher.index.tail import Tail
from hasher.index.words import Ids

Part = Table | Tail
Gone = tuple[Mapping[int, int], ...]
"""Entry to the lowest number of a part in which it counts, the latest word first."""

LARGE: Final = 100_000
"""Digests from which on a merge leaves much memory behind."""


def counts_from(gone: Gone, entry_id: int) -> int:
    """The lowest number of a part in which this entry counts."""
    for some in gone:
        number = some.get(entry_id)
        if number is not None:
            return number
    return 0


class Built(NamedTuple):
    """A table in place of the plan's parts, and what is still gone from the older ones. `seq` is that of the plan."""

    plan: "Plan"
    table: Table
    gone: dict[int, int]

    @property
    def seq(self) -> int:
        """Up to which change of entries the table is complete, if the plan was of everything."""
        return self.plan.seq


class Plan(NamedTuple):
    """What to merge: `parts`, the latest that are not changed any more; `older` stay as they are."""

    older: tuple[Part, ...]
    parts: tuple[Part, ...]
    gone: Gone
    radius: int
    seq: int
    kernel: Kernel

    def build(self) -> Built:
        """The merged table. Takes long for many entries; safe in a thread while the index is searched and changed."""
        built = self._build()
        if built.table.weight >= LARGE:
            self.kernel.trim()
        return built

    def _build(self) -> Built:
        gone: dict[int, int] = {}
        for some in reversed(self.gone):
            gone.update(some)
        ids = np.fromiter(gone, np.int64, len(gone))
        numbers = np.fromiter(gone.values(), np.int64, len(gone))
        tables = [flat(part.number, part.entries) if isinstance(part, Tail) else part for part in self.parts]
        table = merged(tables[-1].number, [(table, _kept(table, ids, numbers)) for table in tables])
        table = table.by_chunks(self.radius, self.kernel)
        still = np.zeros(len(ids), bool)
        for part in self.older:
            still |= _here(part, ids) & (numbers > part.number)
        return Built(self, table, dict(zip(ids[still].tolist(), numbers[still].tolist(), strict=True)))


def _kept(table: Table, ids: Ids, numbers: Ids) -> npt.NDArray[np.bool_]:
    """Which of a table's entries count in it."""
    keep = np.ones(len(table.ids), bool)
    later = ids[numbers > table.number]
    places, here = table.places(later)
    keep[places[here]] = False
    return keep


def _here(part: Part, ids: Ids) -> npt.NDArray[np.bool_]:
    """Which of the ids are in a part."""
    if isinstance(part, Table):
        return part.places(ids)[1]
    return np.fromiter((entry_id in part.entries for entry_id in ids.tolist()), bool, len(ids))
