"""A vault with many entries, each of one SHA-256 and one PDQ, written by COPY."""

import asyncpg
import numpy as np

from tests.bench.match import corpus
from tests.postgres import Database

BLOCK = 100_000


async def fill(database: Database, entries: int) -> None:
    """Entries 1..n of one csam list that serves Shield."""
    db = await asyncpg.connect(database.dsn())
    try:
        list_id = await db.fetchval(
            "INSERT INTO list_sources (name, format, kind, trust, uses, entries, created_at) "
            "VALUES ('bench', 'csv', 'csam', 'unverified', '{match,shield}', $1, 0) RETURNING list_id",
            entries,
        )
        member = await db.fetchval("INSERT INTO members (name) VALUES ('bench') RETURNING member_id")
        pdqs = corpus.clustered(entries)
        chance = np.random.default_rng(2)
        for start in range(0, entries, BLOCK):
            ids = range(start + 1, min(entries, start + BLOCK) + 1)
            files = chance.bytes(32 * len(ids))
            await db.copy_records_to_table(
                "entries",
                columns=["entry_id", "changed_seq", "member_id", "member_entry_id"],
                records=[(one, 1, member, str(one)) for one in ids],
            )
            await db.copy_records_to_table(
                "list_entries", columns=["entry_id", "list_id"], records=[(one, list_id) for one in ids]
            )
            digests = [(one, "pdq", pdqs[one - 1].tobytes(), list_id) for one in ids]
            digests += [(one, "sha256", files[32 * n : 32 * n + 32], list_id) for n, one in enumerate(ids)]
            await db.copy_records_to_table(
                "entry_digests", columns=["entry_id", "algorithm", "digest", "list_id"], records=digests
            )
        await db.execute("UPDATE clock SET seq = 1")
        await db.execute("ANALYZE")
    finally:
        await db.close()
