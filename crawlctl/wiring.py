"""All roles in one process over the in-memory log: the embedded mode. Here, and only here, they meet."""

import asyncio
import logging
import random
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Final

from backends.memory.log import MemoryLog
from backends.postgres.connection import close, connect
from backends.postgres.crawl_store import PostgresCrawlStore
from backends.postgres.operator import OperatorStore
from backends.postgres.vault_store import PostgresVault, close_pool, open_pool
from backends.suspect import SuspectFile
from backends.system import JUMP_SECONDS, SteadyClock
from backends.workers import Workers
from contracts.messages import Match
from contracts.metrics import Sample
from contracts.seal import Sealer, hasher_keys
from contracts.settings import PRODUCT_TOKEN, Settings
from contracts.store import CrawlStore
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
from crawlctl.live import Live
from crawlctl.roles import seeds
from crawlctl.roles.casework import ANCHOR, CONNECTIONS, FOLDER, casework
from crawlctl.roles.feedback import answers, feedback
from crawlctl.roles.hashing import BACKWARDS_EVERY, LISTS_EVERY, emit, hashing, snapshots
from crawlctl.roles.loops import Loops, collect_seldom, persist
from crawlctl.roles.pages import CrawlPages
from crawlctl.roles.watch import Watch
from crawlctl.roles.words import Words
from crawlctl.state import State
from fetchers.service import Fetcher
from frontier.robotstxt import Robots
from frontier.robotstxt import parse as parse_robots
from frontier.service import Frontier
from hasher.sandbox import SandboxDigester
from hasher.service import HasherService
from notices.service import NoticesService

log = logging.getLogger(__name__)

CONTROLS_EVERY: Final = 1.0
DRAIN_SECONDS: Final = 1.0
SOON: Final = 60.0
"""Seconds within which what is due of cases is waited for."""
ALL_TOPICS: Final = (URLS, OUTCOMES, ORDERS_PAGES, ORDERS_MEDIA, ORDERS_RECHECKS, DIGESTS, MATCHES, RECHECKS)


