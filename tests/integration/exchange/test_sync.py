"""hasher.sources.sync: whatever goes wrong on the way, the vault ends with exactly what the source holds."""

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from contracts.errors import PisauraError
from tests.exchange.faults import Fault
from tests.exchange.syncs import Databases, Lab, Stopped, laboratory
from tests.vaults import ROLE

SOURCES = ("ncmec", "stopncii", "threatexchange")


async def until_quiet(lab: Lab, syncs: int) -> None:
    """Synchronise so often under faults, then without, until nothing is left to come."""
    for _ in range(syncs):
        task = asyncio.ensure_future(lab.sync())
        lab.source.stop = task.cancel
        lab.vault.stopped = False
        with suppress(PisauraError, Stopped, asyncio.CancelledError):
            await task
        lab.time.now += 60
        for _ in range(3):
            lab.source.truth.change()
    lab.source.weather.clear()
    lab.vault.share, lab.vault.stopped = 0.0, False
    lab.time.now += 3600
    await lab.sync()


@pytest.mark.parametrize("kind", SOURCES)
async def test_a_source_is_read_whole(databases: Databases, tmp_path: Path, kind: str) -> None:
    async with laboratory(databases, tmp_path, kind, 1, 0.0, 130) as lab:
        report = await lab.sync()
        assert await lab.missing() == {}
        assert report.added == 130 and report.bad == {}
        asked = len(lab.source.requests)
        again = await lab.sync()
        assert (again.added, again.changed) == (0, 0) and len(lab.source.requests) - asked <= 2


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", SOURCES)
async def test_faults_and_stops_change_nothing(databases: Databases, tmp_path: Path, kind: str, seed: int) -> None:
    async with laboratory(databases, tmp_path, kind, seed, 0.4, 150) as lab:
        lab.vault.share = 0.1
        await until_quiet(lab, 12)
        assert await lab.missing() == {}
        met = {fault for fault, times in lab.source.weather.met.items() if times}
        assert len(met) > 7


@pytest.mark.parametrize("kind", SOURCES)
async def test_processes_killed_anywhere_lose_nothing(databases: Databases, tmp_path: Path, kind: str) -> None:
    """Killed (SIGKILL) at any byte of an answer, and before, within and after transactions."""
    async with laboratory(databases, tmp_path, kind, 5, 0.0, 160) as lab:
        killed = 0
        for run in range(6):
            lab.source.weather.plan = [Fault.CHANGED] * run + [Fault.STOPPED] if run < 4 else []
            more = (str(lab.time.now), str(run), "0" if run < 4 else "0.3")
            command = (
                sys.executable,
                "-m",
                "tests.exchange.process",
                databases.vault.dsn(ROLE),
                kind,
                str(tmp_path),
                *more,
            )
            pipe = asyncio.subprocess.PIPE
            process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
            lab.source.stop = process.kill
            print(run, await process.communicate(), process.returncode)  # seen only if it fails
            killed += process.returncode == -signal.SIGKILL
        await until_quiet(lab, 0)
        assert await lab.missing() == {}
        assert killed >= 4
