"""One cluster for all tests of this package, whole again before each of them."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

import pytest
import pytest_asyncio

from contracts.errors import UsageError
from contracts.options import MIB
from tests.cluster.cluster import Cluster
from tests.cluster.services import Own
from tests.fakeweb.model import Listener, World
from tests.fakeweb.web import free_ports

ADDRESSES: Final = 450
"""Addresses that the web listens at; each test makes its own hosts there."""
AHEAD: Final = 4 * MIB
UNSENT: Final = 8 * MIB
"""`kafka.ahead` and `workers.unsent`: small, so that a backlog can be larger than both."""
SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "politeness": {"backoff": "2s"},
    "limits": {"order_start": "3s", "order_run": "3s", "total": "5s", "media_total": "5s", "first_byte": "5s"},
    "cluster": {"lease": "4s", "renew": "1s"},
    "kafka": {"digests_behind": 10, "ahead": AHEAD},
    "workers": {"unsent": UNSENT},
}
"""Lost orders come back after 16 s and silent shards lose their partitions after 4 s, by the same code as always."""


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Own]:
    """A broker and a database that tests may kill."""
    async with Own(tmp_path_factory.mktemp("services")) as found:
        yield found


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def started(tmp_path_factory: pytest.TempPathFactory, services: Own) -> AsyncIterator[Cluster]:
    """Two shards, two fetchers, a hasher and the notices role, and a web without hosts yet."""
    world = World(1, free_ports())
    for _ in range(ADDRESSES):
        address = world.new_address()
        world.listeners[address, world.ports.http] = Listener(address, world.ports.http, "http")
    world._next_address = 0
    async with Cluster(tmp_path_factory.mktemp("cluster"), world, services, settings=SETTINGS) as cluster:
        yield cluster


@pytest_asyncio.fixture(loop_scope="package")
async def cluster(started: Cluster, services: Own) -> AsyncIterator[Cluster]:
    """All its processes serve and have divided the partitions. Afterwards nobody was hurried, whatever happened."""
    for node in services.brokers.nodes:
        if not node.running:
            node.start()
    await services.brokers.ready()
    services.resume_database()
    with suppress(UsageError):  # it runs
        await services.start_database()
    for process in list(started.processes.values()):
        process.resume()
        if process.running is not None and not process.alive:
            await process.ended()
    await started.start()
    await started.until_ready(*started.processes)
    await started.until_shared()
    yield started
    assert started.complaints() == []
