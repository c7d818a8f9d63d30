"""Everything in the vault that is sealed to the notices role, walked through in batches: sealed anew, or only looked at."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.vault_queries import QUERIES
from contracts.errors import Corrupt
from contracts.seal import Resealer

BATCH: Final = 2_000


class Sealed(NamedTuple):
    """A column: the name of the query that reads a page of it behind a key, of the one that writes it, and the columns of that key."""

    name: str
    page: str
    write: str
    first: tuple[Any, ...]


COLUMNS: Final = (
    Sealed("sightings", "sealed_sightings", "reseal_sightings", (b"", b"")),
    Sealed("case_keys", "sealed_case_keys", "reseal_case_keys", (0,)),
    Sealed("reply_keys", "sealed_reply_keys", "reseal_reply_keys", (0,)),
    Sealed("series", "sealed_series", "reseal_series", (b"",)),
    Sealed("notes", "sealed_notes", "reseal_notes", (0,)),
)
"""All columns that are sealed to the notices role; cases and replies are sealed to keys of their own, which are."""


class Walked(NamedTuple):
    """How far a walk is: rows looked at, sealed to an older key, and opened by no key of the ring."""

    column: str
    rows: int
    old: int
    unopened: int


class VaultReseal:
    """Over a connection or pool of the notices role."""

    def __init__(
        self, database: "asyncpg.Pool[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]", resealer: Resealer
    ) -> None:
        self._db = database
        self._resealer = resealer

    async def walk(self, *, write: bool) -> AsyncIterator[Walked]:
        """Each column batch by batch, with what was found so far. `write`: what is sealed to an older key is sealed anew, each
        batch in one statement, so that it may be stopped at any moment and begun again: what was done is then only read.

        A row that changed meanwhile is left to whoever changed it, and looked at again by the next walk.
        """
        for column in COLUMNS:
            counts: Counter[str] = Counter()
            after = column.first
            yield Walked(column.name, 0, 0, 0)
            while rows := await self._fetch(column.page, *after, BATCH):
                after = tuple(rows[-1])[:-1]
                changed = []
                for row in rows:
                    counts["rows"] += 1
                    sealed = row[-1]
                    try:
                        anew = self._resealer.again(sealed)
                    except Corrupt:
                        counts["unopened"] += 1
                        continue
                    if anew is not None:
                        counts["old"] += 1
                        changed.append((*tuple(row)[:-1], sealed, anew))
                if write and changed:
                    await self._fetch(column.write, *(list(values) for values in zip(*changed, strict=True)))
                yield Walked(column.name, counts["rows"], counts["old"], counts["unopened"])

    @translated
    async def _fetch(self, name: str, *values: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._db.fetch(QUERIES[name], *values)
        return rows
