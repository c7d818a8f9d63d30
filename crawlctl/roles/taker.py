"""Takes records of a topic as a member of its group: handles a batch, then commits it. What fails with Unavailable is waited for.

A taker that is held leaves the group, so that its partitions go to others, and joins again when it is let go.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from backends.backoff import BackOff
from contracts.errors import Unavailable
from contracts.ports import Consumer, Log, Record, offsets_after
from crawlctl.roles.loops import Loops
from crawlctl.roles.tally import Tally

log = logging.getLogger(__name__)

BATCH: Final = 200
POLL_SECONDS: Final = 0.5


class Takes:
    """What roles have in common that take the records of one topic: a taker, once there is one, and loops around it."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._loops = Loops()
        self._taker: Taker | None = None
        self._held = ""

    def failed(self) -> BaseException | None:
        """The error that ended a loop."""
        return self._loops.failed()

    def busy(self) -> bool:
        """Whether records are at hand."""
        return self._taker is not None and self._taker.busy

    def progress(self) -> int:
        """Changes with everything that is taken or sent."""
        return self._tally.moves


class Taker:
    """One member. `busy` while it has a batch at hand; `waits_for` says why it does not go on with it, empty if it does."""

    def __init__(self, bus: Log, group: str, topic: str, handle: Callable[[Sequence[Record]], Awaitable[None]]) -> None:
        self._bus = bus
        self._group = group
        self._topic = topic
        self._handle = handle
        self._free = asyncio.Event()
        self._free.set()
        self._stopping = asyncio.Event()
        self.waits_for = ""
        self.busy = False

    def hold(self, reason: str) -> None:
        """Leave the group and take nothing until let go (an empty reason)."""
        (self._free.clear if reason else self._free.set)()

    def stop(self) -> None:
        """End `run` after what is being handled; what waits for a service is left to others."""
        self._stopping.set()
        self._free.set()

    async def run(self) -> None:
        """Take, handle and commit until `stop`."""
        while not self._stopping.is_set():
            await self._free.wait()
            consumer = self._bus.join(self._group, [self._topic])
            try:
                while self._free.is_set() and not self._stopping.is_set():
                    records = await consumer.poll(BATCH, POLL_SECONDS)
                    self.busy = bool(records)
                    if records:
                        await self._take(records, consumer)
            finally:
                self.busy = False
                await consumer.close()

    async def _take(self, records: Sequence[Record], consumer: Consumer) -> None:
        backoff = BackOff()
        while not self._stopping.is_set():
            try:
                await self._handle(records)
            except Unavailable as error:
                if not self.waits_for:
                    log.warning("[%s] waits: %s", self._topic, error)
                self.waits_for = str(error)
                await backoff.pause(self._stopping)
            else:
                self.waits_for = ""
                await consumer.commit(offsets_after(records))
                return
