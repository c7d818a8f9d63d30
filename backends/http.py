"""Health and metrics of one process over HTTP: `/livez`, `/readyz` and `/metrics`, nothing else, read when asked.

Served by the loop that does the work: if that hangs, a probe gets no answer, which is the truth.
"""

import asyncio
import logging
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

import msgspec

from backends.prometheus import Exposition
from contracts.errors import UsageError
from contracts.health import Health
from contracts.metrics import Measured

log = logging.getLogger(__name__)

LIVE: Final = "/livez"
READY: Final = "/readyz"
METRICS: Final = "/metrics"
HEAD_BYTES: Final = 16_384
HEAD_SECONDS: Final = 5.0
CLIENTS: Final = 16
"""Connections served at a time; more are closed at once."""
_REASONS: Final = 32
"""Reasons shown at most, and below the characters of each."""
_WHY: Final = 300


def endpoint(text: str, named: str) -> tuple[str, int]:
    """Address and port of `127.0.0.1:9100` or `[::1]:9100`. UsageError, which calls it `named`, for anything else."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    try:
        ip_address(host)
        number = int(port) if port.isascii() and port.isdigit() else -1
    except ValueError:
        number = -1
    if not 0 <= number <= 65535:
        raise UsageError(f"{named}: {text[:80]!r} must be an address and a port like 127.0.0.1:9100")
    return host, number


class HttpServer:
    """Serves one process' health and metrics at `address` (`ip:port`; port 0 takes a free one).

    `/livez`: 200, or 503 with why the process should be killed. `/readyz`: 200, or 503 with what it waits for. Both are
    JSON: `{"live": bool, "reasons": [why, ...]}` and `{"ready": bool, "reasons": [{"part": ..., "why": ...}, ...]}`.
    `named` is the setting or option that gave the address, for messages.
    """

    def __init__(self, address: str, measured: Measured, health: Health, *, named: str = "cluster.listen") -> None:
        self._named = named
        self._at = endpoint(address, named)
        self._metrics = Exposition(measured)
        self._health = health
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port that is listened on, 0 before `start`."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else 0

    async def start(self) -> None:
        """Listen. UsageError if the address cannot be had."""
        try:
            self._server = await asyncio.start_server(self._serve, *self._at, limit=HEAD_BYTES)
        except OSError as error:
            raise UsageError(f"{self._named}: {self._at[0]}:{self._at[1]} cannot be listened on: {error}") from error

    async def stop(self) -> None:
        """Listen no more, end what is being answered."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if len(self._tasks) <= CLIENTS:
                async with asyncio.timeout(HEAD_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._answer(head.decode("latin-1")))
                    await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            return
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _answer(self, head: str) -> bytes:
        """A whole response (RFC 9112); the connection is closed after it."""
        lines = head.split("\r\n")
        method, _, rest = lines[0].partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        send = method != "HEAD"
        if path not in (LIVE, READY, METRICS):
            return _response(
                "404 Not Found", "text/plain", f"there is {LIVE}, {READY}, {METRICS}\n".encode(), send=send
            )
        if method not in ("GET", "HEAD"):
            return _response("405 Method Not Allowed", "text/plain", b"only GET\n", "Allow: GET, HEAD\r\n")
        try:
            if path == METRICS:
                accept = ", ".join(
                    line.partition(":")[2].strip() for line in lines[1:] if line.lower().startswith("accept:")
                )
                return _response("200 OK", *self._metrics.encode(accept), send=send)
            return self._state(path, send)
        except Exception:  # a fault of ours in what is asked: a probe must see it, and the server must go on
            log.exception("%s cannot be answered", path)
            return _response("500 Internal Server Error", "text/plain", b"a fault of ours; see the log\n", send=send)

    def _state(self, path: str, send: bool) -> bytes:
        reasons: list[str] | list[dict[str, str]]
        if path == LIVE:
            said, reasons = "live", [why[:_WHY] for why in self._health.live()[:_REASONS]]
        else:
            said = "ready"
            reasons = [{"part": part[:_WHY], "why": why[:_WHY]} for part, why in self._health.ready()[:_REASONS]]
        body = msgspec.json.encode({said: not reasons, "reasons": reasons}) + b"\n"
        status = "503 Service Unavailable" if reasons else "200 OK"
        return _response(status, "application/json", body, "Cache-Control: no-store\r\n", send=send)


def _response(status: str, kind: str, body: bytes, more: str = "", *, send: bool = True) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    )
    return head.encode() + (body if send else b"")
