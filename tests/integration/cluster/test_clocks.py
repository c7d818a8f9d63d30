"""A process whose clock is wrong refuses to serve and says so; one that is off by less than the limit serves."""

import os
from pathlib import Path
from typing import Final

import pytest

from tests.cluster.cluster import Cluster
from tests.integration.crawls import REPOSITORY

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="package")]
SHIFT: Final = """
import os, time
_wall, _by = time.time, float(os.environ["TEST_CLOCK_SHIFT"])
time.time = lambda: _wall() + _by
"""
"""Loaded by Python itself before everything else (https://docs.python.org/3/library/site.html)."""


@pytest.mark.parametrize("role", ["frontier", "fetcher", "hasher"])
async def test_a_clock_that_is_off(cluster: Cluster, tmp_path: Path, role: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(SHIFT)
    path = os.pathsep.join([str(tmp_path), str(REPOSITORY)])
    process = cluster.add(role)
    try:
        for seconds, word in ((5.0, "5.0 s ahead of"), (-5.0, "5.0 s behind")):
            await process.start(PYTHONPATH=path, TEST_CLOCK_SHIFT=str(seconds))

            async def refuses(word: str = word) -> bool:
                reasons = await process.waits()
                return any(each["part"] == "clock" and word in each["why"] for each in reasons)

            await cluster.until(refuses, f"{process.name} to refuse for its clock")
            assert (await process.get("/readyz"))[0] == 503
            assert (await process.get("/livez"))[0] == 200
            assert not (await process.metrics()).get("pisaura_partitions"), (
                "a shard with a wrong clock may take nothing"
            )
            assert (await process.stop()).code == 0
        await process.start(PYTHONPATH=path, TEST_CLOCK_SHIFT="1.5")
        await cluster.until_ready(process.name)
        assert (await process.stop()).code == 0
    finally:
        del cluster.processes[process.name]
