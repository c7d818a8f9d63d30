"""Frontier shards as processes: what they refuse to serve, and that there is always a clerk and never two."""

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


async def test_the_clerk_that_is_killed_is_followed_by_another(tmp_path: Path, services: Shared) -> None:
    async with Cluster(tmp_path, empty(), services, SHARDS_ALONE) as cluster:
        await cluster.start()
        clerks: list[str] = []

        async def told(word: str) -> bool:
            ended = await cluster.verb("topics", "peek", "controls")
            return word in ended.out

        async def one_clerk() -> bool:
            found = [process.name for process in cluster.of("frontier") if await is_clerk(process.name)]
            clerks[:] = found
            return len(found) == 1

        async def is_clerk(name: str) -> bool:
            process = cluster.processes[name]
            return process.alive and "pisaura_requests_total" in await process.metrics()

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
        assert await is_clerk(other)
        await cluster.until(lambda: told("h.test"), "the word to be told")
        await cluster.start(first)
        assert not await is_clerk(first)
