"""kill -9 at random moments, again and again: nothing is lost, hardly anything is fetched twice, nobody is hurried.

Three kills (of crawlctl, of its Postgres, of both) take some 40 s and belong to `make test`; `make chaos` does twenty. Moments
are counted in requests and milliseconds after them, from a seed that a failure names.
"""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.crawls import PATIENCE, Running, Scene, plain_world, until

pytestmark = pytest.mark.timeout(3600)
HOSTS = 12
PAGES_A_ROUND = 800
"""Pages of the world for each kill."""
TWICE = 0.01


def kill_postgres(scene: Scene) -> None:
    """kill -9 of the postmaster; its children follow by themselves."""
    pid = scene.postmaster()
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


async def epoch(scene: Scene) -> int:
    """How often the frontier took its partition."""
    return int((await scene.query("SELECT max(epoch) AS epoch FROM partitions"))[0]["epoch"])


async def one_round(scene: Scene, running: Running, what: str, chance: random.Random) -> Running:
    """Wait for a random moment of the crawl, kill, and see to it that a run is under way again."""
    wanted = len(scene.requests()) + chance.randrange(20, PAGES_A_ROUND * 2 // 3)
    await until(lambda: len(scene.requests()) >= wanted or running.process.returncode is not None, "requests")
    await asyncio.sleep(chance.random() * 0.2)  # anywhere between two requests
    if what == "postgres":
        # The run goes on by itself: the supervisor brings the server back, the frontier starts again from its rows.
        before = await epoch(scene)
        kill_postgres(scene)
        async with asyncio.timeout(PATIENCE):
            while running.process.returncode is None and await epoch(scene) == before:
                continue
        return running
    if what == "both":
        kill_postgres(scene)
    await running.killed()
    return await scene.run("--until-idle")


@pytest.mark.parametrize("seed", [1])
async def test_killed_at_random_moments(
    tmp_path: Path, pytestconfig: pytest.Config, seed: int, record_property: Callable[[str, object], None]
) -> None:
    rounds = int(pytestconfig.getoption("--chaos-rounds"))
    chance = random.Random(seed)
    world = plain_world(HOSTS, rounds * PAGES_A_ROUND // HOSTS, seed=seed, pictures=True)
    # Durable as by default: a killed process must find what it was told is committed.
    async with Scene(tmp_path, world, {"storage": {"fsync": True}}) as scene:
        running = await scene.run("--until-idle")
        for number in range(rounds):
            running = await one_round(scene, running, ("crawlctl", "postgres", "both")[number % 3], chance)
        ended = await running.ended(600)
        assert ended.code == 0, ended.err
        missing, unexpected, twice = scene.coverage()
        requests = len(scene.requests())
        share = sum(count - 1 for count in scene.counts().values()) / requests
        print(f"\n{rounds} kills, {requests} requests, {sum(twice.values()) - len(twice)} repeated: {share:.3%}")
        record_property("requests", requests)
        record_property("repeated", share)
        assert (missing, unexpected) == ({}, set())
        assert scene.complaints() == []
        assert await scene.matches() == Counter(world.expected_matches())
        assert (await scene.counters()).get("refused:poison", 0) == 0
        assert share < TWICE
