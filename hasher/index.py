"""Is it known? Exact look-up of cryptographic digests, exact search of PDQ within the radius; in memory.

PDQ hashes live in immutable tables (`hasher.mih`) and a small tail of additions that is compared by brute force. A full tail
becomes a table, and tables of like size are merged, so that additions cost little whatever the size.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from contracts.vault import EntryDigests
from hasher.mih import Found, Ids, Table, Words, brute, probes, to_words

BRUTE_BELOW: Final = 8_192
"""Up to here comparing with all beats a table, or is close to it: 12 us a hash; a table takes 45 when the eight forms of
one picture are asked together, 5 when those of sixteen are (measured)."""
GONE: Final = -1


class Hit(Struct, frozen=True, gc=False):
    """A digest of the list that the query agrees with. `query` is its number in the call, `distance` 0 if exact."""

    query: int
    entry_id: int
    algorithm: str
    digest: bytes
    distance: int = 0


class Index:
    """Known digests of entries that may match. `seq` is the vault's change number up to which it is complete."""

    def __init__(self, radius: int) -> None:
        """Raises ValueError for a radius that is not 0..40 bits."""
        probes(radius)
        self.radius = radius
        self.seq = 0
        self._exact: dict[bytes, int | tuple[int, ...]] = {}  # lengths of 16, 20 and 32 bytes tell the algorithm
        self._tables: list[tuple[Table, Ids]] = []
        self._tail = np.empty((1024, 4), np.uint64)
        self._tail_ids = np.empty(1024, np.int64)
        self._tail_size = 0
        self.pdqs = 0

    def __len__(self) -> int:
        """Digests that can be hit (cryptographic ones that several entries share count once)."""
        return len(self._exact) + self.pdqs

    def add(self, entries: Iterable[EntryDigests]) -> None:
        """Add entries that are not in the index."""
        hashes: list[bytes] = []
        owners: list[int] = []
        for entry in entries:
            for algorithm, digest in entry.digests:
                if algorithm == "pdq":
                    hashes.append(digest)
                    owners.append(entry.entry_id)
                else:
                    self._add_exact(digest, entry.entry_id)
        if hashes:
            self._add_pdqs(to_words(b"".join(hashes)), np.array(owners, np.int64))

    def remove(self, entries: Iterable[EntryDigests]) -> None:
        """Remove entries; `digests` must be those that they were added with. Unknown ones are passed over."""
        gone: list[int] = []
        for entry in entries:
            for algorithm, digest in entry.digests:
                if algorithm == "pdq":
                    gone.append(entry.entry_id)
                else:
                    self._remove_exact(digest, entry.entry_id)
        if gone:
            for ids in [ids for _, ids in self._tables] + [self._tail_ids[: self._tail_size]]:
                found = np.isin(ids, np.array(gone, np.int64))
                self.pdqs -= int(np.count_nonzero(found))
                ids[found] = GONE

    def compact(self) -> None:
        """Make one table of all: searching several costs more. For after a load; takes 0.3 us a hash."""
        if self.pdqs > BRUTE_BELOW and (self._tail_size or len(self._tables) > 1):
            self._flush(whole=True)

    def exact(self, algorithm: str, digest: bytes, query: int = 0) -> list[Hit]:
        """Entries with this MD5, SHA-1 or SHA-256."""
        found = self._exact.get(digest)
        if found is None:
            return []
        ids = (found,) if isinstance(found, int) else found
        return [Hit(query, entry_id, algorithm, digest) for entry_id in ids]

    def near(self, hashes: Sequence[bytes]) -> list[Hit]:
        """All PDQs within the radius of each of `hashes`. Ask together what is at hand: it is cheaper."""
        return self.near_joined(b"".join(hashes)) if hashes and self.pdqs else []

    def near_joined(self, hashes: bytes) -> list[Hit]:
        """The same for hashes laid end to end."""
        queries = to_words(hashes)
        hits: list[Hit] = []
        for table, ids in self._tables:
            _collect(hits, table.search(queries), table.rows, ids)
        tail = self._tail[: self._tail_size]
        _collect(hits, brute(tail, queries, self.radius), tail, self._tail_ids)
        return hits

    def _add_exact(self, digest: bytes, entry_id: int) -> None:
        found = self._exact.get(digest)
        if found is None:
            self._exact[digest] = entry_id
        elif isinstance(found, int):
            if found != entry_id:
                self._exact[digest] = (found, entry_id)
        elif entry_id not in found:
            self._exact[digest] = (*found, entry_id)

    def _remove_exact(self, digest: bytes, entry_id: int) -> None:
        found = self._exact.get(digest)
        if found == entry_id:
            del self._exact[digest]
        elif isinstance(found, tuple) and entry_id in found:
            left = tuple(other for other in found if other != entry_id)
            self._exact[digest] = left if len(left) > 1 else left[0]

    def _add_pdqs(self, rows: Words, ids: Ids) -> None:
        self.pdqs += len(ids)
        size = self._tail_size + len(ids)
        if size > len(self._tail_ids):
            room = max(size, 2 * self._tail_size)
            self._tail = np.concatenate(
                [self._tail[: self._tail_size], np.empty((room - self._tail_size, 4), np.uint64)]
            )
            self._tail_ids = np.concatenate(
                [self._tail_ids[: self._tail_size], np.empty(room - self._tail_size, np.int64)]
            )
        self._tail[self._tail_size : size] = rows
        self._tail_ids[self._tail_size : size] = ids
        self._tail_size = size
        if size > BRUTE_BELOW:
            self._flush()

    def _flush(self, *, whole: bool = False) -> None:
        """Make the tail a table, together with the tables that are no more than twice as large, or with all."""
        rows, ids = [self._tail[: self._tail_size]], [self._tail_ids[: self._tail_size]]
        size = self._tail_size
        while self._tables and (whole or len(self._tables[-1][1]) <= 2 * size):
            table, owners = self._tables.pop()
            rows.append(table.rows)
            ids.append(owners)
            size += len(owners)
        owners = np.concatenate(ids)
        kept = owners != GONE
        self._tables.append((Table(np.concatenate(rows)[kept], self.radius), owners[kept]))
        self._tail, self._tail_ids, self._tail_size = np.empty((1024, 4), np.uint64), np.empty(1024, np.int64), 0


def _collect(hits: list[Hit], found: Found, rows: Words, ids: Ids) -> None:
    for query, row, distance in zip(*(part.tolist() for part in found), strict=True):
        entry_id = int(ids[row])
        if entry_id != GONE:
            hits.append(Hit(query, entry_id, "pdq", rows[row].tobytes(), distance))
