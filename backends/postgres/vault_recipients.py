"""What is kept about recipients: answers of registries, their servers' turns, partner hotlines, and who is not to be told."""

from typing import Any, Final

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES
from contracts.recipients import Partner, Stop

ENDED: Final = "; ended by {person}: {why}"


class VaultRecipients:
    """Over a pool of the notices role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def answer(self, question: bytes) -> tuple[float, int, bytes] | None:
        """(when, HTTP status, sealed answer) of a question; None if it was never answered, or too long ago."""
        row = await self._row("rdap_answer", question)
        return (row["asked_at"] / 1000, row["status"], row["sealed"]) if row else None

    @translated
    async def keep(self, question: bytes, at: float, status: int, sealed: bytes, oldest: float) -> None:
        """Keep an answer; some that are older than `oldest` go."""
        async with self._pool.acquire() as db, db.transaction():
            await db.execute(QUERIES["keep_rdap_answer"], question, millis(at), status, sealed)
            await db.execute(QUERIES["drop_rdap_answers"], millis(oldest))

    async def turn(self, server: str, now: float, gap: float, patience: float) -> float | None:
        """When a server may be asked by whoever takes this turn, `gap` seconds after the one before; None if that is more than
        `patience` seconds away, and no turn is taken then."""
        row = await self._row("rdap_turn", server, millis(now), millis(gap), millis(patience))
        return row[0] / 1000 if row else None

    @translated
    async def pause(self, server: str, until: float, shortest: float, longest: float, now: float) -> None:
        """Nobody asks a server before `until`, nor before a pause that doubles from `shortest` to `longest` seconds."""
        times = (millis(until), millis(shortest), millis(now), millis(longest))
        await self._pool.execute(QUERIES["rdap_pause"], server, *times)

    @translated
    async def went_well(self, server: str) -> None:
        """A server answered."""
        await self._pool.execute(QUERIES["rdap_went_well"], server)

    @translated
    async def add_partner(self, partner: Partner, person: str, now: float) -> None:
        """Add a hotline; the same contact for the same country again changes it."""
        await self._pool.execute(
            QUERIES["add_partner"],
            partner.country,
            partner.name,
            partner.channel,
            partner.contact,
            partner.language,
            list(partner.accepts),
            person,
            millis(now),
        )

    @translated
    async def partners(self, country: str = "") -> list[Partner]:
        """Hotlines of a country, or all."""
        rows = await self._pool.fetch(QUERIES["partners"], country)
        return [
            Partner(row["country"], row["name"], row["contact"], tuple(row["accepts"]), row["channel"], row["language"])
            for row in rows
        ]

    async def partner_for(self, country: str, kind: str) -> Partner | None:
        """The first hotline of a country that takes places matched by lists of this kind."""
        return next((one for one in await self.partners(country) if country and kind in one.accepts), None)

    async def add_stop(self, stop: Stop) -> int:
        """Keep a stop; its number."""
        times = (millis(stop.at), millis(stop.until))
        row = await self._row("add_stop", stop.scope, stop.subject, stop.authority, stop.why, stop.person, *times)
        return int(row[0])

    @translated
    async def stops(self, now: float, *, over: bool = False) -> list[Stop]:
        """Stops that hold now; with `over` also those that do no more."""
        return [_stop(row) for row in await self._pool.fetch(QUERIES["stops_page"], millis(now), over)]

    @translated
    async def end_stop(self, stop_id: int, person: str, why: str, now: float) -> bool:
        """End a stop before its time; whether there was such a one. Who and why is written to it."""
        said = ENDED.format(person=person, why=why)
        return bool((await self._pool.execute(QUERIES["end_stop"], stop_id, millis(now), said)).endswith(" 1"))

    @translated
    async def _row(self, query: str, *values: Any) -> Any:
        return await self._pool.fetchrow(QUERIES[query], *values)


def _stop(row: asyncpg.Record) -> Stop:
    ended = (row["ended_at"] or 0) / 1000
    return Stop(
        row["scope"],
        row["subject"],
        row["authority"],
        row["why"],
        row["person"],
        row["at"] / 1000,
        row["until"] / 1000,
        row["stop_id"],
        ended,
    )
