"""Loops of one process: started by name, asked whether one has failed, ended together; and what is done again and again."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from backends.backoff import BackOff
from contracts.errors import PisauraError, Unavailable, kind_and_place

log = logging.getLogger(__name__)

COLLECT: Final = 50_000, 20, 20
"""Thresholds of the cyclic garbage collector: with the usual ones it costs 8 % of a crawl and stops the loop for 100 ms."""


class Loops:
    """The tasks of one process that never end by themselves."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a loop."""
        task = asyncio.create_task(work, name=name)
        self._tasks.append(task)
        return task

    def failed(self) -> BaseException | None:
        """The error that ended one of the loops, if one did."""
        for task in self._tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                return error
        return None

    async def ended(self, name: str, seconds: float) -> None:
        """Wait for the end of one loop that was told to end, but not longer than that."""
        if tasks := [task for task in self._tasks if task.get_name() == name]:
            await asyncio.wait(tasks, timeout=seconds)

    async def end(self) -> None:
        """Cancel all and wait for their ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def collect_seldom() -> None:
    """For a process that now begins its real work: what is there stays there, and cycles are rare."""
    gc.freeze()
    gc.set_threshold(*COLLECT)


async def persist(
    what: str, step: Callable[[], Awaitable[object]], every: float, away: Callable[[str], None] = lambda why: None
) -> None:
    """Do something again and again; a service that is away is waited for. `away` is told after each time why it is, or ""."""
    backoff = BackOff()
    while True:
        try:
            await step()
            backoff.reset()
            away("")
        except Unavailable as error:
            away(str(error))
            log.warning("%s: %s", what, error)
            await backoff.pause()
            continue
        await asyncio.sleep(every)


def describe(error: BaseException) -> PisauraError:
    """An error that ended a loop, as one of ours."""
    if isinstance(error, PisauraError):
        return error
    return PisauraError(f"a part of the crawler failed: {kind_and_place(error)}")
