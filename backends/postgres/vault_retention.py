"""What is kept how long, carried out (docs/domain.md, section 4): one table of rules, each walked through in batches.

Each batch is a transaction, so that a run may be stopped at any moment; the next one begins again and finds less. A case's key is
destroyed, and the place of its sighting with it, in a transaction of its own before any of its rows goes. Hashes of media that go stay in
the immutable blocks of `vault_blocks`, where no place, digest or number leads to or from them.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

import asyncpg
from msgspec import Struct

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_audit import VaultAudit
from backends.postgres.vault_queries import QUERIES
from contracts.auditing import Act
from contracts.removal import Retention

BATCH: Final = 1_000


class Gone(Struct, frozen=True):
    """How far a rule is: rows looked at that it is for, of them deleted (in a dry run: that would be), and kept for a legal hold."""

    what: str
    age: float
    deleted: int = 0
    held: int = 0


class VaultRetention:
    """Retention over a pool of the notices role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", audit: VaultAudit, by: Act) -> None:
        """`by` is who runs it, for the audit."""
        self._pool, self._audit, self._by = pool, audit, by

    async def run(self, ages: Retention, now: float, *, dry: bool) -> AsyncIterator[Gone]:
        """Carry out all rules, telling after each batch how far the rule is; the last word on each is complete. `dry`: nothing goes."""
        rules: Sequence[tuple[str, float, Callable[[str, float, float, bool], AsyncIterator[Gone]]]] = (
            ("cases", ages.cases, self._cases),
            ("replies", ages.replies, self._replies),
            ("sightings", ages.sightings, self._sightings),
            ("media", ages.sightings, self._media),
            ("shield matches", ages.shield, self._shield),
            ("audit", ages.audit, self._lines),
        )
        for what, age, rule in rules:
            yield Gone(what, age)
            async for step in rule(what, age, now - age, dry):
                yield step

    async def _cases(self, what: str, age: float, before: float, dry: bool) -> AsyncIterator[Gone]:
        after = deleted = held = 0
        while rows := await self._fetch("old_cases", after, millis(before), BATCH):
            after = rows[-1]["case_id"]
            going = [row["case_id"] for row in rows if row["goes"]]
            held += len(rows) - len(going)
            deleted += len(going) if dry else await self._drop_cases(going, before)
            yield Gone(what, age, deleted, held)

    @translated
    async def _drop_cases(self, case_ids: list[int], before: float) -> int:
        async with self._pool.acquire() as db:
            async with db.transaction():
                locked = [row[0] for row in await db.fetch(QUERIES["lock_old_cases"], case_ids, millis(before))]
                await db.fetch(QUERIES["drop_case_sightings"], locked)
                await db.fetch(QUERIES["drop_case_keys"], locked)
            async with db.transaction():
                return len(await db.fetch(QUERIES["drop_cases"], locked))

    async def _replies(self, what: str, age: float, before: float, dry: bool) -> AsyncIterator[Gone]:
        after = deleted = held = 0
        while rows := await self._fetch("old_replies", after, millis(before), BATCH):
            after = rows[-1]["reply_id"]
            going = [row["reply_id"] for row in rows if row["goes"]]
            held += len(rows) - len(going)
            if not dry:
                await self._fetch("drop_reply_keys", going)
            deleted += len(going) if dry else len(await self._fetch("drop_replies", going))
            yield Gone(what, age, deleted, held)

    async def _sightings(self, what: str, age: float, before: float, dry: bool) -> AsyncIterator[Gone]:
        after, deleted = (b"", b""), 0
        while rows := await self._fetch("old_sightings", *after, millis(before), BATCH):
            after = rows[-1]["sha256"], rows[-1]["place"]
            going = [(row["sha256"], row["place"]) for row in rows if row["goes"]]
            if going and not dry:
                pairs = [list(column) for column in zip(*going, strict=True)]
                deleted += len(await self._fetch("drop_sightings", *pairs, millis(before)))
            elif dry:
                deleted += len(going)
            yield Gone(what, age, deleted)

    async def _media(self, what: str, age: float, before: float, dry: bool) -> AsyncIterator[Gone]:
        after = deleted = 0
        while rows := await self._fetch("old_media", after, millis(before), BATCH):
            after = rows[-1]["media_id"]
            going = [row["media_id"] for row in rows if row["goes"]]
            deleted += len(going) if dry or not going else await self._drop_media(going)
            yield Gone(what, age, deleted)

    @translated
    async def _drop_media(self, media_ids: list[int]) -> int:
        """Locked first, and only then looked at again: whoever stores a sighting of one waits, and stores it anew."""
        async with self._pool.acquire() as db, db.transaction():
            locked = [row[0] for row in await db.fetch(QUERIES["lock_media"], media_ids)]
            return len(await db.fetch(QUERIES["drop_media"], locked))

    async def _shield(self, what: str, age: float, before: float, dry: bool) -> AsyncIterator[Gone]:
        if dry:
            yield Gone(what, age, (await self._fetch("count_shield_matches", millis(before)))[0][0])
            return
        deleted = 0
        while gone := len(await self._fetch("drop_shield_matches", millis(before), BATCH)):
            deleted += gone
            yield Gone(what, age, deleted)

    async def _lines(self, what: str, age: float, before: float, dry: bool) -> AsyncIterator[Gone]:
        """Lines of the audit go from the beginning, after the chain has said up to which."""
        last, mac = await self._audit.last_before(before)
        if not last:
            return
        if dry:
            yield Gone(what, age, (await self._fetch("count_audit", last))[0][0])
            return
        await self._audit.cut(last, mac, self._by)
        deleted = 0
        while gone := await self._audit.take_away(last, BATCH):
            deleted += gone
            yield Gone(what, age, deleted)

    @translated
    async def _fetch(self, name: str, *values: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._pool.fetch(QUERIES[name], *values)
        return rows
