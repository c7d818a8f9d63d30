"""Databases of a cluster made ready by connection string: by their owner, by a superuser, by somebody who may not."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from backends.postgres import binaries
from backends.postgres.cluster_setup import lacking, set_up, sql
from backends.postgres.connection import connect
from backends.postgres.crawl_setup import partitions_of
from backends.postgres.databases import ADMIN, ROLES
from backends.postgres.migrate import migrations, outstanding, require_current
from backends.postgres.schema import dump
from backends.postgres.supervisor import Supervisor
from contracts.errors import UsageError
from contracts.sites import psl_sha256
from tests.postgres import SETTINGS, Database, Server

FILES = {name: sorted(file.name for file in migrations(name).iterdir() if file.name.endswith(".sql")) for name in ROLES}


async def rows(dsn: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements; the rows of the last one."""
    connection = await asyncpg.connect(dsn)
    try:
        found: list[Any] = []
        for statement in statements:
            found = await connection.fetch(statement)
        return [tuple(row) for row in found]
    finally:
        await connection.close()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Supervisor]:
    """A server on which nobody has made anything, by its socket."""
    with asyncio.Runner() as runner:
        server = Supervisor(tmp_path, SETTINGS)
        runner.run(server.start())
        try:
            yield server
        finally:
            runner.run(server.stop())


def psql(server: Supervisor, text: str) -> None:
    """Run what is printed for a superuser."""
    command = [binaries.find().program("psql"), "-X", "-v", "ON_ERROR_STOP=1", "-d", server.dsn()]
    subprocess.run(command, input=text, text=True, check=True, capture_output=True, timeout=60)


