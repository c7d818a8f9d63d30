"""Virtual time: every process has an event loop of its own, and a seeded scheduler says which one runs next.

A loop that is not stepped is a process that is stopped; one that is never stepped again was killed. What happens outside of
all processes (an effect at the database, a message that arrives) is an entry of the scheduler's own heap.
"""

import asyncio
import threading
from asyncio import events
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, Final, TypeVar

T = TypeVar("T")
NEVER: Final = float("inf")
CLOSES: Final = 50
"""Times that a coroutine of a dead process is told to end: each may wait in a `finally`."""


class _NoSockets:
    """A selector for loops that have nothing to select."""

    def select(self, timeout: float | None = None) -> list[Any]:
        return []

    def close(self) -> None:
        """Nothing is open."""


class Numbered:
    """What is kept in sets has its place there by a number that grows, not by where it lies in memory: a seed must replay."""

    numbers = count()
    number = -1

    def __hash__(self) -> int:
        if self.number < 0:
            self.number = next(Numbered.numbers)
        return self.number


class NumberedTask(Numbered, asyncio.Task):  # type: ignore[type-arg]
    """A task."""


class NumberedFuture(Numbered, asyncio.Future):  # type: ignore[type-arg]
    """A future."""


class Loop(asyncio.BaseEventLoop):
    """A loop whose time is the scheduler's; `step` runs once what is ready."""

    def __init__(self, clock: Callable[[], float], failed: Callable[[BaseException], None]) -> None:
        super().__init__()
        self._now, self._failed = clock, failed
        self._selector = _NoSockets()
        self._clock_resolution = 1e-9
        self.set_exception_handler(self._report)
        self.set_task_factory(lambda loop, coroutine, **named: NumberedTask(coroutine, loop=loop, **named))

    def create_future(self) -> "asyncio.Future[Any]":
        return NumberedFuture(loop=self)

    def time(self) -> float:
        return self._now()

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody else is there to be woken."""

    def _report(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self._failed(error if error is not None else RuntimeError(str(context.get("message"))))

    def due(self) -> float:
        """When there is something to run."""
        inside: Any = self
        if inside._ready:
            return self._now()
        while inside._scheduled and inside._scheduled[0].cancelled():
            heappop(inside._scheduled)._scheduled = False
            inside._timer_cancelled_count -= 1
        return inside._scheduled[0].when() if inside._scheduled else NEVER

    def step(self) -> None:
        """Run what is ready now, once."""
        inside: Any = self
        events._set_running_loop(self)
        inside._thread_id = threading.get_ident()
        try:
            inside._run_once()
        finally:
            inside._thread_id = None
            events._set_running_loop(None)

    def bury(self) -> None:
        """End all that was under way, after its process is dead: nothing of it reaches anybody."""
        inside: Any = self
        self.set_exception_handler(lambda loop, context: None)
        events._set_running_loop(self)
        try:
            for task in asyncio.all_tasks(self):
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                coroutine = task.get_coro()
                assert isinstance(coroutine, Coroutine)
                for _ in range(CLOSES):
                    with suppress(Exception):
                        coroutine.close()
                        break
        finally:
            events._set_running_loop(None)
        inside._ready.clear()
        inside._scheduled.clear()
        self.close()


class Process:
    """One run of one process: its loop, its clock's error in seconds, and whether it is stopped or dead."""

    def __init__(self, scheduler: "Scheduler", name: str, skew: float) -> None:
        self.scheduler, self.name, self.skew = scheduler, name, skew
        self.loop = Loop(scheduler.time, lambda error: scheduler.failed(self, error))
        self.alive = True
        self.stopped_until = 0.0
        scheduler.processes.append(self)

    def clock(self) -> float:
        """Unix time as this process knows it."""
        return self.scheduler.unix() + self.skew

    def start(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Begin something in the loop."""
        return self.loop.create_task(work)

    def done(self, task: "asyncio.Task[Any]") -> None:
        """The work of the process is over: it leaves, unless it failed."""
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self.scheduler.failed(self, error)
        self.scheduler.after(0.0, self.kill)

    def stop(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after so many seconds."""
        self.stopped_until = max(self.stopped_until, self.scheduler.time() + seconds)

    def kill(self) -> None:
        """SIGKILL."""
        if self.alive:
            self.alive = False
            self.scheduler.processes.remove(self)
            self.loop.bury()

    def tell(self, what: Callable[[], None]) -> None:
        """Have something run in the loop as soon as the process runs."""
        if self.alive:
            self.loop.call_soon(what)

    def due(self) -> float:
        """When it next has something to run."""
        return max(self.loop.due(), self.stopped_until)

    def remote(
        self, work: Callable[[], T], there: float, back: float, *, lost: Exception | None = None
    ) -> Awaitable[T]:
        """Something that is done elsewhere `there` seconds from now, even if we are dead by then; its answer, or that it was
        lost, is here `back` seconds later."""
        answer: asyncio.Future[T] = self.loop.create_future()

        def settle(result: T | None, error: Exception | None) -> None:
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)  # type: ignore[arg-type]

        def done() -> None:
            result: T | None = None
            error: Exception | None = None
            try:
                result = work()
            except AssertionError:
                raise
            except Exception as raised:
                error = raised
            after = error if lost is None else lost
            self.scheduler.after(back, lambda: self.tell(lambda: settle(result, after)))

        self.scheduler.after(there, done)
        return answer


class Scheduler:
    """The one time of a run. Everything happens in `run`, one thing after the other, in an order that the seed decides."""

    def __init__(self, seed: int, epoch: float) -> None:
        self.chance = Random(seed)
        self.epoch = epoch
        self.processes: list[Process] = []
        self.errors: list[tuple[str, BaseException]] = []
        self.events: list[tuple[float, str, str]] = []
        self.steps = 0
        self._time = 0.0
        self._number = 0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []

    def time(self) -> float:
        """Seconds since the run began."""
        return self._time

    def unix(self) -> float:
        """True unix time."""
        return self.epoch + self._time

    def note(self, who: str, what: str) -> None:
        """An entry of the log of events."""
        self.events.append((self._time, who, what))

    def failed(self, process: Process, error: BaseException) -> None:
        """An error that nobody caught in a process."""
        self.errors.append((process.name, error))
        self.note(process.name, f"failed: {error!r}")

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        """Have something happen outside of all processes."""
        self._number += 1
        heappush(self._heap, (self._time + max(0.0, seconds), self._number, what))

    def run(self, until: Callable[[], bool], most: float) -> bool:
        """Go on until something holds, at most `most` seconds; whether it held."""
        end = self._time + most
        while not until():
            at = self._heap[0][0] if self._heap else NEVER
            due = [(process.due(), process) for process in self.processes]
            first = min([at, *(when for when, _ in due)])
            if first > end or first == NEVER:
                self._time = end
                return until()
            self._time = max(self._time, first)
            ready = [process for when, process in due if when <= self._time]
            self.steps += 1
            if at <= self._time and (not ready or self.chance.random() < 0.5):
                heappop(self._heap)[2]()
            else:
                ready[self.chance.randrange(len(ready))].loop.step()
            if self.errors:
                return False
        return True

    def end(self) -> None:
        """Bury whoever is left."""
        for process in list(self.processes):
            process.kill()
