"""Health and metrics over a real socket: answers, other paths, hostile clients, and a fault in what is asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from backends import http
from backends.http import CLIENTS, HEAD_BYTES, HttpServer, endpoint
from contracts.errors import UsageError
from contracts.metrics import Sample


class Process:
    """Something measured, whose health is what a test says."""

    def __init__(self) -> None:
        self.dead: list[str] = []
        self.waits: list[tuple[str, str]] = []
        self.broken = False

    def samples(self) -> Iterator[Sample]:
        if self.broken:
            raise RuntimeError("no samples")
        yield "pisaura_requests_total", (), 7

    def live(self) -> list[str]:
        if self.broken:
            raise RuntimeError("no watchdog")
        return self.dead

    def ready(self) -> list[tuple[str, str]]:
        return self.waits


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
async def server(process: Process) -> AsyncIterator[HttpServer]:
    running = HttpServer("127.0.0.1:0", process, process)
    await running.start()
    yield running
    await running.stop()


async def ask(server: HttpServer, request: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(request)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    except ConnectionError:
        return b"", b""
    finally:
        writer.close()
    return head, body


async def health(server: HttpServer, path: str) -> tuple[int, Any]:
    """Status and JSON of a probe."""
    head, body = await ask(server, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert b"application/json" in head and f"Content-Length: {len(body)}".encode() in head
    return int(head.split()[1]), json.loads(body)


async def test_alive_and_ready(server: HttpServer) -> None:
    assert await health(server, "/livez") == (200, {"live": True, "reasons": []})
    assert await health(server, "/readyz?verbose") == (200, {"ready": True, "reasons": []})


async def test_a_stalled_process_says_why(server: HttpServer, process: Process) -> None:
    process.dead = ["no progress since 301 s"]
    assert await health(server, "/livez") == (503, {"live": False, "reasons": ["no progress since 301 s"]})
    assert (await health(server, "/readyz"))[0] == 200
    process.dead = []
    assert (await health(server, "/livez"))[0] == 200


async def test_a_process_that_waits_says_for_what(server: HttpServer, process: Process) -> None:
    process.waits = [("kafka", 'no broker "answers"\n'), ("clock", "2.4 s ahead")]
    assert await health(server, "/readyz") == (
        503,
        {
            "ready": False,
            "reasons": [{"part": "kafka", "why": 'no broker "answers"\n'}, {"part": "clock", "why": "2.4 s ahead"}],
        },
    )
    assert (await health(server, "/livez"))[0] == 200


async def test_reasons_are_bounded(server: HttpServer, process: Process) -> None:
    process.waits = [("partition", "x" * 10_000)] * 4_096
    head, body = await ask(server, b"GET /readyz HTTP/1.1\r\n\r\n")
    assert b" 503 " in head and len(body) < 20_000


async def test_a_fault_of_ours_is_an_answer(
    server: HttpServer, process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    process.broken = True
    assert (await ask(server, b"GET /livez HTTP/1.1\r\n\r\n"))[0].startswith(b"HTTP/1.1 500 ")
    head, body = await ask(server, b"GET /metrics HTTP/1.1\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500 ") and b"no samples" not in body
    assert "/livez" in caplog.text and "/metrics" in caplog.text
    process.broken = False
    assert (await health(server, "/livez"))[0] == 200


async def test_metrics(server: HttpServer) -> None:
    head, body = await ask(server, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n") and b"text/plain" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"\npisaura_requests_total 7.0\n" in body
    head, _ = await ask(server, b"GET /metrics?x=1 HTTP/1.1\r\nAccept: application/openmetrics-text\r\n\r\n")
    assert b"application/openmetrics-text" in head


async def test_other_requests(server: HttpServer) -> None:
    assert (await ask(server, b"GET / HTTP/1.1\r\n\r\n"))[0].startswith(b"HTTP/1.1 404 ")
    assert (await ask(server, b"\xff\xfe\r\n\r\n"))[0].startswith(b"HTTP/1.1 404 ")
    for path in (b"/livez", b"/readyz", b"/metrics"):
        head, _ = await ask(server, b"POST " + path + b" HTTP/1.1\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 405 ") and b"Allow: GET, HEAD" in head
        head, body = await ask(server, b"HEAD " + path + b" HTTP/1.1\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ") and body == b""


async def test_a_header_flood_is_cut(server: HttpServer) -> None:
    assert await ask(server, b"GET /metrics HTTP/1.1\r\n" + b"x" * (2 * HEAD_BYTES)) == (b"", b"")
    assert (await ask(server, b"GET /metrics HTTP/1.1\r\n\r\n"))[0]


async def test_clients_that_say_nothing(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.2)
    silent = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(CLIENTS + 3)]
    for reader, writer in silent:
        assert await reader.read() == b""
        writer.close()
    assert (await ask(server, b"GET /livez HTTP/1.1\r\n\r\n"))[0]


def test_endpoint() -> None:
    assert endpoint("127.0.0.1:9100", "--metrics") == ("127.0.0.1", 9100)
    assert endpoint("[::1]:0", "--metrics") == ("::1", 0)
    for wrong in (
        "",
        "9100",
        "localhost:9100",
        "127.0.0.1",
        "127.0.0.1:x",
        "127.0.0.1:70000",
        "::1:9100:",
        "1.2.3.4:-1",
    ):
        with pytest.raises(UsageError, match=r"cluster\.listen"):
            endpoint(wrong, "cluster.listen")


async def test_a_port_that_is_taken_is_named(server: HttpServer, process: Process) -> None:
    with pytest.raises(UsageError, match=r"--metrics: .* cannot be listened on"):
        await HttpServer(f"127.0.0.1:{server.port}", process, process, named="--metrics").start()
