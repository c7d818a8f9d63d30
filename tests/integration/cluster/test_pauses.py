"""Processes that stand still longer than they may (SIGSTOP) and then go on, as on a machine that is moved or swaps."""

import time

import pytest

from tests.cluster.cluster import Cluster
from tests.integration.cluster.sites import PATIENCE, Sites

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="package")]


async def test_a_fetcher_that_stood_still_past_its_deadlines_requests_nothing(cluster: Cluster) -> None:
    fetcher, sites = cluster.processes["fetcher1"], Sites(cluster, "frozen", 12, 12, crawl_delay=0.5)
    await sites.seed()
    await sites.until_requested(30)

    async def at_work() -> bool:
        return (await fetcher.metrics()).get("pisaura_fetcher_orders", 0) >= 3

    await cluster.until(at_work, "orders at the fetcher")
    fetcher.pause()
    requested = len(sites.requests())

    async def done_by_others() -> bool:
        return not sites.missing() and not await cluster.query("SELECT 1 FROM leases")

    await cluster.until(done_by_others, "the other fetcher to do it all", PATIENCE)
    assert len(sites.requests()) > requested
    resumed = time.monotonic()
    fetcher.resume()
    await cluster.until_ready(fetcher.name)
    await cluster.until_idle()
    assert sites.requests(resumed) == []


async def epochs(cluster: Cluster) -> dict[int, int]:
    """How often each partition was taken."""
    rows = await cluster.query("SELECT partition, epoch FROM partitions")
    return {row["partition"]: row["epoch"] for row in rows}


async def test_a_shard_that_stood_still_past_its_lease_is_fenced(cluster: Cluster) -> None:
    shard, sites = cluster.processes["frontier1"], Sites(cluster, "fenced", 12, 16, crawl_delay=0.5)
    await sites.seed()
    await sites.until_requested(40)
    before = await epochs(cluster)
    shard.pause()

    async def taken() -> bool:
        after = await epochs(cluster)
        assert all(after[partition] >= epoch for partition, epoch in before.items())
        return sum(after[partition] > epoch for partition, epoch in before.items()) >= len(before) // 2

    await cluster.until(taken, "the other shard to take over")
    held = await epochs(cluster)
    shard.resume()
    await cluster.until_shared()
    await sites.finished()
    assert sites.twice() == {}
    assert all(epoch >= held[partition] for partition, epoch in (await epochs(cluster)).items())
    ended = await shard.stop()
    assert (ended.code, "frontier starts again from the store: partitions" in ended.err) == (0, True), ended.err
