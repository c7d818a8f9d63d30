"""A process whose clock is wrong refuses to serve and says so; one that is off by less than the limit serves."""

import asyncio
import os
from pathlib import Path
from typing import Final

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.processes import RoleProcess
from tests.integration.crawls import REPOSITORY

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="package")]
SHIFT: Final = """
import os, time
_wall, _by = time.time, float(os.environ["TEST_CLOCK_SHIFT"])
time.time = lambda: _wall() + _by
"""
"""Loaded by Python itself before everything else (https://docs.python.org/3/library/site.html)."""


async def test_processes_whose_clocks_are_off(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(SHIFT)
    path = os.pathsep.join([str(tmp_path), str(REPOSITORY)])
    processes = [cluster.add(role) for role in ("frontier", "fetcher", "hasher")]
    try:
        for seconds, word in ((5.0, "5.0 s ahead of"), (-5.0, "5.0 s behind"), (1.5, "")):
            for process in processes:
                await process.start(PYTHONPATH=path, TEST_CLOCK_SHIFT=str(seconds))
            if word:
                await cluster.until(lambda: refuse(processes, word), "processes to refuse for their clocks")  # noqa: B023
                held = [(await process.metrics()).get("pisaura_partitions", 0) for process in processes]
                assert not any(held), "by that clock, others' leases have run out"
            else:
                await cluster.until_ready(*(process.name for process in processes))
                await cluster.until_shared()
            ended = await asyncio.gather(*(process.stop() for process in processes))
            assert [end.code for end in ended] == [0, 0, 0]
    finally:
        for process in processes:
            del cluster.processes[process.name]


async def refuse(processes: list[RoleProcess], word: str) -> bool:
    """Whether all of them live, do not serve, and name their clock."""
    for process in processes:
        reasons = await process.waits()
        if not any(each["part"] == "clock" and word in each["why"] for each in reasons):
            return False
        assert ((await process.get("/readyz"))[0], (await process.get("/livez"))[0]) == (503, 200)
    return True
