"""The broker or the database is away for a while: everybody says so, waits, and goes on. Nor does the order of starts matter."""

import time

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.services import Own
from tests.integration.cluster.sites import Sites

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="package")]
ALL = ("frontier1", "frontier2", "fetcher1", "fetcher2", "hasher1", "notices1")
STAY = 11.0
"""Seconds that a service stays away, at least: longer than a shard's lease, and than a group's session."""


async def until_said(cluster: Cluster, names: tuple[str, ...], part: str, word: str) -> None:
    """Wait until these processes do not serve for a reason of this part that names `word`; all are alive meanwhile."""

    async def said() -> bool:
        return all([await says(cluster, name, part, word) for name in names])

    await cluster.until(said, f"{', '.join(names)} to wait for {part}", 40.0)


async def says(cluster: Cluster, name: str, part: str, word: str) -> bool:
    """Whether a process lives, does not serve, and why."""
    process = cluster.processes[name]
    assert (await process.get("/livez"))[0] == 200, name
    status, _ = await process.get("/readyz")
    reasons = await process.waits()
    return status == 503 and any(each["part"] == part and word in each["why"] for each in reasons)


async def until_later(cluster: Cluster, moment: float) -> None:
    async def later() -> bool:
        return time.monotonic() >= moment

    await cluster.until(later, "the end of an outage")


async def test_the_broker_and_then_the_database_are_away(cluster: Cluster, services: Own) -> None:
    sites = Sites(cluster, "away", 12, 22, pictures=True, crawl_delay=0.4)
    await sites.seed()
    await sites.until_requested(40)
    pids = {name: process.pid for name, process in cluster.processes.items()}

    until = time.monotonic() + STAY
    await services.kill_broker()
    await until_said(cluster, ALL, "kafka", "answer")
    await until_later(cluster, until)
    await services.start_broker()
    await cluster.until_ready(*ALL)
    await sites.until_requested(len(sites.requests()) + 20)

    until = time.monotonic() + STAY
    await services.stop_database()
    await until_said(cluster, ("frontier1", "frontier2"), "frontier", "Postgres")
    await until_said(cluster, ("hasher1",), "hashing", "Postgres")
    assert not await cluster.processes["fetcher1"].waits(), "a fetcher needs no database"
    await until_later(cluster, until)
    await services.start_database()
    await cluster.until_ready(*ALL)
    await sites.finished()
    assert {name: process.pid for name, process in cluster.processes.items()} == pids
    assert len(sites.twice()) < len(sites.requests()) / 20, "only what could not be told in time is fetched again"
