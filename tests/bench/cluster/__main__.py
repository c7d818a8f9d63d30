"""`python -m tests.bench.cluster [PART...]`: the cluster's figures in docs/performance.md, one JSON object a line."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from statistics import mean, median
from typing import Final

import uvloop

from tests.bench.__main__ import say, whole
from tests.bench.cluster import repeats, takeover, verbs
from tests.bench.cluster.crawl import Crawl, Crawled
from tests.bench.cluster.decisions import Decided
from tests.bench.cluster.known import Bases, bases
from tests.bench.cluster.world import Shape
from tests.bench.sizes import Sizes
from tests.bench.system import Cost
from tests.bench.web import serve
from tests.cluster.services import Own
from tests.fakeweb.bench import build_bench
from tests.fakeweb.web import free_ports

PARTITIONS: Final = 16
BESIDE: Final = {"hasher": 1, "notices": 1}


def decided(known: int, runs: list[Decided], **parameters: object) -> None:
    """The figures of one database."""
    about = {"known_urls": known, **parameters}
    for process in ("frontier", "postgres"):
        rates = [run.decisions / getattr(run, process) for run in runs]
        say("decisions_per_cpu_second", median(rates), 0, process=process, **about)
    both = [run.decisions / (run.frontier + run.postgres) for run in runs]
    say("decisions_per_cpu_second", median(both), 0, process="both", **about)
    for process in ("frontier", "postgres"):
        say("cpu_us_per_url", median(getattr(r, process) / r.urls * 1e6 for r in runs), 0, process=process, **about)
    say("rows_written_per_url", median(run.rows / run.urls for run in runs), 2, **about)
    say("wal_bytes_per_url", median(run.wal / run.urls for run in runs), 0, **about)
    say("frontier_memory_bytes", median(run.memory for run in runs), 0, **about)
    say("first_order_cpu_seconds", median(run.first for run in runs), 2, **about)


async def known(options: argparse.Namespace) -> None:
    """Decisions at several numbers of known URLs, by turns; with one huge site; operators' verbs at the largest number."""
    async with bases() as server:
        shapes = [Shape(number) for number in options.known]
        names = [await server.make(shape) for shape in shapes]
        for far in (0, 2):
            runs: list[list[Decided]] = [[] for _ in shapes]
            for _ in range(options.rounds):
                for at, shape in enumerate(shapes):
                    wanted = replace(shape, far=far)
                    runs[at].append(await server.decide(names[at], wanted, options.warm, options.urls))
            for shape, found in zip(shapes, runs, strict=True):
                decided(shape.total(), found, far_links=far)
            first, last = (median(r.decisions / (r.frontier + r.postgres) for r in runs[at]) for at in (0, -1))
            say("decisions_ratio", last / first, 3, far_links=far, known_urls=shapes[-1].total())
        for verb, seconds in (
            await verbs.measure(server.server.dsn(names[-1], "pisaura_frontier"), shapes[-1])
        ).items():
            say("operator_seconds", seconds, 2, verb=verb, known_urls=shapes[-1].total())
        for name in names[1:]:
            await server.drop(name)
        if options.big:
            await big(server, Shape(options.known[0], big=options.big), options)


async def big(server: Bases, shape: Shape, options: argparse.Namespace) -> None:
    """The smallest database, and one host of millions of URLs with a delay of an hour."""
    name = await server.make(shape)
    runs = [await server.decide(name, shape, options.warm, options.urls) for _ in range(options.rounds)]
    decided(shape.total(), runs, big_host=shape.big)


async def crawls(options: argparse.Namespace) -> None:
    """The same crawl in one process and by clusters of several sizes, by turns. A ratio is of runs that followed each other.

    A full machine makes the same work dearer: caches are shared, and lost with each switch. A cluster fills two cores by itself, one
    process does not; so a cluster is compared with two embedded crawls at once.
    """
    size = Sizes(hosts=options.hosts, pages=options.pages)
    alone: list[Cost] = []
    pairs: dict[int, list[tuple[list[Cost], Crawled]]] = {number: [] for number in options.fetchers}
    for _ in range(options.rounds):
        alone += await embedded(size, 1)
        for number in options.fetchers:
            pairs[number].append((await embedded(size, 2), await crawled(size, number)))
    for beside, costs in ((0, alone), (1, [cost for found in pairs.values() for both, _ in found for cost in both])):
        for process, each in (("all", one), ("all but Postgres", ours)):
            say("cpu_us_per_page", median(map(each, costs)) * 1e6, 0, mode="embedded", process=process, beside=beside)
    for number, found in pairs.items():
        report(number, [run for _, run in found])
        for scope, part, whole_of in (
            ("our processes", Crawled.each, ours),
            ("all", total, one),
            ("all but idling", busy, one),
        ):
            ratio = median(part(run) / mean(map(whole_of, both)) for both, run in found)
            say("cluster_cpu_ratio", ratio, 3, fetchers=number, of=scope)


async def embedded(size: Sizes, at_once: int) -> list[Cost]:
    """Crawls in one process each, so many at once, each of a web of its own."""

    async def crawl() -> Cost:
        async with serve(size.hosts, https=False) as web:
            return await whole(web, size, False, "--warm", str(warm_of(size)))

    return await asyncio.gather(*(crawl() for _ in range(at_once)))


