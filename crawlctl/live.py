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
from contracts.errors import Unavailable
from contracts.metrics import Sample
from contracts.settings import Settings
from contracts.topics import (
    DIGESTS,
    MATCHES,
    ORDERS_MEDIA,
    ORDERS_PAGES,
    ORDERS_RECHECKS,
    OUTCOMES,
    RECHECKS,
    URLS,
)
from crawlctl.access import LIVE_FACT, SETTINGS_FACT, without_secrets
from crawlctl.roles import measures
from crawlctl.roles.workers import digesting

if TYPE_CHECKING:
    from crawlctl.wiring import Embedded

log = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between two facts."""
WINDOW: Final = 10
"""Facts over which rates are measured."""
PAUSE: Final = 2.0


def public(settings: Settings) -> str:
    """Settings as they may be kept in the database, as JSON."""
    return msgspec.json.encode(without_secrets(settings)).decode()


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
                connection = await connect(self._dsn, name="pisaura-live", serving=True)
                try:
                    await self._serve(OperatorStore(connection))
                finally:
                    with suppress(OSError, TimeoutError):
                        await connection.close(timeout=1)
            except Unavailable as error:
                log.info("live figures wait: %s", error)
                await asyncio.sleep(PAUSE)

    async def _serve(self, store: OperatorStore) -> None:
        await store.put_fact(SETTINGS_FACT, public(self._settings))
        while True:
            self._counters = await store.counters()
            self._counted_at = time.time()
            self._history.append((time.monotonic(), self._counters))
            await store.put_fact(LIVE_FACT, self._fact(running=True))
            before = time.monotonic()
            await asyncio.sleep(EVERY)
            self._lags.append(max(0.0, time.monotonic() - before - EVERY))

    async def end(self) -> None:
        """The last fact: nothing runs any more."""
        with suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(2.0):
                connection = await connect(self._dsn, name="pisaura-live", serving=True)
                try:
                    await OperatorStore(connection).put_fact(LIVE_FACT, self._fact(running=False))
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
        crawl = self._crawl
        yield from measures.kept(self._counters, self._counted_at)
        yield from measures.serving(crawl.frontier.machine, time.time())
        for topic in (URLS, OUTCOMES, ORDERS_PAGES, ORDERS_MEDIA, ORDERS_RECHECKS, DIGESTS, MATCHES, RECHECKS):
            yield "pisaura_log_messages", (topic,), crawl.bus.pending([topic])
        yield from measures.fetching(crawl.fetcher)
        yield from digesting(crawl.digester)
        if crawl.hasher is not None:
            yield from measures.matching(crawl.hasher)
        if crawl.notices is not None:
            yield from measures.noticing(crawl.notices)
        yield "pisaura_loop_lag_seconds", (), max(self._lags)
