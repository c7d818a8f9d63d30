"""Pauses that grow while a service is away."""

import asyncio
import random
from contextlib import suppress
from typing import Final

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0


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
