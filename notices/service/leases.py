"""What this process is at stays its own while it lives: a lease is renewed until the work ends, and lapses soon after a kill."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from contracts.errors import Unavailable

log = logging.getLogger(__name__)

LEASE: Final = 60.0
"""Seconds after which another process does what nobody has finished or renewed."""
RENEWALS: Final = 4
"""Times that a lease is renewed before it would lapse."""


@asynccontextmanager
async def renewed(renew: Callable[[], Awaitable[None]], lease: float) -> AsyncIterator[None]:
    """Renew a lease while the block lasts. A vault that is away is tried again: nobody else reaches it either."""

    async def again() -> None:
        while True:
            await asyncio.sleep(lease / RENEWALS)
            try:
                await renew()
            except Unavailable as error:
                log.warning("a lease is not renewed: %s", error)

    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
