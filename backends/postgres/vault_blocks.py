"""All hashes ever seen, in blocks for matching backwards (`contracts.vault.Vault.blocks`, `pack`).

Blocks are immutable and follow each other without a gap; what came after the last one is read from the rows of media. A medium
gets a new number when its frames come later than itself, so that a block never misses any.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from struct import Struct
from typing import Any, Final

import asyncpg

from backends.postgres.ahead import ahead
from backends.postgres.connection import translated
from backends.postgres.frames import FORMS, FRAME, HASH
from backends.postgres.vault_queries import QUERIES
from contracts.vault import HashBlock

BLOCK_FRAMES: Final = 4096
"""Frames of a block, at least: 1 MiB of hashes. A medium is never cut, so that the last one may go over."""
TOGETHER: Final = 4
"""Blocks read at a time, while those before them are being searched."""
WRITERS_EVERY: Final = 0.02
WRITERS_END: Final = 2.0
"""Seconds in which those who write media now must have ended; else packing is tried again another time."""
NEW_MEDIA: Final = 512
"""Numbers given to media since the last look from which looking whether they fill a block is worth it."""
_FORMS: Final = Struct(f"{FRAME - FORMS * HASH}x{FORMS * HASH}s")


class Blocks:
    """The blocks of one vault."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._looked = 0

    async def read(self) -> AsyncIterator[HashBlock]:
        """Everything stored before this was called, whatever is packed meanwhile."""
        packed, _ = await self._fetchrow("packed_until")
        ids = [row[0] for row in await self._fetch("block_ids", packed)]
        async with aclosing(ahead(self._packed(ids))) as pages:
            async for rows in pages:
                for media_ids, hashes in rows:
                    yield HashBlock(media_ids, hashes)
        while rows := await self._page(packed, 2**63 - 1):
            packed = rows[-1]["media_id"]
            yield block_of(rows)

    async def stored(self) -> int:
        """How many hashes there are in blocks."""
        return int((await self._fetchrow("hashes_stored"))[0])

    async def pack(self, most: int) -> int:
        """Pack up to `most` blocks of what is certainly all there; how many were made."""
        packed, given = await self._fetchrow("packed_until")
        if given - max(packed, self._looked) < NEW_MEDIA or not await self._settled():
            return 0
        for made in range(most):
            rows = await self._page(packed, given)
            if sum(len(row["frames"]) for row in rows) < BLOCK_FRAMES * FRAME:
                self._looked = given
                return made
            block = block_of(rows)
            last = rows[-1]["media_id"]
            if not await self._fetch("add_block", packed, last, block.media_ids, block.hashes):
                return made  # somebody else packs
            packed = last
        return most

    async def _settled(self) -> bool:
        """Wait until all have ended who write media now: after that nobody holds a number that was given before.

        Who is given a number has locked the table by then, and keeps it locked until the transaction ends; numbers only grow.
        """
        writing = await self._writers()
        for _ in range(round(WRITERS_END / WRITERS_EVERY)):
            if not writing:
                return True
            await asyncio.sleep(WRITERS_EVERY)
            writing &= await self._writers()
        return False

    async def _writers(self) -> set[str]:
        return {row[0] for row in await self._fetch("media_writers")}

    async def _page(self, after: int, until: int) -> list[asyncpg.Record]:
        return await self._fetch("frames_page", after, until, BLOCK_FRAMES * FRAME, BLOCK_FRAMES)

    async def _packed(self, ids: Sequence[int]) -> AsyncGenerator[list[asyncpg.Record], None]:
        for start in range(0, len(ids), TOGETHER):
            yield await self._fetch("blocks", ids[start : start + TOGETHER])

    @translated
    async def _fetch(self, name: str, *values: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._pool.fetch(QUERIES[name], *values)
        return rows

    async def _fetchrow(self, name: str) -> asyncpg.Record:
        return (await self._fetch(name))[0]


def block_of(rows: Sequence[asyncpg.Record]) -> HashBlock:
    """Media with their frames as a block."""
    owners = [row["media_id"].to_bytes(8, "little") * (len(row["frames"]) // FRAME) for row in rows]
    forms = _FORMS.iter_unpack(b"".join(row["frames"] for row in rows))
    return HashBlock(b"".join(owners), b"".join(one for (one,) in forms))
