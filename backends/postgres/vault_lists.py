"""Importing lists into the vault (`contracts.lists.ListVault`): one transaction a batch, with its progress and its cursor."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_entries import Into, add, once
from backends.postgres.vault_queries import QUERIES, columns
from backends.postgres.vault_standing import hold, judge, told
from contracts.errors import UsageError
from contracts.guards import takes_back_too_much
from contracts.lists import KNOWN_GOOD, ImportStep, ListSource, NewEntry, SourceView, Stored, check_source
from contracts.settings import Lists
from contracts.standing import Carrier, Known, standing

BAD_LINES: Final = 1000
"""Bad lines of an import that are kept with their numbers; all are counted."""


class PostgresLists:
    """`contracts.lists.ListVault` over a pool."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", settings: Lists | None = None) -> None:
        self._pool, self._settings = pool, settings or Lists()
        self._members: dict[str, int] = {}

    @translated
    async def begin_import(self, source: ListSource, file: str, now: float) -> int:
        """Make or find the list and begin an import. UsageError if it exists as something else, or takes two people to add."""
        check_source(source)
        async with self._pool.acquire() as db, db.transaction():
            row = await db.fetchrow(QUERIES["list_by_name"], source.name)
            if row is None:
                if source.trust != "unverified" or "notify" in source.uses:
                    raise UsageError(
                        f"list {source.name!r} is not known: two people add a list that is to be trusted (`crawlctl lists add`)"
                    )
                await add_list(db, source, now)
                row = await db.fetchrow(QUERIES["list_by_name"], source.name)
            if row is None or (row["kind"], row["trust"]) != (source.kind, source.trust):
                raise UsageError(
                    f"list {source.name!r} is known as {row and row['kind']}, {row and row['trust']}, not as {source.kind}, "
                    f"{source.trust}: import it under another name"
                )
            return int(await db.fetchval(QUERIES["begin_import"], row["list_id"], file, millis(now)))

    @translated
    async def add_entries(self, import_id: int, entries: Sequence[NewEntry], step: ImportStep, now: float) -> Stored:
        """One batch in one transaction, its progress included."""
        async with self._pool.acquire() as db:
            await self._name_members(db, entries)
            async with db.transaction():
                seq = await db.fetchval(QUERIES["lock_clock"])
                # Only now: who changes a list's trust or uses judges its entries under the same lock afterwards.
                about = await db.fetchrow(QUERIES["list_of_import"], import_id)
                plain = standing(Known("", (Carrier(about["kind"], about["trusted"], False),)))
                into = Into(
                    about["list_id"],
                    import_id,
                    seq,
                    about["trusted"],
                    about["says"],
                    about["matches"],
                    plain,
                    about["name"],
                )
                done = await add(db, into, once(entries, self._members), now)
                changed = done.added + len(done.touched)
                if about["good"] and (done.new or done.said):
                    rows = await db.fetch(QUERIES["good_conflicts"], [*done.new, *done.said], done.said)
                    changed += await hold(db, [row[0] for row in rows], KNOWN_GOOD, "", seq, now)
                changed += await judge(db, done.judged, seq, now)
                if done.touched:
                    await db.execute(QUERIES["touch_entries"], sorted(done.touched), seq)
                await told(db, changed, seq, now)
                await db.execute(
                    QUERIES["count_import"], import_id, millis(now), step.bytes_read, step.lines,
                    len(entries), done.added, len(done.changed), step.held, done.deleted,
                )  # fmt: skip
                if done.joined or done.says:
                    await db.execute(QUERIES["count_list"], into.list_id, done.joined, done.says)
                await _keep_progress(db, into.list_id, import_id, step)
        return Stored(done.added, len(done.changed), done.deleted)

    @translated
    async def end_import(self, import_id: int, now: float, error: str = "") -> None:
        """Mark an import as done, or as failed; what was deleted takes effect if it was done, or waits if it is too much."""
        async with self._pool.acquire() as db, db.transaction():
            about = await db.fetchrow(QUERIES["list_of_import"], import_id)
            going = [] if error else await db.fetch(QUERIES["going_entries"], about["list_id"])
            if going:
                await self._settle(db, about, [row[0] for row in going], now)
            await db.execute(QUERIES["end_import"], import_id, millis(now), error)

    @translated
    async def source(self, name: str) -> SourceView:
        """A list as it was added. UsageError if there is none of that name."""
        row = await self._pool.fetchrow(QUERIES["source"], name)
        if row is None:
            raise await no_list(self._pool, name)
        values = dict(row)
        values["uses"] = tuple(values["uses"])
        cursor = values.pop("cursor")
        return SourceView(ListSource(**values), cursor)

    async def _settle(self, db: Any, about: Any, going: Sequence[int], now: float) -> None:
        list_id, seq = about["list_id"], await db.fetchval(QUERIES["lock_clock"])
        # Another sync of the list may have ended in between, and settled a part of what this one deleted.
        deleted = max(len(going), about["deleted"])
        if takes_back_too_much(deleted, about["carried"], self._settings.delete_share):
            await db.execute(QUERIES["hold_mass_deletion"], list_id)
        else:
            await db.execute(QUERIES["set_gone"], list_id, going)
            await db.execute(QUERIES["count_list"], list_id, -len(going), False)
            await judge(db, going, seq, now)
            await told(db, len(going), seq, now)

    async def _name_members(self, db: Any, entries: Sequence[NewEntry]) -> None:
        """Numbers of the organisations, outside the transaction: they stay whatever becomes of it."""
        names = sorted({entry.member for entry in entries} - self._members.keys())
        for start in range(0, len(names), 10_000):
            rows = await db.fetch(QUERIES["add_members"], names[start : start + 10_000])
            if len(rows) < len(names[start : start + 10_000]):  # somebody else named one at the same moment
                rows = await db.fetch(QUERIES["add_members"], names[start : start + 10_000])
            self._members.update((row["name"], row["member_id"]) for row in rows)


async def _keep_progress(db: Any, list_id: int, import_id: int, step: ImportStep) -> None:
    if step.cursor is not None:
        await db.execute(QUERIES["set_cursor"], list_id, step.cursor)
    if step.bad:
        await db.execute(QUERIES["count_refusals"], import_id, list(step.bad), list(step.bad.values()))
    if step.samples:
        rows = [(bad.line, bad.column, bad.reason, bad.evidence) for bad in step.samples[:BAD_LINES]]
        await db.execute(QUERIES["add_bad_lines"], import_id, *columns(rows, 4), BAD_LINES)


async def add_list(db: Any, source: ListSource, now: float) -> None:
    """Make a list, unless there is one of this name."""
    await db.execute(
        QUERIES["add_list"], source.name, source.format, source.kind, source.trust, list(source.uses), source.location,
        source.mapping, source.credentials, millis(now),
    )  # fmt: skip


async def no_list(db: Any, name: str) -> UsageError:
    """That there is no list of this name, naming those that there are."""
    there = ", ".join(row["name"] for row in await db.fetch(QUERIES["lists"])) or "none"
    return UsageError(f"there is no list {name[:100]!r}; there are: {there}")
