"""The running web: real sockets on loopback, answers as the world has them, faults as they are named, and its log."""

import asyncio
import contextlib
import gzip
import json
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import dnslib
import msgspec
import pytest

from tests.fakeweb import judge
from tests.fakeweb.faulty import build_faults
from tests.fakeweb.log import Entry, Log, read_log
from tests.fakeweb.model import Answer, Behaviour, World, tag_of
from tests.fakeweb.names import DENIED
from tests.fakeweb.truth import Fate, Truth
from tests.fakeweb.web import FakeWeb, free_ports
from tests.fakeweb.world import build_world

LIMIT = 2**23


class Client:
    """One raw connection to a host of the web."""

    def __init__(self, world: World, origin: str) -> None:
        scheme, _, netloc = origin.partition("://")
        self.host = world.hosts[(scheme, netloc)]
        self.port = int(netloc.partition(":")[2])

    async def __aenter__(self) -> "Client":
        context = None
        if self.host.scheme == "https":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self.reader, self.writer = await asyncio.open_connection(self.host.address, self.port, ssl=context, limit=LIMIT)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await self.writer.wait_closed()

    async def ask(self, path: str, *headers: str, method: str = "GET") -> None:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host.netloc}", "User-Agent: test", *headers]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def get(self, path: str, *headers: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a response with Content-Length."""
        await self.ask(path, *headers, method=method)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        size = int(fields.get("content-length", 0)) if method != "HEAD" else 0
        return int(head[0].split()[1]), fields, await self.reader.readexactly(size)


async def whole(world: World, url: str) -> bytes:
    """Everything that comes for a request until the connection ends; at most `LIMIT` bytes."""
    parts = urlsplit(url)
    async with Client(world, f"{parts.scheme}://{parts.netloc}") as client:
        await client.ask(parts.path, "Connection: close")
        data = b""
        with contextlib.suppress(ConnectionError):
            while len(data) < LIMIT and (block := await client.reader.read(2**16)):
                data += block
        return data


async def until(condition: object, seconds: float = 10.0) -> None:
    """Poll a condition with a deadline."""
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def small() -> World:
    """One HTTP host, one HTTPS host."""
    world = World(1, free_ports())
    host = world.host("one.test")
    world.truth.seeds.append(
        host.put("/", Answer(b"<p>hello", etag=tag_of(b"x"), modified="Sat, 01 Mar 2025 10:00:00 GMT"))
    )
    world.host("two.test", scheme="https").put("/", Answer(b"s" * 300_000))
    return world


@pytest.fixture
async def faults() -> AsyncIterator[FakeWeb]:
    """All faults, slow ones too."""
    world = World(1, free_ports())
    build_faults(world, slow=True, depth=1000, crowd=20)
    async with FakeWeb(world) as web:
        yield web


def fault_url(web: FakeWeb, name: str) -> str:
    scheme = "https" if "tls" in name or name == "handshake" else "http"
    return f"{scheme}://{web.world.netloc(f'fault-{name}.test', scheme)}/fault.html"


async def test_every_expected_url_is_answered() -> None:
    world = build_world(
        2, parts=("sites", "odd", "forms", "robots", "redirects", "traps"), sites=5, pages=4, ports=free_ports()
    )
    async with FakeWeb(world) as web:
        by_origin: dict[str, list[str]] = {}
        for url in sorted(world.expected_urls()):
            parts = urlsplit(url)
            query = f"?{parts.query}" if parts.query or url.endswith("?") else ""
            by_origin.setdefault(f"{parts.scheme}://{parts.netloc}", []).append(parts.path + query)
        for origin, paths in by_origin.items():
            async with Client(world, origin) as client:
                for path in sorted(paths, key=lambda path: path != "/robots.txt"):
                    status, _, _ = await client.get(path)
                    allowed = range(200, 400) if path != "/robots.txt" else range(200, 600)
                    assert status in allowed, (origin, path)
        await until(lambda: all(entry.ended for entry in web.log))
        result = judge.coverage(web.log, world.truth)
        assert result.missing == set() and result.unexpected == set() and result.twice == {}
        assert judge.parallelism_violations(web.log, world.truth) == []
        assert judge.guard_violations(web.log, world.truth) == []
        assert [each for each in judge.robots_violations(web.log, world.truth) if each.rule == "robots"] == []


