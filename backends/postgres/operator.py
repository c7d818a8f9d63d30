"""What operators ask of the crawl database: seeds, controls, counters, hosts, and the life of one URL. Never a count of rows."""

from collections.abc import Sequence
from importlib.resources import files

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.crawl_store import millis
from backends.postgres.queries import load

QUERIES = load(files("backends.postgres.crawl") / "operator")


class OperatorStore:
    """Reads and writes of people's commands, over one connection."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._db = connection

    @translated
    async def add_seeds(self, urls: Sequence[str], now: float) -> int:
        """Seeds for the next or the running crawl; how many were new."""
        rows = await self._db.fetch(QUERIES["add_seeds"], list(urls), millis(now))
        return len(rows)

    @translated
    async def new_seeds(self, limit: int) -> list[tuple[int, str]]:
        """(number, URL) of seeds that no frontier has taken."""
        return [(row[0], row[1]) for row in await self._db.fetch(QUERIES["new_seeds"], limit)]

    @translated
    async def seeds_taken(self, seqs: Sequence[int], refused: dict[int, str], now: float) -> None:
        """These are taken; some were refused, with their reasons."""
        why = [refused.get(seq, "") for seq in seqs]
        await self._db.execute(QUERIES["seeds_taken"], list(seqs), why, millis(now))

    @translated
    async def counters(self) -> dict[str, int]:
        """All counters, summed over partitions."""
        return {row[0]: row[1] for row in await self._db.fetch(QUERIES["counters"])}
