"""What a running crawl says of itself: every second a fact for `crawlctl status`, and samples for metrics at any time."""

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from backends.postgres.connection import connect
from backends.postgres.operator import OperatorStore
from contracts.crawl import UrlState
from contracts.errors import Unavailable
from contracts.metrics import Sample
from contracts.settings import Settings
from contracts.topics import DIGESTS, MATCHES, ORDERS_MEDIA, ORDERS_PAGES, OUTCOMES, URLS
from crawlctl.access import SETTINGS_FACT

if TYPE_CHECKING:
    from crawlctl.wiring import Embedded

log = logging.getLogger(__name__)

FACT: Final = "live"
EVERY: Final = 1.0
"""Seconds between two facts."""
STALE: Final = 10.0
"""Age in seconds from which a fact is no news."""
WINDOW: Final = 10
"""Facts over which rates are measured."""
PAUSE: Final = 2.0
COUNTED: Final = {
    "requests": "pisaura_requests_total",
    "pages": "pisaura_pages_total",
    "media": "pisaura_media_total",
    "bytes": "pisaura_received_bytes_total",
    "orders_lost": "pisaura_orders_lost_total",
}
LABELLED: Final = {
    "refused": "pisaura_refusals_total",
    "error": "pisaura_errors_total",
    "robots": "pisaura_robots_total",
}


class Live:
    """Watches one `Embedded`. `run` until cancelled, then `end`."""

    def __init__(self, crawl: "Embedded", dsn: str, settings: Settings) -> None:
        self._crawl = crawl
        self._dsn = dsn
        self._settings = settings
        self._counters: dict[str, int] = {}
        self._counted_at = 0.0
        self._history: deque[tuple[float, dict[str, int]]] = deque(maxlen=WINDOW + 1)
        self._lags: deque[float] = deque([0.0], maxlen=WINDOW)

    async def run(self) -> None:
        """Write the fact every second; a database that is away is waited for."""
        while True:
            try:
                connection = await connect(self._dsn, name="pisaura-live")
                try:
                    await self._serve(OperatorStore(connection))
                finally:
                    with suppress(OSError, TimeoutError):
                        await connection.close(timeout=1)
            except Unavailable as error:
                log.info("live figures wait: %s", error)
                await asyncio.sleep(PAUSE)

    async def _serve(self, store: OperatorStore) -> None:
        await store.put_fact(SETTINGS_FACT, msgspec.json.encode(self._settings).decode())
        while True:
            self._counters = await store.counters()
            self._counted_at = time.time()
            self._history.append((time.monotonic(), self._counters))
            await store.put_fact(FACT, self._fact(running=True))
            before = time.monotonic()
            await asyncio.sleep(EVERY)
            self._lags.append(max(0.0, time.monotonic() - before - EVERY))

    async def end(self) -> None:
        """The last fact: nothing runs any more."""
        with suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(2.0):
                connection = await connect(self._dsn, name="pisaura-live")
                try:
                    await OperatorStore(connection).put_fact(FACT, self._fact(running=False))
                finally:
                    await connection.close(timeout=1)

    def _fact(self, *, running: bool) -> str:
        machine, hasher = self._crawl.frontier.machine, self._crawl.hasher
        fact: dict[str, Any] = {
            "at": time.time(),
            "running": running,
            "process": os.getpid(),
            "started_at": self._crawl.started_at,
            "rates": self.rates(),
            "orders_out": len(machine.shard.out) if machine else 0,
            "queue": machine.shard.queued_urls if machine else 0,
            "hosts_loaded": len(machine.shard.bench.hosts) if machine else 0,
            "connections": self._crawl.fetcher.connections,
            "digests_pending": self._crawl.digester.pending,
            "matches": {name: hasher.counts[name] for name in ("exact", "near", "held")} if hasher else {},
            "loop_lag": max(self._lags),
            "waits_for": self._crawl.frontier.unready,
        }
        return msgspec.json.encode(fact).decode()

    def rates(self) -> dict[str, float]:
        """Requests, pages, media and bytes a second over the last facts, at most `WINDOW` seconds."""
        if len(self._history) < 2:
            return dict.fromkeys(("requests", "pages", "media", "bytes"), 0.0)
        (then, before), (now, after) = self._history[0], self._history[-1]
        seconds = max(0.001, now - then)
        return {
            name: round((after.get(name, 0) - before.get(name, 0)) / seconds, 2)
            for name in ("requests", "pages", "media", "bytes")
        }

    def samples(self) -> Iterator[Sample]:
        """All metrics (`contracts.metrics`)."""
        yield from self._kept()
        crawl, machine = self._crawl, self._crawl.frontier.machine
        yield "pisaura_frontier_ready", (), float(machine is not None)
        if machine is not None:
            shard = machine.shard
            yield "pisaura_partitions", (), len(shard.epochs)
            yield "pisaura_queue_urls", (), shard.queued_urls
            yield "pisaura_hosts_loaded", (), len(shard.bench.hosts)
            yield "pisaura_hosts_due", (), shard.bench.due(time.time())
            yield "pisaura_orders_out", (), len(shard.out)
        for topic in (URLS, OUTCOMES, ORDERS_PAGES, ORDERS_MEDIA, DIGESTS, MATCHES):
            yield "pisaura_log_messages", (topic,), crawl.bus.pending([topic])
        yield from self._fetching()
        yield "pisaura_loop_lag_seconds", (), max(self._lags)

    def _kept(self) -> Iterator[Sample]:
        """What is kept in Postgres, as it was read last."""
        yield "pisaura_counters_timestamp_seconds", (), self._counted_at
        for name, metric in COUNTED.items():
            yield metric, (), self._counters.get(name, 0)
        for state in UrlState:
            yield "pisaura_urls", (state.name.lower(),), self._counters.get(f"state:{state.value}", 0)
        for name, value in self._counters.items():
            group, colon, label = name.partition(":")
            if colon and group in LABELLED:
                yield LABELLED[group], (label,), value

    def _fetching(self) -> Iterator[Sample]:
        fetcher, hasher = self._crawl.fetcher, self._crawl.hasher
        met, repeated = fetcher.repeats
        yield "pisaura_fetcher_orders", (), fetcher.out
        yield "pisaura_connections", (), fetcher.connections
        yield "pisaura_links_met_total", (), met
        yield "pisaura_links_repeated_total", (), repeated
        for name in ("orders_late", "orders_dropped", "internal_errors"):
            yield f"pisaura_{name}_total", (), fetcher.counts[name]
        digester = self._crawl.digester
        yield "pisaura_digests_pending", (), digester.pending
        yield "pisaura_digest_workers", (), len(digester.processes)
        yield "pisaura_digest_worker_starts_total", (), digester.starts
        for outcome, count in digester.counts.items():
            yield "pisaura_digests_total", (outcome,), count
        if hasher is not None:
            for strength in ("exact", "near", "held"):
                yield "pisaura_matches_total", (strength,), hasher.counts[strength]
            yield "pisaura_sightings_total", (), hasher.counts["sightings"]
            yield "pisaura_retro_matches_total", (), hasher.counts["retro"]
            yield "pisaura_index_digests", (), len(hasher.index)
