"""The running web: listeners on loopback addresses and the name server, as one async context manager."""

import asyncio
import socket
from pathlib import Path
from types import TracebackType

from tests.fakeweb.connection import Connection, Misfit, Shared
from tests.fakeweb.dns import NameServer
from tests.fakeweb.log import Log
from tests.fakeweb.model import Listener, Ports, World
from tests.fakeweb.tls import server_context

FLUSH_SECONDS = 0.2


def free_ports() -> Ports:
    """Three ports that no process of this machine listens on now, none of them one that browsers block."""
    sockets = [socket.socket() for _ in range(3)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        http, https, other = (each.getsockname()[1] for each in sockets)
        return Ports(http, https, other)
    finally:
        for each in sockets:
            each.close()


class FakeWeb:
    """`async with FakeWeb(world) as web`: serves until the block ends.

    `dns_port` 0 takes a free one; `web.nameserver` is then `ip:port`. `log_file` also gets the log as JSON lines;
    without `keep_log` there is none. Hosts with manners react to what is in the folder `notices`.
    """

    def __init__(
        self,
        world: World,
        *,
        dns_host: str = "127.0.0.1",
        dns_port: int = 0,
        log_file: Path | None = None,
        keep_log: bool = True,
        notices: Path | None = None,
    ) -> None:
        self.world = world
        self.log = Log(log_file, keep_log)
        self.nameserver = ""
        self._dns_at = (dns_host, dns_port)
        self._shared = Shared(world, self.log)
        self._dns = NameServer(world, self.log)
        self._servers: list[asyncio.Server] = []
        self._notices = notices
        self._flusher: asyncio.Task[None] | None = None

    @property
    def accepted(self) -> int:
        """Connections accepted so far."""
        return self._shared.accepted

    async def __aenter__(self) -> "FakeWeb":
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        port = await self._dns.start(*self._dns_at)
        self.nameserver = f"{self._dns_at[0]}:{port}"
        groups: dict[tuple[int, str], list[Listener]] = {}
        for listener in self.world.listeners.values():
            groups.setdefault((listener.port, listener.mode), []).append(listener)
        context = server_context() if any(mode == "https" for _, mode in groups) else None
        for (port, mode), listeners in groups.items():
            addresses = [listener.address for listener in listeners]
            self._servers.append(
                await loop.create_server(
                    self._factory(mode),
                    addresses,
                    port,
                    ssl=context if mode == "https" else None,
                    backlog=512,
                )
            )
        self._flusher = loop.create_task(self._flush())

    def _factory(self, mode: str) -> "_Factory":
        return _Factory(self._shared, mode)

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self.log.flush()
            if self._notices is not None and self.world.hears is not None and self._notices.is_dir():
                self.world.hears(self._notices)

    async def _stop(self) -> None:
        if self._flusher is not None:
            self._flusher.cancel()
        for server in self._servers:
            server.close()
        for connection in list(self._shared.connections):
            connection.stop()
        await self._dns.stop()
        # Two turns of the loop, so that transports see their end before the loop may close.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.log.close()


class _Factory:
    def __init__(self, shared: Shared, mode: str) -> None:
        self.shared = shared
        self.mode = mode

    def __call__(self) -> asyncio.Protocol:
        if self.mode in ("http", "https"):
            return Connection(self.shared, self.mode)
        return Misfit(self.shared, self.mode)
