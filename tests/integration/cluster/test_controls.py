"""What operators say holds within two seconds everywhere, also for orders that are out and have long to go."""

import asyncio
import time

import pytest

from tests.cluster.cluster import Cluster
from tests.integration.cluster.sites import Sites

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="package")]
WITHIN = 2.0
LONG = {"PISAURA_LIMITS_ORDER_RUN": "40s"}
"""Orders for so many requests that none ends by itself while the test looks on."""


async def say(cluster: Cluster, *words: str) -> float:
    """A verb to its end; the moment."""
    ended = await cluster.verb(*words)
    assert ended.code == 0, ended.err
    return time.monotonic()


async def test_pause_and_opt_out_hold_within_two_seconds_and_resume_works(cluster: Cluster) -> None:
    shards = ("frontier1", "frontier2")
    await cluster.stop(*shards)
    for name in shards:
        await cluster.processes[name].start(**LONG)
    await cluster.until_shared()
    sites = Sites(cluster, "told", 4, 14, crawl_delay=1.0)
    paused, out, other = sites.names[0], sites.names[1], sites.names[2]
    await sites.seed()

    async def orders_out() -> bool:
        rows = await cluster.query(
            "SELECT host FROM leases WHERE kind = 'pages' AND cardinality(url_ids) > 5 AND host = ANY($1)",
            [paused, out, other],
        )
        return len(rows) == 3

    await cluster.until(orders_out, "long orders to the three hosts")
    ends = await asyncio.gather(
        say(cluster, "hosts", "pause", paused, "--why", "a test"),
        say(cluster, "optout", "add", out.partition(":")[0], "--why", "a test"),
    )
    told = dict(zip((paused, out), ends, strict=True))
    until = time.monotonic() + 2 * WITHIN

    async def later() -> bool:
        return time.monotonic() > until

    await cluster.until(later, "orders that would go on")
    for host, at in told.items():
        assert [entry.arrival - at for entry in sites.requests(at + WITHIN) if entry.host == host] == []
    assert [entry for entry in sites.requests(told[out] + WITHIN) if entry.host == other], "others go on"
    assert sites.missing(), "there was nothing left to request"
    await cluster.stop(*shards)
    await cluster.start(*shards)
    assert [entry for entry in sites.requests(max(told.values()) + WITHIN) if entry.host in told] == []
    await say(cluster, "hosts", "resume", paused)
    await say(cluster, "optout", "rm", out.partition(":")[0])
    await sites.finished()
    assert sites.twice() == {}
