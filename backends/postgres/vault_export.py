"""A list's entries on their way out: as they came in, series and notes still sealed."""

from collections.abc import AsyncIterator
from typing import Any, Final

import asyncpg

from backends.postgres.connection import translating
from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES
from contracts.lists import NewEntry, Opinion

PAGE: Final = 5_000


async def export_pages(
    pool: "asyncpg.Pool[asyncpg.Record]", list_id: int, since: float
) -> AsyncIterator[list[NewEntry]]:
    """Entries of a list by number. `since` 0: all that are neither held nor withdrawn; else those that changed at or after that
    time, withdrawn ones with `deleted`."""
    last, seq = 0, 0
    with translating():
        if since:
            seq = await pool.fetchval(QUERIES["seq_since"], millis(since))
        while True:
            rows = await pool.fetch(QUERIES["export_page"], list_id, last, PAGE, seq, millis(since))
            if not rows:
                return
            last = rows[-1]["entry_id"]
            yield [_entry(row) for row in rows]


def _entry(row: Any) -> NewEntry:
    return NewEntry(
        row["member"],
        row["member_entry_id"],
        tuple(zip(row["algorithms"], row["digests"], strict=True)),
        row["category"],
        row["series_id"],
        row["series_sealed"],
        row["note_key"],
        row["note_sealed"],
        size=row["size"],
        legality=row["legality"],
        act=row["act"],
        age=row["age"],
        generated=row["generated"],
        media=row["media"],
        deleted=row["deleted"],
        opinions=tuple(Opinion(*one) for one in zip(row["organisations"], row["verdicts"], row["whys"], strict=True)),
        opaque=tuple(zip(row["names"], row["blobs"], strict=True)),
    )
