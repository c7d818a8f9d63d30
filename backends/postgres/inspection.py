"""What `crawlctl doctor` asks a database: who we are there, what it holds, who may do what, and which doors are shut.

Nothing here writes. Every connection is one of a user whose rights are to be looked at.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from msgspec import Struct

from backends.postgres.connection import TIMEOUT, close, connect, place, reaching, translated
from backends.postgres.migrate import migrations, pending, read
from backends.postgres.queries import load
from contracts.errors import Unavailable

NAME: Final = "pisaura-doctor"
QUERIES: Final = load(files("backends.postgres") / "catalog")

_GRANT: Final = re.compile(r"GRANT ([A-Z,()a-z_0-9]+) ON (?:TABLE|SEQUENCE) public\.(\w+) TO (\w+);")
_PRIVILEGE: Final = re.compile(r"([A-Z]+)(?:\((\w+)\))?")
_PART: Final = re.compile(r"ALTER TABLE ONLY public\.(\w+) ATTACH PARTITION public\.(\w+) ")


class Grant(NamedTuple):
    """One right of one role. `column` is empty for the whole table or sequence."""

    name: str
    column: str
    role: str
    privilege: str


class About(Struct, frozen=True):
    """The server's version (180006 is 18.6), and who we are: `mighty` may make roles or databases or pass all rights."""

    version: int
    role: str
    database: str
    mighty: bool
    member_of: list[str]
    owns: int
    creates: bool


class Held(Struct, frozen=True):
    """A row of `partitions`; times in unix seconds."""

    partition: int
    owner: str
    epoch: int
    lease_until: float
    urls_offset: int
    outcomes_offset: int


class Inspection:
    """Questions to one database, over a connection of one of its users."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._db = connection

    @translated
    async def about(self) -> About:
        """The server, and who we are here."""
        row = await self._db.fetchrow(QUERIES["about"])
        if row is None:
            raise Unavailable("Postgres does not know who has just logged in; was the role dropped?")
        return About(**dict(row))

    @translated
    async def missing(self, database: str) -> list[str]:
        """Migrations of `database` (crawl or vault) that were not applied. UsageError if it has others than we know."""
        known = read(migrations(database))
        if not await self._db.fetchval(QUERIES["migrated"]):
            return [migration.name for migration in known]
        applied = [(row[0], row[1], row[2]) for row in await self._db.fetch(QUERIES["applied"])]
        return [migration.name for migration in pending(known, applied, database)]

    @translated
    async def grants(self) -> set[Grant]:
        """Every right that somebody besides the owner has."""
        rows = await self._db.fetch(QUERIES["grants"])
        return {Grant(row["name"], row["column_name"], row["role"], row["privilege"]) for row in rows}

    @translated
    async def doors(self) -> set[str]:
        """The roles that may enter, besides the owner; PUBLIC is everybody."""
        return {row[0] for row in await self._db.fetch(QUERIES["doors"])}

    @translated
    async def clock(self) -> float:
        """The server's time, unix seconds."""
        return float(await self._db.fetchval(QUERIES["clock"]))

    @translated
    async def settled(self) -> int | None:
        """The number of partitions that the crawl was made with; None if it has not been made."""
        if not await self._db.fetchval(QUERIES["migrated"]):
            return None
        return next((int(row[1]) for row in await self._db.fetch(QUERIES["fixed"]) if row[0] == "partitions"), None)

    @translated
    async def fixed(self) -> dict[str, str]:
        """`partitions` and `psl_sha256`, as they were settled when the crawl database was made."""
        return {row[0]: row[1] for row in await self._db.fetch(QUERIES["fixed"])}

    @translated
    async def partitions(self) -> list[Held]:
        """Who holds what, and how far each topic was read."""
        return [
            Held(row[0], row[1], row[2], row[3] / 1000, row[4], row[5])
            for row in await self._db.fetch(QUERIES["partitions"])
        ]

    @translated
    async def shards(self) -> dict[str, float]:
        """The end of each shard's lease, unix seconds."""
        return {row[0]: row[1] / 1000 for row in await self._db.fetch(QUERIES["living"])}


@asynccontextmanager
async def inspecting(dsn: str) -> AsyncIterator[Inspection]:
    """Log in and look. UsageError or Unavailable, saying which, if the server is away or does not let this user in."""
    connection = await connect(dsn, name=NAME)
    try:
        yield Inspection(connection)
    finally:
        await close(connection)


def wanted_grants(database: str) -> set[Grant]:
    """The rights that the migrations of `database` (crawl or vault) grant, read from the schema that tests hold them to."""
    text = (files("backends.postgres") / database / "schema.sql").read_text("utf-8")
    whole = {part: table for table, part in _PART.findall(text)}
    return {
        Grant(whole.get(name, name), column, role, privilege)
        for what, name, role in _GRANT.findall(text)
        for privilege, column in _PRIVILEGE.findall(what)
    }


async def shut(user: str, database: str) -> str | None:
    """Try the door of the database that one DSN names with the user of another; what Postgres said, None if it opened.

    Raises UsageError and Unavailable if there was no answer to judge by.
    """
    place(user)  # UsageError, without a word of it, if it is no DSN
    given = urlsplit(user)
    query = parse_qs(given.query)
    # Never None: the driver would then take those of the other DSN.
    name = unquote(given.username or "") or query.get("user", [""])[-1]
    password = unquote(given.password or "") or query.get("password", [""])[-1]
    with reaching(database):
        try:
            connection = await asyncpg.connect(
                database, user=name, password=password, timeout=TIMEOUT, server_settings={"application_name": NAME}
            )
        except (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidAuthorizationSpecificationError) as error:
            return str(error)
    await close(connection)
    return None


def other_database(dsn: str, database: str) -> str:
    """The same DSN for another database of its server. UsageError if it is none."""
    place(dsn)
    return urlsplit(dsn)._replace(path=f"/{database}").geturl()
