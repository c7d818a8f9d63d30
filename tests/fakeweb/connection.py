"""One connection of the web: reads requests, answers them from the world, plays behaviours, writes the log."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import cast

from tests.fakeweb import faults
from tests.fakeweb.log import Entry, Log
from tests.fakeweb.model import Answer, Behaviour, World

MOST_HEAD = 256 * 1024
NOT_FOUND = Answer(b"<!doctype html><title>Not found</title><p>There is nothing here.\n", status=404)
WRONG_HOST = Answer(b"no such host on this server\n", "text/plain", 421)
BAD = Answer(b"bad request\n", "text/plain", 400, (("Connection", "close"),))
INTEREST = (
    "user-agent",
    "accept-encoding",
    "if-none-match",
    "if-modified-since",
    "cache-control",
    "referer",
    "range",
    "cookie",
    "connection",
)


@dataclass
class Shared:
    """What all connections of one running web share."""

    world: World
    log: Log
    counts: Counter[str] = field(default_factory=Counter)
    connections: "set[Connection]" = field(default_factory=set)
    accepted: int = 0


class Connection(asyncio.Protocol):
    """HTTP/1.1, one request at a time (pipelined ones wait). `scheme` is what the listener speaks."""

    def __init__(self, shared: Shared, scheme: str) -> None:
        self.shared = shared
        self.scheme = scheme
        self.number = 0
        self.address = ""
        self.port = 0
        self._buffer = b""
        self._line_at = 0.0
        self._sending: Entry | None = None
        self._drained: asyncio.Future[None] | None = None
        self._paused = False
        self._play: asyncio.Task[None] | None = None
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected (after the TLS handshake, where there is one)."""
        self.transport = cast(asyncio.Transport, transport)
        self._paused = False
        if self.scheme == "http":
            # Nothing may wait, so that resume_writing tells when the last byte was handed to the system. TLS
            # transports of uvloop pause during the handshake and forget to resume with such limits.
            self.transport.set_write_buffer_limits(high=1, low=0)
        self.address, self.port = transport.get_extra_info("sockname")[:2]
        self.shared.accepted += 1
        self.number = self.shared.accepted
        self.shared.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone: what was under way ends here."""
        self._ended = True
        self.shared.connections.discard(self)
        if self._drained is not None and not self._drained.done():
            self._drained.set_exception(ConnectionResetError("the client is gone"))
        if self._play is not None:
            self._play.cancel()
        elif self._sending is not None:
            self.end(self._sending, "client gone")

    def pause_writing(self) -> None:
        """Bytes wait in the transport."""
        self._paused = True

    def resume_writing(self) -> None:
        """All bytes were handed to the system."""
        self._paused = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        if self._sending is not None and self._play is None:
            self.end(self._sending)
            self._next()

    def data_received(self, data: bytes) -> None:
        """Bytes from the client."""
        if not self._line_at and (b"\n" in data or b"\n" in self._buffer):
            self._line_at = time.monotonic()
        self._buffer = self._buffer + data if self._buffer else data
        self._next()

    def _next(self) -> None:
        while not (self._play or self._paused or self._ended) and (at := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, self._buffer = self._buffer[:at], self._buffer[at + 4 :]
            self._request(head)
            self._line_at = time.monotonic() if b"\n" in self._buffer else 0.0
        if len(self._buffer) > MOST_HEAD:
            self.transport.abort()

    def _request(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        method, _, rest = lines[0].partition(" ")
        target, _, version = rest.rpartition(" ")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        host = headers.get("host", "").lower()
        entry = Entry(
            self._line_at or time.monotonic(),
            time.time(),
            self.address,
            self.port,
            self.scheme,
            host,
            target,
            method,
            self.number,
            headers={name: headers[name] for name in INTEREST if name in headers},
        )
        self.shared.log.add(entry)
        self._sending = entry
        if not version.startswith("HTTP/1.") or not target.startswith("/"):
            self.send(BAD.wire, entry, 400)
            self.transport.close()
            return
        if (self.scheme, host) not in self.shared.world.hosts:
            self.send(WRONG_HOST.wire, entry, 421)
            return
        found = self.shared.world.find(self.scheme, host, target)
        if isinstance(found, Behaviour):
            self._play = asyncio.get_running_loop().create_task(self._run(found, entry))
            return
        self.answer(found or NOT_FOUND, entry)
        if headers.get("connection", "").lower() == "close" or version == "HTTP/1.0":
            self.transport.close()

    async def _run(self, behaviour: Behaviour, entry: Entry) -> None:
        """Play a behaviour to its end; afterwards the connection serves its next request, if it is still there."""
        cut = ""
        try:
            await faults.PLAYS[behaviour.name](self, entry, **behaviour.params)
            if not self.transport.is_closing():
                await self.drain()
                if entry.headers.get("connection", "").lower() == "close":
                    self.transport.close()
        except OSError:
            cut = "client gone"
        except asyncio.CancelledError:
            cut = "client gone"
            raise
        finally:
            self._play = None
            self.end(entry, cut)
        self._line_at = time.monotonic() if b"\n" in self._buffer else 0.0
        self._next()

    def answer(self, answer: Answer, entry: Entry) -> None:
        """Send an ordinary answer: conditional GET and HEAD understood (RFC 9110, 13.1 and 9.3.2)."""
        status, wire = answer.status, answer.wire
        tags, since = entry.headers.get("if-none-match"), entry.headers.get("if-modified-since")
        if tags is not None:
            fresh = bool(answer.etag) and answer.etag in tags
        else:
            fresh = since is not None and bool(answer.modified) and since == answer.modified
        if fresh:
            status, wire = 304, answer.not_modified
        elif entry.method == "HEAD":
            wire = answer.head
        self.send(wire, entry, status)

    def send(self, wire: bytes, entry: Entry, status: int) -> None:
        """Write a whole response; its end is logged when the system has taken it."""
        entry.status = status
        entry.sent = len(wire)
        entry.started = time.monotonic()
        self.transport.write(wire)
        if not self._paused and self._play is None:
            self.end(entry)

    def write(self, data: bytes, entry: Entry) -> None:
        """Part of a played response."""
        if not entry.started:
            entry.started = time.monotonic()
        entry.sent += len(data)
        self.transport.write(data)

    async def drain(self) -> None:
        """Wait until the system has taken all bytes; ConnectionResetError if the client has gone."""
        if self._ended or self.transport.is_closing():
            raise ConnectionResetError("closed")
        if self._paused:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained

    def end(self, entry: Entry, cut: str = "") -> None:
        """The response has ended (told more than once, the first counts)."""
        if entry.ended:
            return
        entry.ended = time.monotonic()
        entry.cut = entry.cut or cut
        self._sending = None
        self.shared.log.end(entry)

    def stop(self) -> None:
        """The web shuts down: drop the connection."""
        if self._play is not None:
            self._play.cancel()
        self.transport.abort()


class Misfit(asyncio.Protocol):
    """A listener that speaks neither HTTP nor TLS: `garbage` answers anything with noise, `silent` never, `slam` closes."""

    def __init__(self, shared: Shared, mode: str) -> None:
        self.shared = shared
        self.mode = mode

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = cast(asyncio.Transport, transport)
        address, port = transport.get_extra_info("sockname")[:2]
        self.shared.accepted += 1
        now = time.monotonic()
        entry = Entry(now, time.time(), address, port, self.mode, "", "", "", self.shared.accepted, ended=now)
        entry.cut = self.mode
        self.shared.log.add(entry)
        self.shared.log.end(entry)
        if self.mode == "slam":
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """The client's first bytes."""
        if self.mode == "garbage":
            self.transport.write(b"\x00\x17this is no handshake\xff" * 8)
            self.transport.close()
