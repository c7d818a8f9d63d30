"""`make cluster`: the synthetic web crawled to the end by a cluster on this machine, and what came of it.

A broker, a Postgres that is reached by TCP and password, two frontier shards, three fetchers, two hashers and the notices role,
all made for this run; everything lies in `.cluster/`, made afresh each time. With CHAOS=1 a supervisor kills, pauses and restarts
all of them meanwhile, by CHAOS_SEED.
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

import uvloop
from rich.console import Console

from backends.postgres.connection import close, connect
from backends.postgres.operator import OperatorStore
from contracts.errors import Unavailable
from contracts.seal import Opener
from contracts.settings import Settings
from crawlctl import summary
from crawlctl.progress import Figures, Progress
from crawlctl.roles.needs import notices_keys
from crawlctl.settings import load
from tests.cluster.chaos import SETTINGS, Chaos, incidents
from tests.cluster.cluster import IDLE_LOOKS, Cluster
from tests.cluster.services import Own
from tests.cluster.work import Work, said, table
from tests.fakeweb.web import free_ports
from tests.fakeweb.world import build_demo
from tests.integration.crawls import REPOSITORY, toml

FOLDER = REPOSITORY / ".cluster"
ROLES = {"frontier": 2, "fetcher": 3, "hasher": 2, "notices": 1}
MATCHES = ('pisaura_matches_total{strength="exact"}', 'pisaura_matches_total{strength="near"}')
INCIDENTS = 14
"""With CHAOS=1."""


def operators(cluster: Cluster) -> Settings:
    """The cluster's settings as operators have them."""
    return load(cluster.settings, cluster.environ("operator")).settings


def write_operators_file(cluster: Cluster, path: Path) -> None:
    """Settings with connection strings and keys, for verbs in another terminal while the cluster runs."""
    found = operators(cluster)
    groups = {
        "kafka": {"bootstrap": found.kafka.bootstrap, "prefix": found.kafka.prefix},
        "postgres": {"crawl": found.postgres.crawl, "vault": found.postgres.vault},
        "cluster": {"keys": found.cluster.keys},
    }
    path.touch(mode=0o600)
    path.write_text(toml(groups))


class Watch:
    """Shows how a cluster gets on until it is done, or until `stop`."""

    def __init__(self, cluster: Cluster, settings: Settings, stop: asyncio.Event) -> None:
        self._cluster = cluster
        self._settings = settings
        self._stop = stop
        self._progress = Progress()
        self._matches: dict[int, float] = {}

    def tell(self, text: str) -> None:
        """A line of its own."""
        self._progress.done()
        print(f"  {time.strftime('%H:%M:%S')} {text}", flush=True)

    async def until_idle(self, busy: Callable[[], bool]) -> None:
        """Until nothing is out and no host is due within a minute, a few looks in a row, and nobody else is `busy`."""
        looks = 0
        while looks < IDLE_LOOKS and not self._stop.is_set():
            self._cluster.check_alive()
            try:
                await self._show()
                looks = 0 if busy() or await self._cluster.at_work() else looks + 1
            except Unavailable:  # the database, while there is chaos
                looks = 0
            with suppress(TimeoutError):
                async with asyncio.timeout(0.25):
                    await self._stop.wait()
        await self._show(force=True)
        self._progress.done()

    async def _show(self, *, force: bool = False) -> None:
        if force or self._progress.wanted():
            self._progress.show(await self._figures())

    async def _figures(self) -> Figures:
        """Of all shards together; matches also of hashers that were killed, as far as they told."""
        crawl = await connect(self._settings.postgres.crawl)
        try:
            counters = await OperatorStore(crawl).counters()
        finally:
            await close(crawl)
        shards = [await process.metrics() for process in self._cluster.of("frontier") if process.alive]
        for process in self._cluster.of("hasher"):
            told = await process.metrics() if process.alive else {}
            if told:
                self._matches[process.pid] = sum(told.get(name, 0.0) for name in MATCHES)

        def now(name: str) -> int:
            return round(sum(shard.get(f"pisaura_{name}", 0.0) for shard in shards))

        return Figures(
            counters.get("pages", 0), counters.get("media", 0), now("queue_urls"), now("orders_out"),
            now("hosts_loaded"), now("hosts_due"), round(sum(self._matches.values())),
            sum(count for name, count in counters.items() if name.startswith("refused:")),
        )  # fmt: skip


