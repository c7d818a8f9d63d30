"""A cluster over three brokers, whose processes were started before there were any brokers or databases to talk to; one broker dies."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.services import Own
from tests.integration.crawls import plain_world

pytestmark = pytest.mark.timeout(400)
SETTINGS: dict[str, dict[str, Any]] = {"kafka": {"replication": 3, "min_insync": 2}, "politeness": {"delay": "200ms"}}


async def waits_for(cluster: Cluster, name: str, part: str) -> bool:
    """Whether a process lives and says that it waits for this part before all others."""
    process = cluster.processes[name]
    assert (await process.get("/livez"))[0] in (0, 200), name
    reasons = await process.waits()
    return bool(reasons) and reasons[0]["part"] == part


async def test_start_order_does_not_matter_and_one_of_three_brokers_may_die(tmp_path: Path) -> None:
    world = plain_world(10, 16, pictures=True)
    async with (
        Own(tmp_path / "services", nodes=3) as services,
        Cluster(tmp_path, world, services, {"fetcher": 1}, SETTINGS) as cluster,
    ):
        await services.stop_database()
        services.brokers.kill()
        for process in cluster.processes.values():
            await process.start()

        async def all_wait(names: Collection[str], part: str) -> bool:
            return all([await waits_for(cluster, name, part) for name in names])

        await cluster.until(lambda: all_wait(cluster.processes, "kafka"), "all to wait for brokers")
        services.brokers.start()
        await services.brokers.ready()
        readers = ("frontier1", "frontier2", "hasher1")
        await cluster.until(lambda: all_wait(readers, "start"), "shards and the hasher to wait for their database")
        await services.start_database()
        await cluster.until_ready(*cluster.processes)
        await cluster.until_shared()
        pids = {name: process.pid for name, process in cluster.processes.items()}
        ended = await cluster.verb("lists", "import", str(cluster.known))
        assert ended.code == 0, ended.err
        ended = await cluster.verb("seeds", "add", *world.seeds())
        assert ended.code == 0, ended.err

        async def under_way() -> bool:
            return len(cluster.requests()) > 60

        await cluster.until(under_way, "the crawl to be under way")
        await services.kill_broker(1)
        assert cluster.unrequested(), "the crawl is over before a broker was killed"
        await cluster.until_idle()
        missing, unexpected, twice = cluster.coverage()
        assert (missing, unexpected, twice) == ({}, set(), {})
        assert cluster.complaints(0.2) == []
        assert await cluster.matches() == Counter(world.expected_matches())
        assert {name: process.pid for name, process in cluster.processes.items()} == pids
