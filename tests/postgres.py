"""A real Postgres for tests: one server a session, and fresh migrated databases as copies, in about 60 ms each.

It is reached in both ways that users have: as the embedded one, by its socket and peer authentication, and as any other, by
TCP with passwords (scram).

`python -m tests.postgres` writes both databases' `schema.sql` anew, after a migration was added.
"""

import asyncio
import itertools
import os
import random
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

import asyncpg

from backends.postgres.configuration import PORT, SUPERUSER
from backends.postgres.databases import ADMIN, ROLES, ensure_doors, ensure_schema, open_doors
from backends.postgres.migrate import migrations
from backends.postgres.schema import dump
from backends.postgres.supervisor import Supervisor
from contracts.options import MIB
from contracts.settings import Storage

T = TypeVar("T")
SETTINGS = Storage(shared_buffers=64 * MIB, fsync=False)
PASSWORD: Final = "se/cr:et@100%?#"
"""Of every role, over TCP: what people's passwords hold."""
DOORS: Final = "local all all peer map=owners\nhost all all 127.0.0.0/8 scram-sha-256\n"


@dataclass
class Database:
    """One database of the test server, dropped when its test is over."""

    server: "Server"
    name: str

    def dsn(self, role: str = ADMIN) -> str:
        """A connection string; by default as the owner of everything in it."""
        return self.server.dsn(self.name, role)

    def tcp(self, role: str = ADMIN) -> str:
        """The same by TCP, with the role's password."""
        return self.server.tcp(self.name, role)


@dataclass
class Server:
    """The session's server. Its methods are synchronous: fixtures call them outside any event loop."""

    supervisor: Supervisor
    loop: asyncio.AbstractEventLoop
    address: str
    numbers: Iterator[int] = field(default_factory=itertools.count)
    migrated: set[str] = field(default_factory=set)

    def dsn(self, database: str = SUPERUSER, role: str = SUPERUSER) -> str:
        """A connection string, by default as superuser."""
        return self.supervisor.dsn(database, role)

    def tcp(self, database: str = SUPERUSER, role: str = SUPERUSER) -> str:
        """A connection string by TCP, by default as superuser."""
        return by_tcp(self.address, database, role)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the server's own loop."""
        return self.loop.run_until_complete(work)

    @contextmanager
    def database(self, template: str = "") -> Iterator[Database]:
        """A fresh database: a copy of `crawl` or `vault` (never used themselves), or an empty one that all may enter."""
        if template and template not in self.migrated:
            self.run(ensure_schema(self, template))
            self.migrated.add(template)
        name = f"test_{template or 'empty'}_{next(self.numbers)}"
        self.run(self._create(name, template))
        try:
            yield Database(self, name)
        finally:
            self.run(self._execute(f"DROP DATABASE {name} WITH (FORCE)"))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _create(self, name: str, template: str) -> None:
        connection = await asyncpg.connect(self.dsn())
        try:
            await connection.execute(
                f"CREATE DATABASE {name} OWNER {ADMIN} TEMPLATE {template or 'template1'} STRATEGY file_copy"
            )
            roles = ROLES.get(template) or {role: role for roles in ROLES.values() for role in roles}
            await open_doors(connection, name, roles)
        finally:
            await connection.close()


def write_schemas(state: Path) -> None:
    """Write `schema.sql` of both databases beside their migrations, as a server in `state` dumps them."""
    with running(state) as server:
        for name in ROLES:
            with server.database(name) as database:
                schema = Path(str(migrations(name))).parent / "schema.sql"
                schema.write_text(server.run(dump(database.dsn())))


@contextmanager
def running(state: Path) -> Iterator[Server]:
    """A server in `state`, with its roles and databases; they are migrated when they are first copied."""
    loop = asyncio.new_event_loop()
    try:
        supervisor = Supervisor(state, SETTINGS)
        loop.run_until_complete(supervisor.start())
        try:
            address = loop.run_until_complete(open_tcp(supervisor))
            yield Server(supervisor, loop, address)
        finally:
            loop.run_until_complete(supervisor.stop())
            loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


def by_tcp(address: str, database: str, role: str) -> str:
    """A connection string for a server at an address that `open_tcp` gave."""
    return f"postgresql://{role}:{quote(PASSWORD, safe='')}@{address}:{PORT}/{database}"


async def open_tcp(supervisor: Supervisor) -> str:
    """Make roles and databases, and let roles in by password at a loopback address that nobody else has; the address."""
    await ensure_doors(supervisor)
    chance = random.SystemRandom()
    address = f"127.{chance.randint(200, 254)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}"
    doors, data = supervisor.layout.data / "doors.conf", supervisor.layout.data.stat()
    doors.write_text(DOORS)
    os.chown(doors, data.st_uid, data.st_gid)
    connection = await asyncpg.connect(supervisor.dsn())
    try:
        for role in (SUPERUSER, ADMIN, *(role for roles in ROLES.values() for role in roles)):
            await connection.execute(f"ALTER ROLE {role} PASSWORD '{PASSWORD}'")
        await connection.execute(f"ALTER SYSTEM SET listen_addresses = '{address}'")
        await connection.execute(f"ALTER SYSTEM SET hba_file = '{doors}'")
    finally:
        await connection.close()
    await supervisor.stop()
    await supervisor.start()
    return address


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        write_schemas(Path(folder))
