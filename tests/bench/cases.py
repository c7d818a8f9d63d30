"""How fast matches become cases and grouped notices: `python -m tests.bench.cases [--matches N]`; JSON with CPU seconds per match.

Matches of many media at many hosts of some providers, over a real Postgres on this machine: cases opened, looked at again (the
answers are made up), recipients looked up in memory, notices composed and written down. CPU is that of this process and of Postgres.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path

from tests.bench.cpu import family, seconds
from tests.notifying import Hotline, hotline
from tests.postgres import Database, Server, running

MEDIA = 200
PROVIDERS = 20
BATCH = 200


async def measure(database: Database, matches: int) -> dict[str, float]:
    """Run it; figures."""
    async with hotline(database, entry_recipients=1_000_000, per_day=1_000_000) as line:
        entries = await line.desk.entries(*range(MEDIA))
        made = []
        for number in range(matches):
            seed = number % MEDIA
            url = f"http://h{number % 500}.provider{number % PROVIDERS}.test/{number}.png"
            made.append(await line.desk.seen(seed, url, entries[seed]))
        everybody = [os.getpid(), database.server.supervisor.pid]
        before, began = seconds(family(*everybody).values()), time.monotonic()
        for start in range(0, matches, BATCH):
            await line.found(*made[start : start + BATCH])
            await line.settle(rounds=500)
        while await waits(line):
            line.now += 3600
            await line.settle(rounds=500)
        took, cpu = time.monotonic() - began, seconds(family(*everybody).values()) - before
        told = sum(len(notice.places) for notice in line.post.taken)
        assert told == matches, f"{told} of {matches} were told"
        return {
            "matches": matches, "notices": len(line.post.taken), "seconds": round(took, 2), "cpu_seconds": round(cpu, 2),
            "cpu_ms_per_match": round(1000 * cpu / matches, 2), "matches_per_second_and_core": round(matches / cpu, 1),
        }  # fmt: skip


async def waits(line: Hotline) -> bool:
    """Whether somebody is to be told yet."""
    return bool(await line.desk.pool.fetchval("SELECT count(*) FROM tells"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matches", type=int, default=2_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        print(json.dumps(run(server, arguments.matches)))


def run(server: Server, matches: int) -> dict[str, float]:
    """Over a fresh vault."""
    with server.database("vault") as database:
        return asyncio.run(measure(database, matches))


if __name__ == "__main__":
    main()
