"""One embedded server: ask it, create its data, start it, end what is left of it. `supervisor` says when.

All methods but `ask` are called under the start lock, so one process at a time does any of this.
"""

import asyncio
import contextlib
import os
import shutil
import signal
from enum import Enum
from urllib.parse import quote

import asyncpg

from backends.postgres import processes
from backends.postgres.binaries import Binaries
from backends.postgres.complaints import explain
from backends.postgres.configuration import PORT, SUPERUSER
from backends.postgres.layout import Layout, folder
from backends.postgres.unprivileged import Account, launcher
from contracts.errors import Unavailable, UsageError
from contracts.settings import Storage

TICK, LONGEST_TICK = 0.02, 0.5
START_SECONDS = 300.0  # recovery of 2 GB of write-ahead log on a slow disk
SILENT_SECONDS, DEAF_SECONDS, STUBBORN_SECONDS = 0.5, 10.0, 15.0
FAST_SECONDS, QUIT_SECONDS, KILL_SECONDS = 7.0, 2.0, 5.0


class Answer(Enum):
    """What the socket says."""

    READY = "ready"
    BUSY = "starting, stopping or overloaded"
    ABSENT = "nobody listens"


class Server:
    """The server of one folder, run as one account with one set of programs."""

    def __init__(self, layout: Layout, who: Account, programs: Binaries, settings: Storage) -> None:
        """Nothing happens yet. `process` will be (pid, start) of the postmaster in use."""
        self.layout, self.who, self.programs, self.settings = layout, who, programs, settings
        self.process: tuple[int, int] | None = None

    def dsn(self, database: str, role: str) -> str:
        """A connection string for asyncpg and libpq."""
        socket = quote(str(self.layout.socket))
        return f"postgresql://{quote(role, safe='')}@/{quote(database, safe='')}?host={socket}&port={PORT}"

    def alive(self) -> bool:
        """Whether the postmaster in use lives. A zombie does not, and is reaped if it is our child."""
        if self.process is None:
            return False
        born = processes.started(self.process[0])
        if born is None:
            processes.reap(self.process[0])
        return born == self.process[1]

    async def ask(self) -> Answer:
        """Try the socket. Raises UsageError if a server answers that does not know us."""
        try:
            connection = await asyncpg.connect(self.dsn(SUPERUSER, SUPERUSER), timeout=5.0)
        except (FileNotFoundError, ConnectionRefusedError):
            return Answer.ABSENT
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise UsageError(
                f"the Postgres of {self.layout.state} belongs to another user; run as that user"
            ) from error
        except asyncpg.TooManyConnectionsError:
            return Answer.READY
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return Answer.BUSY
        try:
            await connection.fetchval("SELECT 1", timeout=5.0)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return Answer.BUSY
        finally:
            connection.terminate()
        return Answer.READY

    async def bring_up(self) -> None:
        """Use the server that answers, else see the old one gone and start a new one.

        Raises UsageError (the data cannot be used) and Unavailable (it does not start now).
        """
        loop = asyncio.get_running_loop()
        begin = heard = loop.time()
        tries = 0
        while True:
            answer = await self.ask()
            if answer is Answer.READY and self._recognise():
                return
            if answer is not Answer.ABSENT:
                heard = loop.time()
            lock = processes.Lock(self.layout.server)
            try:
                if lock.take():
                    tries += 1
                    await self._start(lock, last=tries > 3)
                    continue
            finally:
                lock.close()
            await self._evict(loop.time() - heard)
            if loop.time() - begin > START_SECONDS or loop.time() - heard > 2 * STUBBORN_SECONDS:
                raise Unavailable(
                    f"an earlier Postgres of {self.layout.state} neither answers nor ends; "
                    f"stop its processes (they bear the name {self.layout.name()}), then try again"
                )
            await asyncio.sleep(TICK)

    def _recognise(self) -> bool:
        """Note which process answers; False if it ended meanwhile."""
        pid = processes.recorded(self.layout.data)
        born = None if pid is None else processes.started(pid)
        self.process = None if pid is None or born is None else (pid, born)
        return self.process is not None

    async def _evict(self, silence: float) -> None:
        """Processes of the folder live and nobody has listened for `silence` seconds: end what has no postmaster.

        Backends end by themselves on seeing their postmaster gone, unless busy; they are told so after half a second.
        A postmaster without a socket (deleted by somebody) is ended after ten.
        """
        if silence < SILENT_SECONDS:
            return
        left = await asyncio.to_thread(processes.belonging, self.layout.root, self.layout.name(), self.who.uid)
        if processes.recorded(self.layout.data) in left and silence < DEAF_SECONDS:
            return
        for pid in left:
            processes.send(pid, signal.SIGQUIT if silence < STUBBORN_SECONDS else signal.SIGKILL)

    async def _start(self, lock: processes.Lock, *, last: bool) -> None:
        """No process lives and we hold their lock: start one and wait until it answers. Unless `last`, an attempt that
        another server's remains defeated is not an error."""
        if not self.layout.data.exists():
            await self._create(lock)
        self._check_version()
        for stale in (self.layout.data / "postmaster.pid", self.layout.socket / f".s.PGSQL.{PORT}.lock"):
            stale.unlink(missing_ok=True)  # Postgres would believe the number in it, be it a stranger's or a zombie's
        self.layout.configure(self.who, self.settings)
        settings = self.layout.configuration / "postgresql.conf"
        command = [self.programs.program("postgres"), "-D", str(self.layout.data), "-c", f"config_file={settings}"]
        before = self.layout.log_size()
        pid = self._spawn(command, lock)
        lock.close()
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        pause = TICK
        while await self.ask() is not Answer.READY:
            if processes.reap(pid) is not None:
                error = explain("the embedded Postgres did not start", self.layout.log_since(before), self.layout.log)
                if last or isinstance(error, UsageError):
                    raise error
                return
            if asyncio.get_running_loop().time() > deadline:
                processes.send(pid, signal.SIGQUIT)
                raise Unavailable(
                    f"the embedded Postgres was not ready after {START_SECONDS:.0f} s; see {self.layout.log}"
                )
            await asyncio.sleep(pause)
            pause = min(1.2 * pause, LONGEST_TICK)  # each try of a long recovery leaves a line in the log

    async def _create(self, lock: processes.Lock) -> None:
        """initdb into a folder aside, renamed when it is whole: a kill in between leaves nothing that looks usable."""
        if self.layout.fresh.exists():
            await asyncio.to_thread(shutil.rmtree, self.layout.fresh)
        folder(self.layout.fresh, 0o700, *((self.who.uid, self.who.gid) if self.who.drop else ()))
        command = [self.programs.program("initdb"), "-D", str(self.layout.fresh), "-U", SUPERUSER, "-A", "peer"]
        command += ["-E", "UTF8", "--no-locale", "--data-checksums", "--no-instructions"]
        command += [] if self.settings.fsync else ["--no-sync"]
        before = self.layout.log_size()
        pid = self._spawn(command, lock)
        try:
            while (code := processes.reap(pid)) is None:
                await asyncio.sleep(TICK)
        except BaseException:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            while processes.reap(pid) is None:
                await asyncio.sleep(TICK)
            raise
        if code:
            log = self.layout.log_since(before)
            raise explain("the embedded Postgres could not create its data", log, self.layout.log)
        self.layout.fresh.rename(self.layout.data)

    def _spawn(self, command: list[str], lock: processes.Lock) -> int:
        """Start a program of the server as its account; the process id."""
        data = self.layout.data if self.layout.data.exists() else self.layout.fresh
        whole = launcher(self.who, [self.programs.folder / "postgres", data], command)
        output = self.layout.open_log()
        try:
            return processes.spawn(whole, output, lock)
        finally:
            os.close(output)

    def _check_version(self) -> None:
        """Raises UsageError if another major version made the data, or none did."""
        try:
            made = (self.layout.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise UsageError(
                f"{self.layout.data} is not the data of a Postgres (no PG_VERSION): "
                "restore a backup of it, or name another folder"
            ) from error
        if made != str(self.programs.major):
            raise UsageError(
                f"{self.layout.data} was made by Postgres {made}, this is Postgres {self.programs.major}: "
                "go on with the version of Pisaura that made it, or dump it there (pg_dump) and restore it here"
            )

    async def shut_down(self) -> None:
        """End the server, whoever started it: politely, at once (recovery at the next start), by force."""
        if not self.alive() and not self._recognise():
            self.process = None
        for number, seconds in (
            (signal.SIGINT, FAST_SECONDS),
            (signal.SIGQUIT, QUIT_SECONDS),
            (signal.SIGKILL, KILL_SECONDS),
        ):
            if self.process is not None and self.alive():
                processes.send(self.process[0], number)
            if number is signal.SIGKILL:
                name, uid = self.layout.name(), self.who.uid
                for pid in await asyncio.to_thread(processes.belonging, self.layout.root, name, uid):
                    processes.send(pid, number)
            deadline = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < deadline:
                if not self.alive() and not processes.held(self.layout.server):
                    self.process = None
                    return
                await asyncio.sleep(TICK)
        raise Unavailable(f"the embedded Postgres of {self.layout.state} does not end; see {self.layout.log}")
