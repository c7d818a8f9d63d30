"""`python -m tests.bench.rechecks`: how late re-checks begin while a crawl saturates the fetchers, as JSON lines.

Real: the frontier's shard and the fetcher with all their parts. Simulated (`tests.simulation`): time, the log, the crawl database
as tables in memory, servers. One slice of many is run: one shard and one fetcher get their part of 10 M re-checks a day, each on
hosts whose addresses and robots.txt have run out since yesterday. The CPU that the slice takes does not pass in its time; it is told
beside. The schedule is measured by itself: 1 M rows in a real Postgres, read in due order and written anew.
"""

import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import mean
from typing import Final
from unittest.mock import patch

import asyncpg
import msgspec

from contracts.cluster import Cluster, Kafka
from contracts.errands import RecheckErrand
from contracts.messages import Discovery, Link, LinkGroup, LinkKind, OrderKind, Purpose, Recheck
from contracts.settings import Settings, Workers
from contracts.topics import ORDERS_PAGES, RECHECKS, URLS
from contracts.urls import bucket_of, partition_of, url_id
from crawlctl.state import State
from tests.bench import sizes
from tests.simulation.processes import FetcherProcess, FrontierProcess, Place
from tests.simulation.scenario import Scenario
from tests.simulation.web import Page, Site

SCHEDULED: Final = 10_000_000
DAY: Final = 86_400.0
SLICES: Final = 8
"""Shards and fetchers among which the load is divided; one of each is run."""
ORDERS: Final = 64
"""Orders that the fetcher works on at a time: few, so that discovery has all of them at once."""
CRAWLED: Final = 600
PAGES: Final = 110
"""Hosts that are crawled, and pages of each: more than can be fetched in the time."""
WARM: Final = 120.0
LASTS: Final = 600.0
"""Seconds before anything counts, and those that count."""
SHARED: Final = 4
"""Hosts at one address."""
PER_HOST: Final = 20
PARTITIONS: Final = 8
MOST: Final = 60.0
"""Seconds of lateness that one re-check in a hundred may have (issue 6)."""
ROWS: Final = 1_000_000
BATCH: Final = 200


