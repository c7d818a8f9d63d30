"""There is always a clerk among the frontier processes, and never two: seeds are fed and words told, whoever is killed."""

from pathlib import Path

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.services import Shared
from tests.integration.crawls import plain_world

pytestmark = pytest.mark.timeout(300)
SHARDS_ALONE = {"frontier": 2, "fetcher": 0, "hasher": 0, "notices": 0}


async def test_the_clerk_that_is_killed_is_followed_by_another(tmp_path: Path, services: Shared) -> None:
    async with Cluster(tmp_path, plain_world(1, 1), services, SHARDS_ALONE) as cluster:
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
