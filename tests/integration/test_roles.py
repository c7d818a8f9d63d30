"""Frontier and fetchers have no grant on the vault, hashers none on the crawl (docs/design.md, section 5)."""

import asyncpg
import pytest

from backends.postgres.databases import ROLES
from tests.postgres import Server

EVERY = [(role, database) for database, roles in ROLES.items() for role in roles]


async def connected(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def server(postgres_server: Server) -> Server:
    """With both databases migrated."""
    for database in ROLES:
        with postgres_server.database(database):
            pass
    return postgres_server


@pytest.mark.parametrize(("role", "database"), EVERY)
def test_a_role_enters_its_own_database_only(server: Server, role: str, database: str) -> None:
    assert server.run(connected(server.dsn(database, role), "SELECT count(*) >= 1 FROM migrations"))
    for other in set(ROLES) - {database}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            server.run(connected(server.dsn(other, role), "SELECT 1"))


@pytest.mark.parametrize(
    "statement", ["DELETE FROM urls", "UPDATE hosts SET why = ''", "INSERT INTO seeds (url, added_at) VALUES ('x', 0)"]
)
def test_a_fetcher_only_reads(server: Server, statement: str) -> None:
    assert server.run(connected(server.dsn("crawl", "pisaura_fetcher"), "SELECT count(*) FROM controls")) == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        server.run(connected(server.dsn("crawl", "pisaura_fetcher"), statement))


@pytest.mark.parametrize(("role", "database"), EVERY)
@pytest.mark.parametrize(
    "statement", ["DROP TABLE migrations", "CREATE TABLE mine (a int)", "DELETE FROM migrations", "CREATE ROLE me"]
)
def test_no_role_changes_the_schema_or_itself(server: Server, role: str, database: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        server.run(connected(server.dsn(database, role), statement))
