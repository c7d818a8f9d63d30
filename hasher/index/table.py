"""An immutable set of entries: their ids, their PDQ and their cryptographic digests."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from hasher.index.exact import WIDTHS, Exact
from hasher.index.kernel import Kernel
from hasher.index.near import Near
from hasher.index.words import Ids, Places, to_words

Digests = tuple[tuple[str, bytes], ...]
PDQ: Final = "pdq"


class Table(NamedTuple):
    """`ids` rise; `counts` are the digests of each entry. `ready`: found by chunks, where that is faster."""

    number: int
    ids: Ids
    counts: Places
    near: Near
    exact: Mapping[str, Exact]
    ready: bool = False

    @property
    def weight(self) -> int:
        """How many digests."""
        return len(self.near.rows) + sum(len(exact.keys) for exact in self.exact.values())

    @property
    def pdqs(self) -> int:
        """How many hashes a search compares with."""
        return len(self.near.rows)

    def counted(self, entry_ids: Sequence[int]) -> list[int]:
        """How many digests each of these entries has here; 0 for one that is not here."""
        asked = np.array(entry_ids, np.int64)
        places, here = self.places(asked)
        return np.where(here, self.counts[places], 0).tolist() if len(self.ids) else [0] * len(asked)

    def places(self, asked: Ids) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """(place, whether it is here) of each id."""
        if not len(self.ids):
            return np.zeros(len(asked), np.intp), np.zeros(len(asked), bool)
        places = np.minimum(np.searchsorted(self.ids, asked), len(self.ids) - 1)
        return places, self.ids[places] == asked

    def by_chunks(self, radius: int, kernel: Kernel) -> Self:
        """The same entries, found fast."""
        return self._replace(near=self.near.by_chunks(radius, kernel), ready=True)


def flat(number: int, entries: Mapping[int, Digests]) -> Table:
    """A table of these entries that is not ready yet."""
    given = np.fromiter(entries, np.int64, len(entries))
    order = np.argsort(given)
    place_of = np.empty(len(order), np.uint32)
    place_of[order] = np.arange(len(order), dtype=np.uint32)
    counts = np.fromiter((len(digests) for digests in entries.values()), np.uint32, len(entries))
    digests: dict[str, list[bytes]] = {name: [] for name in (PDQ, *WIDTHS)}
    owners: dict[str, list[int]] = {name: [] for name in digests}
    for place, (_, pairs) in zip(place_of.tolist(), entries.items(), strict=True):
        for name, digest in pairs:
            digests[name].append(digest)
            owners[name].append(place)
    places = {name: np.array(some, np.uint32) for name, some in owners.items()}
    exact = {
        name: Exact.of(np.frombuffer(b"".join(digests[name]), np.uint8).reshape(-1, width), places[name])
        for name, width in WIDTHS.items()
    }
    near = Near(to_words(b"".join(digests[PDQ])), places[PDQ])
    return Table(number, given[order], counts[order], near, exact)


def merged(number: int, tables: Iterable[tuple[Table, npt.NDArray[np.bool_]]]) -> Table:
    """One table of those entries of each that are to be kept; an entry is kept in one table at most."""
    parts = list(tables)
    kept = np.concatenate(
        [np.flatnonzero(keep) + start for (_, keep), start in zip(parts, _starts(parts), strict=True)]
    )
    ids = np.concatenate([table.ids for table, _ in parts])
    order = kept[np.argsort(ids[kept], kind="stable")]
    place_of = np.full(len(ids), len(ids), np.uint32)  # of those that are dropped: no place
    place_of[order] = np.arange(len(order), dtype=np.uint32)
    counts = np.concatenate([table.counts for table, _ in parts])[order]
    rows, owners = [], []
    some: dict[str, list[Exact]] = {name: [] for name in WIDTHS}
    for (table, keep), start in zip(parts, _starts(parts), strict=True):
        mine, everything = place_of[start : start + len(keep)], bool(keep.all())
        left: Any = slice(None) if everything else np.flatnonzero(keep[table.near.owners])
        rows.append(table.near.rows[left])
        owners.append(mine[table.near.owners[left]])
        for name, one in table.exact.items():
            left = slice(None) if everything else np.flatnonzero(keep[one.owners])
            some[name].append(Exact(one.keys[left], one.rest[left], mine[one.owners[left]]))
    exact = {
        name: Exact(*(np.concatenate(columns) for columns in zip(*given, strict=True))).in_order()
        for name, given in some.items()
    }
    return Table(number, ids[order], counts, Near(np.concatenate(rows), np.concatenate(owners)), exact)


def _starts(parts: Sequence[tuple[Table, npt.NDArray[np.bool_]]]) -> list[int]:
    """Where each table's ids begin when they are laid end to end."""
    return [0, *np.cumsum([len(keep) for _, keep in parts])[:-1].tolist()]
