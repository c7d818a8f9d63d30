"""`make bench-shield`: pictures and digests a second through Shield over HTTP on loopback, against a million entries.

ENTRIES=100000 for another size. Each figure is a JSON line: the metric, its value, unit, and what it was measured with. CPU
seconds are those of Shield's process and its digest workers, Postgres apart; the asking client shares the machine. The bare work
(the same hashing, digesting and looking up without HTTP, keys and counting) is measured in the same run.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from backends.postgres.vault_accounts import VaultAccounts
from backends.postgres.vault_store import open_pool
from tests.bench import cpu
from tests.bench.shield.lists import fill
from tests.bench.shield.pictures import pictures
from tests.postgres import Database, running

ENTRIES = int(os.environ.get("ENTRIES", "1000000"))
MEDIA = 1_200
BATCHES = 120
BATCH = 1_000
SINGLES = 6_000
PDQS = 40
WARM = 60
CLIENTS = 8


def say(metric: str, value: float, unit: str, **about: object) -> None:
    """One line."""
    print(
        json.dumps({"metric": metric, "value": round(value, 6), "unit": unit, "entries": ENTRIES, **about}), flush=True
    )


async def ask(session: aiohttp.ClientSession, url: str, bodies: Iterator[bytes], count: int, kind: str) -> list[float]:
    """So many questions by `CLIENTS` at a time; how long each took."""
    numbers, took = iter(range(count)), list[float]()

    async def work() -> None:
        for _ in numbers:
            body = next(bodies)
            began = time.perf_counter()
            async with session.post(url, data=body, headers={"Content-Type": kind}) as answer:
                said = await answer.read()
                if answer.status != 200:
                    raise RuntimeError(said.decode())
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(work() for _ in range(CLIENTS)))
    return took


def digests(items: int) -> Iterator[bytes]:
    """Batches of SHA-256 that no list has, as nearly all that providers ask."""
    chance = np.random.default_rng(6)
    while True:
        yield json.dumps({"digests": [{"sha256": chance.bytes(32).hex()} for _ in range(items)]}).encode()


def pdqs(items: int) -> Iterator[bytes]:
    """Batches of PDQ of no known picture."""
    chance = np.random.default_rng(7)
    while True:
        yield json.dumps({"hashes": [b64encode(chance.bytes(32)).decode() for _ in range(items)]}).encode()


async def measure(session: aiohttp.ClientSession, url: str, server: int, postgres: int) -> None:
    """All parts, one after another."""
    parts: tuple[tuple[str, str, Iterator[bytes], int, int, str], ...] = (
        ("media", "/v1/media/", pictures(1 << 32), MEDIA, 1, "image/jpeg"),
        ("digests_one", "/v1/digests/", digests(1), SINGLES, 1, "application/json"),
        ("digests_batch", "/v1/digests/", digests(BATCH), BATCHES, BATCH, "application/json"),
        ("pdq_batch", "/v1/pdq/", pdqs(BATCH), PDQS, BATCH, "application/json"),
    )
    for name, path, bodies, count, items, kind in parts:
        await ask(session, url + path, bodies, min(WARM, count // 4), kind)
        family, store = cpu.family(server).values(), cpu.family(postgres).values()
        used, stored, began = cpu.seconds(family), cpu.seconds(store), time.perf_counter()
        took = await ask(session, url + path, bodies, count, kind)
        wall = time.perf_counter() - began
        used, stored = cpu.seconds(family) - used, cpu.seconds(store) - stored
        about: dict[str, Any] = {"part": name, "clients": CLIENTS, "items": items}
        say("shield_requests_per_second", count / wall, "1/s", **about)
        say("shield_items_per_second", count * items / wall, "1/s", **about)
        say("shield_cpu_per_request", used / count, "s", **about)
        say("shield_postgres_cpu_per_request", stored / count, "s", **about)
        for quantile in (0.5, 0.99):
            say("shield_seconds", float(np.quantile(took, quantile)), "s", quantile=quantile, **about)


async def over(database: Database, postgres: int) -> None:
    """A vault, a process over it, and those who ask."""
    began = time.perf_counter()
    await fill(database, ENTRIES)
    say("shield_fill_seconds", time.perf_counter() - began, "s")
    keys = await open_pool(database.dsn("pisaura_notices"), most=1)
    account, password = await VaultAccounts(keys).add("bench", "provider", "bench", time.time(), ["pdq"])
    await keys.close()
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.shield.server", database.dsn("pisaura_shield"), str(MEDIA // 2),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout is not None and server.stdin is not None
    try:
        about = json.loads(await server.stdout.readline())
        bare = json.loads(await server.stdout.readline())
        say("shield_load_seconds", about["loaded"], "s", digests=about["digests"])
        say("bare_media_per_second", MEDIA // 2 / bare["wall"], "1/s", part="bare")
        say("bare_cpu_per_media", bare["cpu"] / (MEDIA // 2), "s", part="bare")
        auth = "Basic " + b64encode(f"{account.user}:{password}".encode()).decode()
        async with aiohttp.ClientSession(headers={"Authorization": auth}) as session:
            await measure(session, f"http://127.0.0.1:{about['port']}", server.pid, postgres)
    finally:
        server.stdin.close()
        await server.wait()


def main() -> int:
    """Run it over a Postgres of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="pisaura-bench-") as folder,
        running(Path(folder)) as postgres,
        postgres.database("vault") as database,
    ):
        postgres.run(over(database, postgres.supervisor.pid))
    return 0


if __name__ == "__main__":
    sys.exit(main())
