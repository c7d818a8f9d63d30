"""`make cluster` finds what `make run` finds, and leaves nothing behind when it is told to stop."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from tests import kafka, postgres
from tests.cluster.cluster import Cluster
from tests.cluster.demo import ROLES
from tests.cluster.services import Shared
from tests.fakeweb.web import free_ports
from tests.fakeweb.world import build_demo
from tests.integration.crawls import PATIENCE, REPOSITORY, Ended, Running, Scene, until

pytestmark = pytest.mark.timeout(400)


def found(ended: Ended) -> set[tuple[str, str, str]]:
    """Place, algorithm and digest of what `crawlctl matches --json` prints."""
    assert ended.code == 0, ended.err
    return {(row["url"], row["algorithm"], row["digest"]) for row in ended.json()}


async def test_it_finds_what_one_process_finds(
    tmp_path: Path,
    kafka_broker: kafka.Broker,
    kafka_prefix: str,
    crawl_database: postgres.Database,
    vault_database: postgres.Database,
) -> None:
    ports = free_ports()
    (alone := tmp_path / "alone").mkdir()
    async with Scene(alone, build_demo(1, ports=ports)) as scene:
        ended = await scene.crawl()
        assert ended.code == 0, ended.err
        by_one = found(await scene.verb("matches", "--json"))
        assert {(url, how) for url, how, _ in by_one} == scene.world.expected_matches()
    services = Shared(kafka_broker, kafka_prefix, crawl_database, vault_database)
    (together := tmp_path / "together").mkdir()
    async with Cluster(together, build_demo(1, ports=ports), services, ROLES) as cluster:
        await cluster.begin()
        await cluster.until_idle()
        await cluster.stop()
        assert found(await cluster.verb("matches", "--json", "--purpose", "a test")) == by_one


def living(folder: Path) -> list[str]:
    """Processes that work in a folder."""
    lines = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if str(folder) in line and process.status() != psutil.STATUS_ZOMBIE:
            lines.append(line)
    return lines


async def test_ctrl_c_ends_it_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "cluster"
    running = Running(
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.cluster.demo", "--folder", str(folder), cwd=REPOSITORY,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "CHAOS": ""},
        )
    )  # fmt: skip
    try:
        await until(lambda: (folder / "operator.toml").exists() and len(living(folder)) > sum(ROLES.values()), "roles")
        running.send(signal.SIGINT)
        ended = await running.ended(PATIENCE)
        assert "Traceback" not in ended.err
        assert (ended.code, living(folder)) == (0, [])
        assert "Who did how much" in ended.out
    finally:
        await running.killed()
