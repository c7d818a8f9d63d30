"""What one frontier shard decides per CPU second over a database that is full already.

`python -m tests.bench.cluster.decisions POSTMASTER DSN ADMIN WARM URLS SHAPE` prints `Decided`. The frontier is the real one with its real
store; the log is in memory, and a stub answers the orders (its CPU is not counted). Counted is from the moment at which `WARM` URLs
were fetched until as many as `URLS` more were; SHAPE is a `world.Shape` as JSON.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Callable

import asyncpg
import msgspec
import psutil
import uvloop

from backends.memory.log import MemoryLog
from backends.postgres.connection import connect
from backends.postgres.crawl_store import PostgresCrawlStore
from contracts.settings import PRODUCT_TOKEN, Addresses, Caps, Settings
from contracts.store import CrawlStore
from crawlctl.roles.loops import collect_seldom
from frontier.robotstxt import Robots, parse
from frontier.service import Frontier
from tests.bench import cpu
from tests.bench.cluster.stub import Stub
from tests.bench.cluster.world import Shape

PARTITIONS = 8
SETTINGS = Settings(
    user_agent="Pisaura/1.0 (+https://hotline.example/bot)",
    addresses=Addresses(allow=["127.0.0.0/8"]),
    caps=Caps(pages_per_second=800.0),  # steps are as large as a busy shard's, not as large as they can get
)
LONGEST = 300.0
WRITTEN = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::float8 FROM pg_stat_user_tables"


class Decided(msgspec.Struct):
    """`urls` were issued and came back, with `links`: each of the three is a decision. CPU in seconds, memory in bytes.

    `big`: URLs of the huge host, since the start. `first` is the CPU, of both, from the frontier's first breath to its first order.
    """

    urls: int
    links: int
    big: int
    orders: int
    frontier: float
    postgres: float
    wall: float
    first: float
    memory: int
    rows: float
    wal: int

    @property
    def decisions(self) -> int:
        """URLs issued, outcomes applied, links judged."""
        return 2 * self.urls + self.links


class Bench:
    """One frontier, its stub and its database server."""

    def __init__(self, postmaster: int, dsn: str, shape: Shape) -> None:
        self._postmaster = postmaster
        self._dsn = dsn
        bus = MemoryLog()
        self._stub = Stub(bus, shape, PARTITIONS)
        self._frontier = Frontier(
            SETTINGS,
            self._open,
            bus,
            time.time,
            random.Random(1).random,
            self._parse,
            owner="bench",
            partitions=PARTITIONS,
            alone=False,
        )

    async def _open(self) -> CrawlStore:
        return PostgresCrawlStore(await connect(self._dsn, hot=True))

    async def _parse(self, body: bytes) -> Robots:
        return parse(body, PRODUCT_TOKEN)

    def _used(self) -> tuple[float, float]:
        """Of the frontier, of Postgres."""
        return time.process_time() - self._stub.cpu, cpu.seconds(cpu.family(self._postmaster).values())

    async def run(self, admin: "asyncpg.Connection[asyncpg.Record]", warm: int, urls: int) -> Decided:
        """Warm up, measure, stop."""
        collect_seldom()
        stub = self._stub
        begun = self._used()
        loops = [asyncio.create_task(stub.run()), asyncio.create_task(self._frontier.run())]
        await self._until(lambda: stub.orders > 0, loops)
        first = sum(self._used()) - sum(begun)
        await self._until(lambda: stub.urls >= warm, loops)
        await admin.execute("CHECKPOINT")
        wal, rows = await _wal(admin), await admin.fetchval(WRITTEN)
        issued, links, orders, started = stub.urls, stub.links, stub.orders, time.perf_counter()
        before = self._used()
        await self._until(lambda: stub.urls >= issued + urls, loops)
        measured, wall = stub.urls - issued, time.perf_counter() - started
        links, orders = stub.links - links, stub.orders - orders
        frontier = self._used()[0] - before[0]
        memory = psutil.Process().memory_full_info().uss
        self._frontier.stop()
        await loops[1]
        loops[0].cancel()
        await admin.execute("CHECKPOINT")
        postgres = self._used()[1] - before[1]
        await admin.execute("SELECT pg_stat_force_next_flush()")
        rows = await admin.fetchval(WRITTEN) - rows
        return Decided(
            measured, links, stub.big, orders, frontier, postgres, wall, first, memory, rows, await _wal(admin) - wal
        )

    async def _until(self, reached: Callable[[], bool], loops: list[asyncio.Task[None]]) -> None:
        ends = time.monotonic() + LONGEST
        while not reached():
            for loop in loops:
                if loop.done():
                    loop.result()
            if time.monotonic() > ends:
                raise RuntimeError(f"only {self._stub.urls} URLs within {LONGEST} s")
            await asyncio.sleep(0.02)


async def _wal(admin: "asyncpg.Connection[asyncpg.Record]") -> int:
    return int(await admin.fetchval("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))


async def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cluster.decisions", description=__doc__)
    parser.add_argument("postmaster", type=int)
    parser.add_argument("dsn")
    parser.add_argument("admin")
    parser.add_argument("warm", type=int)
    parser.add_argument("urls", type=int)
    parser.add_argument("shape")
    options = parser.parse_args()
    admin = await asyncpg.connect(options.admin)
    bench = Bench(options.postmaster, options.dsn, msgspec.json.decode(options.shape, type=Shape))
    decided = await bench.run(admin, options.warm, options.urls)
    await admin.close()
    print(msgspec.json.encode(decided).decode())


if __name__ == "__main__":
    uvloop.run(main())
