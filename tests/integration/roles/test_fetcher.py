"""Fetchers as processes: operators' words reach them within two seconds, and they come and go without a URL lost or doubled."""

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.services import Shared
from tests.integration.crawls import plain_world, until

pytestmark = pytest.mark.timeout(300)
EFFECTIVE = 2.0
"""Seconds within which a word must be heeded everywhere (the issue demands it)."""


def seen(cluster: Cluster, host: str, since: float = 0.0) -> list[float]:
    """When requests to a host arrived, after some time."""
    return [entry.arrival for entry in cluster.requests() if entry.host == host and entry.arrival > since]


async def test_words_are_heeded_everywhere_within_two_seconds(tmp_path: Path, services: Shared) -> None:
    """Orders of twenty URLs at 250 ms are out for five seconds: without a recall their requests would go on."""
    world = plain_world(3, 400, pictures=False)
    hosts = [host.netloc for host in world.hosts.values()]
    settings = {"politeness": {"delay": "250ms"}}
    roles = {"frontier": 2, "fetcher": 2, "hasher": 0, "notices": 0}
    async with Cluster(tmp_path, world, services, roles, settings) as cluster:
        await cluster.begin()
        await until(lambda: all(len(seen(cluster, host)) > 5 for host in hosts), "requests to all hosts")

        async def say(*words: str) -> float:
            ended = await cluster.verb(*words)
            assert ended.code == 0, ended.err
            return time.monotonic()

        out = await say("optout", "add", hosts[0], "--why", "asked for")
        paused = await say("hosts", "pause", hosts[1], "--why", "asked to wait")
        await until(lambda: len(seen(cluster, hosts[2], paused + EFFECTIVE)) > 12, "requests to the third host")
        assert seen(cluster, hosts[0], out + EFFECTIVE) == []
        assert seen(cluster, hosts[1], paused + EFFECTIVE) == []
        resumed = await say("hosts", "resume", hosts[1])
        await until(lambda: bool(seen(cluster, hosts[1], resumed)), "requests to the host that was resumed")
        # a fetcher that starts now is told all that was ever said
        await cluster.stop("fetcher1", "fetcher2")
        started = time.monotonic()
        await cluster.start("fetcher1")
        await until(lambda: len(seen(cluster, hosts[2], started)) > 5, "requests by the fetcher that was started")
        assert seen(cluster, hosts[0], started) == []


async def test_a_rolling_restart_of_all_loses_and_doubles_nothing(tmp_path: Path, services: Shared) -> None:
    world = plain_world(10, 60, pictures=True)
    delay = 0.4
    settings = {"politeness": {"delay": f"{delay}s"}}
    async with Cluster(tmp_path, world, services, settings=settings) as cluster:
        await cluster.begin()
        for wave in (("frontier1", "fetcher1", "hasher1", "notices1"), ("frontier2", "fetcher2")):
            before = len(cluster.requests())
            await until(lambda before=before: len(cluster.requests()) > before + 5, "the crawl to go on")  # type: ignore[misc]
            ended = await cluster.stop(*wave)
            assert {name: end.code for name, end in ended.items()} == dict.fromkeys(wave, 0)
            await cluster.start(*wave)
        restarted = len(cluster.requests())
        await cluster.until_idle()
        assert restarted < len(cluster.requests()), "it was over before all were restarted: nothing was tried"
        await cluster.stop()
        missing, unexpected, twice = cluster.coverage()
        assert (missing, unexpected) == ({}, set())
        # whose robots.txt an order asked for is not stored: who takes over a shard's orders asks again
        assert {url for url in twice if not url.endswith("/robots.txt")} == set()
        assert cluster.complaints(delay) == []
        assert await cluster.matches() == Counter(cluster.world.expected_matches())
