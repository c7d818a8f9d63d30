"""The name server of the synthetic web: UDP and TCP, A, AAAA and CNAME from the world, and its lies and silences."""

import asyncio
import ipaddress
import time
from collections import Counter
from typing import cast

import dnslib
from dnslib import AAAA, CNAME, QTYPE, RCODE, RR, SOA, A

from tests.fakeweb.log import Log, Query
from tests.fakeweb.model import Name, World

UDP_BYTES = 512
"""Longest UDP answer to a client that announces no more (RFC 1035, 4.2.1); longer ones are truncated."""


def respond(world: World, wire: bytes, transport: str, counts: Counter[str], queries: list[Query]) -> bytes | None:
    """The answer to one query, or None for silence. `counts` holds how often each name's addresses were asked for."""
    try:
        question = dnslib.DNSRecord.parse(wire)
        name = str(question.q.qname).rstrip(".").lower()
    except (dnslib.DNSError, ValueError, IndexError):
        return None
    kind = QTYPE.get(question.q.qtype, str(question.q.qtype))
    queries.append(Query(time.monotonic(), name, kind, transport))
    reply = question.reply(aa=1, ra=1)
    record = world.names.get(name)
    if record is None or record.fault == "nxdomain":
        reply.header.rcode = RCODE.NXDOMAIN
        reply.add_auth(
            RR("test", QTYPE.SOA, ttl=60, rdata=SOA("ns.fakeweb.test", "host.fakeweb.test", (1, 60, 60, 60, 60)))
        )
        return cast(bytes, reply.pack())
    if record.fault == "silence":
        return None
    if record.fault in ("servfail", "refused"):
        reply.header.rcode = getattr(RCODE, record.fault.upper())
        return cast(bytes, reply.pack())
    _fill(world, reply, name, record, kind, counts)
    packed = cast(bytes, reply.pack())
    room = UDP_BYTES
    for extra in question.ar:
        if extra.rtype == QTYPE.OPT:
            room = max(room, extra.rclass)
    if transport == "udp" and (len(packed) > room or record.fault == "truncate"):
        short = question.reply(aa=1, ra=1)
        short.header.tc = 1
        return cast(bytes, short.pack())
    return packed


def _fill(world: World, reply: dnslib.DNSRecord, name: str, record: Name, kind: str, counts: Counter[str]) -> None:
    """Add CNAMEs and addresses; a chain of more than eight aliases ends where it is."""
    for _ in range(8):
        if not record.cname:
            break
        reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(record.cname), ttl=record.ttl))
        name = record.cname
        found = world.names.get(name)
        if found is None:
            reply.header.rcode = RCODE.NXDOMAIN
            return
        record = found
    key = f"{name} {kind}"
    addresses = record.then if record.then and counts[key] else record.addresses
    counts[key] += 1
    for text in addresses:
        address = ipaddress.ip_address(text)
        if kind == "A" and address.version == 4:
            reply.add_answer(RR(name, QTYPE.A, rdata=A(text), ttl=record.ttl))
        elif kind == "AAAA" and address.version == 6:
            # By octets: dnslib cannot read mixed notation such as ::ffff:127.66.0.1.
            reply.add_answer(RR(name, QTYPE.AAAA, rdata=AAAA(tuple(address.packed)), ttl=record.ttl))


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: "NameServer") -> None:
        self.server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self.server.answer(data, "udp")
        if answer is not None:
            self.transport.sendto(answer, addr)


class _Tcp(asyncio.Protocol):
    def __init__(self, server: "NameServer") -> None:
        self.server = server
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while len(self.buffer) >= 2 and len(self.buffer) >= 2 + (size := int.from_bytes(self.buffer[:2], "big")):
            query, self.buffer = self.buffer[2 : 2 + size], self.buffer[2 + size :]
            answer = self.server.answer(query, "tcp")
            if answer is not None:
                self.transport.write(len(answer).to_bytes(2, "big") + answer)


class NameServer:
    """Serves the world's names on one address and port, UDP and TCP."""

    def __init__(self, world: World, log: Log) -> None:
        self.world = world
        self.log = log
        self.counts: Counter[str] = Counter()
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None

    def answer(self, wire: bytes, transport: str) -> bytes | None:
        """See `respond`."""
        return respond(self.world, wire, transport, self.counts, self.log.queries)

    async def start(self, host: str, port: int) -> int:
        """Listen; port 0 takes any free one. Returns the port."""
        loop = asyncio.get_running_loop()
        self._tcp = await loop.create_server(lambda: _Tcp(self), host, port)
        port = self._tcp.sockets[0].getsockname()[1]
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(self), local_addr=(host, port))
        return port

    async def stop(self) -> None:
        """Close both sockets."""
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
