"""A page of matches costs the same wherever it is among many: what people page through must not grow with the square."""

import json

import asyncpg
import pytest

from backends.postgres.vault_queries import QUERIES
from tests.integration.test_plans import literal, nodes
from tests.postgres import Database, Server

MATCHES = 20_000
FILL = f"""
INSERT INTO members (name) VALUES ('IWF');
INSERT INTO list_sources (name, format, kind, trust, uses, may_notify, created_at) VALUES ('known', 'csv', 'csam', 'unverified', '{{match}}', false, 1);
INSERT INTO entries (changed_seq, member_id, member_entry_id) SELECT n, 1, 'e' || n FROM generate_series(1, {MATCHES}) n;
INSERT INTO list_entries SELECT n, 1 FROM generate_series(1, {MATCHES}) n;
INSERT INTO media (size, seen_at, sha256, sha1, md5) SELECT 5, 1, sha256(n::text::bytea), '', '' FROM generate_series(1, {MATCHES}) n;
INSERT INTO sightings (sha256, place, first_seen, last_seen, sealed)
SELECT sha256((n % {MATCHES} + 1)::text::bytea), sha256(('p' || n)::bytea), 1, 1, '' FROM generate_series(1, 3 * {MATCHES}) n;
INSERT INTO matches (sha256, entry_id, found_at, distance, turn, quality, band, frames, at, near, algorithm, digest)
SELECT sha256(n::text::bytea), n, 1, 5, 0, 90, 10, 1, 0, true, 'pdq', '' FROM generate_series(1, {MATCHES}) n"""
PAGE = 100


async def pages(dsn: str) -> dict[int, tuple[int, int, set[str]]]:
    """First byte of the cursor -> (rows, buffers touched, tables that were read whole)."""
    connection = await asyncpg.connect(dsn)
    found: dict[int, tuple[int, int, set[str]]] = {}
    try:
        await connection.execute(FILL)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute(f"PREPARE q AS {QUERIES['matches_page']}")
        for first in (0x00, 0x80, 0xF0):
            values = ", ".join(map(literal, [bytes([first]), 0, b"", PAGE]))
            for _ in range(2):  # the first one also reads catalogues
                raw = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE q({values}, NULL)")
            plan = json.loads(raw)[0]["Plan"]
            whole = {str(node["Relation Name"]) for node in nodes(plan) if node["Node Type"] == "Seq Scan"}
            found[first] = plan["Actual Rows"], plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], whole
    finally:
        await connection.close()
    return found


@pytest.mark.timeout(60)
def test_a_page_of_matches_reads_a_page(postgres_server: Server, vault_database: Database) -> None:
    for rows, buffers, whole in postgres_server.run(pages(vault_database.dsn())).values():
        assert rows == PAGE
        assert whole <= {"members", "list_sources", "series", "suppressions"}
        assert buffers < 40 * PAGE


async def told(dsn: str) -> dict[int, tuple[int, int, set[str]]]:
    """Entry of the cursor -> the same for a page of an entry that half of all media match."""
    connection = await asyncpg.connect(dsn)
    found: dict[int, tuple[int, int, set[str]]] = {}
    try:
        await connection.execute(FILL)
        await connection.execute(f"UPDATE matches SET entry_id = 7 WHERE entry_id > {MATCHES // 2}")
        await connection.execute("VACUUM FULL ANALYZE")
        await connection.execute(f"PREPARE q AS {QUERIES['matches_that_count']}")
        entries = "'{" + ",".join(map(str, range(1, 201))) + "}'"
        for entry, first in ((0, b""), (7, b"\x40"), (7, b"\xc0"), (100, b"")):
            values = ", ".join([entries, *map(literal, [entry, first, b"", PAGE])])
            for _ in range(2):
                raw = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE q({values})")
            plan = json.loads(raw)[0]["Plan"]
            whole = {str(node["Relation Name"]) for node in nodes(plan) if node["Node Type"] == "Seq Scan"}
            found[entry * 256 + (first or b"\0")[0]] = plan["Actual Rows"], plan["Shared Hit Blocks"], whole
    finally:
        await connection.close()
    return found


# An entry that floods is told a page at a time: not all of its matches are read for each.
@pytest.mark.timeout(60)
def test_a_page_of_what_a_flooding_entry_matches_reads_a_page(
    postgres_server: Server, vault_database: Database
) -> None:
    for rows, buffers, whole in postgres_server.run(told(vault_database.dsn())).values():
        assert rows == PAGE
        assert whole <= {"list_sources", "suppressions"}
        assert buffers < 40 * PAGE
