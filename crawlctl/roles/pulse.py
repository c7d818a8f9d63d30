"""The heartbeat of a process: what it says of itself, and what the broker's stamp on it says of our clock."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from backends.system import JUMP_SECONDS, SteadyClock, boot
from contracts.errors import Unavailable
from contracts.notes import Heartbeat
from crawlctl.roles.skew import SkewGuard, follows

log = logging.getLogger(__name__)

STEER_EVERY: Final = 1.0

Beat: TypeAlias = Callable[[Heartbeat], Awaitable[tuple[float, float]]]
"""Sends a heartbeat; by how many seconds our clock is ahead of the brokers', and the uncertainty of that."""


class Pulse:
    """Beats every `every` seconds. `skew` as measured last; `hold` says why nothing may be served, empty if it may."""

    def __init__(
        self, clock: SteadyClock, beat: Beat, say: Callable[[float], Heartbeat], every: float, most: float
    ) -> None:
        self._clock = clock
        self._beat = beat
        self._say = say
        self._every = every
        self._guard = SkewGuard(most)
        self._accepted = 0.0
        self.skew = 0.0
        self.acked_at = time.monotonic()
        self.away = ""

    @property
    def age(self) -> float:
        """Seconds since a heartbeat was acked, or since the start."""
        return time.monotonic() - self.acked_at

    def hold(self) -> str:
        """Why the clock is not good enough to issue or take orders."""
        return self._guard.hold(boot())

    async def beat(self) -> None:
        """Send one heartbeat and learn from it; Unavailable if it is not acked."""
        sent, drift = boot(), self._clock.drift()
        self.skew, uncertainty = await self._beat(self._say(self.skew))
        self.acked_at, self.away = time.monotonic(), ""
        self._guard.measured(self.skew, uncertainty, sent)
        if self._guard.hold(boot()) and abs(drift) >= JUMP_SECONDS and follows(self.skew, drift):
            log.warning("the clock now goes by the wall clock, %+.1f s from before", self._clock.check())

    async def run(self) -> None:
        """Beat for ever; brokers that are away are waited for."""
        while True:
            try:
                await self.beat()
            except Unavailable as error:
                self.away = str(error)
            await asyncio.sleep(self._every)

    async def steer(self) -> None:
        """Follow the wall clock's small corrections, and notice its jumps."""
        while True:
            drift = self._clock.drift()
            if abs(drift) < JUMP_SECONDS:
                self._clock.check()
                self._accepted = 0.0
            elif abs(drift - self._accepted) >= JUMP_SECONDS:
                log.warning("the wall clock jumped by %+.0f s; nothing is issued or taken until it is compared", drift)
                self._guard.jumped(drift - self._accepted, boot())
                self._accepted = drift
            await asyncio.sleep(STEER_EVERY)
