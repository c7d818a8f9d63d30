"""Processes that run pure functions on hostile input: bounded in time, killed and replaced when they crash or hang."""

import asyncio
import contextlib
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from backends.cores import no_core_dumps
from contracts.errors import WorkerLost

T = TypeVar("T")
MEMORY = 2 * 1024**3


def _prepare() -> None:
    """Ctrl-C is the parent's business; no core dumps; memory is bounded; a parent that is killed is followed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    no_core_dumps()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """The pool's own pipes stay open in the worker, so it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Workers:
    """`count` places, each with a process of its own that is started when it is first needed."""

    def __init__(self, count: int, seconds: float) -> None:
        self._seconds = seconds
        self._idle: asyncio.Queue[list[ProcessPoolExecutor]] = asyncio.Queue()
        for _ in range(count):
            self._idle.put_nowait([])
        self._running: set[ProcessPoolExecutor] = set()
        self.lost = 0

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """The result of `work(*arguments)`; WorkerLost if its process crashed or took longer than it may."""
        place = await self._idle.get()
        try:
            if not place:
                pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_prepare)
                place.append(pool)
                self._running.add(pool)
                await asyncio.wrap_future(pool.submit(os.getpid))
            async with asyncio.timeout(self._seconds):
                return await asyncio.wrap_future(place[0].submit(work, *arguments))
        except asyncio.CancelledError:
            self._drop(place)  # it is still at work for nobody
            raise
        except (BrokenProcessPool, TimeoutError, MemoryError) as error:
            self.lost += 1
            self._drop(place)
            raise WorkerLost(
                "a worker process took too long" if isinstance(error, TimeoutError) else "a worker process crashed"
            ) from error
        finally:
            self._idle.put_nowait(place)

    def _drop(self, place: list[ProcessPoolExecutor]) -> None:
        for pool in place:
            self._running.discard(pool)
            for process in list((pool._processes or {}).values()):
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            pool.shutdown(wait=False, cancel_futures=True)
        place.clear()

    def close(self) -> None:
        """End all processes."""
        self._drop(list(self._running))
