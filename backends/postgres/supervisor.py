"""The embedded Postgres as our own child: started, shared, watched, restarted, taken over and ended with us.

Rules:

1. Who uses the server holds `lock/users` shared. Who leaves and can take it exclusively was the last: it stops the
   server. A user that is killed loses its lock with its life.
2. Joining, leaving, starting and restarting happen under `lock/start`, one process at a time.
3. The server's processes hold `lock/server` (see `processes`): free means that none lives, so a new one may start.
4. A server that answers on our socket is used, whoever started it: the socket lies in our folder, and its
   configuration lets only the owner in. So an orphan whose starter was killed is simply taken over.
5. The server has a session of its own: Ctrl-C reaches us, and we end it after our last transaction.
"""

import asyncio
import atexit
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from backends.postgres import binaries, processes
from backends.postgres.complaints import translated
from backends.postgres.configuration import SUPERUSER
from backends.postgres.layout import Layout
from backends.postgres.server import START_SECONDS, TICK, Server
from backends.postgres.unprivileged import Account, account
from contracts.errors import PisauraError, StateInUse, Unavailable, UsageError
from contracts.settings import Storage

WATCH_TICK = 0.2
TRIM_TICKS = 300
FIRST_PAUSE, LONGEST_PAUSE, SETTLED_SECONDS = 0.1, 30.0, 60.0


@dataclass(frozen=True)
class Restart:
    """The server died while we used it. `running` tells whether it is back; if not, `attempt` tries failed so far."""

    attempt: int
    running: bool
    reason: str


class Supervisor:
    """One user of the embedded server of a state folder; the first starts it, the last stops it."""

    def __init__(self, state: Path, settings: Storage | None = None) -> None:
        """Nothing happens before `start`. `settings` are those of whoever starts the server."""
        self.settings = settings or Storage()
        self.layout = Layout(state)
        self.on_restart: Callable[[Restart], None] | None = None
        """Told, in the event loop, when a server that died is back and each time that it could not be started."""
        self._server: Server | None = None
        self._users: processes.Lock | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._owner = 0

    async def __aenter__(self) -> "Supervisor":
        """Start or join."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave; the last user stops the server."""
        await self.stop()

    @property
    def pid(self) -> int:
        """The postmaster's process id. Raises Unavailable when there is none now."""
        if self._server is None or self._server.process is None:
            raise Unavailable("the embedded Postgres does not run")
        return self._server.process[0]

    def dsn(self, database: str = SUPERUSER, role: str = SUPERUSER) -> str:
        """A connection string for asyncpg and libpq; it stays the same over restarts while we use the server."""
        if self._server is None:
            raise Unavailable("the embedded Postgres does not run")
        return self._server.dsn(database, role)

    async def start(self) -> None:
        """Join the server of this state, starting it if none runs; it answers when this returns.

        Raises UsageError (the folder cannot be used, another version's data), Unavailable (it does not start now).
        """
        if self._users is not None:
            raise UsageError(f"this object already uses the Postgres of {self.layout.state}")
        try:
            who = account(self.layout.data)
        except LookupError as error:
            raise UsageError(f"the embedded Postgres cannot run: {error.args[0]}; run as another user") from error
        programs = await asyncio.to_thread(binaries.find)
        self._owner = os.getpid()
        with translated(f"the Postgres of {self.layout.state} cannot start"):
            self.layout.prepare(who)
            await self._join(who, programs)
        assert self._server is not None
        atexit.register(self._leave_at_exit)
        self._watcher = asyncio.create_task(self._watch(self._server), name="postgres-watch")

    async def _join(self, who: Account, programs: binaries.Binaries) -> None:
        """Become a user of the server, started if need be; or leave everything as it was."""
        async with self._alone():
            self.layout.place_socket(who)
            server = Server(self.layout, who, programs, self.settings)
            users = processes.Lock(self.layout.users)
            try:
                await self._until(lambda: users.take(shared=True), 10.0)
                await server.bring_up()
            except BaseException:
                if users.take():
                    await server.shut_down()
                users.close()
                raise
            self._server, self._users = server, users

    async def stop(self) -> None:
        """Leave; the last user stops the server within seconds, rolling open transactions back. May be called twice."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait([self._watcher])
            self._watcher = None
        if self._users is None or self._server is None:
            return
        async with self._alone():
            if self._users.take():
                await self._server.shut_down()
                self.layout.remove_socket()
            self._users.close()
        self._users = self._server = None
        atexit.unregister(self._leave_at_exit)

    def _leave_at_exit(self) -> None:
        """The interpreter ends without `stop`: tell the server to end if we are its last user, and do not wait."""
        if self._users is None or self._server is None or os.getpid() != self._owner:
            return
        lock = processes.Lock(self.layout.starting)
        if lock.take() and self._users.take() and self._server.alive():
            processes.send(self.pid, signal.SIGINT)
        lock.close()
        self._users.close()

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the start lock."""
        lock = processes.Lock(self.layout.starting)
        try:
            await self._until(lock.take, START_SECONDS)
            yield
        finally:
            lock.close()

    async def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Poll. Raises StateInUse when the time is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not condition():
            if loop.time() > deadline:
                raise StateInUse(f"another process has been starting or stopping the Postgres of {self.layout.state}")
            await asyncio.sleep(TICK)

    async def _watch(self, server: Server) -> None:
        """Until cancelled: notice the server's death, bring it back with growing pauses, tell the owner."""
        loop = asyncio.get_running_loop()
        pause, attempt, ticks, back = FIRST_PAUSE, 0, 0, loop.time()
        while True:
            await asyncio.sleep(WATCH_TICK)
            ticks += 1
            if ticks % TRIM_TICKS == 0:
                await asyncio.to_thread(self.layout.trim_log)
            if server.alive():
                if attempt and loop.time() - back > SETTLED_SECONDS:
                    pause, attempt = FIRST_PAUSE, 0
                continue
            reason = self.layout.last_words()
            if attempt:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            attempt += 1
            try:
                with translated(f"the Postgres of {self.layout.state} cannot start again"):
                    async with self._alone():
                        await server.bring_up()
            except PisauraError as error:
                self._tell(Restart(attempt, False, str(error)))
            else:
                back = loop.time()
                self._tell(Restart(attempt, True, reason))

    def _tell(self, event: Restart) -> None:
        """Call the owner, whose mistakes are not ours."""
        if self.on_restart is not None:
            asyncio.get_running_loop().call_soon(self.on_restart, event)
