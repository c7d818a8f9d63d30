"""Everything that is sealed to the notices role is sealed anew, in batches, and what was stopped goes on."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest

from backends.postgres import vault_reseal
from backends.postgres.vault_reseal import COLUMNS, VaultReseal
from backends.postgres.vault_store import open_pool
from contracts.seal import Keys, Opener, Resealer, Sealer, new_keys, rotated, to_bytes
from tests.postgres import Database

ROWS = 50
COUNTED = {"sightings": ROWS, "case_keys": 3, "reply_keys": 1, "series": 2, "notes": 2}
STEPS = """
import asyncio, sys
from backends.postgres import vault_reseal
from backends.postgres.vault_reseal import VaultReseal
from backends.postgres.vault_store import open_pool
from contracts.seal import Resealer, from_bytes
vault_reseal.BATCH = 5
async def main():
    pool = await open_pool(sys.argv[1])
    async for step in VaultReseal(pool, Resealer(from_bytes(bytes.fromhex(sys.argv[2])))).walk(write=True):
        print(step.column, step.rows, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
asyncio.run(main())
"""


@pytest.fixture
async def pool(vault_database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    found = await open_pool(vault_database.dsn("pisaura_notices"))
    yield found
    await found.close()


async def fill(database: Database, keys: Keys) -> None:
    """Something sealed in each column, and case keys that were destroyed."""
    sealer = Sealer(keys.public)
    connection = await asyncpg.connect(database.dsn())
    for number in range(ROWS):
        await connection.execute(
            "INSERT INTO sightings (sha256, place, first_seen, last_seen, sealed) VALUES ($1, $2, 1, 1, $3)",
            number.to_bytes(32), bytes(32), sealer.seal(f"http://h.test/{number}"),
        )  # fmt: skip
    for number in range(3):
        await connection.execute(
            "INSERT INTO case_keys VALUES ($1, $2)", number + 1, sealer.seal_bytes(b"%d" % number * 32)
        )
    await connection.execute("INSERT INTO case_keys VALUES (9, '')")
    await connection.execute("INSERT INTO replies (at, kept_at, kind, key, sealed) VALUES (1, 1, 'other', 'k', 's')")
    await connection.execute("INSERT INTO reply_keys SELECT reply_id, $1 FROM replies", sealer.seal_bytes(b"r" * 32))
    for number in range(2):
        name = sealer.seal(f"name {number}")
        await connection.execute("INSERT INTO series VALUES ($1, $2)", number.to_bytes(16), name)
        await connection.execute(
            "INSERT INTO entries (changed_seq, member_id, member_entry_id, note_sealed) VALUES (1, 1, $1, $2)",
            str(number),
            name,
        )
    await connection.execute("INSERT INTO entries (changed_seq, member_id, member_entry_id) VALUES (1, 1, 'none')")
    await connection.close()


async def walked(pool: "asyncpg.Pool[asyncpg.Record]", ring: Keys, *, write: bool) -> dict[str, tuple[int, int, int]]:
    last = {}
    async for step in VaultReseal(pool, Resealer(ring)).walk(write=write):
        last[step.column] = (step.rows, step.old, step.unopened)
    return last


async def texts(pool: "asyncpg.Pool[asyncpg.Record]", opener: Opener) -> list[bytes]:
    """All that is sealed, opened."""
    rows = await pool.fetch(
        "SELECT sealed FROM sightings UNION ALL SELECT wrapped FROM case_keys WHERE wrapped <> '' UNION ALL SELECT wrapped "
        "FROM reply_keys UNION ALL SELECT sealed FROM series UNION ALL SELECT note_sealed FROM entries WHERE note_sealed <> ''"
    )
    return sorted(opener.open_bytes(row[0]) for row in rows)


async def test_all_is_sealed_to_the_newest_key_and_says_the_same(
    vault_database: Database, pool: "asyncpg.Pool[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_reseal, "BATCH", 7)
    keys = new_keys()
    await fill(vault_database, keys)
    ring, before = rotated(keys), await texts(pool, Opener(keys.secret))
    assert await walked(pool, ring, write=False) == {name: (rows, rows, 0) for name, rows in COUNTED.items()}
    assert await texts(pool, Opener(keys.secret)) == before, "looking changes nothing"
    assert await walked(pool, ring, write=True) == {name: (rows, rows, 0) for name, rows in COUNTED.items()}
    assert await texts(pool, Opener(ring.secret)) == before
    assert await walked(pool, ring, write=True) == {name: (rows, 0, 0) for name, rows in COUNTED.items()}
    other = rotated(new_keys())
    assert await walked(pool, other, write=True) == {name: (rows, 0, rows) for name, rows in COUNTED.items()}
    assert await texts(pool, Opener(ring.secret)) == before, "what no key opens is left as it is"


async def test_it_goes_on_after_kill_9(vault_database: Database, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    keys = new_keys()
    await fill(vault_database, keys)
    ring, before = rotated(keys), await texts(pool, Opener(keys.secret))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STEPS, vault_database.dsn("pisaura_notices"), to_bytes(ring).hex(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    for _ in range(4):
        await process.stdout.readline()
        process.stdin.write(b"\n")
    await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    left = (await walked(pool, ring, write=False))["sightings"][1]
    assert 0 < left < ROWS
    assert (await walked(pool, ring, write=True))["sightings"] == (ROWS, left, 0)
    assert await texts(pool, Opener(ring.secret)) == before


async def test_what_changed_meanwhile_is_left_alone(
    vault_database: Database, pool: "asyncpg.Pool[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = new_keys()
    await fill(vault_database, keys)
    ring = rotated(keys)

    reseal = VaultReseal(pool, Resealer(ring))
    real = reseal._fetch

    async def fetch(name: str, *values: object) -> list[asyncpg.Record]:
        if name == "reseal_case_keys":
            await pool.execute("UPDATE case_keys SET wrapped = '' WHERE case_id = 2")
        return await real(name, *values)

    monkeypatch.setattr(reseal, "_fetch", fetch)
    async for _ in reseal.walk(write=True):
        pass
    assert await pool.fetchval("SELECT wrapped FROM case_keys WHERE case_id = 2") == b""


async def test_every_column_that_is_sealed_is_known(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    """A new column named like a sealed one must be walked, or be under a key of its own."""
    rows = await pool.fetch(
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND (column_name LIKE '%sealed%' OR column_name LIKE '%wrapped%') AND table_name NOT IN "
        "(SELECT table_name FROM information_schema.views)"
    )
    own = {"cases.sealed", "case_events.sealed", "replies.sealed", "rdap_answers.sealed"}  # under keys of their own
    walked = {"sightings.sealed", "case_keys.wrapped", "reply_keys.wrapped", "series.sealed", "entries.note_sealed"}
    assert {row[0] for row in rows} == own | walked and len(COLUMNS) == len(walked)
