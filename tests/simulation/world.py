"""One run: processes come, stop, die and go as the seed says; then all trouble ends, and what is left must come to its end."""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Final
from unittest.mock import patch

from contracts.crawl import UrlState
from contracts.messages import Discovery, Link, LinkGroup, LinkKind, Purpose
from contracts.refusals import Refusal
from contracts.topics import ORDERS_MEDIA, ORDERS_PAGES, ORDERS_RECHECKS, OUTCOMES, URLS
from contracts.urls import bucket_of, parse, partition_of, url_id
from fetchers.service.order import Run
from tests.simulation.invariants import Judge
from tests.simulation.loop import Numbered
from tests.simulation.processes import FetcherProcess, FrontierProcess, Place
from tests.simulation.rechecks import Asker
from tests.simulation.scenario import Scenario

DRAIN: Final = 2000.0
"""Seconds after the last fault within which everything must be settled."""
AFTERWARDS: Final = 60.0
"""Seconds that follow, in which the last deadlines pass."""


class World(Place):
    """A run of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.judge = Judge(self)
        self.asker = Asker(self)
        self.tables.heard = self.judge.committed
        self.frontiers: list[FrontierProcess] = []
        self.fetchers: list[FetcherProcess] = []
        self._born = 0
        self.settled = False

    def run(self) -> list[str]:
        """What was broken; nothing if all held."""
        Numbered.numbers = count()
        with (
            patch.object(Run, "__hash__", Numbered.__hash__),
            patch.object(Run, "number", -1, create=True),
            patch("fetchers.service.outbox.uniform", self.scheduler.chance.uniform),
        ):
            return self._run()

    def _run(self) -> list[str]:
        scenario, scheduler = self.scenario, self.scheduler
        self.web.trouble = scenario.trouble
        for _ in range(scenario.shards):
            self._begin_frontier()
        for _ in range(scenario.fetchers):
            self._begin_fetcher()
        for seed in scenario.seeds:
            scheduler.after(scheduler.chance.uniform(0.0, scenario.seeded_over), partial(self._seed, seed))
        self.asker.begin()
        self._faults()
        try:
            scheduler.run(lambda: bool(self.judge.broken), scenario.chaos)
            self._calm()
            self.settled = scheduler.run(lambda: bool(self.judge.broken) or self._drained(), DRAIN)
            if not self.judge.broken and not scheduler.errors:
                scheduler.run(lambda: bool(self.judge.broken), AFTERWARDS)
            return self.judge.verdict()
        finally:
            scheduler.end()

    # -- processes --------------------------------------------------------------------------------------------------

    def _name(self, role: str) -> str:
        self._born += 1
        return f"{role}-{self._born}"

    def _skew(self) -> float:
        return self.scheduler.chance.uniform(-self.scenario.skew, self.scenario.skew)

    def _begin_frontier(self) -> None:
        process = FrontierProcess(self._name("frontier"), self._skew(), self)
        self.frontiers.append(process)
        self.judge.born(process.process)

    def _begin_fetcher(self) -> None:
        process = FetcherProcess(self._name("fetcher"), self._skew(), self)
        self.fetchers.append(process)
        self.judge.born(process.process)

    def _replace(self, gone: FrontierProcess | FetcherProcess) -> None:
        """Somebody else comes, a moment later; some are never replaced by themselves: then there are fewer for a while."""
        if isinstance(gone, FrontierProcess):
            self.frontiers.remove(gone)
            begin: Callable[[], None] = self._begin_frontier
        else:
            self.fetchers.remove(gone)
            begin = self._begin_fetcher
        self.scheduler.after(self.scheduler.chance.choice([0.1, 1.0, 5.0, 20.0]), begin)

    # -- what goes wrong --------------------------------------------------------------------------------------------

    def _faults(self) -> None:
        scenario = self.scenario
        for rate, fault in (
            (scenario.kills, self._kill),
            (scenario.stops, self._stop),
            (scenario.restarts, self._restart),
            (scenario.outages, self._outage),
        ):
            if rate:
                self._next(rate, fault)

    def _next(self, rate: float, fault: Callable[[], None]) -> None:
        def come() -> None:
            if not self.trouble.calm:
                fault()
                self._next(rate, fault)

        self.scheduler.after(
            self.scheduler.chance.expovariate(rate * (self.scenario.shards + self.scenario.fetchers)), come
        )

    def _any(self) -> FrontierProcess | FetcherProcess | None:
        everybody: list[FrontierProcess | FetcherProcess] = [*self.frontiers, *self.fetchers]
        return self.scheduler.chance.choice(everybody) if everybody else None

    def _kill(self) -> None:
        if (one := self._any()) is not None:
            self.scheduler.note(one.process.name, "KILL")
            one.process.kill()
            self.web.died(one.process)
            self._replace(one)

    def _stop(self) -> None:
        if (one := self._any()) is not None:
            seconds = self.scheduler.chance.choice([0.5, 3.0, 12.0, 40.0])
            self.scheduler.note(one.process.name, f"STOP for {seconds} s")
            one.process.stop(seconds)

    def _restart(self) -> None:
        if (one := self._any()) is not None:
            self.scheduler.note(one.process.name, "TERM")
            one.leave()
            self._replace(one)

    def _outage(self) -> None:
        chance = self.scheduler.chance
        until = self.scheduler.time() + chance.choice([1.0, 5.0, 20.0])
        if chance.random() < 0.5:
            self.trouble.database_away_until = until
        else:
            self.trouble.log_away_until = until
        self.scheduler.note(
            "world",
            f"database away until {self.trouble.database_away_until:.1f}, log until {self.trouble.log_away_until:.1f}",
        )

    def _calm(self) -> None:
        self.scheduler.note("world", "all trouble ends")
        self.trouble.calm = True
        self.web.trouble = 0.0

    # -- the work ---------------------------------------------------------------------------------------------------

    def _seed(self, text: str) -> None:
        url = parse(text)
        assert not isinstance(url, Refusal)
        bucket = bucket_of(url.host)
        group = LinkGroup(url.https, url.host, bucket, [Link(url.path, url_id(url.text), LinkKind.PAGE)])
        found = Discovery(Purpose.SEED, b"", 0, self.scheduler.unix(), [group])
        self.broker.append((URLS, partition_of(bucket, self.scenario.partitions)), [found])

    def _drained(self) -> bool:
        """Nothing is on its way or out, and every known URL is settled."""
        tables, broker = self.tables, self.broker
        if tables.leases:
            return False
        for number, row in tables.partitions.items():
            if row.urls < len(broker.partition((URLS, number)).records):
                return False
            if row.outcomes < len(broker.partition((OUTCOMES, number)).records):
                return False
            for lane in (ORDERS_PAGES, ORDERS_MEDIA, ORDERS_RECHECKS):
                lag = broker.partition((lane, number))
                if lag.committed < len(lag.records):
                    return False
        if any(one.fetcher.out for one in self.fetchers) or self.judge.lacking():
            return False
        if not self.asker.settled():
            return False
        return all(url.state != UrlState.QUEUED for table in (tables.urls, tables.media) for url in table.values())
