"""The two databases, their roles, and who may do what in which.

`pisaura_admin` owns both and runs migrations, nothing else. The doors are here: no role can even connect to the other
database. Inside its own, a role gets the rights below on each new table, and what the migrations grant besides.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final, Protocol

import asyncpg

from backends.postgres.configuration import SUPERUSER
from backends.postgres.migrate import Connection, connected, exclusively, migrate
from backends.postgres.migrate import migrations as migrations

ADMIN: Final = "pisaura_admin"
WRITE: Final = "SELECT, INSERT, UPDATE, DELETE"
READ: Final = "SELECT"
NONE: Final = ""
ROLES: Final[dict[str, dict[str, str]]] = {
    "crawl": {"pisaura_frontier": WRITE, "pisaura_fetcher": READ},
    "vault": {
        "pisaura_hasher": NONE,
        "pisaura_notices": NONE,
        "pisaura_shield": NONE,
    },  # its migrations grant table by table
}
"""Database -> the roles that may connect to it, besides its owner, and their rights on every table."""


class Reachable(Protocol):
    """Whoever can name a database for a role, as the supervisor does."""

    def dsn(self, database: str = ..., role: str = ...) -> str:
        """A connection string."""


async def ensure_databases(server: Reachable) -> dict[str, list[str]]:
    """Create roles and databases that are missing, put their doors right, migrate; database -> migrations applied now.

    May be called any time, by any number of processes. Raises UsageError and Unavailable as `migrate` does.
    """
    await ensure_doors(server)
    return {database: await ensure_schema(server, database) for database in ROLES}


async def ensure_doors(server: Reachable) -> None:
    """Create roles and databases that are missing, as superuser, and say who may connect to which."""
    async with connected(server.dsn(SUPERUSER, SUPERUSER)) as connection, exclusively(connection):
        for role in await missing_roles(connection, (ADMIN, *(role for roles in ROLES.values() for role in roles))):
            await make_role(connection, role)
        for database, roles in ROLES.items():
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
                await connection.execute(f"CREATE DATABASE {database} OWNER {ADMIN}")
            await open_doors(connection, database, roles)


async def ensure_schema(server: Reachable, database: str, ranges: int = 1) -> list[str]:
    """Rights and migrations, as the owner; the names of those applied now. `ranges`: see `lay_out`."""
    async with connected(server.dsn(database, ADMIN)) as connection:
        return await lay_out(connection, database, ranges)


async def lay_out(connection: Connection, database: str, ranges: int) -> list[str]:
    """Rights on new tables, then migrations, as their owner, whom the connection acts for; the names of those applied now.

    Tables that grow with the web get so many `ranges` of buckets when they are first made.
    """
    async with exclusively(connection):
        await connection.execute("SELECT set_config('pisaura.ranges', $1, false)", str(ranges))
        for role, rights in ROLES[database].items():
            if rights:
                await connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT {rights} ON TABLES TO {role}")
                await connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {role}")
        applied = await migrate(connection, migrations(database), database)
        roles = ", ".join(ROLES[database])
        await connection.execute(f"REVOKE ALL ON migrations FROM {roles}; GRANT SELECT ON migrations TO {roles}")
    return applied


async def open_doors(connection: Connection, name: str, roles: Iterable[str]) -> None:
    """Let the owner and these roles connect to a database, nobody else."""
    await connection.execute(f"REVOKE ALL ON DATABASE {identifier(name)} FROM PUBLIC")
    await connection.execute(f"GRANT CONNECT ON DATABASE {identifier(name)} TO {', '.join(roles)}")


async def missing_roles(connection: Connection, roles: Iterable[str]) -> list[str]:
    """Those of some roles that the server does not have."""
    wanted = list(roles)
    known = {row[0] for row in await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)", wanted)}
    return [role for role in wanted if role not in known]


async def make_role(connection: Connection, role: str) -> None:
    """Create one of our roles, unless somebody else does so this very moment: roles are the server's, locks a database's."""
    with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        await connection.execute(f"CREATE ROLE {role} LOGIN NOINHERIT")


def identifier(name: str) -> str:
    """A name in quotes, as SQL takes it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'
