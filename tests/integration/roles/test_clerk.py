"""There is always a clerk among the frontier processes, and never two: seeds are fed and words told, whoever is killed."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backends.postgres.connection import connect
from backends.postgres.operator import OperatorStore
from contracts.notes import Control
from contracts.settings import Settings
from contracts.topics import CONTROLS
from crawlctl.roles import clerk as module
from crawlctl.roles.clerk import Clerk
from tests import postgres
from tests.cluster.cluster import Cluster
from tests.cluster.processes import RoleProcess
from tests.cluster.services import Shared
from tests.integration.crawls import plain_world

pytestmark = pytest.mark.timeout(300)
SHARDS_ALONE = {"frontier": 2, "fetcher": 0, "hasher": 0, "notices": 0}


async def is_clerk(process: RoleProcess) -> bool:
    """Only the clerk tells of the whole crawl."""
    return process.alive and "pisaura_requests_total" in await process.metrics()


async def test_the_clerk_that_is_killed_is_followed_by_another(tmp_path: Path, services: Shared) -> None:
    async with Cluster(tmp_path, plain_world(1, 1), services, SHARDS_ALONE) as cluster:
        await cluster.start()
        clerks: list[str] = []

        async def told(word: str) -> bool:
            ended = await cluster.verb("topics", "peek", "controls")
            return word in ended.out

        async def one_clerk() -> bool:
            found = [process.name for process in cluster.of("frontier") if await is_clerk(process)]
            clerks[:] = found
            return len(found) == 1

        await cluster.until(one_clerk, "a clerk")
        first = clerks[0]
        await cluster.processes[first].kill()
        (other,) = [process.name for process in cluster.of("frontier") if process.name != first]
        ended = await cluster.verb("seeds", "add", *cluster.world.seeds())
        assert ended.code == 0, ended.err
        assert (await cluster.verb("optout", "add", "h.test", "--why", "asked for")).code == 0

        async def taken() -> bool:
            return not await cluster.query("SELECT 1 FROM seeds WHERE taken_at = 0")

        await cluster.until(taken, "the seeds to be taken by the other clerk")
        assert await is_clerk(cluster.processes[other])
        await cluster.until(lambda: told("h.test"), "the word to be told")
        await cluster.start(first)
        assert not await is_clerk(cluster.processes[first])


async def test_the_clerk_that_stands_still_is_followed_by_another(tmp_path: Path, services: Shared) -> None:
    """The database ends its session; when it goes on, it is a frontier process like any other."""
    async with Cluster(tmp_path, plain_world(1, 1), services, SHARDS_ALONE) as cluster:
        await cluster.start()
        clerks: list[str] = []

        async def one_clerk() -> bool:
            clerks[:] = [process.name for process in cluster.of("frontier") if await is_clerk(process)]
            return len(clerks) == 1

        await cluster.until(one_clerk, "a clerk")
        first = cluster.processes[clerks[0]]
        (other,) = [process for process in cluster.of("frontier") if process is not first]
        first.pause()
        try:
            await cluster.until(lambda: is_clerk(other), "another clerk")
        finally:
            first.resume()

        async def only_the_other() -> bool:
            return await one_clerk() and clerks == [other.name]

        await cluster.until(only_the_other, "the first to notice")
        assert first.alive


class Stuck:
    """A log that takes words, and acks no URL; words only while `acks`."""

    def __init__(self) -> None:
        self.words: list[Control] = []
        self.acks = asyncio.Event()
        self.acks.set()

    async def send(self, topic: str, partition: int, messages: Sequence[Any]) -> None:
        if topic != CONTROLS:
            await asyncio.Event().wait()
        await self.acks.wait()
        self.words += messages


async def test_words_do_not_wait_for_seeds_nor_the_lock_for_acks(
    crawl_database: postgres.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE", 1)
    dsn = crawl_database.dsn("pisaura_frontier")
    settings = Settings()
    settings = replace(settings, postgres=replace(settings.postgres, crawl=dsn))
    bus = Stuck()
    clerk = Clerk(settings, bus, 4, time.time)
    connection = await connect(crawl_database.dsn())
    operator = OperatorStore(connection)
    await operator.add_seeds([f"http://h{number}.test/" for number in range(3000)], time.time())
    serving = asyncio.create_task(clerk.step())
    try:
        async with asyncio.timeout(60):
            while not clerk.active:
                await asyncio.sleep(0.01)
            bus.acks.clear()
            await operator.control(Control("block", "h.test"), time.time())
            began = await connection.fetchval("SELECT clock_timestamp()")
            idle = "SELECT clock_timestamp() - $1 > interval '2.5 seconds'"
            while not await connection.fetchval(idle, began):  # longer than a silent session lives
                await asyncio.sleep(0.05)
            bus.acks.set()
            while not any(word.target == "h.test" for word in bus.words):
                assert not serving.done()
                await asyncio.sleep(0.01)
        assert clerk.active
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await connection.close()
