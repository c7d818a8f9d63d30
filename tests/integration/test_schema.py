"""The schemas of both databases: fresh == migrated == the committed `schema.sql`."""

from pathlib import Path

import pytest

from backends.postgres.databases import ROLES, migrations
from backends.postgres.migrate import migrate, read
from backends.postgres.schema import dump
from tests.postgres import Server


def committed(database: str) -> str:
    return (Path(str(migrations(database))).parent / "schema.sql").read_text()


@pytest.mark.parametrize("database", ROLES)
def test_fresh_equals_migrated_equals_committed(postgres_server: Server, database: str) -> None:
    """`python -m tests.postgres` writes `schema.sql` anew after a migration was added; its diff is there to be reviewed."""
    with postgres_server.database(database) as fresh:
        text = postgres_server.run(dump(fresh.dsn()))
    assert text == committed(database)


@pytest.mark.parametrize("database", ROLES)
def test_migrated_one_by_one_is_as_good_as_fresh(postgres_server: Server, database: str) -> None:
    with postgres_server.database() as aged:
        for migration in read(migrations(database)):
            postgres_server.run(migrate(aged.dsn(), migrations(database), database, until=migration.number))
        grown = postgres_server.run(dump(aged.dsn()))
    strip = [
        line for line in committed(database).splitlines() if not line.startswith(("GRANT", "REVOKE", "ALTER DEFAULT"))
    ]
    assert [
        line for line in grown.splitlines() if line and not line.startswith(("GRANT", "REVOKE", "ALTER DEFAULT"))
    ] == [line for line in strip if line]
