"""What somebody should be told of the vault without being asked: how long cases wait for people, whether keys are there, when
retention was run. Read seldom: some of it looks at every open case."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES

if TYPE_CHECKING:
    import asyncpg


class VaultWatch:
    """Over a pool of the notices role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @translated
    async def figures(self, now: float, retract_within: float) -> dict[str, float]:
        """By name: `age:STATE` (seconds since the oldest case in it was opened), lookups_failing, tell_age (seconds), retractions_late,
        sending (1 if it is switched on), keys_missing, retention_at (unix seconds; 0 for not within a week)."""
        rows = await self._pool.fetch(QUERIES["case_watch"], millis(now), millis(retract_within))
        return {row["name"]: float(row["value"]) for row in rows}

    @translated
    async def notices_there(self, numbers: Sequence[int]) -> set[int]:
        """Which of these notices are kept."""
        return {row["notice_id"] for row in await self._pool.fetch(QUERIES["notices_there"], list(numbers))}
