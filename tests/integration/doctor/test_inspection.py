"""What is asked of a real database, where the doctor's own tests do not ask."""

import asyncpg
import pytest

from backends.postgres.databases import ROLES
from backends.postgres.inspection import inspecting, other_database, shut, wanted_grants
from contracts.errors import UsageError
from tests.postgres import Database, Server


@pytest.mark.parametrize("database", [*ROLES])
def test_wanted_rights_are_what_migrations_grant(postgres_server: Server, database: str) -> None:
    async def found(dsn: str) -> object:
        async with inspecting(dsn) as inspection:
            return await inspection.grants()

    with postgres_server.database(database) as fresh:
        assert postgres_server.run(found(fresh.dsn())) == wanted_grants(database)


async def test_how_many_partitions_are_settled(crawl_database: Database, empty_database: Database) -> None:
    async with inspecting(empty_database.dsn()) as inspection:
        assert await inspection.settled() is None
    async with inspecting(crawl_database.dsn("pisaura_fetcher")) as inspection:
        assert await inspection.settled() is None
        connection = await asyncpg.connect(crawl_database.dsn())
        await connection.execute("INSERT INTO facts (name, value) VALUES ('partitions', '16')")
        await connection.close()
        assert await inspection.settled() == 16


async def test_doors(crawl_database: Database, vault_database: Database) -> None:
    said = await shut(crawl_database.dsn("pisaura_frontier"), vault_database.dsn("pisaura_hasher"))
    assert said is not None
    assert "permission denied" in said
    assert await shut(crawl_database.dsn(), vault_database.dsn("pisaura_hasher")) is None  # its owner may
    with pytest.raises(UsageError, match="no database"):
        await shut(crawl_database.dsn(), other_database(crawl_database.dsn(), "nothing_of_this_name"))


def test_another_database_of_the_same_server() -> None:
    assert (
        other_database("postgresql://u:p%2F@h:1/crawl?sslmode=require", "vault")
        == "postgresql://u:p%2F@h:1/vault?sslmode=require"
    )
    with pytest.raises(UsageError) as wrong:
        other_database("postgresql://u:top/secret@h/crawl", "vault")
    assert "secret" not in str(wrong.value)