class Embedded:
    """Frontier, fetcher and hasher of one machine. `run` until `finish`; everything that is out is handed back."""

    def __init__(self, state: State, settings: Settings, *, pages_limit: int | None = None) -> None:
        self._state = state
        self._settings = settings
        self.bus = MemoryLog()
        self._loops = Loops()
        keys = state.keys
        self.clock = SteadyClock()
        self._suspect = SuspectFile(state.folder / "suspect")
        self._sandbox = SandboxDigester.from_settings(settings)
        self._parsers = Workers(settings.workers.parse, settings.limits.parse)
        self._robots = Workers(1, settings.limits.parse)  # the frontier's step must not queue behind large pages
        self.frontier = Frontier(
            settings,
            self._open_store,
            self.bus,
            self.clock,
            random.random,
            self._parse_robots,
            owner="embedded",
            partitions=state.partitions,
            pages_limit=pages_limit,
            suspects=self._suspect.left,
        )
        self.fetcher = Fetcher(
            settings,
            self.bus,
            self._sandbox,
            Sealer(keys.public, keys.place_key),
            self._parsers,
            self.clock,
            state.partitions,
            self._suspect,
        )
        self.hasher: HasherService | None = None
        self.notices: NoticesService | None = None
        self._watch: Watch | None = None
        self._ends = AsyncExitStack()
        self._live = Live(self, state.server.dsn("crawl", "pisaura_frontier"), settings)
        self._words = Words(self.clock)
        self._controls_seen = 0
        self._seeds = seeds.SeedFeeder(self.bus, state.partitions, settings.limits.url_bytes, self.clock)
        self._seeds_fed = False
        self._lists_read = False
        self.started_at = self.clock()

    @property
    def matches(self) -> int:
        """Matches of this run."""
        return self.hasher.counts["exact"] + self.hasher.counts["near"] if self.hasher else 0

    @property
    def digester(self) -> SandboxDigester:
        """The digest workers."""
        return self._sandbox

    def samples(self) -> Iterator[Sample]:
        """All metrics (`contracts.metrics`)."""
        yield from self._live.samples()
        if self._watch is not None:
            yield from self._watch.samples()

    async def _open_store(self) -> CrawlStore:
        return PostgresCrawlStore(
            await connect(self._state.server.dsn("crawl", "pisaura_frontier"), hot=True, name="pisaura-frontier")
        )

    async def _parse_robots(self, body: bytes) -> Robots:
        return await self._robots.run(parse_robots, body, PRODUCT_TOKEN)

    async def start(self) -> None:
        """Start the workers and all loops."""
        collect_seldom()
        self._pool = await open_pool(self._state.server.dsn("vault", "pisaura_hasher"))
        self.hasher = hasher = HasherService(
            PostgresVault(self._pool, self._settings.lists),
            self._settings.matching,
            self._emit,
            self.clock,
            snapshots(self._settings, self._state.folder / "index", hasher_keys(self._state.keys)),
        )
        await hasher.start()
        self._figures = await open_pool(self._state.server.dsn("vault", "pisaura_notices"), most=CONNECTIONS)
        cases = await self._ends.enter_async_context(
            casework(
                self._settings,
                self._state.keys,
                self._figures,
                self.bus,
                self._state.partitions,
                self.clock,
                self._state.folder / FOLDER,
                CrawlPages(self._state.server.dsn("crawl", "pisaura_frontier")),
                self._state.folder / ANCHOR,
            )
        )
        self.notices = notices = cases.service
        self._watch = cases.watch
        await notices.alone()
        await self._sandbox.start()
        await self.fetcher.start()
        for name, work in (
            ("frontier", self.frontier.run()),
            ("hasher", hashing(self.bus, hasher).run()),
            ("feedback", feedback(self.bus, notices, self._state.partitions).run()),
            ("answers", answers(self.bus, notices).run()),
            ("seeds", persist("seeds", self._feed_seeds, seeds.EVERY)),
            ("lists", persist("lists", hasher.load, LISTS_EVERY)),
            ("backwards", persist("backwards", self._look_back, BACKWARDS_EVERY)),
            ("clock", self._steer()),
            ("controls", persist("controls", self._read_controls, CONTROLS_EVERY)),
            ("live", self._live.run()),
        ):
            self._loops.spawn(name, work)
        cases.spawn(self._loops)

    def failed(self) -> BaseException | None:
        """The error that ended one of the loops, if one did."""
        return self._loops.failed() or self.fetcher.failed()

    def idle(self) -> bool:
        """Nothing out, nothing in logs or workers, no host or case due within a minute, seeds and lists read."""
        return (
            self._seeds_fed
            and self._lists_read
            and self.frontier.idle()
            and self.fetcher.out == 0
            and self._sandbox.pending == 0
            and self.bus.pending(ALL_TOPICS) == 0
            and (self.notices is None or self.notices.idle(SOON))
        )

    async def finish(self) -> None:
        """Issue nothing more, finish or hand back what is out, commit it, end."""
        await self.frontier.drain(DRAIN_SECONDS)
        await self.fetcher.stop(self._settings.workers.shutdown_grace, last=True)
        deadline = time.monotonic() + 3.0
        while time.monotonic() < deadline and self.frontier.machine is not None and self.frontier.machine.shard.out:
            await asyncio.sleep(0.02)
        self.frontier.stop()
        await self._loops.ended("frontier", 2.0)
        await self._loops.end()
        await self._live.end()
        await self._sandbox.stop()
        self._parsers.close()
        self._robots.close()
        self._suspect.close()
        if self.hasher is not None:
            await self.hasher.stop()
        await self._ends.aclose()
        await close_pool(self._pool, 2.0)
        await close_pool(self._figures, 2.0)

    # -- loops ------------------------------------------------------------------------------------------------------

    async def _steer(self) -> None:
        """Follow the wall clock's small corrections; a jump is not followed until the next start (design, rule 7)."""
        warned = False
        while True:
            drift = self.clock.drift()
            if abs(drift) < JUMP_SECONDS:
                self.clock.check()
            elif not warned:
                warned = True
                log.warning("the wall clock jumped by %.0f s; this run goes on by its own", drift)
            await asyncio.sleep(1.0)

    async def _emit(self, matches: list[Match]) -> None:
        await emit(self.bus, matches)

    async def _feed_seeds(self) -> None:
        """Seeds that were not taken yet travel as found URLs; they are taken once that is committed."""
        connection = await connect(
            self._state.server.dsn("crawl", "pisaura_frontier"), name="pisaura-seeds", serving=True
        )
        try:
            store = OperatorStore(connection)
            while True:
                await self._seeds.feed(store)
                self._seeds_fed = True
                await asyncio.sleep(seeds.EVERY)
        finally:
            await close(connection)

    async def _look_back(self) -> None:
        """What lists say now of media seen earlier."""
        assert self.hasher is not None
        await self.hasher.refresh()
        self._lists_read = True

    async def _read_controls(self) -> None:
        """Operators' words for the fetcher: a paused or opted-out host gets no further request."""
        connection = await connect(
            self._state.server.dsn("crawl", "pisaura_fetcher"), name="pisaura-controls", serving=True
        )
        try:
            store = PostgresCrawlStore(connection)
            while True:
                self._controls_seen, controls = await store.read_controls(self._controls_seen)
                self._words.take(controls)
                if controls:
                    self.fetcher.recall(self._words.unwanted)
                await asyncio.sleep(CONTROLS_EVERY)
        finally:
            await store.close()