def warm_of(size: Sizes) -> int:
    """Pages that are not counted: each process compiles patterns, loads libraries and meets each host for the first time."""
    return size.pages // 4


def one(cost: Cost) -> float:
    """CPU seconds a page of the embedded mode."""
    return cost.cpu / (cost.pages - cost.warm)


def ours(cost: Cost) -> float:
    """The same without Postgres."""
    return (cost.cpu - cost.postgres) / (cost.pages - cost.warm)


def total(run: Crawled) -> float:
    """CPU seconds a page of everything."""
    return sum(run.cpu.values()) / run.pages


def busy(run: Crawled) -> float:
    """The same without what the broker uses with nothing to do, which does not grow with the pages."""
    return total(run) - run.idle.get("broker", 0.0) * run.seconds / run.pages


def report(fetchers: int, runs: list[Crawled]) -> None:
    """The figures of clusters with so many fetchers."""
    say("pages_per_second", median(run.pages / run.seconds for run in runs), 0, fetchers=fetchers)
    for role in runs[0].cpu:
        say("cpu_us_per_page", median(r.each(role) for r in runs) * 1e6, 0, fetchers=fetchers, process=role)
        say("idle_cpu_share", median(r.idle.get(role, 0.0) for r in runs), 4, fetchers=fetchers, process=role)
    say("rows_written_per_page", median(run.rows / run.pages for run in runs), 2, fetchers=fetchers)
    say("wal_bytes_per_page", median(run.wal / run.pages for run in runs), 0, fetchers=fetchers)
    for topic in sorted({topic for run in runs for topic, count in run.records.items() if count}):
        say(
            "kafka_records_per_page",
            median(r.records[topic] / r.pages for r in runs),
            3,
            fetchers=fetchers,
            topic=topic,
        )
        say("kafka_bytes_per_page", median(r.bytes[topic] / r.pages for r in runs), 0, fetchers=fetchers, topic=topic)
    say("kafka_records_per_page", median(sum(r.records.values()) / r.pages for r in runs), 3, fetchers=fetchers)
    say("kafka_bytes_per_page", median(sum(r.bytes.values()) / r.pages for r in runs), 0, fetchers=fetchers)


async def crawled(size: Sizes, fetchers: int) -> Crawled:
    """One crawl."""
    world = build_bench(hosts=size.hosts, ports=free_ports())
    roles = {"frontier": 2, "fetcher": fetchers, **BESIDE}
    with tempfile.TemporaryDirectory(prefix="pisaura-bench-") as name:
        folder = Path(name)
        wanted = {"cluster": {"partitions": PARTITIONS}}
        async with Own(folder, fsync=True) as services, Crawl(folder, world, services, roles, wanted) as crawl:
            return await crawl.run(size.pages, warm_of(size))


async def dropped(options: argparse.Namespace) -> None:
    """Repeats that never reach the log."""
    for mode in ("embedded", "cluster"):
        world = repeats.dense(options.dense_hosts, options.dense_pages)
        if mode == "embedded":
            share, carried = await repeats.embedded(world)
        else:
            share, carried = await repeats.cluster(world, {"frontier": 2, "fetcher": 2, **BESIDE}, PARTITIONS)
        say(
            "repeats_dropped_share",
            share.dropped,
            4,
            mode=mode,
            links=share.met,
            carried=share.carried,
            urls=share.urls,
        )
        for kind, count, urls in (
            ("page", carried.pages, len(carried.page_urls)),
            ("media", carried.media, len(carried.media_urls)),
        ):
            say("repeats_carried", count - urls, 0, mode=mode, kind=kind, urls=urls)


async def killed(options: argparse.Namespace) -> None:
    """A shard is killed."""
    seconds = await takeover.measure(options.kills)
    say("takeover_seconds", median(seconds), 2, quantile=0.5, rounds=len(seconds))
    say("takeover_seconds", max(seconds), 2, quantile=1, rounds=len(seconds))


PARTS: Final[dict[str, Callable[[argparse.Namespace], Awaitable[None]]]] = {
    "known": known,
    "repeats": dropped,
    "crawls": crawls,
    "takeover": killed,
}


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cluster", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which parts: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each kind, by turns; figures are medians")
    parser.add_argument("--known", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000], help="known URLs")
    parser.add_argument("--big", type=int, default=10_000_000, help="URLs of the huge site; 0 for none")
    parser.add_argument("--warm", type=int, default=6_000, help="URLs decided before it is measured")
    parser.add_argument("--urls", type=int, default=20_000, help="URLs decided while it is measured")
    parser.add_argument("--hosts", type=int, default=200, help="hosts of the bench web")
    parser.add_argument(
        "--pages", type=int, default=12_000, help="pages of one crawl, a quarter of them before it is counted"
    )
    parser.add_argument("--fetchers", type=int, nargs="+", default=[1, 2, 4], help="fetcher processes")
    parser.add_argument("--dense-hosts", type=int, default=20, help="hosts of the web of repeated links")
    parser.add_argument("--dense-pages", type=int, default=80, help="pages of each of them")
    parser.add_argument("--kills", type=int, default=5, help="shards killed")
    options = parser.parse_args()
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return options


async def main() -> None:
    """The parts wanted."""
    options = arguments()
    for part in options.parts or PARTS:
        print(f"{part} ...", file=sys.stderr, flush=True)
        await PARTS[part](options)


if __name__ == "__main__":
    uvloop.run(main())
