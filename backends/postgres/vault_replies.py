"""What comes back about notices, in the vault: tied to its notice, sealed, and kept once however often it is read."""

from collections.abc import Sequence

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES
from contracts.notices import BOUNCE, Arrived, KeptReply, SealedReply, reference
from contracts.ports import Clock
from contracts.replykeys import seal_reply
from contracts.seal import Sealer


class VaultReplies:
    """`contracts.notices.Replies` over a pool of the notices role. Drivers' errors become ours."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", sealer: Sealer, clock: Clock) -> None:
        self._pool, self._sealer, self._clock = pool, sealer, clock

    @translated
    async def keep(self, arrived: Arrived, now: float) -> int:
        """Tie a reply to its notice and keep it sealed; its number, the same if it was kept already. A bounce marks its notice."""
        reply = arrived.reply
        wrapped, sealed = seal_reply(reply, self._sealer)
        async with self._pool.acquire() as db, db.transaction():
            notice_id = await _named(db, arrived)
            number = await db.fetchval(
                QUERIES["add_reply"], arrived.key, notice_id or None, reply.kind, reply.status, millis(reply.at), millis(now),
                reply.discarded, sealed,
            )  # fmt: skip
            if number is None:
                return int(await db.fetchval(QUERIES["reply_of_key"], arrived.key))
            destroyed = await db.fetchval(QUERIES["add_reply_cases"], number, notice_id) if notice_id else 0
            if not destroyed:
                await db.execute(QUERIES["add_reply_key"], number, wrapped)
            if notice_id:
                await db.execute(QUERIES["notice_answered"], notice_id, millis(reply.at), reply.kind == BOUNCE)
            return int(number)

    @translated
    async def to_carry(self, limit: int) -> Sequence[KeptReply]:
        """Replies to notices that are not carried into their cases yet, in the order in which they came."""
        return [_kept(row) for row in await self._pool.fetch(QUERIES["replies_to_carry"], limit)]

    @translated
    async def carried(self, reply_ids: Sequence[int]) -> None:
        """Say that these are."""
        await self._pool.execute(QUERIES["replies_carried"], sorted(reply_ids), millis(self._clock()))

    @translated
    async def of_notice(self, notice_id: int, limit: int = 100) -> list[SealedReply]:
        """What was answered to a notice, newest first; with 0 what names no notice of ours."""
        rows = await self._pool.fetch(QUERIES["replies_of"], notice_id, limit)
        return [SealedReply(_kept(row), row["wrapped"], row["sealed"]) for row in rows]

    @translated
    async def forget(self, before: float, most: int = 1000) -> int:
        """Delete replies that were kept before then, with their keys, but those of cases under a legal hold; how many."""
        said = await self._pool.execute(QUERIES["forget_replies"], millis(before), most)
        return int(said.rpartition(" ")[2])


async def _named(db: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]", arrived: Arrived) -> int:
    """The notice that a reply names: by Message-ID first, then by its number, whose second half must be right; 0 if none of ours."""
    numbers = [int(one[1:].partition("-")[0]) for one in arrived.references]
    known = [number for number in numbers if number < 1 << 63]
    rows = await db.fetch(QUERIES["notices_answered"], list(arrived.answers), known)
    by_id = {row["message_id"]: row["notice_id"] for row in rows}
    by_number = {reference(row["notice_id"], row["message_id"]): row["notice_id"] for row in rows}
    found = [by_id[one] for one in arrived.answers if one in by_id]
    found += [by_number[one] for one in arrived.references if one in by_number]
    return int(found[0]) if found else 0


def _kept(row: "asyncpg.Record") -> KeptReply:
    return KeptReply(
        row["reply_id"], row["notice_id"], row["kind"], row["at"] / 1000, row["status"], row["discarded"], tuple(row["cases"])
    )  # fmt: skip