class Everywhere(dict[str, Site]):
    """Any host that is asked for, `SHARED` at one address."""

    def __missing__(self, host: str) -> Site:
        number = int(host.partition(".")[0][1:]) // SHARED + (2 << 20 if host[0] == "c" else 0)
        site = self[host] = Site(host, [f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"])
        return site


class Slice(Place):
    """One shard and one fetcher under their part of the load."""

    def __init__(self, seed: int, scheduled: int) -> None:
        settings = Settings(
            workers=Workers(orders=ORDERS, flush=0.2),
            cluster=Cluster(partitions=PARTITIONS),
            kafka=Kafka(bootstrap="broker"),
        )
        super().__init__(
            Scenario(
                seed=seed,
                settings=settings,
                sites=[],
                seeds=[],
                shards=1,
                fetchers=1,
                chaos=0.0,
                latency=0.02,
                skew=0.0,
                kills=0.0,
                stops=0.0,
                restarts=0.0,
                lost=0.0,
                outages=0.0,
                trouble=0.0,
                partitions=PARTITIONS,
            )
        )
        self.trouble.calm = True
        self.web.sites = Everywhere()
        self.scheduled = scheduled / SLICES
        self.due: dict[bytes, tuple[float, bool]] = {}
        self.busy: list[float] = []
        self.owed = 0.0
        self._chance = Random(seed)
        self._hosts = int(self.scheduled / 10)

    def page(self, url: str) -> Page:
        """Media are pictures, all else is a page without links."""
        return Page(picture=url.endswith(".png"))

    def run(self) -> None:
        """Fill the queues, warm up, then look for `LASTS` seconds."""
        with patch.object(self.web, "page", self.page):
            self.frontier, self.fetcher = FrontierProcess("frontier", 0.0, self), FetcherProcess("fetcher", 0.0, self)
            for number in range(CRAWLED):
                self.scheduler.after(number * 0.05, lambda host=f"c{number}.test": self._crawl(host))  # type: ignore[misc]
            self.scheduler.after(WARM / 2, self._ask)
            self.scheduler.after(WARM, self._look)
            self.scheduler.run(lambda: False, WARM + LASTS + 120.0)
            self.scheduler.end()

    def _send(
        self, purpose: Purpose, host: str, paths: list[str], kind: LinkKind, errand: RecheckErrand | None = None
    ) -> None:
        links = [Link(path, url_id(f"http://{host}{path}"), kind) for path in paths]
        bucket = bucket_of(host)
        found = Discovery(
            purpose, b"", 0, self.scheduler.unix(), [LinkGroup(False, host, bucket, links)], recheck=errand
        )
        self.broker.append((URLS, partition_of(bucket, PARTITIONS)), [found])

    def _crawl(self, host: str) -> None:
        self._send(Purpose.SEED, host, [f"/p{n}" for n in range(PAGES)], LinkKind.PAGE)

    def _ask(self) -> None:
        """As notices does: each second, what came due since. A fifth of the hosts is being crawled; one in twenty has many at once."""
        if self.scheduler.time() >= WARM + LASTS:
            return
        chance = self._chance
        self.owed += self.scheduled / DAY
        while self.owed > 0.0:
            crawled = chance.random() < 0.2
            host = f"c{chance.randrange(CRAWLED)}.test" if crawled else f"h{chance.randrange(self._hosts)}.test"
            count = PER_HOST if chance.random() < 0.05 else 1
            self.owed -= count
            for _ in range(count):
                self._recheck(host, crawled)
        self.scheduler.after(1.0, self._ask)

    def _recheck(self, host: str, crawled: bool) -> None:
        ticket = len(self.due).to_bytes(16, "big")
        due = self.scheduler.unix() - self._chance.random()
        self.due[ticket] = due, crawled
        errand = RecheckErrand(ticket, etag='"v"' if self._chance.random() < 0.5 else "", due_at=due)
        self._send(Purpose.RECHECK, host, [f"/{self._chance.randrange(1 << 30)}.png"], LinkKind.MEDIA, errand)

    def _look(self) -> None:
        if self.scheduler.time() < WARM + LASTS:
            self.busy.append(len(self.fetcher.fetcher._runs[ORDERS_PAGES]) / ORDERS)
            self.scheduler.after(1.0, self._look)

    # -- figures ----------------------------------------------------------------------------------------------------

    def answers(self) -> Iterator[Recheck]:
        """What was answered of re-checks that came due in the time that counts."""
        begins = self.scheduler.epoch + WARM
        for record in self.broker.partition((RECHECKS, 0)).records:
            for message in record:
                assert isinstance(message, Recheck)
                if begins <= self.due[message.ticket][0] < begins + LASTS:
                    yield message

    def impolite(self) -> int:
        """Requests to a host before its delay was over."""
        delay, before, rude = self.scenario.settings.politeness.delay, dict[str, float](), 0
        for one in self.web.exchanges:
            rude += one.start - before.get(one.order.host, -DAY) < delay - 0.001
            before[one.order.host] = one.until
        return rude


def quantile(values: list[float], share: float) -> float:
    """The value below which that share lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def late(name: str, values: list[float]) -> float:
    """Tell quantiles of lateness in seconds; p99."""
    figures = {f"p{share * 100:g}": round(quantile(values, share), 2) for share in (0.5, 0.9, 0.99, 0.999)}
    say(name=name, rechecks=len(values), **figures, max=round(max(values, default=0.0), 2))
    return figures["p99"]


def say(**figures: object) -> None:
    """One line."""
    print(msgspec.json.encode(figures).decode(), flush=True)


def lateness(seed: int = 1) -> float:
    """Run the slice and tell; p99 of what is counted from when politeness allowed."""
    begun = time.process_time()
    made = Slice(seed, SCHEDULED)
    made.run()
    spent = time.process_time() - begun
    for name, error in made.scheduler.errors:
        raise RuntimeError(f"{name} failed") from error
    answers = list(made.answers())
    begins = made.scheduler.epoch + WARM
    asked = sum(begins <= due < begins + LASTS for due, _ in made.due.values())
    requests = Counter(one.order.kind for one in made.web.exchanges if WARM <= one.start < WARM + LASTS)
    say(
        name="load", simulated=True, scheduled=SCHEDULED, slices=SLICES, asked=asked, answered=len(answers),
        refused=sum(not one.place for one in answers), pages_a_second=round(requests[OrderKind.PAGES] / LASTS, 1),
        rechecks_a_second=round(requests[OrderKind.RECHECKS] / LASTS, 1), slots_of_discovery_busy=round(mean(made.busy), 3),
        impolite=made.impolite(), cpu_seconds=round(spent, 1), virtual_seconds=WARM + LASTS,
    )  # fmt: skip
    answered = [one for one in answers if one.place]
    p99 = late("late_from_politeness", [one.started_at - one.free_at for one in answered])
    for crawled in (False, True):
        values = [one.started_at - made.due[one.ticket][0] for one in answered if made.due[one.ticket][1] is crawled]
        late(f"after_it_was_due, host {'being crawled' if crawled else 'idle'}", values)
    return p99


async def schedule(rows: int = ROWS) -> None:
    """A table of re-checks in Postgres: batches of what is due, locked in due order, written with their next time."""
    with tempfile.TemporaryDirectory(prefix="pisaura-bench-") as folder:
        async with State(Path(folder) / "state", sizes.settings(""), exclusive=True, create=True) as state:
            admin = await asyncpg.connect(state.server.dsn("vault", "postgres"))
            await admin.execute(
                "CREATE TABLE bench_rechecks (case_id bigint PRIMARY KEY, due_at bigint NOT NULL, sealed bytea NOT NULL);"
            )
            await admin.execute(
                "INSERT INTO bench_rechecks SELECT n, (hashint8(n) & 86399999)::bigint, decode(repeat('ab', 300), 'hex')"
                " FROM generate_series(1, $1::bigint) n",
                rows,
            )
            await admin.execute("CREATE INDEX ON bench_rechecks (due_at)")
            await admin.execute("ANALYZE bench_rechecks")
            taken, times = 0, list[float]()
            begun = time.perf_counter()
            while time.perf_counter() - begun < 10.0:
                at = time.perf_counter()
                found = await admin.fetch(
                    "WITH due AS (SELECT case_id FROM bench_rechecks WHERE due_at < 86400000 ORDER BY due_at LIMIT $1"
                    " FOR UPDATE SKIP LOCKED) UPDATE bench_rechecks r SET due_at = r.due_at + 86400000 FROM due"
                    " WHERE r.case_id = due.case_id RETURNING r.case_id, r.sealed",
                    BATCH,
                )
                times.append(time.perf_counter() - at)
                taken += len(found)
            seconds = time.perf_counter() - begun
            await admin.close()
    say(
        name="schedule", simulated=False, rows=rows, rows_a_second=round(taken / seconds), batch=BATCH,
        batch_p99_ms=round(1000 * quantile(times, 0.99), 1), needed_a_second=round(SCHEDULED / DAY),
    )  # fmt: skip


def main() -> int:
    """0 if p99 is below a minute."""
    logging.disable(logging.CRITICAL)
    p99 = lateness()
    asyncio.run(schedule())
    return 1 if p99 >= MOST else 0


if __name__ == "__main__":
    sys.exit(main())
