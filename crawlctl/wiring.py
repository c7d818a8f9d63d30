"""All roles in one process over the in-memory log: the embedded mode. Here, and only here, they meet."""

import asyncio
import gc
import logging
import random
import time
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

from backends.memory.log import MemoryLog
from backends.postgres.connection import close, connect
from backends.postgres.crawl_store import PostgresCrawlStore
from backends.postgres.operator import OperatorStore
from backends.postgres.vault_store import PostgresVault, open_pool
from backends.suspect import SuspectFile
from backends.system import JUMP_SECONDS, SteadyClock
from backends.workers import Workers
from contracts.crawl import CrawlStore
from contracts.errors import Corrupt, PisauraError, Unavailable, kind_and_place
from contracts.messages import DigestRecord, Discovery, HostMatched, Link, LinkGroup, LinkKind, Match, Order, Purpose
from contracts.metrics import Sample
from contracts.ports import offsets_after
from contracts.refusals import Refusal
from contracts.seal import Opener, Sealer
from contracts.settings import PRODUCT_TOKEN, Settings
from contracts.sites import bucket_of, partition_of
from contracts.topics import DIGESTS, MATCHES, ORDERS_MEDIA, ORDERS_PAGES, OUTCOMES, URLS
from contracts.urls import parse, url_id
from crawlctl.live import Live
from crawlctl.state import State
from fetchers.service import Fetcher
from frontier.controls import Controls
from frontier.robotstxt import Robots
from frontier.robotstxt import parse as parse_robots
from frontier.service import Frontier
from hasher.sandbox import SandboxDigester
from hasher.service import HasherService

log = logging.getLogger(__name__)

SEEDS_EVERY = 1.0
LISTS_EVERY = 2.0
CONTROLS_EVERY = 1.0
DRAIN_SECONDS = 1.0
BATCH = 200
COLLECT = 50_000, 20, 20
"""Thresholds of the cyclic garbage collector: with the usual ones it costs 8 % of a crawl and stops the loop for 100 ms."""
ALL_TOPICS = (URLS, OUTCOMES, ORDERS_PAGES, ORDERS_MEDIA, DIGESTS, MATCHES)


