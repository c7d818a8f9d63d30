"""The two databases, their roles, and who may do what in which.

`pisaura_admin` owns both and runs migrations, nothing else. The doors are here: no role can even connect to the other
database. Inside its own, a role gets the rights below on each new table, and what the migrations grant besides.
"""

from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, Protocol

import asyncpg

from backends.postgres.configuration import SUPERUSER
from backends.postgres.migrate import connected, exclusively, migrate

ADMIN: Final = "pisaura_admin"
WRITE: Final = "SELECT, INSERT, UPDATE, DELETE"
READ: Final = "SELECT"
NONE: Final = ""
ROLES: Final[dict[str, dict[str, str]]] = {
    "crawl": {"pisaura_frontier": WRITE, "pisaura_fetcher": READ},
    "vault": {"pisaura_hasher": NONE, "pisaura_notices": NONE},  # its migrations grant table by table
}
"""Database -> the roles that may connect to it, besides its owner, and their rights on every table."""


class Reachable(Protocol):
    """Whoever can name a database for a role, as the supervisor does."""

    def dsn(self, database: str = ..., role: str = ...) -> str:
        """A connection string."""


def migrations(database: str) -> Traversable:
    """The folder of a database's migrations, wherever the package is installed."""
    return resources.files("backends.postgres") / database / "migrations"


async def ensure_databases(server: Reachable) -> dict[str, list[str]]:
    """Create roles and databases that are missing, put their doors right, migrate; database -> migrations applied now.

    May be called any time, by any number of processes. Raises UsageError and Unavailable as `migrate` does.
    """
    await ensure_doors(server)
    return {database: await ensure_schema(server, database) for database in ROLES}


async def ensure_doors(server: Reachable) -> None:
    """Create roles and databases that are missing, as superuser, and say who may connect to which."""
    async with connected(server.dsn(SUPERUSER, SUPERUSER)) as connection, exclusively(connection):
        known = {row[0] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        for role in (ADMIN, *(role for roles in ROLES.values() for role in roles)):
            if role not in known:
                await connection.execute(f"CREATE ROLE {role} LOGIN NOINHERIT")
        for database, roles in ROLES.items():
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
                await connection.execute(f"CREATE DATABASE {database} OWNER {ADMIN}")
            await open_doors(connection, database, roles)


async def ensure_schema(server: Reachable, database: str) -> list[str]:
    """Rights on new tables, then migrations, as their owner; the names of those applied now."""
    async with connected(server.dsn(database, ADMIN)) as connection:
        async with exclusively(connection):
            for role, rights in ROLES[database].items():
                if rights:
                    await connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT {rights} ON TABLES TO {role}")
                    await connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {role}")
        applied = await migrate(connection, migrations(database), database)
        roles = ", ".join(ROLES[database])
        await connection.execute(f"REVOKE ALL ON migrations FROM {roles}; GRANT SELECT ON migrations TO {roles}")
    return applied


async def open_doors(connection: "asyncpg.Connection[asyncpg.Record]", database: str, roles: dict[str, str]) -> None:
    """Let the owner and these roles connect, nobody else. `database` is one of ours, a plain name."""
    await connection.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    await connection.execute(f"GRANT CONNECT ON DATABASE {database} TO {', '.join(roles)}")
