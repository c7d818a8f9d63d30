"""What the whole crawler costs, with every promise on: a fresh state, its Postgres, its workers, fsync.

`python -m tests.bench.system PAGES NAMESERVER [--parts] < SEEDS` prints a `Cost`. Counted is from the moment at which everything
runs until everything is committed and a checkpoint has written it to its place.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import msgspec
import uvloop

from backends.postgres.connection import connect
from backends.postgres.operator import OperatorStore
from contracts.settings import Settings
from crawlctl.roles.loops import describe
from crawlctl.state import State
from crawlctl.wiring import Embedded
from tests.bench import cpu, sizes
from tests.bench.parts import Sampler

LOOK = 0.02
"""Seconds between two looks at the loop's lag."""
LONGEST = 300.0
DRY = 40
"""Looks in a row at a crawl that has nothing to do and is not done."""

WRITTEN = """
SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::float8, sum(n_tup_upd)::float8, sum(n_tup_hot_upd)::float8
FROM pg_stat_user_tables
"""
KNOWN = """
SELECT (SELECT count(*) FROM urls) + (SELECT count(*) FROM media_urls), sum(pg_total_relation_size(c.oid))::float8
FROM pg_class c WHERE c.relkind = 'r' AND c.relname ~ '^(urls|media_urls|queue)_'
"""


class Cost(msgspec.Struct):
    """CPU in seconds, of the run but for its first `warm` pages; lags in seconds. `links` are all that pages showed, `errors` errors and refusals by name,
    `parts` shares of the crawling process' CPU."""

    pages: int
    warm: int
    cpu: float
    main: float
    postgres: float
    wall: float
    orders: int
    transactions: int
    rows: float
    hot: float
    wal: int
    urls: int
    bytes: float
    links: int
    repeats: int
    lag_p50: float
    lag_p99: float
    lag_most: float
    errors: dict[str, int]
    parts: dict[str, float] = {}


class Lag:
    """How late the loop comes, looked at again and again."""

    def __init__(self) -> None:
        self.seen: list[float] = []
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + LOOK
        self._next = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        now = self._loop.time()
        self.seen.append(now - self._due)
        self._due = now + LOOK
        self._next = self._loop.call_at(self._due, self._look)

    def stop(self) -> list[float]:
        """All lags, the smallest first."""
        self._next.cancel()
        return sorted(self.seen)


async def crawl(
    folder: Path, settings: Settings, seeds: list[str], pages: int, sampler: Sampler | None = None, warm: int = 0
) -> Cost:
    """Fetch so many pages; CPU counts from when `warm` of them are committed, all else from the start."""
    async with State(folder / "state", settings, exclusive=True, create=True) as state:
        connection = await connect(state.server.dsn("crawl", "pisaura_frontier"))
        await OperatorStore(connection).add_seeds(seeds, time.time())
        await connection.close()
        admin = await asyncpg.connect(state.server.dsn("crawl", "postgres"))
        system = Embedded(state, settings, pages_limit=pages)
        try:
            wal = await admin.fetchval("SELECT pg_current_wal_insert_lsn()")
            commits = await _commits(admin)
            await system.start()
            warmed = await _until_warm(system, warm)
            lag = Lag()
            before, own, served, started = _used(state), time.process_time(), _served(state), time.perf_counter()
            if sampler is not None:
                sampler.start()
            await _until_done(system)
            parts = sampler.stop() if sampler is not None else {}
            lags = lag.stop()
            wall = time.perf_counter() - started
            await admin.execute("CHECKPOINT")
            total, main, postgres = _used(state) - before, time.process_time() - own, _served(state) - served
            machine = system.frontier.machine
            assert machine is not None
            totals = machine.shard.totals
            met, dropped = system.fetcher.repeats
        finally:
            await system.finish()
        rows, updated, hot = await admin.fetchrow(WRITTEN)
        known, size = await admin.fetchrow(KNOWN)
        cost = Cost(
            pages=totals["pages"],
            warm=warmed,
            cpu=total,
            main=main,
            postgres=postgres,
            wall=wall,
            orders=machine.shard.sequence,
            transactions=await _commits(admin) - commits,
            rows=rows,
            hot=hot / max(1, updated),
            wal=int(await admin.fetchval("SELECT pg_current_wal_insert_lsn() - $1::pg_lsn", wal)),
            urls=known,
            bytes=size,
            links=met,
            repeats=dropped,
            lag_p50=lags[len(lags) // 2],
            lag_p99=lags[len(lags) * 99 // 100],
            lag_most=lags[-1],
            errors={name: count for name, count in totals.items() if name.startswith(("error", "refused", "orders_l"))},
            parts=parts,
        )
        await admin.close()
    return cost


def _used(state: State) -> float:
    return cpu.seconds(cpu.family(os.getpid(), state.server.pid).values())


def _served(state: State) -> float:
    return cpu.seconds(cpu.family(state.server.pid).values())


async def _commits(admin: "asyncpg.Connection[asyncpg.Record]") -> int:
    await admin.execute("SELECT pg_stat_force_next_flush()")
    commits: int = await admin.fetchval("SELECT xact_commit FROM pg_stat_database WHERE datname = 'crawl'")
    return commits


async def _until_warm(system: Embedded, pages: int) -> int:
    """Wait until so many pages are committed; how many are."""
    ends = time.monotonic() + LONGEST
    while pages and time.monotonic() < ends:
        if (failure := system.failed()) is not None:
            raise describe(failure)
        machine = system.frontier.machine
        if machine is not None and (known := machine.shard.totals["pages"]) >= pages:
            return known
        await asyncio.sleep(0.01)
    return 0


async def _until_done(system: Embedded) -> None:
    ends = time.monotonic() + LONGEST
    idle = 0
    while time.monotonic() < ends and idle < DRY:
        if (failure := system.failed()) is not None:
            raise describe(failure)
        machine = system.frontier.machine
        idle = idle + 1 if system.idle() else 0
        if idle and machine is not None and machine.exhausted:
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("the web has no more pages" if idle else f"not done within {LONGEST} s")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.system", description=__doc__)
    parser.add_argument("pages", type=int)
    parser.add_argument("nameserver")
    parser.add_argument("--parts", action="store_true", help="sample where the CPU goes")
    parser.add_argument("--warm", type=int, default=0, help="pages whose CPU is not counted")
    options = parser.parse_args()
    seeds = sys.stdin.read().split()
    with (
        tempfile.TemporaryDirectory(prefix="pisaura-bench-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        sampler = Sampler() if options.parts else None
        cost = runner.run(
            crawl(Path(folder), sizes.settings(options.nameserver), seeds, options.pages, sampler, options.warm)
        )
    print(msgspec.json.encode(cost).decode())


if __name__ == "__main__":
    main()