async def test_what_a_superuser_runs_then_the_owner(bare: Supervisor) -> None:
    names = {"crawl": "our crawl", "vault": "vault"}
    dsn = bare.dsn("our crawl", ADMIN)
    await rows(bare.dsn(), f"CREATE ROLE {ADMIN} LOGIN")
    (missing,) = await lacking(dsn, "crawl")
    assert missing.startswith("there is no database at ") and "crawlctl migrate --sql" in missing
    with pytest.raises(UsageError, match=r"there is no database at .*our crawl"):
        await set_up(dsn, "crawl", 128)
    for _ in range(2):
        await asyncio.to_thread(psql, bare, sql(names))
    assert await lacking(dsn, "crawl") == [f"migration {name} is pending" for name in FILES["crawl"]]
    ready = await set_up(dsn, "crawl", 128)
    assert (ready.owner, ready.roles, ready.applied) == (ADMIN, [], FILES["crawl"])
    assert (ready.partitions, ready.ranges) == (128, 64)
    vault = await set_up(bare.dsn("vault", ADMIN), "vault", 128)
    assert (vault.applied, vault.partitions) == (FILES["vault"], 0)
    again = await set_up(dsn, "crawl", 128)
    assert (again.roles, again.applied, again.partitions) == ([], [], 128)
    assert await lacking(dsn, "crawl") == [] == await lacking(bare.dsn("vault", ADMIN), "vault")
    assert await rows(bare.dsn("our crawl", "pisaura_frontier"), "SELECT count(*), max(partition) FROM partitions") == [
        (128, 127)
    ]
    for role, door in (("pisaura_frontier", "vault"), ("pisaura_hasher", "our crawl")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await rows(bare.dsn(door, role), "SELECT 1")
    ranges = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'urls'::regclass"
    assert await rows(dsn, ranges) == [(64,)]


async def test_a_superuser_makes_the_roles_and_owns_nothing(bare: Supervisor) -> None:
    await rows(bare.dsn(), "CREATE DATABASE crawl")
    found = await lacking(bare.dsn("crawl"), "crawl")
    assert found[:2] == ["role pisaura_frontier is missing", "role pisaura_fetcher is missing"]
    ready = await set_up(bare.dsn("crawl"), "crawl", 4)
    assert (ready.owner, ready.roles) == (ADMIN, ["pisaura_frontier", "pisaura_fetcher"])
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    assert await rows(bare.dsn("crawl", "pisaura_fetcher"), owners) == [(ADMIN,)]


async def test_the_schema_is_that_of_the_embedded_server(empty_database: Database, crawl_database: Database) -> None:
    """Rights included: a role can do by connection string what it can do beside a state."""
    await set_up(empty_database.dsn(), "crawl", 1)
    assert await dump(empty_database.dsn()) == await dump(crawl_database.dsn())


async def test_an_owner_who_may_make_roles_is_enough(bare: Supervisor) -> None:
    """As on servers that others run, where nobody is superuser."""
    await rows(
        bare.dsn(), "CREATE ROLE master LOGIN CREATEROLE", "CREATE ROLE plain LOGIN", "CREATE DATABASE one OWNER plain",
        "CREATE DATABASE two OWNER master",
    )  # fmt: skip
    with pytest.raises(
        UsageError,
        match=r"has no role pisaura_hasher, pisaura_notices, pisaura_shield, and plain may make none; .*--sql",
    ):
        await set_up(bare.dsn("one", "plain"), "vault", 1)
    ready = await set_up(bare.dsn("two", "master"), "vault", 1)
    assert (ready.owner, ready.roles) == ("master", list(ROLES["vault"]))
    with pytest.raises(UsageError, match="belongs to master, and pisaura_notices may not act for it"):
        await set_up(bare.dsn("two", "pisaura_notices"), "vault", 1)


async def test_another_encoding_is_refused(bare: Supervisor) -> None:
    await rows(bare.dsn(), "CREATE DATABASE old ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(UsageError, match="old has the encoding SQL_ASCII"):
        await set_up(bare.dsn("old"), "crawl", 1)


async def test_partitions_are_fixed(empty_database: Database) -> None:
    dsn = empty_database.tcp()
    await set_up(dsn, "crawl", 8)
    with pytest.raises(UsageError, match=r"cluster.partitions is 16, but .* was made with 8"):
        await set_up(dsn, "crawl", 16)
    connection = await connect(dsn)
    try:
        assert await partitions_of(connection) == 8
        await connection.execute("UPDATE facts SET value = 'other' WHERE name = 'psl_sha256'")
        with pytest.raises(UsageError, match="Public Suffix List"):
            await partitions_of(connection)
        with pytest.raises(UsageError, match="Public Suffix List"):
            await lacking(dsn, "crawl")
        await connection.execute("UPDATE facts SET value = $1 WHERE name = 'psl_sha256'", psl_sha256())
        await connection.execute("DELETE FROM facts WHERE name = 'partitions'")
        with pytest.raises(UsageError, match="not settled yet"):
            await partitions_of(connection)
        assert await lacking(dsn, "crawl") == ["the number of partitions is not fixed yet"]
    finally:
        await connection.close()


async def test_only_a_current_database_is_worked_on(empty_database: Database, crawl_database: Database) -> None:
    """An old release goes on beside a newer database as long as only `pre` migrations came since."""
    empty = await connect(empty_database.dsn())
    crawl = await connect(crawl_database.tcp("pisaura_frontier"))
    try:
        assert await outstanding(empty, "crawl") == FILES["crawl"]
        with pytest.raises(UsageError, match=r"database crawl lacks .* migrations .*run `crawlctl migrate`"):
            await require_current(empty, "crawl")
        await require_current(crawl, "crawl")
        newer = "INSERT INTO migrations (number, name, sha256) VALUES ({0}, '{0}_{1}_new.sql', '')"
        await rows(crawl_database.dsn(), newer.format(9000, "pre"))
        await require_current(crawl, "crawl")
        await rows(crawl_database.dsn(), newer.format(9001, "post"))
        with pytest.raises(UsageError, match=r"database crawl is newer than this version .* 9001_post_new.sql"):
            await require_current(crawl, "crawl")
        await rows(
            crawl_database.dsn(), "DELETE FROM migrations WHERE number >= 9000", "UPDATE migrations SET sha256 = ''"
        )
        with pytest.raises(UsageError, match="was edited after"):
            await require_current(crawl, "crawl")
    finally:
        await empty.close()
        await crawl.close()


async def test_at_once_from_different_databases(bare: Supervisor) -> None:
    """Roles belong to the server, locks to a database: both ask for the same roles at the same moment."""
    await rows(bare.dsn(), "CREATE DATABASE one", "CREATE DATABASE two")
    done = await asyncio.gather(*(set_up(bare.dsn(name), "crawl", 1) for name in ("one", "two") for _ in range(3)))
    assert sorted(len(ready.applied) for ready in done) == [0] * 4 + [len(FILES["crawl"])] * 2


def test_the_sql_names_databases_as_they_are(postgres_server: Server) -> None:
    text = sql({"vault": "a \"b'c"})
    assert 'CREATE DATABASE "a ""b\'\'c" OWNER' in text and "pisaura_frontier LOGIN" not in text
