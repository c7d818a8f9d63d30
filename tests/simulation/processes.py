"""The processes of a run: the real `Frontier` and the real `Fetcher`, each with the model's ways to database, log and web."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar
from unittest.mock import patch

from contracts.errors import PisauraError, Unavailable
from contracts.messages import MediaDigests
from contracts.seal import Sealer, new_keys
from contracts.settings import PRODUCT_TOKEN
from contracts.store import CrawlStore
from fetchers.service import Fetcher
from frontier.robotstxt import Robots, parse
from frontier.service import Frontier
from tests.simulation.log import Broker, ModelLog
from tests.simulation.loop import Process, Scheduler
from tests.simulation.scenario import Scenario
from tests.simulation.store import ModelStore
from tests.simulation.tables import Partition, Tables
from tests.simulation.web import ModelClient, Web

T = TypeVar("T")
EPOCH: Final = 1_800_000_000.0
_KEYS: Final = new_keys()
SEALER: Final = Sealer(_KEYS.public, _KEYS.place_key)
GRACE: Final = 3.0


class Digester:
    """Nothing here is a picture."""

    async def digest(self, data: bytes | bytearray | memoryview, media_type: str) -> MediaDigests:
        return MediaDigests(media_type, why="not decoded")


class Worker:
    """Runs things here."""

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        return work(*arguments)


class Trouble:
    """What goes wrong on the ways between processes; `calm` ends all of it."""

    def __init__(self, scheduler: Scheduler, scenario: Scenario) -> None:
        self._scheduler, self._scenario = scheduler, scenario
        self.calm = False
        self.database_away_until = self.log_away_until = 0.0

    def delay(self) -> float:
        """Seconds of one way: mostly short, now and then far longer."""
        chance = self._scheduler.chance
        usual = chance.random() * self._scenario.latency
        return usual if self.calm or chance.random() > self._scenario.lost else usual + chance.expovariate(1.0)

    def lost(self) -> bool:
        """Whether this way is lost."""
        return not self.calm and self._scheduler.chance.random() < self._scenario.lost

    def database_away(self) -> bool:
        return self._scheduler.time() < self.database_away_until

    def log_away(self) -> bool:
        return self._scheduler.time() < self.log_away_until


class Link:
    """A process' connection to the database. What fails breaks it: it may have taken place, or still do."""

    def __init__(self, process: Process, trouble: Trouble) -> None:
        self._process, self._trouble = process, trouble
        self._broken = False

    async def __call__(self, name: str, work: Callable[[], T]) -> T:
        trouble, process = self._trouble, self._process
        if self._broken or trouble.database_away():
            await asyncio.sleep(trouble.delay())
            self._broken = True
            raise Unavailable("the database does not answer")
        there, back = trouble.delay(), trouble.delay()
        if not trouble.lost():
            return await process.remote(work, there, back)
        self._broken = True
        lost = Unavailable(f"the connection broke during {name}")
        process.scheduler.note(process.name, f"does not learn what came of {name}")
        what = process.scheduler.chance.random()
        if what < 0.4:
            return await process.remote(work, there, back, lost=lost)
        if what < 0.7:  # it is still under way when we know that we shall not hear of it
            process.scheduler.after(there + 3 * back, lambda: _unheard(work))
        await asyncio.sleep(back)
        raise lost


def _unheard(work: Callable[[], Any]) -> None:
    """Something takes place whose answer nobody will have."""
    with suppress(PisauraError):
        work()


class Place:
    """Everything that processes share. Tests of the invariants replace parts of it by ones that break a promise."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.scheduler = Scheduler(scenario.seed, EPOCH)
        self.trouble = trouble = Trouble(self.scheduler, scenario)
        self.tables = self.make_tables()
        self.tables.partitions = {number: Partition() for number in range(scenario.partitions)}
        self.tables.clock = self.scheduler.unix
        self.tables.busy = lambda address: trouble.lost()
        self.broker = Broker(self.scheduler, scenario.partitions, trouble.delay, trouble.lost, trouble.log_away)
        self.web = Web(self.scheduler, scenario.sites, self._latency)

    def _latency(self) -> float:
        return self.scheduler.chance.random() * 0.3

    def make_tables(self) -> Tables:
        """The database."""
        return Tables()

    def store(self, process: Process) -> CrawlStore:
        """A shard's connection."""
        return ModelStore(self.tables, Link(process, self.trouble))

    def log(self, process: Process) -> ModelLog:
        """A process' way to the broker."""
        return ModelLog(self.broker, process)

    def client(self, process: Process) -> ModelClient:
        """A fetcher's way to the web."""
        return ModelClient(self.web, process)


class FrontierProcess:
    """One run of a shard."""

    def __init__(self, name: str, skew: float, place: Place) -> None:
        self.process = process = Process(place.scheduler, name, skew)
        chance = place.scheduler.chance

        async def open_store() -> CrawlStore:
            await asyncio.sleep(place.trouble.delay())
            if place.trouble.database_away():
                raise Unavailable("the database does not answer")
            return place.store(process)

        async def parse_robots(body: bytes) -> Robots:
            return parse(body, PRODUCT_TOKEN)

        self.frontier = Frontier(
            place.scenario.settings, open_store, place.log(process), process.clock, chance.random, parse_robots,
            owner=name, partitions=place.scenario.partitions, alone=False,
        )  # fmt: skip
        process.start(self.frontier.run()).add_done_callback(process.done)

    def leave(self) -> None:
        """SIGTERM."""
        self.process.tell(self.frontier.stop)


class FetcherProcess:
    """One run of a fetcher."""

    def __init__(self, name: str, skew: float, place: Place) -> None:
        self.process = process = Process(place.scheduler, name, skew)
        with patch("fetchers.service.Client", lambda *arguments, **named: place.client(process)):
            self.fetcher = Fetcher(
                place.scenario.settings, place.log(process), Digester(), SEALER, Worker(), process.clock,
                place.scenario.partitions,
            )  # fmt: skip
        self._leaving = asyncio.Event()
        process.start(self._run()).add_done_callback(process.done)

    async def _run(self) -> None:
        await self.fetcher.start()
        await self._leaving.wait()
        await self.fetcher.stop(GRACE)

    def leave(self) -> None:
        """SIGTERM."""
        self.process.tell(self._leaving.set)
