"""Schema migrations: numbered files that only go forward, each in a transaction of its own.

A file is named `NNNN_pre_name.sql` or `NNNN_post_name.sql`, numbered from 0001 without gaps. `pre` runs before the
code that needs it and must leave the previous release working; `post` runs when no process of that release is left.
An applied file is never edited: what it was is recorded by its SHA-256 and checked each time.
"""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeAlias

import asyncpg

from backends.postgres.connection import connect, translated
from contracts.errors import Unavailable, UsageError

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Target: TypeAlias = "asyncpg.Connection[asyncpg.Record] | str"

ADVISORY_LOCK = 0x70697361757261  # "pisaura"
FILE_NAME = re.compile(r"(\d{4})_(pre|post)_([a-z0-9_]+)\.sql")

TABLE = """
CREATE TABLE IF NOT EXISTS public.migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


@dataclass(frozen=True)
class Migration:
    """One file: its number, its whole name, its text and the SHA-256 of that."""

    number: int
    name: str
    text: str
    sha256: bytes


def migrations(database: str) -> Traversable:
    """The folder of a database's migrations, wherever the package is installed."""
    return resources.files("backends.postgres") / database / "migrations"


def read(folder: Path | Traversable) -> list[Migration]:
    """The migrations of a folder by number. Raises UsageError for a stray .sql file, a gap or a number used twice."""
    found = []
    for file in folder.iterdir():
        if not file.name.endswith(".sql"):
            continue
        match = FILE_NAME.fullmatch(file.name)
        if match is None:
            raise UsageError(f"{file.name} is not named like a migration: NNNN_pre_name.sql or NNNN_post_name.sql")
        content = file.read_bytes()
        found.append(Migration(int(match[1]), file.name, content.decode(), hashlib.sha256(content).digest()))
    found.sort(key=lambda migration: migration.name)
    for expected, migration in enumerate(found, 1):
        if migration.number != expected:
            raise UsageError(f"migration {migration.name} should have number {expected:04}: no gaps, no number twice")
    return found


def pending(known: list[Migration], applied: list[tuple[int, str, bytes]], database: str) -> list[Migration]:
    """What is left to apply, given the rows (number, name, sha256) of those applied, by number.

    Raises UsageError if an applied migration was edited or renamed, or the database has one that the code does not know.
    """
    for position, (number, name, sha256) in enumerate(applied):
        if position >= len(known):
            raise UsageError(
                f"database {database} is newer than this version of Pisaura: it has migration {name}; "
                "run the version that made it, or a later one"
            )
        ours = known[position]
        if (ours.number, ours.name) != (number, name):
            raise UsageError(f"database {database} has migration {name} where this version of Pisaura has {ours.name}")
        if ours.sha256 != sha256:
            raise UsageError(
                f"migration {name} was edited after database {database} got it; restore it and write a new one instead"
            )
    return known[len(applied) :]


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[Connection]:
    """A connection: `target` itself, or a new one to that DSN. Raises what `connect` raises."""
    if not isinstance(target, str):
        yield target
        return
    connection = await connect(target, name="pisaura-migrate")
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def exclusively(connection: Connection) -> AsyncIterator[None]:
    """Hold this database's advisory lock for set-up. Raises Unavailable if the server goes away meanwhile."""
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        try:
            yield
        finally:
            if not connection.is_closed():
                await connection.execute("SELECT pg_advisory_unlock($1)", ADVISORY_LOCK)
    except (
        OSError,
        asyncpg.PostgresConnectionError,
        asyncpg.InterfaceError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
    ) as error:
        raise Unavailable(f"Postgres failed while its databases were set up: {error}") from error


async def migrate(target: Target, folder: Path | Traversable, database: str, *, until: int = 9999) -> list[str]:
    """Apply what is missing, up to number `until`; returns the names applied now, in order.

    `target` is an asyncpg connection (not in a transaction) or a DSN, as the role that shall own what is made.
    `database` names it in errors. Any number of processes may do this at once: one works, the others find it done.
    A migration that fails leaves those before it, and is reported by name. Raises UsageError and Unavailable.
    """
    known = read(folder)
    done: list[str] = []
    async with connected(target) as connection, exclusively(connection):
        await connection.execute(TABLE)
        for migration in pending(known, await _applied(connection), database):
            if migration.number > until:
                break
            await _apply(connection, migration, database)
            done.append(migration.name)
    return done


async def _applied(connection: Connection) -> list[tuple[int, str, bytes]]:
    """Rows (number, name, sha256) of what was applied, by number."""
    rows = await connection.fetch("SELECT number, name, sha256 FROM public.migrations ORDER BY number")
    return [(row[0], row[1], row[2]) for row in rows]


@translated
async def outstanding(connection: Connection, database: str) -> list[str]:
    """Names of the migrations that a database still lacks. UsageError as `pending`."""
    known = read(migrations(database))
    if await connection.fetchval("SELECT to_regclass('public.migrations')") is None:
        return [migration.name for migration in known]
    return [migration.name for migration in pending(known, await _applied(connection), database)]


@translated
async def require_current(connection: Connection, database: str) -> None:
    """Let nobody work on a database (`crawl` or `vault`) of another version. UsageError says what to do.

    A newer database is fine as long as it has only got `pre` migrations since: those leave the release before working.
    """
    known = read(migrations(database))
    made = await connection.fetchval("SELECT to_regclass('public.migrations')") is not None
    applied = await _applied(connection) if made else []
    newer = [name for _, name, _ in applied[len(known) :]]
    if after := [name for name in newer if "_post_" in name]:
        raise UsageError(
            f"database {database} is newer than this version of Pisaura: it has migration {after[0]}; run a later version"
        )
    if lacking := pending(known, applied[: len(known)], database):
        names = ", ".join(migration.name for migration in lacking)
        raise UsageError(
            f"database {database} lacks {len(lacking)} migrations ({names}); run `crawlctl migrate` as its owner, "
            "then start this again"
        )


async def _apply(connection: Connection, migration: Migration, database: str) -> None:
    """Run one file and record it, in one transaction. Raises UsageError if the file fails."""
    try:
        async with connection.transaction():
            begun = await connection.fetchval("SELECT pg_current_xact_id()")
            await connection.execute(migration.text)
            if await connection.fetchval("SELECT pg_current_xact_id_if_assigned()") != begun:
                raise UsageError(f"migration {migration.name} of database {database} ends its transaction; it must not")
            await connection.execute(
                "INSERT INTO public.migrations (number, name, sha256) VALUES ($1, $2, $3)",
                migration.number,
                migration.name,
                migration.sha256,
            )
    except (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InsufficientResourcesError):
        raise
    except asyncpg.PostgresError as error:
        place = getattr(error, "position", None)  # 1-based, in characters
        line = f" in line {migration.text.count(chr(10), 0, int(place) - 1) + 1}" if place else ""
        raise UsageError(f"migration {migration.name} of database {database} failed{line}: {error}") from error
