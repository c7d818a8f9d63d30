"""The vault behind Shield (`contracts.shielding`): what may answer providers, and the little that is kept of them."""

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

import asyncpg
from msgspec import Struct

from backends.postgres.ahead import ahead
from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES, columns
from contracts.shielding import Past, Question, Told, Used
from contracts.vault import EntryDigests, EntryFacts, Pair

ENTRIES_PAGE: Final = 20_000
SNAPSHOTS_KEPT: Final = 90 * 86400.0
SECRET_BYTES: Final = 32


class Shielded(Struct, frozen=True, gc=False):
    """What Shield needs of an entry: the facts for deciding, its lowest kind, and digests that may be handed on."""

    facts: EntryFacts
    kind: str
    legality: str
    sha1: bytes
    sha256: bytes


class Suspension(Struct, frozen=True):
    """A key that has circled an entry. `lifted_at` is 0.0 while it hears of no near matches."""

    account: int
    name: str
    entry_id: int
    at: float
    lifted_at: float
    lifted_by: str
    why: str


class VaultShield:
    """`contracts.shielding.Ledger` and `contracts.vault.EntryVault`, as the role pisaura_shield."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    # -- entries --------------------------------------------------------------------------------------------------------

    @translated
    async def seq(self) -> int:
        """The number of the last change of entries."""
        return int(await self._pool.fetchval(QUERIES["seq"]))

    async def entries(self, after: int, until: int) -> AsyncIterator[list[EntryDigests]]:
        """Entries changed in after+1..until; `live` are those that may answer providers."""
        async with aclosing(ahead(self._changed(after, until))) as pages:
            async for rows in pages:
                yield [
                    EntryDigests(entry_id, tuple(zip(algorithms, digests, strict=True)), live)
                    for entry_id, _, live, algorithms, digests in rows
                ]

    async def _changed(self, after: int, until: int) -> AsyncGenerator[list[asyncpg.Record], None]:
        last = 2**63 - 1
        while rows := await self._fetch("shield_changed", after, last, until, ENTRIES_PAGE):
            yield rows
            after, last = rows[-1]["changed_seq"], rows[-1]["entry_id"]

    @translated
    async def snapshot_known(self, content: bytes, seq: int) -> bool:
        """Whether such a snapshot of the index was made of this vault, at this change."""
        return bool(await self._pool.fetchval(QUERIES["snapshot_known"], content, seq))

    @translated
    async def add_snapshot(self, content: bytes, seq: int, now: float) -> None:
        """Say that such a snapshot is being made."""
        forget = millis(now - SNAPSHOTS_KEPT)
        await self._pool.execute(QUERIES["add_snapshot"], content, seq, millis(now), forget)

    async def facts(self, entry_ids: Sequence[int]) -> dict[int, Shielded]:
        """What these entries are now; those that the vault does not know are missing."""
        rows = await self._fetch("shield_facts", list(entry_ids)) if entry_ids else []
        return {row[0]: Shielded(EntryFacts(*tuple(row)[:6]), *tuple(row)[6:]) for row in rows}

    async def suppressed(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Those of the pairs that people have refused."""
        return {(row[0], row[1]) for row in await self._fetch("suppressed", *columns(pairs, 2))} if pairs else set()

    async def stopped(self, digests: Sequence[bytes]) -> set[bytes]:
        """Those of the digests that count no more in videos."""
        return {row[0] for row in await self._fetch("stopped_frames", list(digests))} if digests else set()

    async def good(self, questions: Sequence[Question]) -> set[int]:
        """Numbers, from 0, of the questions about files that a known-good list has."""
        rows = [(one.sha256, one.sha1, one.md5) for one in questions]
        return {row[0] for row in await self._fetch("shield_known_good", *columns(rows, 3))} if rows else set()

    # -- what is kept -----------------------------------------------------------------------------------------------------

    @translated
    async def past(self, account: int, day: int) -> Past:
        """An account's secret, drawn if it has none, and what it has used of a day."""
        async with self._pool.acquire() as db:
            drawn = secrets.token_bytes(SECRET_BYTES)
            secret = await db.fetchval(QUERIES["shield_secret"], account, drawn)
            if secret is None:  # another process has drawn one this moment
                secret = await db.fetchval(QUERIES["shield_secret"], account, drawn)
            row = await db.fetchrow(QUERIES["shield_day"], account, day)
        return Past(secret, *(row or (0, 0)))

    @translated
    async def told(self, rows: Sequence[Told]) -> None:
        """Keep matches."""
        values = [(row.account, row.entry_id, millis(row.at), row.request) for row in rows]
        await self._pool.execute(QUERIES["shield_told"], *columns(values, 4))

    @translated
    async def count(self, used: Sequence[Used]) -> None:
        """Add to what was counted; rows in one order for all, so that no two block each other."""
        values = [(row.account, row.day, row.questions, row.near) for row in sorted(used, key=_order)]
        await self._pool.execute(QUERIES["shield_count"], *columns(values, 4))

    async def answered(self, account: int, request: str) -> list[Told]:
        """What an account was told in answer to a request."""
        rows = await self._fetch("shield_answered", account, request)
        return [Told(row["account"], row["entry_id"], row["at"] / 1000, row["request"]) for row in rows]

    @translated
    async def say(self, account: int, name: str, entry_id: int, verdict: str, reason: str, now: float) -> None:
        """Queue a provider's opinion; `vault_opinions` makes it one of that organisation."""
        await self._pool.execute(QUERIES["shield_say"], account, name, entry_id, verdict, reason, millis(now))

    @translated
    async def suspend(self, account: int, entry_id: int, now: float) -> None:
        """Suspend near answers of an account."""
        await self._pool.execute(QUERIES["shield_suspend"], account, entry_id, millis(now))

    async def suspended(self) -> set[int]:
        """Accounts whose near answers are suspended."""
        return {row[0] for row in await self._fetch("shield_suspended")}

    async def serving(self, accounts: Sequence[int]) -> set[int]:
        """Those of the accounts that are not revoked."""
        return {row[0] for row in await self._fetch("shield_serving", list(accounts))} if accounts else set()

    @translated
    async def forget(self, before: float, day: int) -> int:
        """Drop matches told before a time, and days before one; how many rows."""
        return int(await self._pool.fetchval(QUERIES["shield_forget"], millis(before), day))

    @translated
    async def _fetch(self, name: str, *values: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._pool.fetch(QUERIES[name], *values)
        return rows


class Suspensions:
    """What people see and lift of suspended keys, over a connection of the notices role."""

    def __init__(self, database: Any) -> None:
        self._db = database

    @translated
    async def all(self, limit: int) -> list[Suspension]:
        """The last ones, newest first."""
        rows = await self._db.fetch(QUERIES["shield_suspensions"], limit)
        return [_suspension(dict(row)) for row in rows]

    @translated
    async def lift(self, key: str, by: str, why: str, now: float) -> int:
        """Let a key (its name or user) hear of near matches again; how many suspensions ended."""
        return len(await self._db.fetch(QUERIES["shield_lift"], key.replace("\0", ""), millis(now), by, why))


def _order(row: Used) -> tuple[int, int]:
    return row.account, row.day


def _suspension(row: Mapping[str, Any]) -> Suspension:
    lifted = row["lifted_at"]
    return Suspension(**{**row, "at": row["at"] / 1000, "lifted_at": lifted / 1000 if lifted else 0.0})