class Embedded:
    """Frontier, fetcher and hasher of one machine. `run` until `finish`; everything that is out is handed back."""

    def __init__(self, state: State, settings: Settings, *, pages_limit: int | None = None) -> None:
        self._state = state
        self._settings = settings
        self.bus = MemoryLog()
        self._tasks: list[asyncio.Task[None]] = []
        keys = state.keys
        self.clock = SteadyClock()
        self._suspect = SuspectFile(state.folder / "suspect")
        self._opener = Opener(keys.secret)
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
        self._live = Live(self, state.server.dsn("crawl", "pisaura_frontier"), settings)
        self._words = Controls()
        self._controls_seen = 0
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
        return self._live.samples()

    async def _open_store(self) -> CrawlStore:
        return PostgresCrawlStore(
            await connect(self._state.server.dsn("crawl", "pisaura_frontier"), hot=True, name="pisaura-frontier")
        )

    async def _parse_robots(self, body: bytes) -> Robots:
        return await self._robots.run(parse_robots, body, PRODUCT_TOKEN)

    async def start(self) -> None:
        """Start the workers and all loops."""
        gc.freeze()
        gc.set_threshold(*COLLECT)
        self._pool = await open_pool(self._state.server.dsn("vault", "pisaura_hasher"))
        self.hasher = HasherService(PostgresVault(self._pool), self._settings.matching, self._emit, self.clock)
        await self.hasher.start()
        await self._sandbox.start()
        await self.fetcher.start()
        for name, work in (
            ("frontier", self.frontier.run()),
            ("hasher", self._hash()),
            ("feedback", self._feedback()),
            ("seeds", self._persist("seeds", self._feed_seeds, SEEDS_EVERY)),
            ("lists", self._persist("lists", self._read_lists, LISTS_EVERY)),
            ("clock", self._steer()),
            ("controls", self._persist("controls", self._read_controls, CONTROLS_EVERY)),
            ("live", self._live.run()),
        ):
            self._spawn(name, work)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    def failed(self) -> BaseException | None:
        """The error that ended one of the loops, if one did."""
        for task in self._tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                return error
        return self.fetcher.failed()

    def idle(self) -> bool:
        """Nothing out, nothing in logs or workers, no host due within a minute, seeds and lists read."""
        return (
            self._seeds_fed
            and self._lists_read
            and self.frontier.idle()
            and self.fetcher.out == 0
            and self._sandbox.pending == 0
            and self.bus.pending(ALL_TOPICS) == 0
        )

    async def finish(self) -> None:
        """Issue nothing more, finish or hand back what is out, commit it, end."""
        await self.frontier.drain(DRAIN_SECONDS)
        await self.fetcher.stop(self._settings.workers.shutdown_grace, last=True)
        deadline = time.monotonic() + 3.0
        while time.monotonic() < deadline and self.frontier.machine is not None and self.frontier.machine.shard.out:
            await asyncio.sleep(0.02)
        self.frontier.stop()
        frontier = [task for task in self._tasks if task.get_name() == "frontier"]
        await asyncio.wait(frontier, timeout=2.0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._live.end()
        await self._sandbox.stop()
        self._parsers.close()
        self._robots.close()
        self._suspect.close()
        try:
            await asyncio.wait_for(self._pool.close(), 2.0)
        except TimeoutError:
            self._pool.terminate()

    # -- loops ------------------------------------------------------------------------------------------------------

    async def _persist(self, what: str, step: Any, every: float) -> None:
        """Do something again and again; a database that is away is waited for."""
        while True:
            try:
                await step()
            except Unavailable as error:
                log.warning("%s: %s", what, error)
            await asyncio.sleep(every)

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
        if matches:
            self.bus.send(MATCHES, 0, matches)

    async def _hash(self) -> None:
        assert self.hasher is not None
        consumer = self.bus.join("hashers", [DIGESTS])
        while True:
            records = await consumer.poll(BATCH, 0.5)
            if not records:
                continue
            sightings = [record.message for record in records if isinstance(record.message, DigestRecord)]
            pause = 0.2
            while True:
                try:
                    await self.hasher.handle(sightings)
                    break
                except Unavailable as error:
                    log.warning("hasher waits: %s", error)
                    await asyncio.sleep(pause)
                    pause = min(5.0, pause * 2)
            await consumer.commit(offsets_after(records))

    async def _feedback(self) -> None:
        """Tell the frontier at which hosts there were matches; later the notices role's work, who alone unseals."""
        consumer = self.bus.join("notices", [MATCHES])
        while True:
            records = await consumer.poll(BATCH, 0.5)
            for record in records:
                if isinstance(record.message, Match):
                    self._matched(record.message)
            if records:
                await consumer.commit(offsets_after(records))

    def _matched(self, match: Match) -> None:
        try:
            url = parse(self._opener.open(match.sealed))
        except Corrupt as error:  # a sighting of other keys, say: no reason to end a crawl at each start
            log.warning("a match tells of no host: %s", error)
            return
        if not isinstance(url, Refusal):
            bucket = bucket_of(url.host)
            partition = partition_of(bucket, self._state.partitions)
            self.bus.send(URLS, partition, [HostMatched(url.host, bucket)])

    async def _feed_seeds(self) -> None:
        """Seeds that were not taken yet travel as found URLs; they are taken once that is committed."""
        connection = await connect(self._state.server.dsn("crawl", "pisaura_frontier"), name="pisaura-seeds")
        try:
            store = OperatorStore(connection)
            while True:
                while seeds := await store.new_seeds(1_000):
                    await self._send_seeds(store, seeds)
                self._seeds_fed = True
                await asyncio.sleep(SEEDS_EVERY)
        finally:
            await close(connection)

    async def _send_seeds(self, store: OperatorStore, seeds: Sequence[tuple[int, str]]) -> None:
        by_partition: dict[int, list[LinkGroup]] = {}
        refused: dict[int, str] = {}
        for seq, text in seeds:
            url = parse(text, max_bytes=self._settings.limits.url_bytes)
            if isinstance(url, Refusal):
                refused[seq] = str(url)
                continue
            bucket = bucket_of(url.host)
            group = LinkGroup(url.https, url.host, bucket, [Link(url.path, url_id(url.text), LinkKind.PAGE)])
            by_partition.setdefault(partition_of(bucket, self._state.partitions), []).append(group)
        now = self.clock()
        await asyncio.gather(
            *(
                self.bus.send(URLS, partition, [Discovery(Purpose.SEED, b"", 0, now, groups)])
                for partition, groups in by_partition.items()
            )
        )
        await store.seeds_taken([seq for seq, _ in seeds], refused, now)

    async def _read_lists(self) -> None:
        """Changes of known lists, and what they say of media seen earlier."""
        assert self.hasher is not None
        await self.hasher.refresh()
        self._lists_read = True

    async def _read_controls(self) -> None:
        """Operators' words for the fetcher: a paused or opted-out host gets no further request."""
        connection = await connect(self._state.server.dsn("crawl", "pisaura_fetcher"), name="pisaura-controls")
        try:
            store = PostgresCrawlStore(connection)
            while True:
                self._controls_seen, controls = await store.read_controls(self._controls_seen)
                self._words.take(controls)
                if controls:
                    self.fetcher.recall(self._unwanted)
                await asyncio.sleep(CONTROLS_EVERY)
        finally:
            await store.close()

    def _unwanted(self, order: Order) -> bool:
        """Whether an order goes to a host that is paused or opted out: by name, parent domain or network."""
        now = self.clock()
        blocked = self._words.block_of(order.host, [order.address] if order.address else [], now)
        return bool(blocked) or self._words.word_on(order.host, now).paused_until > now


def describe(error: BaseException) -> PisauraError:
    """An error that ended a loop, as one of ours."""
    if isinstance(error, PisauraError):
        return error
    return PisauraError(f"a part of the crawler failed: {kind_and_place(error)}")
