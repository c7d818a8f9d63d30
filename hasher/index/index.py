"""Exact look-up of cryptographic digests and exact search of PDQ within the radius, with changes at any time.

Entries live in immutable tables and in a small tail of additions that is compared one by one. A full tail becomes a table,
and tables of like size are merged: `plan = index.due()`, `built = plan.build()` in a thread, `index.adopt(built)`.
Searches may run in threads; changes, `due` and `adopt` belong to one thread.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from contracts.snapshots import Parts
from contracts.vault import EntryDigests
from hasher.index.exact import WIDTHS
from hasher.index.kernel import KERNEL, Kernel
from hasher.index.layout import check_radius
from hasher.index.merge import Built, Gone, Part, Plan, counts_from
from hasher.index.parts import parts_of, table_of
from hasher.index.table import PDQ, Digests, Table, flat
from hasher.index.tail import GONE, Tail
from hasher.index.words import HASH_BYTES, Found, Ids, Words, to_words

FULL: Final = 8_192
"""Digests in a tail that is due to become a table: comparing with all of them costs some microseconds a hash."""
OVERFULL: Final = 131_072
"""Digests in a tail that no one has merged in time (a load): they are laid out flat, to save memory."""
LIKE: Final = 2
"""A table up to so many times as large as those that came after it is merged with them."""
STALE: Final = 8
"""An eighth of the entries may be gone before everything is merged."""


class Hit(Struct, frozen=True, gc=False):
    """A digest of the list that the query agrees with. `query` is its number in the call, `distance` 0 if exact."""

    query: int
    entry_id: int
    algorithm: str
    digest: bytes
    distance: int = 0


class _State(NamedTuple):
    """What a search looks at, exchanged as one: so it may run in a thread while tables are adopted."""

    parts: tuple[Part, ...]
    gone: Gone


class Index:
    """Known digests of entries that may match. `seq` is the vault's change number up to which it is complete."""

    def __init__(self, radius: int, kernel: Kernel = KERNEL) -> None:
        """Raises ValueError for a radius that is not 0..40 bits."""
        self.radius = check_radius(radius)
        self.seq = 0
        self._kernel = kernel
        self._size = 0
        self._highest = GONE
        self._removed: dict[int, int] = {}
        self._tail = Tail(1)
        self._state = _State((self._tail,), (self._removed,))

    @classmethod
    def restore(cls, radius: int, parts: Parts, seq: int, kernel: Kernel = KERNEL) -> Self:
        """An index over arrays that `parts` gave, used in place and never written to.

        Raises ValueError with the reason if they are not for this radius or version, or damaged.
        """
        index = cls(radius, kernel)
        table = table_of(parts, radius)
        index.seq = seq
        index._size = int(table.counts.sum(dtype=np.int64))
        index._highest = int(table.ids[-1]) if len(table.ids) else GONE
        index._state = _State((table, index._tail), index._state.gone)
        return index

    def __len__(self) -> int:
        """Digests that can be hit, each entry's for itself."""
        return self._size

    @property
    def pdqs(self) -> int:
        """PDQ hashes that a search compares with; removed ones count until they are merged away."""
        return sum(part.pdqs for part in self._state.parts)

    def add(self, entries: Iterable[EntryDigests]) -> None:
        """Add entries; one that is there already is replaced, of one that comes twice the last counts.

        Raises ValueError, and adds none, if a digest is not as long as its algorithm says.
        """
        fresh: dict[int, Digests] = {}
        for entry in entries:
            for algorithm, digest in entry.digests:
                if len(digest) != (HASH_BYTES if algorithm == PDQ else WIDTHS.get(algorithm)):
                    raise ValueError(f"entry {entry.entry_id} has a digest of {len(digest)} bytes for {algorithm!r}")
            fresh[entry.entry_id] = tuple(dict.fromkeys(entry.digests))
        self._forget(list(fresh))
        added = [(entry_id, digests) for entry_id, digests in fresh.items() if digests]
        if added:
            self._highest = max(self._highest, max(entry_id for entry_id, _ in added))
            before = len(self._tail)
            self._tail.add(added)
            self._size += len(self._tail) - before
        if self._tail.weight > OVERFULL:
            self._seal()
            *older, sealed, tail = self._state.parts
            assert isinstance(sealed, Tail)
            self._state = self._state._replace(parts=(*older, flat(sealed.number, sealed.entries), tail))

    def remove(self, entries: Iterable[EntryDigests]) -> None:
        """Remove entries with all their digests. Unknown ones are passed over."""
        self._forget([entry.entry_id for entry in entries])

    def exact(self, algorithm: str, digest: bytes, query: int = 0) -> list[Hit]:
        """Entries with this MD5, SHA-1 or SHA-256."""
        if len(digest) != WIDTHS.get(algorithm):
            return []
        parts, gone = self._state
        found: list[int] = []
        for part in parts:
            if isinstance(part, Tail):
                ids = part.exact(digest)
            else:
                ids = part.ids[part.exact[algorithm].find(digest, self._kernel)].tolist()
            found += [entry_id for entry_id in ids if counts_from(gone, entry_id) <= part.number]
        return [Hit(query, entry_id, algorithm, digest) for entry_id in sorted(found)]

    def near(self, hashes: Sequence[bytes]) -> list[Hit]:
        """All PDQs within the radius of each of `hashes`. Ask together what is at hand: it is cheaper."""
        return self.near_joined(b"".join(hashes)) if hashes else []

    def near_joined(self, hashes: bytes) -> list[Hit]:
        """The same for hashes laid end to end."""
        queries = to_words(hashes)
        parts, gone = self._state
        hits: list[Hit] = []
        for part in parts:
            if isinstance(part, Tail):
                found, rows, ids = part.near(queries, self.radius, self._kernel)
                owners = ids[found[:, 1]]
            else:
                found, rows = part.near.search(queries, self.radius, self._kernel), part.near.rows
                owners = part.ids[part.near.owners[found[:, 1]]]
            _collect(hits, found, rows, owners, part.number, gone)
        return hits

    def due(self, *, whole: bool = False) -> Plan | None:
        """What ought to be merged now, if anything; with `whole` everything. Quick; one plan at a time is of use."""
        stale = sum(map(len, self._state.gone))
        pressed = stale > max(FULL, self._size // STALE)
        if self._tail.weight >= FULL or (whole and self._tail.entries):
            self._seal()
        parts = self._state.parts[:-1]
        first = next((at for at, part in enumerate(parts) if isinstance(part, Tail) or not part.ready), len(parts))
        if (whole and (len(parts) > 1 or stale)) or pressed:
            first = 0
        if first == len(parts):
            return None
        size = sum(part.weight for part in parts[first:])
        while first and (whole or parts[first - 1].weight <= LIKE * size):
            first -= 1
            size += parts[first].weight
        gone = self._state.gone
        if self._removed:  # what is removed from now on is written down apart
            self._removed = {}
            self._state = self._state._replace(gone=(self._removed, *gone))
        else:
            gone = gone[1:]
        return Plan(parts[:first], parts[first:], gone, self.radius, self.seq, self._kernel)

    def adopt(self, built: Built) -> bool:
        """Put a merged table in the place of what it was made from. False, and nothing done, if that is not there any more."""
        plan = built.plan
        planned = (*plan.older, *plan.parts)
        parts, gone = self._state
        until = len(gone) - len(plan.gone)
        if not _same(parts[: len(planned)], planned) or not _same(gone[max(until, 0) :], plan.gone):
            return False
        table = (built.table,) if len(built.table.ids) else ()
        left = (built.gone,) if built.gone else ()
        self._state = _State((*plan.older, *table, *parts[len(planned) :]), (*gone[:until], *left))
        return True

    def compact(self) -> None:
        """Make one table of everything, at once: searching several costs more. For after a load."""
        plan = self.due(whole=True)
        if plan is not None:
            self.adopt(plan.build())
            del plan
            self._kernel.trim()

    def parts(self) -> dict[str, npt.NDArray[Any]]:
        """Everything as named flat arrays, for `restore`; merges first. They are the index's own: only to be read."""
        self.compact()
        first = self._state.parts[0]
        return parts_of(first if isinstance(first, Table) else flat(0, {}), self.radius)

    def _seal(self) -> None:
        """Begin a new tail; the one there was is changed no more."""
        self._tail = Tail(self._tail.number + 1)
        self._state = self._state._replace(parts=(*self._state.parts, self._tail))

    def _forget(self, entry_ids: list[int]) -> None:
        """Make sure that none of these entries counts anywhere."""
        known = [entry_id for entry_id in entry_ids if entry_id <= self._highest]
        if not known:
            return
        self._size -= self._tail.remove(known)
        parts, gone = self._state
        for part in parts[:-1]:
            for entry_id, count in zip(known, part.counted(known), strict=True):
                if count and counts_from(gone, entry_id) <= part.number:
                    self._removed[entry_id] = self._tail.number
                    self._size -= count


def _same(mine: Sequence[object], theirs: Sequence[object]) -> bool:
    """Whether these are the very same things."""
    return len(mine) == len(theirs) and all(one is other for one, other in zip(mine, theirs, strict=True))


def _collect(hits: list[Hit], found: Found, rows: Words, owners: Ids, number: int, gone: Gone) -> None:
    if not len(found):
        return
    digests = np.take(rows, found[:, 1], axis=0).tobytes()
    some_gone = any(gone)
    queries, _, distances = found.T.tolist()
    for at, (query, entry_id, distance) in enumerate(zip(queries, owners.tolist(), distances, strict=True)):
        if entry_id != GONE and not (some_gone and counts_from(gone, entry_id) > number):
            hits.append(Hit(query, entry_id, PDQ, digests[at * HASH_BYTES : (at + 1) * HASH_BYTES], distance))
