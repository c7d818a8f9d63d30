"""A cluster of real processes over a real broker and a real Postgres crawls the synthetic web exactly as one process does."""

from collections import Counter
from pathlib import Path

import pytest

from tests import kafka, postgres
from tests.cluster.cluster import Cluster
from tests.cluster.services import Shared
from tests.fakeweb.web import free_ports
from tests.fakeweb.world import build_demo

pytestmark = pytest.mark.timeout(400)


async def finished(cluster: Cluster) -> None:
    """Everything that must be requested was, once; nothing else was, nothing was broken, every planted picture found."""
    missing, unexpected, twice = cluster.coverage()
    assert (missing, unexpected, twice) == ({}, set(), {})
    assert cluster.complaints() == []
    assert await cluster.matches() == Counter(cluster.world.expected_matches())


async def test_the_demo_world(
    tmp_path: Path,
    kafka_broker: kafka.Broker,
    kafka_prefix: str,
    crawl_database: postgres.Database,
    vault_database: postgres.Database,
) -> None:
    services = Shared(kafka_broker, kafka_prefix, crawl_database, vault_database)
    async with Cluster(tmp_path, build_demo(2, ports=free_ports()), services) as cluster:
        await cluster.begin()
        await cluster.until_idle()
        ended = await cluster.stop()
        assert {name: (end.code, "Traceback" in end.err) for name, end in ended.items()} == dict.fromkeys(
            ended, (0, False)
        )
        assert max(end.seconds for end in ended.values()) < 14
        await finished(cluster)
        assert await cluster.query("SELECT * FROM leases") == []
