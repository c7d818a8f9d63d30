"""What the tests of loops have in common: records, polling, and a log in memory whose loops are ended."""

import asyncio
from collections.abc import Callable

from contracts.messages import DigestRecord, MediaDigests

PATIENCE = 10.0


async def until(condition: Callable[[], object]) -> None:
    """Poll a condition."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


def sighting(number: int) -> DigestRecord:
    """A sighting that tells its number by its digest."""
    sha256 = number.to_bytes(32, "big")
    return DigestRecord(sha256, b"sealed", sha256, bytes(20), bytes(16), 1, 0.0, MediaDigests("image/png"))
