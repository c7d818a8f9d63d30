"""A whole cluster under fire: kill -9, SIGSTOP, orderly restarts and newcomers, its broker and its database included.

A round is three incidents that overlap (`tests.cluster.chaos`). Three rounds, in which everybody has his turn once, belong to
`make test`; `make chaos` does twenty. Everything comes from a seed that a failure names. What must hold is judged by the web's own
log, by the orders that the log took, and by Postgres.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from tests.chaos import witness
from tests.cluster.chaos import SETTINGS, Chaos, Incident, incidents
from tests.cluster.cluster import Cluster
from tests.cluster.services import Own
from tests.fakeweb.media import Gallery
from tests.fakeweb.model import World
from tests.fakeweb.sites import fill
from tests.fakeweb.web import free_ports
from tests.integration.crawls import PATIENCE, merged

pytestmark = pytest.mark.timeout(3600)
ROLES = {"frontier": 2, "fetcher": 3, "hasher": 1, "notices": 1}
DELAY = 0.2
LATE = 0.3
"""Seconds by which clocks of processes and the web's loop may differ when a request is held against a deadline."""
TOGETHER = 3
"""Incidents of a round."""
PAGES_A_ROUND = 24
"""Pages of each host that has an address to itself, for a round: about eight seconds' worth."""
ORDER_WORTH = 10
"""URLs of an order: as many may be requested again for each incident, which usually costs none or one."""
ALONE, FEW, MANY = 6, 7, 12
"""Hosts with an address to themselves, on an address for one permit, and on one for two."""


def crowded_world(rounds: int, seed: int) -> World:
    """Hosts in a ring, many of them on addresses that hosts of other shards share."""
    world = World(seed, free_ports())
    gallery = Gallery(world)
    few, many = world.new_address(), world.new_address()
    hosts = [(world.host(f"alone{n:02}.test"), PAGES_A_ROUND * rounds) for n in range(ALONE)]
    hosts += [(world.host(f"few{n:02}.test", address=few), PAGES_A_ROUND * rounds // FEW // 2) for n in range(FEW)]
    hosts += [(world.host(f"many{n:02}.test", address=many), PAGES_A_ROUND * rounds // MANY) for n in range(MANY)]
    for number, (host, pages) in enumerate(hosts):
        others = [hosts[(number + step) % len(hosts)][0].url("/") for step in (1, 2, 7)]
        fill(host, gallery, pages, others)
        if number % 5 == 0:
            world.truth.seeds.append(host.url("/"))
    return world


async def one_round(cluster: Cluster, chaos: Chaos, what: list[Incident], chance: random.Random) -> None:
    """All that happens in a round, at random moments of its first seconds; then some requests are waited for."""

    async def later(incident: Incident, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await chaos.bring(incident)

    await asyncio.gather(*(later(incident, chance.uniform(0, 3)) for incident in what))
    wanted = len(cluster.requests()) + 30

    async def enough() -> bool:
        return len(cluster.requests()) >= wanted or not cluster.unrequested()

    await cluster.until(enough, "requests after a round")


def clocked(began: float) -> Callable[[str], None]:
    """Prints lines with the seconds since then."""
    return lambda line: print(f"{asyncio.get_running_loop().time() - began:6.1f} {line}", flush=True)


async def test_under_fire(
    tmp_path: Path, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    rounds, seed = int(pytestconfig.getoption("--chaos-rounds")), int(pytestconfig.getoption("--chaos-seed"))
    chance = random.Random(seed)
    world = crowded_world(rounds, seed)
    settings = merged(SETTINGS, {"politeness": {"delay": f"{DELAY}s"}})
    print(f"\n--chaos-rounds={rounds} --chaos-seed={seed}")
    async with Own(tmp_path) as services, Cluster(tmp_path, world, services, ROLES, settings) as cluster:
        try:
            await witness.watch(cluster)
            chaos = Chaos(cluster, services, clocked(asyncio.get_running_loop().time()))
            coming = incidents(chance, sorted(cluster.processes))
            await cluster.begin()
            for _ in range(rounds):
                await one_round(cluster, chaos, list(islice(coming, TOGETHER)), chance)
            chaos.tell("peace")
            await cluster.until_idle(PATIENCE + 5 * rounds)
            chaos.tell("idle")
            for name, ended in (await cluster.stop()).items():
                assert ended.code == 0, (name, ended.err)
            await judge(cluster, chaos, record_property)
        finally:
            cluster.write_logs()


async def judge(cluster: Cluster, chaos: Chaos, record_property: Callable[[str, object], None]) -> None:
    """What must hold in the end."""
    world, requests = cluster.world, cluster.requests()
    for process in cluster.processes.values():
        assert [ended.err for ended in process.endings if "Traceback" in ended.err] == [], process.name
    missing, unexpected, _ = cluster.coverage()
    assert (missing, unexpected) == ({}, set())
    assert cluster.complaints(DELAY) == []
    issued = await witness.orders(cluster)
    assert witness.by_order(requests, issued, LATE) == ([], [], {})
    assert await witness.backwards(cluster) == []
    assert await witness.miscounted(cluster) == {}
    assert await cluster.query("SELECT * FROM leases") == []
    assert await cluster.query("SELECT * FROM address_orders WHERE until > $1", round(time.time() * 1000)) == []
    assert await cluster.matches() == Counter(world.expected_matches())
    (sighted,) = await cluster.query("SELECT count(*) AS count FROM sightings", database="vault")
    assert sighted["count"] == sum("/media/" in url for url in world.expected_urls())
    assert (await cluster.verb("dead", "ls", "--json")).out == ""
    (counted,) = await cluster.query(
        "SELECT coalesce(sum(value), 0)::bigint AS lost FROM counters WHERE name = 'orders_lost'"
    )
    repeated = cluster.repeated()
    print(
        f"{len(chaos.done)} incidents, {len(requests)} requests, {repeated} again; {counted['lost']} orders lost of {len(issued)}"
    )
    record_property("repeated", repeated / len(requests))
    assert repeated <= ORDER_WORTH * len(chaos.done)