async def test_conditional_requests_and_head() -> None:
    """RFC 9110, 13.1.2 and 13.1.3: If-None-Match goes before If-Modified-Since; 304 has no body."""
    world = small()
    async with FakeWeb(world) as web, Client(world, f"http://{world.netloc('one.test', 'http')}") as client:
        status, fields, body = await client.get("/")
        assert (status, body) == (200, b"<p>hello")
        tag = fields["etag"]
        assert (await client.get("/", f"If-None-Match: {tag}"))[0] == 304
        modified = "If-Modified-Since: Sat, 01 Mar 2025 10:00:00 GMT"
        assert (await client.get("/", modified))[0] == 304
        assert (await client.get("/", 'If-None-Match: "other"', modified))[0] == 200
        assert (await client.get("/", method="HEAD"))[1]["content-length"] == "8"
        assert (await client.get("/nothing"))[0] == 404
        assert [entry.status for entry in web.log] == [200, 304, 304, 200, 200, 404]
        assert {entry.connection for entry in web.log} == {1}
        assert web.log.entries[1].headers["if-none-match"] == tag


async def test_log_times_are_in_order_and_hosts_are_told_apart() -> None:
    world = small()
    async with FakeWeb(world) as web:
        async with Client(world, f"https://{world.netloc('two.test', 'https')}") as client:
            assert len((await client.get("/"))[2]) == 300_000
            client.host = world.hosts[("http", world.netloc("one.test", "http"))]
            assert (await client.get("/"))[0] == 421
        await until(lambda: all(entry.ended for entry in web.log))
        first, second = web.log
        assert first.arrival <= first.started <= first.ended <= second.arrival
        assert (first.scheme, first.address) == ("https", world.hosts[(first.scheme, first.host)].address)


async def test_pipelined_requests_are_answered_in_order() -> None:
    world = small()
    async with FakeWeb(world), Client(world, f"http://{world.netloc('one.test', 'http')}") as client:
        await client.ask("/")
        await client.ask("/none")
        await client.ask("/")
        data = b""
        while data.count(b"HTTP/1.1 ") < 3 or not data.endswith(b"hello"):
            data += await client.reader.read(4096)
        statuses = [part.split(b" ")[0] for part in data.split(b"HTTP/1.1 ")[1:]]
        assert statuses == [b"200", b"404", b"200"]


async def test_the_name_server_speaks_udp_and_tcp() -> None:
    world = small()
    async with FakeWeb(world) as web:
        host, _, port = web.nameserver.partition(":")
        wire = dnslib.DNSRecord.question("two.test").pack()
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(len(wire).to_bytes(2, "big") + wire)
        answer = dnslib.DNSRecord.parse(await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big")))
        assert str(answer.rr[0].rdata) == world.names["two.test"].addresses[0]
        writer.close()
        await writer.wait_closed()
        got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        class Asker(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: object) -> None:
                got.set_result(data)

        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Asker, remote_addr=(host, int(port)))
        transport.sendto(wire)
        assert dnslib.DNSRecord.parse(await asyncio.wait_for(got, 5)).rr == answer.rr
        transport.close()
        assert [(query.name, query.transport) for query in web.log.queries] == [
            ("two.test", "tcp"),
            ("two.test", "udp"),
        ]


QUICK = {
    "reset": (b"HTTP/1.1 200", "reset"),
    "short": (b"Content-Length: 50000", "short"),
    "long": (b"and more", "long"),
    "header": (b"X-0: yyyy", ""),
    "garbage": (b"NOT HTTP", "garbage"),
    "nothing": (b"", "nothing"),
    "http10": (b"HTTP/1.0 200", ""),
    "bad-chunks": (b"zz\r\nno chunk", ""),
    "both-lengths": (b"Transfer-Encoding: chunked\r\nContent-Length", ""),
    "two-lengths": (b"Content-Length: 3", ""),
    "closes": (b"All is well", ""),
}


@pytest.mark.parametrize("name", QUICK)
async def test_a_fault_is_what_it_is_called(faults: FakeWeb, name: str) -> None:
    expected, cut = QUICK[name]
    data = await asyncio.wait_for(whole(faults.world, fault_url(faults, name)), 20)
    assert expected in data
    await until(lambda: bool(faults.log.entries[-1].ended))
    assert faults.log.entries[-1].cut == cut


