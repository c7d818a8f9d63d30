"""What looks at whole lists: all PDQ, block by block, for comparing a few digests with everything in bounded memory; what is held."""

from collections.abc import AsyncIterator
from typing import Final

import asyncpg
from msgspec import Struct

from backends.postgres.connection import translated
from backends.postgres.vault_queries import QUERIES

BLOCK: Final = 100_000
"""Hashes of a block: 4 MB."""
HASH: Final = 32
ID: Final = 8


class PdqBlock(Struct, frozen=True):
    """Hashes laid end to end (32 bytes each), and beside them the numbers of their entries (8 bytes each, big-endian)."""

    entry_ids: bytes
    hashes: bytes


class VaultScan:
    """Reads over a pool."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @translated
    async def estimate(self) -> int:
        """How many entries there are, about: the sum of what lists carry. For a line of progress."""
        return int(await self._pool.fetchval(QUERIES["entries_of_lists"]))

    @translated
    async def held_by_reason(self) -> dict[str, dict[str, int]]:
        """Of each list that has any, how many entries are held, by their leading reason."""
        held: dict[str, dict[str, int]] = {}
        for row in await self._pool.fetch(QUERIES["held_of_lists"]):
            held.setdefault(row["name"], {})[row["reason"]] = row["entries"]
        return held

    async def pdqs(self, block: int = BLOCK) -> AsyncIterator[PdqBlock]:
        """All PDQ of all entries, whether these may match or not."""
        entry_id, digest = 0, b""
        while True:
            found = await self._page(entry_id, digest, block)
            if not found.hashes:
                return
            yield found
            entry_id = int.from_bytes(found.entry_ids[-ID:])
            digest = found.hashes[-HASH:]

    @translated
    async def _page(self, entry_id: int, digest: bytes, block: int) -> PdqBlock:
        row = await self._pool.fetchrow(QUERIES["pdqs_page"], entry_id, digest, block)
        return PdqBlock(row["entry_ids"], row["digests"])