async def rage(chaos: Chaos, seed: int, stop: asyncio.Event) -> None:
    """One incident after the other, until it was enough."""
    chance = random.Random(seed)
    for incident in islice(incidents(chance, sorted(chaos.cluster.processes)), INCIDENTS):
        with suppress(TimeoutError):
            async with asyncio.timeout(chance.uniform(0.5, 3)):
                await stop.wait()
        if stop.is_set():
            return
        await chaos.bring(incident)
    chaos.tell("that was the last of it")


async def crawl(folder: Path, stop: asyncio.Event, seed: int | None) -> int:
    """Set up, crawl, show, tear down. 1 if it did not find all that there is, or was impolite."""
    roles = ", ".join(f"{count} {role}" for role, count in ROLES.items())
    print(f"A broker, a Postgres, {roles}: starting", flush=True)
    world = build_demo(1, ports=free_ports())
    more = SETTINGS if seed is not None else {}
    async with Own(folder) as services, Cluster(folder, world, services, ROLES, more) as cluster:
        settings = operators(cluster)
        write_operators_file(cluster, folder / "operator.toml")
        work, watch = Work(cluster, services), Watch(cluster, settings, stop)
        beside = [asyncio.create_task(work.run())]
        try:
            await cluster.begin()
            print(f"Meanwhile, elsewhere: crawlctl status --settings {shown(folder)}/operator.toml", flush=True)
            if seed is not None:
                beside.append(asyncio.create_task(rage(Chaos(cluster, services, watch.tell), seed, stop)))
            await watch.until_idle(lambda: not all(task.done() for task in beside[1:]))
            await asyncio.gather(*beside[1:])
        finally:
            for task in beside:
                task.cancel()
            work.look()
            await cluster.stop()
        opener = Opener(notices_keys(settings).secret)
        await summary.show(settings.postgres.crawl, settings.postgres.vault, opener, sys.stdout)
        Console(width=None if sys.stdout.isatty() else 160).print(table(await said(settings), work.names, work.seconds))
        return 0 if stop.is_set() else await judged(cluster)


def shown(folder: Path) -> Path:
    """As people would type it."""
    return folder.relative_to(REPOSITORY) if folder.is_relative_to(REPOSITORY) else folder


async def judged(cluster: Cluster) -> int:
    """What the web's own log says of the crawl."""
    missing, unexpected, _ = cluster.coverage()
    lost = sum(map(len, missing.values()))
    complaints, matches = cluster.complaints(), await cluster.matches()
    expected = cluster.world.expected_matches()
    print(
        f"By the web's own log: {len(cluster.requests())} requests, {cluster.repeated()} of them again; "
        f"{lost} URLs missed, {len(unexpected)} requested without reason, {len(complaints)} times impolite; "
        f"{len(expected & matches.keys())} of {len(expected)} planted pictures matched"
    )
    for what in (*missing.values(), *sorted(unexpected), *complaints, *sorted(expected - matches.keys())):
        print(f"  {what}")
    return int(bool(lost or unexpected or complaints or matches != Counter(expected)))


async def run(folder: Path, seed: int | None) -> int:
    """Exit code. The first Ctrl-C ends the crawl in order and shows what was found so far."""
    stop = asyncio.Event()
    crawling = asyncio.create_task(crawl(folder, stop, seed))

    def on_signal() -> None:
        if stop.is_set():
            crawling.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    try:
        return await crawling
    except asyncio.CancelledError:
        return 130


def main() -> int:
    """`make cluster`."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.demo", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="made afresh (default: .cluster)")
    folder = parser.parse_args().folder.absolute()
    os.chdir(REPOSITORY)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    began = time.monotonic()
    seed = int(os.environ.get("CHAOS_SEED") or time.time()) if os.environ.get("CHAOS", "0") not in ("", "0") else None
    if seed is not None:
        print(f"CHAOS_SEED={seed}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        code = runner.run(run(folder, seed))
    print(f"{time.monotonic() - began:.0f} s in all")
    return code


if __name__ == "__main__":
    sys.exit(main())
