"""Frontier shards as processes: what they refuse to serve."""

from pathlib import Path

import pytest

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
