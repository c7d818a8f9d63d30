"""The clerk: one frontier process at a time speaks for the cluster. It feeds seeds, and tells fetchers what operators say.

Who holds a lock of the crawl database is the clerk, for as long as its connection lives, which the server ends if nothing is heard of
it for some seconds. Everything it does may be done twice.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from backends.postgres.connection import close, connect
from backends.postgres.crawl_store import PostgresCrawlStore
from backends.postgres.operator import OperatorStore
from contracts.notes import Control
from contracts.ports import Clock, Producer
from contracts.settings import Settings
from contracts.topics import CONTROLS
from crawlctl.access import SETTINGS_FACT
from crawlctl.live import public
from crawlctl.roles import seeds
from crawlctl.roles.facts import told

log = logging.getLogger(__name__)

EVERY: Final = 0.25
"""Seconds between two looks at operators' words, and for the lock."""
IDLE: Final = 5
"""Seconds without a statement of ours after which the server ends the session: we stand still, or were cut off."""
COUNTERS_EVERY: Final = 5.0
TOGETHER: Final = 500


class Clerk:
    """The clerk's loop in one frontier process. `counters` are those of the crawl, read at `counted_at`, while `active`."""

    def __init__(self, settings: Settings, bus: Producer, partitions: int, clock: Clock) -> None:
        self._settings = settings
        self._bus = bus
        self._partitions = partitions
        self._seeds = seeds.SeedFeeder(bus, partitions, settings.limits.url_bytes, clock)
        self.active = False
        self.counters: dict[str, int] = {}
        self.counted_at = 0.0

    async def step(self) -> None:
        """Wait for our turn and serve; ends by Unavailable only."""
        connection = await connect(self._settings.postgres.crawl, name="pisaura-clerk", serving=True, idle=IDLE)
        try:
            operator = OperatorStore(connection)
            while not await operator.clerk_turn():
                await asyncio.sleep(EVERY)
            log.info("this process is the clerk now")
            self.active = True
            await self._serve(operator, PostgresCrawlStore(connection))
        finally:
            self.active = False
            self._seeds.drop()
            await close(connection)

    async def _serve(self, operator: OperatorStore, store: PostgresCrawlStore) -> None:
        await operator.put_fact(SETTINGS_FACT, public(self._settings))
        await self._tell(operator, told(self._partitions))
        seen = 0
        count = _Every(COUNTERS_EVERY, lambda: self._count(operator))
        while True:
            seen, words = await store.read_controls(seen)
            for start in range(0, len(words), TOGETHER):
                await self._tell(operator, words[start : start + TOGETHER])
            await self._seeds.step(operator)
            await count.due()
            await asyncio.sleep(EVERY)

    async def _tell(self, operator: OperatorStore, words: Sequence[Control]) -> None:
        """Wait until words are acked, and be heard of meanwhile: words of two clerks could overtake each other."""
        sending = asyncio.ensure_future(self._bus.send(CONTROLS, 0, words))
        try:
            while not (await asyncio.wait({sending}, timeout=EVERY))[0]:
                await operator.clerk_turn()
            sending.result()
        finally:
            sending.cancel()

    async def _count(self, operator: OperatorStore) -> None:
        self.counters = await operator.counters()
        self.counted_at = time.time()


class _Every:
    """Something that is done again after so many seconds."""

    def __init__(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        self._seconds = seconds
        self._work = work
        self._next = float("-inf")

    async def due(self) -> None:
        """Do it if it is time."""
        if (now := time.monotonic()) >= self._next:
            self._next = now + self._seconds
            await self._work()
