"""The exporter over a real socket: formats, other paths, hostile clients, and labels that are none of ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from backends import prometheus
from backends.prometheus import CLIENTS, HEAD_BYTES, Exporter, endpoint
from contracts.errors import UsageError
from contracts.metrics import METRICS, Sample


class Fake:
    """Something measured."""

    def samples(self) -> Iterator[Sample]:
        yield "pisaura_requests_total", (), 7
        yield "pisaura_refusals_total", ("robots",), 3
        yield "pisaura_refusals_total", ("http://secret.test/x",), 1
        yield "pisaura_refusals_total", ("Geheim\n",), 1
        yield "pisaura_urls", ("queued",), 2.0


@pytest.fixture
async def exporter() -> AsyncIterator[Exporter]:
    running = Exporter("127.0.0.1:0", Fake())
    await running.start()
    yield running
    await running.stop()


async def ask(exporter: Exporter, request: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", exporter.port)
    try:
        writer.write(request)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    except ConnectionError:
        return b"", b""
    finally:
        writer.close()
    return head, body


async def test_text_format(exporter: Exporter) -> None:
    head, body = await ask(exporter, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n") and b"text/plain" in head
    assert f"Content-Length: {len(body)}".encode() in head
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in parse_text(body.decode())
        for sample in family.samples
    }
    assert samples["pisaura_requests_total",] == 7
    assert samples["pisaura_urls", "queued"] == 2
    assert samples["pisaura_refusals_total", "robots"] == 3
    assert samples["pisaura_refusals_total", "other"] == 2  # whatever does not look like a name of ours
    assert b"secret" not in body and b"Geheim" not in body
    assert ("process_resident_memory_bytes",) in samples


async def test_openmetrics(exporter: Exporter) -> None:
    head, body = await ask(
        exporter, b"GET /metrics?x=1 HTTP/1.1\r\nAccept: application/openmetrics-text; version=1.0.0\r\n\r\n"
    )
    assert b"application/openmetrics-text" in head
    names = {family.name for family in parse_openmetrics(body.decode())}  # type: ignore[no-untyped-call]
    assert {"pisaura_requests", "pisaura_urls", "pisaura_refusals"} <= names


async def test_other_requests(exporter: Exporter) -> None:
    assert (await ask(exporter, b"GET / HTTP/1.1\r\n\r\n"))[0].startswith(b"HTTP/1.1 404 ")
    assert (await ask(exporter, b"POST /metrics HTTP/1.1\r\n\r\n"))[0].startswith(b"HTTP/1.1 405 ")
    head, body = await ask(exporter, b"HEAD /metrics HTTP/1.1\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ") and body == b""
    assert (await ask(exporter, b"\xff\xfe\r\n\r\n"))[0].startswith(b"HTTP/1.1 404 ")


async def test_a_header_flood_is_cut(exporter: Exporter) -> None:
    assert await ask(exporter, b"GET /metrics HTTP/1.1\r\n" + b"x" * (2 * HEAD_BYTES)) == (b"", b"")
    assert (await ask(exporter, b"GET /metrics HTTP/1.1\r\n\r\n"))[0]


async def test_clients_that_say_nothing(exporter: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "HEAD_SECONDS", 0.2)
    silent = [await asyncio.open_connection("127.0.0.1", exporter.port) for _ in range(CLIENTS + 3)]
    for reader, writer in silent:
        assert await reader.read() == b""
        writer.close()
    assert (await ask(exporter, b"GET /metrics HTTP/1.1\r\n\r\n"))[0]


def test_endpoint() -> None:
    assert endpoint("127.0.0.1:9100") == ("127.0.0.1", 9100)
    assert endpoint("[::1]:0") == ("::1", 0)
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
        with pytest.raises(UsageError, match="--metrics"):
            endpoint(wrong)


async def test_a_port_that_is_taken_is_named(exporter: Exporter) -> None:
    with pytest.raises(UsageError, match="cannot be listened on"):
        await Exporter(f"127.0.0.1:{exporter.port}", Fake()).start()


def test_every_metric_makes_a_family() -> None:
    samples = [(metric.name, tuple("x" for _ in metric.labels), 1.0) for metric in METRICS]
    families = list(prometheus.families(samples))
    assert len(families) == len(METRICS)
    assert all(family.samples[0].name == metric.name for family, metric in zip(families, METRICS, strict=True))