async def test_endless_faults_end_with_their_client(faults: FakeWeb) -> None:
    for name in ("headers", "endless", "endless-chunked", "huge-picture"):
        data = await asyncio.wait_for(whole(faults.world, fault_url(faults, name)), 30)
        assert len(data) >= LIMIT
        await until(lambda: bool(faults.log.entries[-1].ended))
        assert faults.log.entries[-1].cut == "client gone"
        assert faults.log.entries[-1].sent < 4 * LIMIT


async def test_silent_faults_say_nothing(faults: FakeWeb) -> None:
    for name in ("stall", "silent-http"):
        async with Client(faults.world, fault_url(faults, name).rpartition("/")[0]) as client:
            await client.ask("/fault.html")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.reader.read(1), 0.1)


async def test_unreachable_hosts(faults: FakeWeb) -> None:
    with pytest.raises(ConnectionRefusedError):
        await whole(faults.world, fault_url(faults, "refused"))
    for name in ("handshake", "plain-tls"):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await whole(faults.world, fault_url(faults, name))
    assert {entry.cut for entry in faults.log} == {"garbage", "slam"}


@pytest.mark.parametrize(("name", "status"), [("429", 429), ("503", 503)])
async def test_retry_after_names_its_time_and_then_all_is_well(faults: FakeWeb, name: str, status: int) -> None:
    async with Client(faults.world, fault_url(faults, name).rpartition("/")[0]) as client:
        got, fields, _ = await client.get("/fault.html")
        assert got == status
        assert fields["retry-after"] == "1" or fields["retry-after"].endswith("gmt")
        assert faults.log.entries[0].retry_at > faults.log.entries[0].arrival
        assert (await client.get("/fault.html"))[0] == 200
    assert judge.retry_after_violations(faults.log)


async def test_a_bare_connection_to_a_denied_address_is_seen() -> None:
    world = build_world(1, parts=("names",), ports=free_ports())
    async with FakeWeb(world) as web:
        with contextlib.suppress(ConnectionError):
            reader, writer = await asyncio.open_connection(DENIED, world.ports.http)
            await reader.read(1)
            writer.close()
        assert [each.rule for each in judge.guard_violations(web.log, world.truth)] == ["denied address"]
        assert judge.coverage(web.log, world.truth).unexpected == set()


async def test_bombs_are_small_and_grow(faults: FakeWeb) -> None:
    async with Client(faults.world, fault_url(faults, "bomb-gzip").rpartition("/")[0]) as client:
        _, fields, body = await client.get("/fault.html")
        assert fields["content-encoding"] == "gzip"
        assert len(gzip.decompress(body)) > 500 * len(body)


async def test_a_drip_is_slow_and_gone_with_its_client() -> None:
    world = World(1, free_ports())
    host = world.host("drip.test")
    host.put("/", Behaviour("drip", {"size": 3, "pause": 0.01}))
    async with FakeWeb(world) as web:
        async with Client(world, host.origin) as client:
            assert (await client.get("/"))[2] == b"   "
        await until(lambda: bool(web.log.entries[0].ended))


def test_a_log_file_is_read_back(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    first, second = (Entry(at, at, "127.0.0.1", 80, "http", "a.test", "/", "GET", 1) for at in (2.0, 1.0))
    for entry in (first, second):
        log.add(entry)
    first.ended = 3.0
    log.end(first)
    log.close()
    with (tmp_path / "log").open("ab") as file:
        file.write(b'{"half a line')
    assert read_log(tmp_path / "log") == [second, first]


async def test_as_a_process_of_its_own(tmp_path: Path) -> None:
    ports = free_ports()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakeweb", "--world", "bench", "--sites", "2", "--pages", "3"),
        *("--write", str(tmp_path / "out"), "--log", str(tmp_path / "log")),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    try:
        assert process.stdout is not None
        ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        assert ready["ready"] and ready["hosts"] == 2 and ready["http"] != ports.http
        truth = msgspec.json.decode((tmp_path / "out" / "truth.json").read_bytes(), type=Truth)
        seeds = (tmp_path / "out" / "seeds.txt").read_text().split()
        assert seeds == truth.seeds and truth.urls[seeds[0]].fate is Fate.FETCH
        assert (tmp_path / "out" / "known.csv").read_text().startswith("algorithm,digest")
        parts = urlsplit(seeds[0])
        reader, writer = await asyncio.open_connection(truth.hosts[parts.netloc].addresses[0], parts.port)
        writer.write(f"GET / HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0
    assert [entry.url for entry in read_log(tmp_path / "log")] == [seeds[0]]
