"""Many sites on one server address, in the partitions of several shards: the address is spared whatever befalls the cluster."""

import asyncio

import pytest

from contracts.sites import bucket_of, partition_of
from tests.cluster.cluster import PARTITIONS, Cluster
from tests.fakeweb import judge
from tests.integration.cluster.sites import Sites

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="package")]
SITES = 12


async def test_an_address_is_spared_during_take_overs_rebalances_and_kills(cluster: Cluster) -> None:
    address = cluster.world.new_address()
    sites = Sites(cluster, "crowded", SITES, 20, address=address)
    assert len({partition_of(bucket_of(name), PARTITIONS) for name in sites.names}) > 4
    assert judge.permits(cluster.world.truth, address) == 2
    await sites.seed()
    await sites.until_requested(20)
    await cluster.processes["frontier1"].kill()
    fetcher, frontier = cluster.add("fetcher"), cluster.add("frontier")
    await cluster.start(fetcher.name)
    await sites.until_requested(80)
    await cluster.start("frontier1", frontier.name)
    await cluster.until_shared()
    await cluster.processes["fetcher1"].kill()
    await asyncio.gather(fetcher.stop(), frontier.stop())
    del cluster.processes[fetcher.name], cluster.processes[frontier.name]
    await cluster.start("fetcher1")
    await sites.finished()
    requests = sites.requests()
    assert {entry.address for entry in requests} == {address}
    assert most_at_once([(entry.arrival, entry.ended) for entry in requests]) <= 2
    assert sum(sites.twice().values()) < len(requests) / 20, (
        "only what a killed fetcher had fetched and not told is fetched again"
    )


def most_at_once(spans: list[tuple[float, float]]) -> int:
    """How many of these overlap at the most."""
    most = now = 0
    for _, change in sorted([(end, -1) for _, end in spans] + [(start, 1) for start, _ in spans]):
        now += change
        most = max(most, now)
    return most
