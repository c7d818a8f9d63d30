"""Databases of many sizes in one server: filled once, and copied for each run, so that no run finds what another left.

`decide` is one run of `tests.bench.cluster.decisions` over such a copy.
"""

import asyncio
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncpg
import msgspec

from backends.postgres.databases import ADMIN, ROLES, open_doors
from backends.postgres.supervisor import Supervisor
from contracts.options import MIB
from contracts.settings import Storage
from tests.bench.cluster.decisions import PARTITIONS, Decided
from tests.bench.cluster.fill import RANGES, fill, prepare
from tests.bench.cluster.world import Shape

BUFFERS: Final = 1024 * MIB
RUN: Final = "run"


class Bases:
    """A server with filled databases."""

    def __init__(self, server: Supervisor) -> None:
        self.server = server

    async def _create(self, name: str, template: str, owner: str = ADMIN) -> None:
        connection = await asyncpg.connect(self.server.dsn())
        try:
            await connection.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE {template} STRATEGY file_copy")
            await open_doors(connection, name, ROLES["crawl"])
        finally:
            await connection.close()

    async def drop(self, name: str) -> None:
        """A database is not needed any more."""
        connection = await asyncpg.connect(self.server.dsn())
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        finally:
            await connection.close()

    async def make(self, shape: Shape) -> str:
        """Fill a new database; its name."""
        name = f"known_{shape.total()}"
        await self._create(name, "crawl")
        await fill(self.server.dsn(name, ADMIN), shape, time.time())
        return name

    async def decide(self, base: str, shape: Shape, warm: int, urls: int) -> Decided:
        """One run over a copy."""
        await self._create(RUN, base)
        try:
            dsns = self.server.dsn(RUN, "pisaura_frontier"), self.server.dsn(RUN)
            numbers = [str(self.server.pid), *dsns, str(warm), str(urls), msgspec.json.encode(shape).decode()]
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.bench.cluster.decisions", *numbers, stdout=PIPE
            )
            output, _ = await process.communicate()
            if process.returncode:
                raise RuntimeError(f"tests.bench.cluster.decisions ended with {process.returncode}")
            return msgspec.json.decode(output, type=Decided)
        finally:
            await self.drop(RUN)


@asynccontextmanager
async def bases(*, fsync: bool = True, ranges: int = RANGES) -> AsyncIterator[Bases]:
    """A server on a fresh folder."""
    with tempfile.TemporaryDirectory(prefix="pisaura-bench-") as folder:
        server = Supervisor(Path(folder) / "state", Storage(shared_buffers=BUFFERS, fsync=fsync))
        await server.start()
        try:
            await prepare(server, PARTITIONS, ranges)
            yield Bases(server)
        finally:
            await server.stop()
