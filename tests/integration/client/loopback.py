"""Small servers on loopback that do exactly what a test says, byte by byte, and note what they were sent."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import dnslib


class Peer:
    """The server's end of one connection. `number` counts connections from 0."""

    def __init__(self, server: "Loopback", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.number = server.connections

    async def request(self) -> bytes:
        """The next request's head, noted by the server; b"" if the client closed instead."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        self.server.requests.append(head)
        return head

    async def send(self, *parts: bytes) -> None:
        """Each part in a write of its own, the next one when the client has read this one."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def closed(self) -> None:
        """Until the client closes."""
        with suppress(ConnectionError):
            while await self.reader.read(65536):
                pass
        self.server.closed_by_client += 1

    def reset(self) -> None:
        """Close with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Handler = Callable[[Peer], Awaitable[None]]


class Loopback:
    """A server, its port and its log."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0
        self.closed_by_client = 0
        self.requests: list[bytes] = []
        self.names: list[str | None] = []

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(self, reader, writer)
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._handler(peer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    @property
    def busy(self) -> int:
        """Connections whose handler has not ended."""
        return len(self._tasks)

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await until(lambda: not self._tasks)


@asynccontextmanager
async def serving(
    handler: Handler, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Loopback]:
    """A running `Loopback`."""
    loopback = Loopback(handler)
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: loopback.names.append(name)
    server = await asyncio.start_server(loopback.accept, host, 0, ssl=tls)
    loopback.port = server.sockets[0].getsockname()[1]
    try:
        yield loopback
    finally:
        server.close()
        await loopback.stop()


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Poll a condition; fail when it does not come true in time."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.002)


Records = dict[tuple[str, str], list[str]]
"""(name, type) -> lines of a zone file for the answer section."""


class Names(asyncio.DatagramProtocol):
    """A name server. `codes` holds response codes of names, `silent` names that get no answer, `queries` what was asked."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.codes: dict[str, int] = {}
        self.silent: set[tuple[str, str]] = set()
        self.queries: list[tuple[str, str]] = []
        self.address = ""
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport) or hasattr(transport, "sendto")
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = dnslib.DNSRecord.parse(data)
        name, kind = str(question.q.qname).rstrip(".").lower(), dnslib.QTYPE[question.q.qtype]
        self.queries.append((name, kind))
        if (name, kind) in self.silent:
            return
        reply = question.reply()
        reply.header.rcode = self.codes.get(name, 0)
        for line in self.records.get((name, kind), []):
            for record in dnslib.RR.fromZone(line):
                reply.add_answer(record)
        assert self._transport is not None
        self._transport.sendto(reply.pack(), addr)


@asynccontextmanager
async def naming(records: Records) -> AsyncIterator[Names]:
    """A running name server; `address` is its ip:port."""
    names = Names(records)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: names, ("127.0.0.1", 0))
    names.address = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    try:
        yield names
    finally:
        transport.close()
