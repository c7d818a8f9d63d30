"""Metrics over HTTP in Prometheus' text formats. Answers `GET /metrics` and nothing else; reads when it is asked."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from contracts.errors import UsageError
from contracts.metrics import METRICS, Kind, Measured, Metric, Sample

PATH: Final = "/metrics"
HEAD_BYTES: Final = 16_384
HEAD_SECONDS: Final = 5.0
CLIENTS: Final = 16
"""Connections served at a time; more are closed at once."""
OTHER: Final = "other"
_LABEL: Final = re.compile(r"[a-z0-9_.]{1,48}")


class _Samples(Collector):
    """What the crawl says of itself, as families in the order of the table."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def describe(self) -> Iterable[CounterMetricFamily | GaugeMetricFamily]:
        return [_family(metric) for metric in METRICS]

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        return families(self._measured.samples())


def families(samples: Iterable[Sample]) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
    """Samples by the table's metrics, those without a sample left out. Samples with equal labels are added up.

    A label's value that does not look like a name of ours counts as `other`: nothing from outside becomes a label.
    """
    grouped: dict[str, dict[tuple[str, ...], float]] = {}
    for name, labels, value in samples:
        values = grouped.setdefault(name, {})
        key = tuple(label if _LABEL.fullmatch(label) else OTHER for label in labels)
        values[key] = values.get(key, 0.0) + value
    for metric in METRICS:
        if metric.name in grouped:
            family = _family(metric)
            for key, value in sorted(grouped[metric.name].items()):
                family.add_metric(list(key), value)
            yield family


def _family(metric: Metric) -> CounterMetricFamily | GaugeMetricFamily:
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    return kind(metric.name, metric.help, labels=metric.labels)


def endpoint(text: str) -> tuple[str, int]:
    """Address and port of `127.0.0.1:9100` or `[::1]:9100`. UsageError for anything else."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    try:
        ip_address(host)
        number = int(port) if port.isascii() and port.isdigit() else -1
    except ValueError:
        number = -1
    if not 0 <= number <= 65535:
        raise UsageError(f"--metrics: {text[:80]!r} must be an address and a port like 127.0.0.1:9100")
    return host, number


class Exporter:
    """Serves the metrics of one process at `address` (`ip:port`; port 0 takes a free one)."""

    def __init__(self, address: str, measured: Measured) -> None:
        self._at = endpoint(address)
        self._registry = CollectorRegistry()
        self._registry.register(_Samples(measured))
        ProcessCollector(registry=self._registry)
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
            raise UsageError(f"--metrics: {self._at[0]}:{self._at[1]} cannot be listened on: {error}") from error

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
        if path != PATH:
            return _response("404 Not Found", "text/plain", f"metrics are at {PATH}\n".encode())
        if method not in ("GET", "HEAD"):
            return _response("405 Method Not Allowed", "text/plain", b"only GET\n", "Allow: GET, HEAD\r\n")
        accept = ", ".join(line.partition(":")[2].strip() for line in lines[1:] if line.lower().startswith("accept:"))
        encode, kind = choose_encoder(accept)
        body = encode(self._registry)
        return _response("200 OK", kind, body, send=method == "GET")


def _response(status: str, kind: str, body: bytes, more: str = "", *, send: bool = True) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    )
    return head.encode() + (body if send else b"")
