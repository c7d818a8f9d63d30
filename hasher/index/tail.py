"""The entries that came last: changed in place, compared one by one, until they become a table."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from hasher.index.kernel import Kernel
from hasher.index.table import PDQ, Digests
from hasher.index.words import Found, Ids, Words, nothing_found, to_words

GONE: Final = -1
"""In place of an entry's id: removed."""
ROOM: Final = 1024


class Tail:
    """What may be searched while entries are added: rows beyond a search's beginning are not looked at."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.entries: dict[int, Digests] = {}
        self._exact: dict[bytes, dict[int, None]] = {}  # lengths of 16, 20 and 32 bytes tell the algorithm
        self._rows = np.empty((ROOM, 4), np.uint64)
        self._ids = np.empty(ROOM, np.int64)
        self._used = 0
        self._size = 0

    def __len__(self) -> int:
        """How many digests."""
        return self._size

    @property
    def weight(self) -> int:
        """What it costs: digests, or rows with those that are gone, whichever are more."""
        return max(self._size, self._used)

    @property
    def pdqs(self) -> int:
        """How many hashes a search compares with."""
        return self._used

    def counted(self, entry_ids: Sequence[int]) -> list[int]:
        """How many digests each of these entries has here; 0 for one that is not here."""
        return [len(self.entries.get(entry_id, ())) for entry_id in entry_ids]

    def add(self, entries: Sequence[tuple[int, Digests]]) -> None:
        """Add entries that are not here."""
        hashes: list[bytes] = []
        owners: list[int] = []
        for entry_id, digests in entries:
            self.entries[entry_id] = digests
            self._size += len(digests)
            for algorithm, digest in digests:
                if algorithm == PDQ:
                    hashes.append(digest)
                    owners.append(entry_id)
                else:
                    self._exact.setdefault(digest, {})[entry_id] = None
        if hashes:
            self._append(to_words(b"".join(hashes)), np.array(owners, np.int64))

    def remove(self, entry_ids: Sequence[int]) -> int:
        """Remove those of the entries that are here; how many digests they had."""
        here = [entry_id for entry_id in dict.fromkeys(entry_ids) if entry_id in self.entries]
        before = self._size
        pictures = []
        for entry_id in here:
            digests = self.entries.pop(entry_id)
            self._size -= len(digests)
            for algorithm, digest in digests:
                if algorithm == PDQ:
                    pictures.append(entry_id)
                else:
                    owners = self._exact[digest]
                    del owners[entry_id]
                    if not owners:
                        del self._exact[digest]
        if pictures:
            ids = self._ids[: self._used]
            ids[np.isin(ids, np.array(pictures, np.int64)) if len(pictures) > 1 else ids == pictures[0]] = GONE
        return before - self._size

    def exact(self, digest: bytes) -> list[int]:
        """Ids of the entries with this MD5, SHA-1 or SHA-256."""
        return list(self._exact.get(digest, ()))

    def near(self, queries: Words, radius: int, kernel: Kernel) -> tuple[Found, Words, Ids]:
        """Every pair within the radius, with the rows and their ids, some of them `GONE`."""
        used, rows, ids = self._used, self._rows, self._ids
        found = kernel.brute(rows[:used], queries, radius) if used and len(queries) else nothing_found()
        return found, rows, ids

    def _append(self, rows: Words, ids: Ids) -> None:
        size = self._used + len(ids)
        if size > len(self._ids):
            more = max(size, 2 * self._used) - self._used
            self._ids = np.concatenate([self._ids[: self._used], np.empty(more, np.int64)])
            self._rows = np.concatenate([self._rows[: self._used], np.empty((more, 4), np.uint64)])
        self._rows[self._used : size] = rows
        self._ids[self._used : size] = ids
        self._used = size
