"""`python -m tests.bench`: every figure of docs/performance.md, one JSON object a line.

Runs are taken by turns, and figures are medians, so that a busy machine spoils the ratios least. Exit 1 if the event loop of
the whole system was late by more than 50 ms in one look of a hundred.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from statistics import median

import msgspec
import uvloop

from tests.bench import images, rows, sizes
from tests.bench.system import Cost
from tests.bench.web import Ready, serve
from tests.fakeweb.bench import build_bench

LAG = 0.05


def say(name: str, value: float, digits: int = 1, **parameters: object) -> None:
    """One figure."""
    print(msgspec.json.encode({"name": name, **parameters, "value": round(value, digits)}).decode(), flush=True)


async def run(arguments: list[str], given: str = "") -> bytes:
    """Standard output of one of our modules in a process of its own."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *arguments, stdin=PIPE, stdout=PIPE)
    output, _ = await process.communicate(given.encode())
    if process.returncode:
        raise RuntimeError(f"{arguments[0]} ended with {process.returncode}")
    return output


async def bare(mode: str, web: Ready, size: sizes.Sizes, https: bool) -> float:
    """Pages per CPU second of a client without promises."""
    numbers = [str(n) for n in (size.hosts, size.bare, web.http, web.https, web.other)]
    output = await run(["tests.bench.client", mode, *numbers, *(["--https"] if https else [])])
    counted: dict[str, float] = msgspec.json.decode(output)
    return counted["pages"] / counted["cpu"]


async def whole(web: Ready, size: sizes.Sizes, https: bool, *options: str) -> Cost:
    """One crawl of the whole system."""
    world = build_bench(hosts=size.hosts, https=https, ports=web.ports)
    output = await run(["tests.bench.system", str(size.pages), web.nameserver, *options], "\n".join(world.truth.seeds))
    return msgspec.json.decode(output, type=Cost)


async def crawls(size: sizes.Sizes, *, https: bool) -> list[Cost]:
    """All runs over one scheme, and their figures."""
    tail = "-https" if https else ""
    fetched, extracted, costs = [], [], []
    async with serve(size.hosts, https=https) as web:
        for _ in range(size.rounds):
            fetched.append(await bare("fetch", web, size, https))
            extracted.append(await bare("extract", web, size, https))
            costs.append(await whole(web, size, https))
        sampled = None if https else await whole(web, size, https, "--parts")
    system = median(cost.pages / cost.cpu for cost in costs)
    say("pages_per_cpu_second", median(fetched), mode=f"fetch{tail}")
    say("pages_per_cpu_second", median(extracted), mode=f"extract{tail}")
    say("pages_per_cpu_second", system, mode=f"system{tail}")
    say("share_of_extract", system / median(extracted), 3, mode=f"system{tail}")
    if sampled is not None:
        main = median(cost.main / cost.pages for cost in costs)
        for part, share in sampled.parts.items():
            say("cpu_us_per_page", share * main * 1e6, 0, part=part)
    return costs


def details(costs: list[Cost]) -> None:
    """What a page means for the database, the log and the loop."""

    def each(name: str, values: list[float], digits: int = 2, **parameters: object) -> None:
        say(name, median(values), digits, **parameters)

    each("cpu_us_per_page", [c.main / c.pages * 1e6 for c in costs], 0, process="crawler")
    each("cpu_us_per_page", [c.postgres / c.pages * 1e6 for c in costs], 0, process="postgres")
    each(
        "cpu_us_per_page", [max(0.0, c.cpu - c.main - c.postgres) / c.pages * 1e6 for c in costs], 0, process="workers"
    )
    each("rows_written_per_page", [c.rows / c.pages for c in costs])
    each("new_urls_per_page", [c.urls / c.pages for c in costs])
    each("wal_bytes_per_page", [c.wal / c.pages for c in costs], 0)
    each("hot_updates_share", [c.hot for c in costs], 3)
    each("orders_per_page", [c.orders / c.pages for c in costs], 3)
    each("transactions_per_page", [c.transactions / c.pages for c in costs], 4)
    each("repeats_dropped_share", [c.repeats / max(1, c.links) for c in costs], 3)
    each("loop_lag_seconds", [c.lag_p50 for c in costs], 4, quantile=0.5)
    each("loop_lag_seconds", [c.lag_p99 for c in costs], 4, quantile=0.99)
    each("pages_per_second", [c.pages / c.wall for c in costs], 0)


async def main() -> int:
    """All benches."""
    size = sizes.from_environment()
    costs = await crawls(size, https=False)
    details(costs)
    await crawls(size, https=True)
    for table, value in (await rows.measure(size.hosts, size.urls)).items():
        if table == "cpu":
            say("postgres_us_per_new_url", value * 1e6)
        else:
            say("bytes_per_known_url", value, table=table)
    say("images_per_cpu_second", await images.measure(size.images), kind="jpeg-1mp")
    late = median(cost.lag_p99 for cost in costs)
    if late > LAG:
        print(f"the loop was late by {late * 1000:.0f} ms in one look of a hundred", file=sys.stderr)
    return late > LAG


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
