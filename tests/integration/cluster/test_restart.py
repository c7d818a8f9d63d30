"""Everything is restarted while it works, one process after the other, as a new release is rolled out."""

import time

import pytest

from tests.cluster.cluster import Cluster
from tests.integration.cluster.sites import Sites

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="package")]
GRACE = 10.0
"""`workers.shutdown_grace` of the cluster."""


async def lost_orders(cluster: Cluster) -> int:
    """Orders of which nothing was heard until their deadline."""
    (row,) = await cluster.query(
        "SELECT coalesce(sum(value), 0)::bigint AS lost FROM counters WHERE name = 'orders_lost'"
    )
    return int(row["lost"])


async def test_a_rolling_restart_loses_and_doubles_nothing(cluster: Cluster) -> None:
    before = await lost_orders(cluster)
    sites = Sites(cluster, "rolling", 12, 50, crawl_delay=0.6)
    await sites.seed()
    await sites.until_requested(30)
    for name in list(cluster.processes):
        assert sites.missing() or name in ("hasher1", "notices1"), "the crawl is over before all were restarted"
        asked = time.monotonic()
        ended = await cluster.processes[name].stop()
        assert (ended.code, "Traceback" in ended.err) == (0, False), ended.err
        assert time.monotonic() - asked < GRACE, name
        await cluster.start(name)
    await sites.finished()
    assert sites.twice() == {}
    assert await lost_orders(cluster) == before
