"""Migrations and databases against a real server, on toy folders; the real folders are used by the fixtures."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from backends.postgres.configuration import SUPERUSER
from backends.postgres.databases import ROLES, ensure_databases
from backends.postgres.migrate import migrate
from backends.postgres.schema import dump
from contracts.errors import Unavailable, UsageError
from tests.postgres import Database, Server

FIRST = "CREATE TABLE hosts (name text PRIMARY KEY);\nCREATE INDEX ON hosts (length(name));\n"
SECOND = "ALTER TABLE hosts ADD COLUMN errors integer NOT NULL DEFAULT 0;\nINSERT INTO hosts VALUES ('a', 1);\n"
THIRD = "DROP INDEX hosts_length_idx;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three migrations."""
    (tmp_path / "0001_pre_hosts.sql").write_text(FIRST)
    (tmp_path / "0002_pre_errors.sql").write_text(SECOND)
    (tmp_path / "0003_post_index.sql").write_text(THIRD)
    (tmp_path / "README").write_text("not a migration")
    return tmp_path


@pytest.fixture
def aged_database(postgres_server: Server) -> Iterator[Database]:
    """A second empty database."""
    with postgres_server.database() as database:
        yield database


async def value(dsn: str, statement: str) -> object:
    """One value."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_applies_what_is_missing_once(empty_database: Database, folder: Path) -> None:
    dsn = empty_database.dsn()
    assert await migrate(dsn, folder, "toy", until=1) == ["0001_pre_hosts.sql"]
    assert await migrate(dsn, folder, "toy") == ["0002_pre_errors.sql", "0003_post_index.sql"]
    assert await migrate(dsn, folder, "toy") == []
    assert await value(dsn, "SELECT errors FROM hosts") == 1
    assert await value(dsn, "SELECT array_agg(number ORDER BY number) FROM migrations") == [1, 2, 3]


async def test_works_on_a_connection_and_leaves_it_as_it_was(empty_database: Database, folder: Path) -> None:
    connection = await asyncpg.connect(empty_database.dsn())
    assert len(await migrate(connection, folder, "toy")) == 3
    assert await connection.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    assert not connection.is_in_transaction()
    await connection.close()


async def test_fresh_equals_migrated_version_by_version(
    empty_database: Database, aged_database: Database, folder: Path
) -> None:
    """The discipline of schemas: whoever began with an old version has what a newcomer gets."""
    await migrate(empty_database.dsn(), folder, "toy")
    schema = await dump(empty_database.dsn())
    for number in (1, 2, 3):
        await migrate(aged_database.dsn(), folder, "toy", until=number)
        assert (await dump(aged_database.dsn()) == schema) is (number == 3)
    assert "CREATE TABLE public.hosts" in schema
    assert "hosts_length_idx" not in schema
    await value(aged_database.dsn(), "GRANT SELECT ON hosts TO pisaura_fetcher")
    assert await dump(aged_database.dsn()) != schema


async def test_ten_at_once(empty_database: Database, folder: Path) -> None:
    done = await asyncio.gather(*(migrate(empty_database.dsn(), folder, "toy") for _ in range(10)))
    assert sorted(map(len, done)) == [0] * 9 + [3]


async def test_a_failing_migration_changes_nothing_and_is_named(empty_database: Database, folder: Path) -> None:
    (folder / "0004_pre_wrong.sql").write_text("CREATE TABLE half (value text);\nSELECT\nnonsense;\n")
    with pytest.raises(UsageError, match=r"0004_pre_wrong\.sql of database toy failed in line 3: .*nonsense"):
        await migrate(empty_database.dsn(), folder, "toy")
    assert await value(empty_database.dsn(), "SELECT to_regclass('half')") is None
    assert await value(empty_database.dsn(), "SELECT max(number) FROM migrations") == 3
    assert await value(empty_database.dsn(), "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    (folder / "0004_pre_wrong.sql").write_text("CREATE TABLE half (value text);\n")
    assert await migrate(empty_database.dsn(), folder, "toy") == ["0004_pre_wrong.sql"]


async def test_a_migration_that_ends_its_transaction_is_refused(empty_database: Database, folder: Path) -> None:
    (folder / "0004_pre_commit.sql").write_text("CREATE TABLE half (value text);\nCOMMIT;\n")
    with pytest.raises(UsageError, match=r"0004_pre_commit\.sql of database toy ends its transaction"):
        await migrate(empty_database.dsn(), folder, "toy")


async def test_an_edited_migration_is_refused(empty_database: Database, folder: Path) -> None:
    await migrate(empty_database.dsn(), folder, "toy")
    (folder / "0002_pre_errors.sql").write_text(SECOND + "-- harmless\n")
    with pytest.raises(UsageError, match=r"0002_pre_errors\.sql was edited after database toy got it"):
        await migrate(empty_database.dsn(), folder, "toy")


async def test_a_newer_database_is_refused(empty_database: Database, folder: Path) -> None:
    await migrate(empty_database.dsn(), folder, "toy")
    (folder / "0003_post_index.sql").unlink()
    with pytest.raises(UsageError, match="database toy is newer than this version"):
        await migrate(empty_database.dsn(), folder, "toy")


async def test_no_server_is_unavailable(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        await migrate(f"postgresql://postgres@/toy?host={tmp_path}", folder, "toy")


async def test_server_that_ends_connections_is_unavailable(empty_database: Database, folder: Path) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    (folder / "0004_pre_end.sql").write_text(end)
    superuser = empty_database.dsn(SUPERUSER)
    with pytest.raises(Unavailable):
        await migrate(superuser, folder, "toy")


async def test_ensure_databases_again_and_at_once(postgres_server: Server) -> None:
    await ensure_databases(postgres_server)
    again = await asyncio.gather(*(ensure_databases(postgres_server) for _ in range(4)))
    assert again == [{"crawl": [], "vault": []}] * 4


@pytest.mark.parametrize(("own", "other"), [("crawl", "vault"), ("vault", "crawl")])
async def test_roles_cannot_even_connect_to_the_other_database(postgres_server: Server, own: str, other: str) -> None:
    """Frontier and fetchers have no grant on vault (docs/design.md, section 5)."""
    await ensure_databases(postgres_server)
    for role in ROLES[own]:
        assert await value(postgres_server.dsn(own, role), "SELECT count(*) FROM migrations") is not None
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await value(postgres_server.dsn(own, role), "DELETE FROM migrations")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await value(postgres_server.dsn(own, role), "CREATE TABLE mine ()")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await value(postgres_server.dsn(other, role), "SELECT 1")


async def test_copies_have_the_same_doors(crawl_database: Database) -> None:
    assert await value(crawl_database.dsn("pisaura_frontier"), "SELECT 1") == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await value(crawl_database.dsn("pisaura_hasher"), "SELECT 1")
