"""One worker, from its parent's side."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.errors import Unavailable
from hasher.child import Child, Gone
from hasher.talk import Task
from tests.pictures import encode, picture

TASK = Task(0, 0, 16 << 20, 8, 10**8, 512 << 20, 20.0)


@pytest.fixture
async def child() -> AsyncIterator[Child]:
    one = Child(TASK)
    yield one
    await one.end()


async def test_digests_and_ends(child: Child) -> None:
    await child.ready()
    media = await child.digest(encode(picture(1, 64, 48), "PNG"), "image/png")
    assert len(media.frames) == 1 and not child.gone
    await child.end()
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


# Issue 3: the media bytes reach nothing else; after an item not even the shared memory has them.
@pytest.mark.parametrize("size", [1000, 3 << 20, 12 << 20])
async def test_the_bytes_are_wiped_after_each_item(child: Child, size: int) -> None:
    await child.ready()
    data = encode(picture(1, 64, 48), "PNG")
    for item in (data + b"CANARY" * (size // 6 - len(data)), b"CANARY" * (size // 6)):
        await child.digest(item[:size], "image/png")
        assert child.memory.find(b"CANARY") == -1
        assert child.memory.find(b"PNG") == -1


async def test_killed_over_an_item(child: Child) -> None:
    await child.ready()
    os.kill(child.pid, signal.SIGSTOP)
    waiting = asyncio.create_task(child.digest(encode(picture(1), "PNG"), "image/png"))
    await asyncio.sleep(0)
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(Gone, match="crashed"):
        await waiting
    assert child.gone
    assert child.memory.find(b"PNG") == -1


async def test_a_worker_that_lies_is_gone(child: Child) -> None:
    await child.ready()
    with pytest.raises(Gone, match="crashed"):
        await child.digest(encode(picture(1), "PNG"), "image/jpeg")  # it says PNG: not what the parent saw
    assert child.gone


async def test_a_worker_that_dies_before_it_is_ready_is_named() -> None:
    one = Child(TASK)
    os.kill(one.pid, signal.SIGKILL)
    with pytest.raises(Unavailable, match="before it was ready"):
        await one.ready()
    await one.end()


async def test_its_environment_and_arguments_are_bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISAURA_SECRET", "CANARY")
    child = Child(TASK)
    await child.ready()
    assert b"CANARY" not in Path(f"/proc/{child.pid}/cmdline").read_bytes()
    if os.getuid() == 0:  # nobody else may look
        assert b"CANARY" not in Path(f"/proc/{child.pid}/environ").read_bytes()
    await child.end()
