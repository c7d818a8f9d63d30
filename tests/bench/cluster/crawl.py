"""One crawl of the bench web by a cluster of real processes over a real broker and a real Postgres, and what it cost.

Everything is counted between two moments: when all processes serve and nothing is to be done, and when so many pages are committed.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.bench import cpu
from tests.cluster.cluster import Cluster
from tests.cluster.services import Own
from tests.fakeweb.model import World
from tests.fakeweb.web import FakeWeb

SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "politeness": {"delay": "0s", "slow_factor": 0, "backoff": "60s"},
    "workers": {"orders": 256, "digest": 2},
    "addresses": {"deny": []},
}
"""As `tests.bench.sizes.settings`: politeness is worked out and comes to nothing."""
IDLE: Final = 5.0
"""Seconds for which the cluster is watched doing nothing."""
LONGEST: Final = 240.0
WRITTEN = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::float8 FROM pg_stat_user_tables"
PAGES = "SELECT coalesce(sum(value), 0)::bigint FROM counters WHERE name = 'pages'"


@dataclass
class Look:
    """Totals at one moment. `cpu` in seconds by role, "broker" and "database"; `records` and `bytes` by topic."""

    at: float
    cpu: dict[str, float]
    pages: int = 0
    rows: float = 0.0
    wal: int = 0
    records: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    met: float = 0.0
    repeated: float = 0.0


@dataclass
class Crawled:
    """What lies between two looks, and the CPU that each process with nothing to do uses of a core, by role."""

    pages: int
    seconds: float
    cpu: dict[str, float]
    rows: float
    wal: int
    records: dict[str, int]
    bytes: dict[str, int]
    met: float
    repeated: float
    idle: dict[str, float]

    def each(self, *roles: str) -> float:
        """CPU seconds a page of some roles, of all processes of ours if none is named."""
        chosen = roles or tuple(role for role in self.cpu if role not in ("broker", "database"))
        return sum(self.cpu.get(role, 0.0) for role in chosen) / self.pages


def between(before: Look, after: Look, idle: Mapping[str, float]) -> Crawled:
    """What happened between two looks."""
    return Crawled(
        after.pages - before.pages,
        after.at - before.at,
        {role: after.cpu[role] - before.cpu[role] for role in after.cpu},
        after.rows - before.rows,
        after.wal - before.wal,
        {topic: count - before.records[topic] for topic, count in after.records.items()},
        {topic: count - before.bytes[topic] for topic, count in after.bytes.items()},
        after.met - before.met,
        after.repeated - before.repeated,
        dict(idle),
    )


class Crawl:
    """`async with Own(folder, ...) as services, Crawl(...) as crawl`: a cluster that is measured."""

    def __init__(
        self,
        folder: Path,
        world: World,
        services: Own,
        roles: Mapping[str, int],
        settings: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._folder = folder
        self._services = services
        self.cluster = Cluster(folder, world, services, roles, {**SETTINGS, **settings})
        self.cluster.web = FakeWeb(world, keep_log=False)

    async def __aenter__(self) -> "Crawl":
        await self.cluster.__aenter__()
        self._admin = await asyncpg.connect(self._services.database.dsn("crawl"))
        self._reader = AIOKafkaConsumer(bootstrap_servers=self._services.bootstrap)
        await self._reader.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.stop()
        await self._admin.close()
        await self.cluster.__aexit__(None, None, None)

    # -- looking --------------------------------------------------------------------------------------------------------

    def _cpu(self) -> dict[str, float]:
        used: dict[str, float] = defaultdict(float)
        for pid, name in self._pids().items():
            used[name.rstrip("0123456789")] += cpu.seconds(cpu.family(pid).values())
        return used

    def _pids(self) -> dict[int, str]:
        ours = {process.pid: process.name for process in self.cluster.processes.values() if process.pid}
        return ours | self._services.pids()

    async def pages(self) -> int:
        """Pages that are committed."""
        return int(await self._admin.fetchval(PAGES))

    async def look(self) -> Look:
        """Totals as they are now; CPU and pages first, so that looking costs nothing that counts."""
        look = Look(time.perf_counter(), self._cpu(), await self.pages())
        await self._admin.execute("SELECT pg_stat_force_next_flush()")
        look.rows = await self._admin.fetchval(WRITTEN) or 0.0
        look.wal = int(await self._admin.fetchval("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))
        look.records, look.bytes = await self._logged()
        for process in self.cluster.of("fetcher"):
            metrics = await process.metrics()
            look.met += metrics.get("pisaura_links_met_total", 0.0)
            look.repeated += metrics.get("pisaura_links_repeated_total", 0.0)
        return look

    async def _logged(self) -> tuple[Counter[str], Counter[str]]:
        """Records by end offsets, bytes by the sizes of the log's segments on the broker's disk."""
        sizes: Counter[str] = Counter()
        partitions: dict[str, list[int]] = defaultdict(list)
        for data in self._folder.glob("kafka/broker*/data/*-*"):
            topic, _, number = data.name.rpartition("-")
            if number.isdecimal() and not topic.startswith("__"):
                partitions[topic].append(int(number))
                sizes[topic] += sum(file.stat().st_size for file in data.glob("*.log"))
        wanted = [TopicPartition(topic, number) for topic, numbers in partitions.items() for number in numbers]
        records: Counter[str] = Counter()
        for place, end in (await self._reader.end_offsets(wanted)).items():
            records[place.topic] += end
        return records, sizes

    # -- running --------------------------------------------------------------------------------------------------------

    async def serve(self) -> dict[str, float]:
        """Start all and wait until they serve; what each process uses of a core while there is nothing to do, by role."""
        await self.cluster.start()
        await self.cluster.until_shared()
        await asyncio.sleep(1.0)
        before, begun = self._cpu(), time.perf_counter()
        await asyncio.sleep(IDLE)
        seconds = time.perf_counter() - begun
        number = Counter(name.rstrip("0123456789") for name in self._pids().values())
        return {role: (used - before[role]) / seconds / number[role] for role, used in self._cpu().items()}

    async def run(self, pages: int, warm: int = 0) -> Crawled:
        """Crawl until so many pages are committed; what the first `warm` ones cost is not counted."""
        idle = await self.serve()
        ended = await self.cluster.verb("seeds", "add", *self.cluster.world.seeds())
        if ended.code:
            raise RuntimeError(ended.err)
        await self._until(warm)
        before = await self.look()
        await self._until(pages)
        return between(before, await self.look(), idle)

    async def _until(self, pages: int) -> None:
        ends = time.monotonic() + LONGEST
        while (known := await self.pages()) < pages:
            self.cluster.check_alive()
            if time.monotonic() > ends:
                raise RuntimeError(f"only {known} pages within {LONGEST:g} s; at work: {await self.cluster.at_work()}")
            await asyncio.sleep(0.1)
