"""What providers say of entries becomes opinions of theirs as organisations (docs/domain.md, section 4: "an opinion").

Shield itself can change no entry: it queues what is said, and whoever keeps the lists (the hasher's role) hands it on by the same
road as any opinion. A provider confirms or disputes, and never withdraws: so the most it can do is to ask for a review.
"""

from contextlib import suppress
from typing import Final

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_desk import PostgresDesk
from backends.postgres.vault_queries import QUERIES
from contracts.desk import Person
from contracts.errors import UsageError
from contracts.lists import Opinion
from contracts.people import ACCOUNT

TOGETHER: Final = 200
PROVIDER: Final = "provider: "
"""Before a provider's name, so that none can speak in the name of a hotline."""


class ProviderOpinions:
    """Hands on what providers said, over a pool of the hasher's role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._desk = PostgresDesk(pool)

    @translated
    async def hand_on(self, now: float) -> int:
        """Make opinions of what waits; how many. One that is cut off is said again, which changes nothing."""
        rows = await self._pool.fetch(QUERIES["shield_said"], TOGETHER)
        for row in rows:
            opinion = Opinion(f"{PROVIDER}{row['name']}", row["verdict"], row["reason"])
            person = Person(row["name"], row["account"], ACCOUNT)
            with suppress(UsageError):  # no such entry (a vault put back to an older backup): nothing to say of it
                await self._desk.say(row["entry_id"], opinion, person, row["at"] / 1000)
            await self._pool.execute(QUERIES["shield_said_done"], row["opinion_id"], millis(now))
        return len(rows)
