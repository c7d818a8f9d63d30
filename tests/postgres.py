"""A real Postgres for tests: one server a session, and fresh migrated databases as copies, in about 60 ms each.

`python -m tests.postgres` writes both databases' `schema.sql` anew, after a migration was added.
"""

import asyncio
import itertools
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from backends.postgres.configuration import SUPERUSER
from backends.postgres.databases import ADMIN, ROLES, ensure_doors, ensure_schema, migrations, open_doors
from backends.postgres.schema import dump
from backends.postgres.supervisor import Supervisor
from contracts.settings import MIB, Storage

T = TypeVar("T")
SETTINGS = Storage(shared_buffers=64 * MIB, fsync=False)


@dataclass
class Database:
    """One database of the test server, dropped when its test is over."""

    server: "Server"
    name: str

    def dsn(self, role: str = ADMIN) -> str:
        """A connection string; by default as the owner of everything in it."""
        return self.server.dsn(self.name, role)


@dataclass
class Server:
    """The session's server. Its methods are synchronous: fixtures call them outside any event loop."""

    supervisor: Supervisor
    loop: asyncio.AbstractEventLoop
    numbers: Iterator[int] = field(default_factory=itertools.count)
    migrated: set[str] = field(default_factory=set)

    def dsn(self, database: str = SUPERUSER, role: str = SUPERUSER) -> str:
        """A connection string, by default as superuser."""
        return self.supervisor.dsn(database, role)

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
            loop.run_until_complete(ensure_doors(supervisor))
            yield Server(supervisor, loop)
        finally:
            loop.run_until_complete(supervisor.stop())
            loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        write_schemas(Path(folder))
