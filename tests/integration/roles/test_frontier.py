"""Frontier shards as processes: what they refuse to serve, and what they do with nothing to serve."""

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backends.memory.log import MemoryLog
from backends.postgres.connection import connect
from backends.postgres.crawl_setup import settle
from backends.system import SteadyClock
from contracts.settings import Settings
from crawlctl.roles.frontier import FrontierRole
from crawlctl.roles.tally import Tally
from tests import postgres
from tests.cluster.cluster import Cluster
from tests.cluster.services import Shared
from tests.fakeweb.model import World
from tests.integration.crawls import plain_world

pytestmark = pytest.mark.timeout(300)
SHARDS_ALONE = {"frontier": 2, "fetcher": 0, "hasher": 0, "notices": 0}


def empty() -> World:
    return plain_world(1, 1)


async def refused(cluster: Cluster) -> str:
    """What a shard says that ends by itself."""
    process = cluster.processes["frontier1"]
    await process.start()
    ended = await process.ended()
    assert ended.code == 2, ended.err
    assert "Traceback" not in ended.err
    return ended.err.splitlines()[-1]


async def test_a_database_that_is_not_as_this_release_wants_it_is_refused(tmp_path: Path, services: Shared) -> None:
    async with Cluster(tmp_path, empty(), services, SHARDS_ALONE) as cluster:
        await cluster.query("UPDATE facts SET value = repeat('0', 64) WHERE name = 'psl_sha256'")
        assert "another Public Suffix List" in await refused(cluster)
        await cluster.query("DELETE FROM facts")
        assert "not settled yet; run `crawlctl migrate`" in await refused(cluster)
        await cluster.query("DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)")
        assert "lacks 1 migrations" in await refused(cluster)


async def test_without_a_contact_nobody_but_this_machine_is_crawled(tmp_path: Path, services: Shared) -> None:
    async with Cluster(tmp_path, empty(), services, SHARDS_ALONE) as cluster:
        ended = await cluster.verb("seeds", "add", "http://far.example/")
        assert ended.code == 0, ended.err
        settings = cluster.settings.read_text()
        cluster.settings.write_text(settings.partition("\n")[2])
        assert "has no contact URL, and http://far.example/ is not on this machine" in await refused(cluster)


async def test_a_spare_shard_is_ready_and_has_nothing_to_do(crawl_database: postgres.Database) -> None:
    """The watchdog wants progress of whoever is busy; a spare looks at no log until a partition comes free."""
    owner = await connect(crawl_database.dsn())
    await settle(owner, 1)
    settings = Settings(user_agent="Pisaura/1 (+http://127.0.0.1/)")
    settings = replace(settings, postgres=replace(settings.postgres, crawl=crawl_database.dsn("pisaura_frontier")))
    bus, clock = MemoryLog(), SteadyClock()
    place: Any = SimpleNamespace(settings=settings, tally=Tally(bus), log=bus, clock=clock, process="spare")
    until = (clock() + 3600) * 1000
    await owner.execute("INSERT INTO shards (owner, lease_until) VALUES ('other', $1)", until)
    await owner.execute("UPDATE partitions SET owner = 'other', epoch = 1, lease_until = $1", until)
    role = FrontierRole(place)
    await role.start()
    try:
        async with asyncio.timeout(30):
            while role.waits():
                await asyncio.sleep(0.01)
            assert role.counts()["partitions"] == 0
            assert not role.busy()
            await owner.execute("DELETE FROM shards WHERE owner = 'other'")
            await owner.execute("UPDATE partitions SET owner = '', lease_until = 0")
            while not role.counts()["partitions"]:
                await asyncio.sleep(0.01)
        assert role.busy() and not role.waits()
    finally:
        await role.stop(5.0)
        await owner.close()
