"""A database of a cluster, reached by its owner's connection string: made ready, looked at, or as SQL for its superuser.

The databases themselves are made by whoever runs the server. Roles are made here if the one that connects may do that.
Everything is done as the owner of the database; a superuser acts for that one, so that nothing belongs to a superuser.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from msgspec import Struct

from backends.postgres.connection import NoDatabase, connect, database_of, place, translated
from backends.postgres.crawl_setup import partitions_of, ranges_of, settle
from backends.postgres.databases import (
    ADMIN,
    ROLES,
    identifier,
    lay_out,
    make_role,
    missing_roles,
    open_doors,
)
from backends.postgres.migrate import Connection, exclusively, outstanding
from contracts.errors import UsageError

CRAWL: Final = "crawl"


class Ready(Struct, frozen=True):
    """A database that is ready: where it is, who owns it, what was done now, and for `crawl` what is fixed (else 0)."""

    database: str
    place: str
    owner: str
    roles: list[str]
    applied: list[str]
    partitions: int = 0
    ranges: int = 0


@translated
async def set_up(dsn: str, database: str, partitions: int) -> Ready:
    """Make roles that are missing, put rights and doors right, migrate, and fix what is fixed at creation.

    May be called any time, by any number of processes: one works, the others find it done. UsageError says what is to be
    done by whom; `partitions` must be those that the crawl was made with.
    """
    async with _acting(dsn) as connection, exclusively(connection):
        made = await _roles(connection, dsn, database)
        owner = await _act_as_owner(connection, dsn)
        await open_doors(connection, database_of(dsn), ROLES[database])
        applied = await lay_out(connection, database, ranges_of(partitions))
        settled = 0
        if database == CRAWL:
            settled = await settle(connection, partitions)
            if settled != partitions:
                raise UsageError(
                    f"cluster.partitions is {partitions}, but the crawl at {place(dsn)} was made with {settled}, which is "
                    f"fixed: write partitions = {settled}"
                )
        return Ready(database, place(dsn), owner, made, applied, settled, ranges_of(settled))


@translated
async def lacking(dsn: str, database: str) -> list[str]:
    """What `set_up` would do, in words; changes nothing. UsageError for what it could not do."""
    try:
        connection = await connect(dsn, name="pisaura-migrate")
    except NoDatabase as error:
        return [str(error)]
    try:
        found = [f"role {role} is missing" for role in await missing_roles(connection, ROLES[database])]
        pending = await outstanding(connection, database)
        found += [f"migration {name} is pending" for name in pending]
        if database == CRAWL and not pending:
            if await connection.fetchval("SELECT 1 FROM facts WHERE name = 'partitions'") is None:
                found.append("the number of partitions is not fixed yet")
            else:
                await partitions_of(connection)
        return found
    finally:
        await connection.close()


def sql(names: Mapping[str, str]) -> str:
    """What a superuser runs with psql, once or again: roles, databases, doors. `names`: crawl and vault -> what they are called."""
    lines = [
        "-- For psql, as a superuser; may be run again. Then run `crawlctl migrate` as the owner.",
        "-- Roles come without a password. Give each one that logs in by password its own: \\password pisaura_frontier",
    ]
    lines += [_unless("pg_roles", "rolname", ADMIN, f"CREATE ROLE {ADMIN} LOGIN NOINHERIT")]
    for database, name in names.items():
        roles = list(ROLES[database])
        lines += ["", f"-- {database}"]
        lines += [_unless("pg_roles", "rolname", role, f"CREATE ROLE {role} LOGIN NOINHERIT") for role in roles]
        create = f"CREATE DATABASE {identifier(name)} OWNER {ADMIN} ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0"
        lines += [
            _unless("pg_database", "datname", name, create),
            f"REVOKE ALL ON DATABASE {identifier(name)} FROM PUBLIC;",
            f"GRANT CONNECT ON DATABASE {identifier(name)} TO {', '.join(roles)};",
        ]
    return "\n".join(lines) + "\n"


def _unless(table: str, column: str, name: str, statement: str) -> str:
    """A line of psql that runs a statement unless the catalogue has the name."""
    return (
        f"SELECT {_literal(statement)} WHERE NOT EXISTS (SELECT FROM {table} WHERE {column} = {_literal(name)}) \\gexec"
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@asynccontextmanager
async def _acting(dsn: str) -> AsyncIterator[Connection]:
    """A connection to a database that can hold what the web says."""
    connection = await connect(dsn, name="pisaura-migrate")
    try:
        if (encoding := await connection.fetchval("SHOW server_encoding")) != "UTF8":
            raise UsageError(f"the database at {place(dsn)} has the encoding {encoding}; make it anew with UTF8")
        yield connection
    finally:
        await connection.close()


async def _roles(connection: Connection, dsn: str, database: str) -> list[str]:
    """Make the roles that are missing; their names. UsageError if we may not."""
    missing = await missing_roles(connection, ROLES[database])
    if missing and not await connection.fetchval(
        "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    ):
        raise UsageError(
            f"the Postgres at {place(dsn)} has no role {', '.join(missing)}, and {await _user(connection)} may make none; "
            "have a superuser run what `crawlctl migrate --sql` prints, then run this again"
        )
    for role in missing:
        await make_role(connection, role)
    return missing


async def _act_as_owner(connection: Connection, dsn: str) -> str:
    """Go on as the owner of the database, which a superuser's database gets now; the owner's name. UsageError if we may not."""
    owner, superuser = await connection.fetchrow(
        "SELECT r.rolname, r.rolsuper FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = current_database()"
    )
    if superuser:
        if await missing_roles(connection, [ADMIN]):
            await make_role(connection, ADMIN)
        await connection.execute(f"ALTER DATABASE {identifier(database_of(dsn))} OWNER TO {ADMIN}")
        owner = ADMIN
    user = await _user(connection)
    if user != owner:
        try:
            await connection.execute(f"SET ROLE {identifier(owner)}")
        except asyncpg.InsufficientPrivilegeError:
            raise UsageError(
                f"the database at {place(dsn)} belongs to {owner}, and {user} may not act for it; give the connection "
                f"string of {owner} (or of a superuser)"
            ) from None
    return str(owner)


async def _user(connection: Connection) -> str:
    return str(await connection.fetchval("SELECT current_user"))
