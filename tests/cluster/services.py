"""The services of a cluster: a broker and a Postgres of its own, or those that a session's tests share."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

from backends.postgres.databases import ADMIN
from backends.postgres.supervisor import Supervisor
from contracts.errors import Unavailable
from contracts.settings import Storage
from tests import kafka, postgres
from tests.bench import cpu


class Services(Protocol):
    """Where a cluster's log and databases are."""

    @property
    def bootstrap(self) -> str:
        """Of the brokers."""

    @property
    def prefix(self) -> str:
        """Of topics and groups."""

    def dsn(self, database: str, role: str = ADMIN) -> str:
        """The connection string of `crawl` or `vault` for a role; by default for the owner."""


class Shared:
    """The services of the session's tests."""

    def __init__(self, broker: kafka.Broker, prefix: str, crawl: postgres.Database, vault: postgres.Database) -> None:
        self.bootstrap = broker.bootstrap
        self.prefix = prefix
        self._databases = {"crawl": crawl, "vault": vault}

    def dsn(self, database: str, role: str = ADMIN) -> str:
        """By TCP, with the role's password."""
        return self._databases[database].tcp(role)


class Own:
    """`async with Own(folder) as services`: brokers and a database server for one cluster alone, to be killed and restarted."""

    def __init__(self, folder: Path, nodes: int = 1, *, fsync: bool = False) -> None:
        """`fsync`: the database is set up as for a crawl, not as for a test."""
        self._folder = folder
        self._nodes = nodes
        self._storage = Storage() if fsync else postgres.SETTINGS
        self._paused: list[psutil.Process] = []
        self.prefix = ""

    async def __aenter__(self) -> "Own":
        self.brokers = kafka.prepare(self._folder / "kafka", self._nodes)
        self.brokers.start()
        try:
            self.database = Supervisor(self._folder / "database", self._storage)
            await self.database.start()
            self._address = await postgres.open_tcp(self.database)
            await self.brokers.ready()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.brokers.kill()
        await self.database.stop()

    @property
    def bootstrap(self) -> str:
        """Of all brokers."""
        return self.brokers.bootstrap

    def dsn(self, database: str, role: str = ADMIN) -> str:
        """By TCP, with the role's password."""
        return postgres.by_tcp(self._address, database, role)

    def pids(self) -> dict[int, str]:
        """Names of what runs now, by process id."""
        brokers = {n.process.pid: f"broker{n.node.number}" for n in self.brokers.nodes if n.running and n.process}
        try:
            return brokers | {self.database.pid: "database"}
        except Unavailable:
            return brokers

    # -- what befalls them --------------------------------------------------------------------------------------------

    async def kill_broker(self, number: int = 0) -> None:
        """kill -9 of a broker; it stays away until `start_broker`."""
        await asyncio.to_thread(self.brokers.nodes[number].kill)

    async def start_broker(self, number: int = 0) -> None:
        """Start it again on its data and wait until it serves."""
        self.brokers.nodes[number].start()
        await self.brokers.nodes[number].ready()

    async def stop_database(self) -> None:
        """Stop the database server; it stays away until `start_database`."""
        await self.database.stop()

    async def start_database(self) -> None:
        """Start it again on its data."""
        await self.database.start()

    def kill_database(self) -> None:
        """kill -9 of the postmaster; its supervisor starts it again at once."""
        os.kill(int((self.database.layout.data / "postmaster.pid").read_text().split("\n")[0]), signal.SIGKILL)

    def pause_database(self) -> None:
        """SIGSTOP to the server and all its processes: connections stay open and nothing answers."""
        self._paused = list(cpu.family(self.database.pid).values())
        for process in self._paused:
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def resume_database(self) -> None:
        """SIGCONT to whom `pause_database` stopped."""
        for process in reversed(self._paused):
            with suppress(psutil.NoSuchProcess):
                process.resume()
