"""Digests hostile media in child processes that can do nothing but compute, and that can be killed at any moment.

A crash, hang or bomb costs the one item that caused it, by name, and the process is replaced. Media bytes reach a worker
through memory that has no name in any file system, are wiped after each item, and reach nothing else.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Final, Self

from msgspec import Struct

from contracts.errors import Unavailable
from contracts.messages import MediaDigests
from contracts.settings import Settings
from hasher.child import Child, Gone
from hasher.kinds import media_kind
from hasher.talk import Task

_ITEMS: Final = 10_000
"""Items after which a worker is replaced, so that nothing leaks or lingers for long."""

_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 30.0


class _Job(Struct, eq=False):
    data: bytes | bytearray | memoryview
    kind: str
    done: asyncio.Future[MediaDigests]


class SandboxDigester:
    """Implements `contracts.ports.Digester` with `workers` processes and a queue in front of them.

    `counts` are items by outcome ("ok" or the reason), `starts` the processes started; `seccomp` is False once a kernel
    refused the filter (the limits hold all the same), None before the first start.
    """

    def __init__(
        self,
        workers: int = 2,
        media_bytes: int = 64 << 20,
        decode_seconds: float = 20.0,
        decode_memory: int = 1 << 30,
        frames: int = 8,
        max_pixels: int = 100_000_000,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.starts = 0
        self.seccomp: bool | None = None
        self._workers = workers
        self._task = Task(0, 0, media_bytes, frames, max_pixels, decode_memory, decode_seconds)
        self._queue: asyncio.Queue[_Job] = asyncio.Queue()
        self._children: set[Child] = set()
        self._servants: list[asyncio.Task[None]] = []
        self._jobs: set[_Job] = set()

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """As the settings `workers`, `limits.media_bytes` and `matching` say."""
        return cls(
            settings.workers.digest,
            settings.limits.media_bytes,
            settings.workers.decode_seconds,
            settings.workers.decode_memory,
            settings.matching.frames,
            settings.matching.max_pixels,
        )

    @property
    def pending(self) -> int:
        """Items waiting or being decoded: what a caller looks at before it downloads more."""
        return len(self._jobs)

    def idle(self) -> bool:
        """Whether nothing waits and nothing is being decoded."""
        return not self._jobs

    @property
    def processes(self) -> list[int]:
        """Ids of the worker processes that run now."""
        return sorted(child.pid for child in self._children)

    async def start(self) -> None:
        """Start all workers and wait until they are locked. Raises Unavailable with the reason if one cannot start."""
        if self._servants:
            return
        try:
            children = await asyncio.gather(*(self._spawn() for _ in range(self._workers)))
        except Unavailable:
            await self.stop()
            raise
        self._servants = [asyncio.create_task(self._serve(child)) for child in children]

    async def stop(self) -> None:
        """End all workers at once, within seconds; what was not decoded is answered with why `stopped`."""
        for servant in self._servants:
            servant.cancel()
        await asyncio.gather(*self._servants, return_exceptions=True)
        self._servants = []
        await asyncio.gather(*(child.end() for child in list(self._children)))
        self._children.clear()
        for job in list(self._jobs):
            self._answer(job, MediaDigests(job.kind, why="stopped"))

    async def digest(self, data: bytes | bytearray | memoryview, media_type: str) -> MediaDigests:
        """PDQ of the decoded frames, or a named reason. Never raises for what the bytes are.

        `data` must not change until the answer. Who cancels loses the answer; the worker finishes the item alone.
        """
        kind = media_kind(data)
        if not kind:
            self.counts["unsupported"] += 1
            return MediaDigests(media_type, why="unsupported")
        if len(data) > self._task.size:
            self.counts["too_large"] += 1
            return MediaDigests(kind, why="too_large")
        if not self._servants:
            self.counts["stopped"] += 1
            return MediaDigests(kind, why="stopped")
        job = _Job(data, kind, asyncio.get_running_loop().create_future())
        self._jobs.add(job)
        self._queue.put_nowait(job)
        return await job.done

    def _answer(self, job: _Job, media: MediaDigests) -> None:
        self._jobs.discard(job)
        self.counts[media.why or "ok"] += 1
        if not job.done.done():
            job.done.set_result(media)

    async def _serve(self, child: Child | None) -> None:
        """One worker's place: take a job, have it done, replace the worker when it is lost or old."""
        served = 0
        while True:
            if child is None:
                child, served = await self._replacement(), 0
            job = await self._queue.get()
            if job.done.cancelled():
                self._jobs.discard(job)
                continue
            try:
                media = await child.digest(job.data, job.kind)
            except Gone as reason:
                media = MediaDigests(job.kind, why=reason.why)
            except Exception:  # the caller's buffer went away, or the machine has no memory: the place must stay served
                media = MediaDigests(job.kind, why="crashed")
            self._answer(job, media)
            del job
            served += 1
            if child.gone or served >= _ITEMS:
                await self._discard(child)
                child = None

    async def _replacement(self) -> Child:
        wait = _FIRST_WAIT
        while True:
            try:
                return await self._spawn()
            except Unavailable:  # no memory or process to be had just now: jobs wait meanwhile
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)

    async def _spawn(self) -> Child:
        self.starts += 1
        try:
            child = Child(self._task)
        except OSError as error:
            raise Unavailable(f"a digest worker could not be started: {error.strerror}") from error
        self._children.add(child)
        try:
            filtered = (await child.ready()).seccomp
        except BaseException:
            with suppress(asyncio.CancelledError):
                await self._discard(child)
            raise
        self.seccomp = filtered and self.seccomp is not False
        return child

    async def _discard(self, child: Child) -> None:
        await child.end()
        self._children.discard(child)
