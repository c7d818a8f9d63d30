"""backends.workers: hostile input may crash or hang a process of its own, and nothing else."""

import asyncio
import contextlib
import operator
import os
import time
from collections.abc import AsyncIterator

import psutil
import pytest

from backends.workers import MEMORY, Workers
from contracts.errors import WorkerLost

SECONDS = 30.0
PATIENCE = 20.0


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = Workers(1, SECONDS)
    yield made
    made.close()


async def test_returns_what_the_work_returns_from_one_process_that_is_kept(workers: Workers) -> None:
    assert await workers.run(operator.add, 2, 3) == 5
    first = await workers.run(os.getpid)
    assert first != os.getpid()
    assert await workers.run(os.getpid) == first
    assert workers.lost == 0


async def test_an_error_of_the_work_is_the_callers_and_costs_no_process(workers: Workers) -> None:
    first = await workers.run(os.getpid)
    with pytest.raises(ZeroDivisionError):
        await workers.run(operator.truediv, 1, 0)
    assert await workers.run(os.getpid) == first


async def test_a_crash_loses_that_piece_and_the_next_one_gets_a_new_process(workers: Workers) -> None:
    first = await workers.run(os.getpid)
    with pytest.raises(WorkerLost, match="crashed"):
        await workers.run(os._exit, 3)
    assert await workers.run(os.getpid) != first
    assert workers.lost == 1


async def test_a_hang_is_killed() -> None:
    workers = Workers(1, 0.2)
    try:
        process = await asyncio.wait_for(_started(workers), PATIENCE)
        with pytest.raises(WorkerLost, match="too long"):
            await workers.run(time.sleep, 3600)
        await _gone(process)
        assert workers.lost >= 1
    finally:
        workers.close()


async def test_memory_is_bounded(workers: Workers) -> None:
    with pytest.raises((WorkerLost, MemoryError)):
        await workers.run(bytes, 2 * MEMORY)
    assert await workers.run(operator.add, 1, 1) == 2


async def test_places_work_at_the_same_time() -> None:
    workers = Workers(2, SECONDS)
    try:
        found = {0}
        async with asyncio.timeout(PATIENCE):
            while len(found) < 3:
                found |= set(await asyncio.gather(*(workers.run(os.getpid) for _ in range(4))))
        assert len(found) == 3
    finally:
        workers.close()


async def test_close_ends_the_processes() -> None:
    workers = Workers(1, SECONDS)
    process = await workers.run(os.getpid)
    workers.close()
    await _gone(process)


async def _started(workers: Workers) -> int:
    """A process' id, although starting one may take longer than work may."""
    while True:
        with contextlib.suppress(WorkerLost):
            return await workers.run(os.getpid)


async def _gone(process: int) -> None:
    """Wait until a process has ended; what is dead but not yet reaped has."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                if psutil.Process(process).status() == psutil.STATUS_ZOMBIE:
                    return
            except psutil.NoSuchProcess:
                return
            await asyncio.sleep(0)
