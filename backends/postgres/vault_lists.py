"""Importing lists into the vault (`contracts.vault.ListVault`): new entries by COPY, known ones compared and topped up.

Importers take turns by the clock's row, so what a batch finds to be new stays new until it commits.
"""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from msgspec.structs import replace

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_store import QUERIES, columns
from contracts.errors import UsageError
from contracts.lists import STANDINGS, ImportStep, ListSource, NewEntry, SourceView, Stored

BAD_LINES: Final = 1000
"""Bad lines of an import that are kept with their numbers; all are counted."""

_ENTRY: Final = ("entry_id", "changed_seq", "size", "member_id", "member_entry_id", "held", "category", "series_id",
                 "note_key", "note_sealed")  # fmt: skip


class PostgresLists:
    """`contracts.vault.ListVault` over a pool."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._members: dict[str, int] = {}

    @translated
    async def begin_import(self, source: ListSource, file: str, now: float) -> int:
        """Make or find the list and begin an import. UsageError if the list exists as something else."""
        async with self._pool.acquire() as db, db.transaction():
            uses = list(source.uses)
            await db.execute(
                QUERIES["add_list"], source.name, source.format, source.kind, source.trust, uses, millis(now)
            )
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
                list_id = await db.fetchval(QUERIES["list_of_import"], import_id)
                seq = await db.fetchval(QUERIES["lock_clock"])
                new, known, described = await self._sort_out(db, entries)
                joined = await _add_new(db, new, list_id, seq)
                changed = await _top_up(db, known, described, list_id, seq)
                joined += changed.joined
                if new or changed.touched:
                    await db.execute(QUERIES["tick"], seq)
                await db.execute(QUERIES["count_list"], list_id, joined)
                await db.execute(
                    QUERIES["count_import"], import_id, millis(now), step.bytes_read, step.lines,
                    len(entries), len(new), changed.entries, step.held,
                )  # fmt: skip
                await db.execute(QUERIES["count_refusals"], import_id, list(step.bad), list(step.bad.values()))
                if step.samples:
                    rows = [(bad.line, bad.column, bad.reason, bad.evidence) for bad in step.samples[:BAD_LINES]]
                    await db.execute(QUERIES["add_bad_lines"], import_id, *columns(rows, 4), BAD_LINES)
        return Stored(len(new), changed.entries)

    @translated
    async def end_import(self, import_id: int, now: float, error: str = "") -> None:
        """Mark an import as done, or as failed."""
        await self._pool.execute(QUERIES["end_import"], import_id, millis(now), error)

    @translated
    async def set_standing(self, entry_ids: Sequence[int], standing: str, held: str = "") -> int:
        """Give entries another standing or hold; how many changed. Every index learns of it by the clock."""
        if standing not in STANDINGS:
            raise UsageError(f"a standing is one of {', '.join(STANDINGS)}, not {standing!r}")
        async with self._pool.acquire() as db, db.transaction():
            seq = await db.fetchval(QUERIES["lock_clock"])
            rows = await db.fetch(QUERIES["set_standing"], sorted(entry_ids), standing, held, seq)
            if rows:
                await db.execute(QUERIES["tick"], seq)
            return len(rows)

    @translated
    async def source(self, name: str) -> SourceView:
        """A list as it was added. UsageError if there is none of that name."""
        row = await self._pool.fetchrow(QUERIES["source"], name)
        if row is None:
            there = ", ".join(row["name"] for row in await self._pool.fetch(QUERIES["lists"])) or "none"
            raise UsageError(f"there is no list {name[:100]!r}; there are: {there}")
        values = dict(row)
        values["uses"] = tuple(values["uses"])
        cursor = values.pop("cursor")
        return SourceView(ListSource(**values), cursor)

    async def _name_members(self, db: Any, entries: Sequence[NewEntry]) -> None:
        """Numbers of the organisations, outside the transaction: they stay whatever becomes of it."""
        names = sorted({entry.member for entry in entries} - self._members.keys())
        for start in range(0, len(names), 10_000):
            rows = await db.fetch(QUERIES["add_members"], names[start : start + 10_000])
            if len(rows) < len(names[start : start + 10_000]):  # somebody else named one at the same moment
                rows = await db.fetch(QUERIES["add_members"], names[start : start + 10_000])
            self._members.update((row["name"], row["member_id"]) for row in rows)

    async def _sort_out(self, db: Any, entries: Sequence[NewEntry]) -> tuple[list["_Row"], list["_Row"], list["_Row"]]:
        """(new, known, known but described anew) entries, each once: the last one of a batch speaks."""
        once: dict[tuple[int, str], NewEntry] = {}
        for entry in entries:
            key = (self._members[entry.member], entry.member_entry_id)
            before = once.get(key)
            if before is not None and before.digests != entry.digests:
                both = tuple(dict.fromkeys(before.digests + entry.digests))
                entry = replace(entry, digests=both)
            once[key] = entry
        series = {entry.series_id: entry.series_sealed for entry in once.values() if entry.series_id}
        if series:
            await db.execute(QUERIES["add_series"], *columns(sorted(series.items()), 2))
        keys = list(once)
        rows = [
            (member, identity, entry.category, entry.series_id, entry.note_key, entry.size)
            for (member, identity), entry in once.items()
        ]
        found = await db.fetch(QUERIES["known_entries"], *columns(rows, 6))
        known = {n - 1: (entry_id, differs) for n, entry_id, differs in found}
        fresh = [key for n, key in enumerate(keys) if n not in known]
        numbers = [row[0] for row in await db.fetch(QUERIES["next_entry_ids"], len(fresh))] if fresh else []
        return (
            [(entry_id, key[0], once[key]) for entry_id, key in zip(numbers, fresh, strict=True)],
            [(entry_id, keys[n][0], once[keys[n]]) for n, (entry_id, _) in known.items()],
            [(entry_id, keys[n][0], once[keys[n]]) for n, (entry_id, differs) in known.items() if differs],
        )


_Row = tuple[int, int, NewEntry]
"""(entry_id, member_id, entry)"""


class _Changed:
    """What a batch changed in entries that were known."""

    joined = 0
    entries = 0
    touched = False


async def _add_new(db: Any, new: list[_Row], list_id: int, seq: int) -> int:
    if not new:
        return 0
    await db.copy_records_to_table(
        "entries",
        records=[
            (
                entry_id,
                seq,
                e.size,
                member,
                e.member_entry_id,
                e.held,
                e.category,
                e.series_id,
                e.note_key,
                e.note_sealed,
            )
            for entry_id, member, e in new
        ],
        columns=_ENTRY,
    )
    await db.copy_records_to_table(
        "entry_digests",
        records=[
            (entry_id, algorithm, digest) for entry_id, _, e in new for algorithm, digest in dict.fromkeys(e.digests)
        ],
        columns=("entry_id", "algorithm", "digest"),
    )
    await db.copy_records_to_table(
        "list_entries", records=[(entry_id, list_id) for entry_id, _, _ in new], columns=("entry_id", "list_id")
    )
    return len(new)


async def _top_up(db: Any, known: list[_Row], described: list[_Row], list_id: int, seq: int) -> _Changed:
    """Digests and lists that known entries lack, and what their source says of them now."""
    changed = _Changed()
    if not known:
        return changed
    if described:
        rows = [(entry_id, e.category, e.series_id, e.note_key, e.note_sealed, e.size) for entry_id, _, e in described]
        await db.execute(QUERIES["describe_entries"], *columns(rows, 6))
    digests = [(entry_id, algorithm, digest) for entry_id, _, e in known for algorithm, digest in e.digests]
    got = await db.fetch(QUERIES["add_digests"], *columns(digests, 3))
    joined = await db.fetch(QUERIES["add_list_entries"], [entry_id for entry_id, _, _ in known], list_id)
    touched = {row[0] for row in got} | {row[0] for row in joined}
    if touched:
        await db.execute(QUERIES["touch_entries"], sorted(touched), seq)
    changed.joined = len(joined)
    changed.touched = bool(touched)
    changed.entries = len(touched | {entry_id for entry_id, _, _ in described})
    return changed
