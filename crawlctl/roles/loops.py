"""Loops of one process: started by name, asked whether one has failed, ended together; and pauses that grow."""

import asyncio
import gc
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from contracts.errors import PisauraError, Unavailable, kind_and_place

log = logging.getLogger(__name__)

COLLECT: Final = 50_000, 20, 20
"""Thresholds of the cyclic garbage collector: with the usual ones it costs 8 % of a crawl and stops the loop for 100 ms."""
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0


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


class BackOff:
    """Pauses that double up to `longest` seconds, with chance in them, so that many do not come back at once."""

    def __init__(self, longest: float = LONGEST_PAUSE) -> None:
        self._longest = longest
        self._next = FIRST_PAUSE

    async def pause(self, unless: asyncio.Event | None = None) -> None:
        """Wait; longer each time. An event ends it early."""
        seconds, self._next = self._next * random.uniform(0.5, 1.0), min(self._longest, 2 * self._next)
        if unless is None:
            await asyncio.sleep(seconds)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await unless.wait()

    def reset(self) -> None:
        """It went well: the next pause is short."""
        self._next = FIRST_PAUSE


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
