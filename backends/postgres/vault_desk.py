"""What people do with lists and entries (`contracts.desk.ListDesk`). Who acts is written down, in `entry_events` or `requests`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from backends.postgres import vault_pairs
from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_export import export_pages
from backends.postgres.vault_lists import add_list, no_list
from backends.postgres.vault_people import ask, done, label
from backends.postgres.vault_queries import QUERIES, columns
from backends.postgres.vault_standing import TOGETHER, judge, known_of, note, told
from contracts.desk import EXPORT_WITHIN, Asked, EntryView, Happened, Person, Proposal
from contracts.errors import UsageError
from contracts.lists import DELETING, MASS_DELETION, UNMAPPED, VERDICTS, ListSource, NewEntry, Opinion, check_source
from contracts.standing import US, reasons

WITHDRAWN = "withdrawn"


class PostgresDesk:
    """`contracts.desk.ListDesk` over a pool."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @translated
    async def add(self, source: ListSource, person: Person, now: float) -> Asked:
        """Add a list, or change how one is trusted and used, and its login. UsageError if it is known as something else."""
        check_source(source)
        careful = source.trust == "verified" or "notify" in source.uses
        uses = [use for use in source.uses if use != "notify"]
        async with self._pool.acquire() as db:
            async with db.transaction():
                row = await db.fetchrow(QUERIES["list_by_name"], source.name)
                if row is None:
                    plain = ListSource(
                        source.name, source.format, source.kind, "unverified", tuple(uses), source.location, source.mapping,
                        source.credentials,
                    )  # fmt: skip
                    await add_list(db, plain, now)
                    row = await db.fetchrow(QUERIES["list_by_name"], source.name)
                _same(source, row)
                subject = f"{source.name} {source.trust} {' '.join(sorted(source.uses))}"
                asked = Asked(True, [person.name])
                if careful and (row["trust"], row["may_notify"]) != (source.trust, "notify" in source.uses):
                    asked = await ask(db, "add", subject, "", person, now)
                if not asked.done:
                    return asked
                judged = await db.fetchval(
                    QUERIES["set_source"], row["list_id"], source.trust, list(source.uses), "notify" in source.uses,
                    asked.by if "notify" in source.uses else [], source.credentials,
                )  # fmt: skip
                await done(db, "add", subject, now)
            if not judged:  # also where whoever changed it died before all were
                await self._judge_all(db, row["list_id"], now)
        return asked

    @translated
    async def resolve(self, ref: str) -> list[EntryView]:
        """The entries that are meant by a number, a name or a digest."""
        ref = ref.strip()
        if (digest := _digest(ref)) is not None:
            rows = await self._pool.fetch(QUERIES["entries_with_digest"], digest)
        elif ref.isascii() and ref.isdigit() and len(ref) <= 18:
            return await self._views([int(ref)])
        else:
            cuts = [n for n, letter in enumerate(ref) if letter == "/"]
            rows = await self._pool.fetch(
                QUERIES["entries_named"], [ref[:n] for n in cuts], [ref[n + 1 :] for n in cuts]
            )
        return await self._views([row[0] for row in rows])

    @translated
    async def entries(self, name: str, after: int, limit: int) -> list[EntryView]:
        """A page of a list's entries. UsageError if there is no such list."""
        list_id = (await self._list(name))["list_id"]
        return await self._views(
            [row[0] for row in await self._pool.fetch(QUERIES["list_page"], list_id, after, limit)]
        )

    @translated
    async def held(self, after: int, limit: int) -> list[EntryView]:
        """A page of the held entries of all lists."""
        return await self._views([row[0] for row in await self._pool.fetch(QUERIES["held_page"], after, limit)])

    @translated
    async def say(self, entry_id: int, opinion: Opinion, person: Person, now: float) -> str:
        """Keep an organisation's opinion; the entry's standing after it."""
        if not opinion.organisation.strip():
            raise UsageError("an opinion is that of an organisation: name it")
        return await self._say(entry_id, opinion, person, now)

    @translated
    async def withdraw(self, entry_id: int, why: str, person: Person, now: float) -> str:
        """Withdraw an entry for us; its standing after it. Two people undo it by releasing the entry."""
        return await self._say(entry_id, Opinion(US, "withdraw", why), person, now)

    @translated
    async def release(self, entry_id: int, why: str, person: Person, now: float) -> Asked:
        """Release a held entry from all that holds it now. A deletion that waited takes effect: the list does without it."""
        async with self._changing() as (db, seq):
            known = known_of(await _known(db, entry_id))
            held = reasons(known)
            if any(one.organisation == US and one.verdict == "withdraw" for one in known.said):
                held.append(WITHDRAWN)
            if not held:
                raise UsageError(f"entry {entry_id} is not held")
            if DELETING in held:
                raise UsageError(f"entry {entry_id} is being deleted by a sync that has not ended: release it then")
            if UNMAPPED in held:
                raise UsageError(f"entry {entry_id} is of a category that no mapping knows: map it and import it again")
            subject = f"{entry_id} {' '.join(held)}"
            asked = await ask(db, "release", subject, why, person, now)
            if asked.done:
                await _let_go(db, [entry_id], held, now)
                await note(db, [(entry_id, "released", US, f"{', '.join(held)}: {why}")], now, label(person))
                await done(db, "release", subject, now)
                await told(db, await judge(db, [entry_id], seq, now, label(person)), seq, now)
            return asked

    @translated
    async def release_list(self, name: str, reason: str, why: str, person: Person, now: float) -> Asked:
        """Release all entries of a list that are held for this reason, as after a sync that was stopped: takes two people."""
        if reason in (DELETING, UNMAPPED):
            raise UsageError(f"entries held for {reason} cannot be released")
        list_id = (await self._list(name))["list_id"]
        async with self._pool.acquire() as db, db.transaction():
            if not await db.fetch(QUERIES["held_of_list"], list_id, reason, 1):
                raise UsageError(f"list {name!r} has no entries held for {reason[:40]!r}")
            subject = f"{name} {reason}"
            asked = await ask(db, "release list", subject, why, person, now)
            if asked.done:
                await done(db, "release list", subject, now)
        while asked.done:
            async with self._changing() as (db, seq):  # some at a time: others must come to the clock meanwhile
                held = [row[0] for row in await db.fetch(QUERIES["held_of_list"], list_id, reason, TOGETHER)]
                if not held:
                    break
                await _let_go(db, held, [reason], now)
                await note(db, [(one, "released", US, f"{reason}: {why}") for one in held], now, label(person))
                await told(db, await judge(db, held, seq, now, label(person)), seq, now)
        return asked

    @translated
    async def may_export(self, name: str, why: str, person: Person, now: float) -> Asked:
        """Whether a list may be exported. UsageError if its source does not allow it."""
        _exportable(await self._list(name))
        async with self._pool.acquire() as db, db.transaction():
            return await ask(db, "export", name, why, person, now, EXPORT_WITHIN)

    async def export(self, name: str, since: float = 0.0) -> AsyncIterator[list[NewEntry]]:
        """A list's entries in pages, held ones aside; `since` a time only what changed, what was withdrawn as deleted. UsageError
        if its source does not allow it; two people are asked for by `may_export`."""
        row = await self._list(name)
        _exportable(row)
        async for page in export_pages(self._pool, row["list_id"], since):
            yield page

    @translated
    async def confirm(self, sha256: bytes, entry_id: int, organisation: str, person: Person, now: float) -> int:
        """Confirm a match for our organisation; the number of the entry of our own that a near one becomes (see `vault_pairs`)."""
        return await vault_pairs.confirm(self._pool, sha256, entry_id, organisation, person, now)

    @translated
    async def refuse(self, sha256: bytes, entry_id: int, why: str, person: Person, now: float) -> None:
        """Refuse a match: the pair matches no more."""
        await vault_pairs.refuse(self._pool, sha256, entry_id, why, person, now)

    @translated
    async def history(self, entry_id: int) -> list[Happened]:
        """What became of an entry and who said what, by time."""
        rows = await self._pool.fetch(QUERIES["history"], entry_id)
        return [Happened(row["at"] / 1000, row["what"], row["organisation"], row["person"], row["why"]) for row in rows]

    @translated
    async def proposals(self, after: int, limit: int) -> list[Proposal]:
        """What people here said of entries, each organisation's last word, with a number above `after`."""
        rows = await self._pool.fetch(QUERIES["proposals"], after, limit)
        return [
            Proposal(
                row["event_id"], row["entry_id"], row["name"], list(row["lists"]), row["what"], row["organisation"],
                row["why"], row["at"] / 1000,
            )
            for row in rows
        ]  # fmt: skip

    async def _say(self, entry_id: int, opinion: Opinion, person: Person, now: float) -> str:
        if opinion.verdict not in VERDICTS:
            raise UsageError(f"a verdict is one of {', '.join(VERDICTS)}, not {opinion.verdict[:40]!r}")
        async with self._changing() as (db, seq):
            await _known(db, entry_id)
            row = (entry_id, opinion.organisation, opinion.verdict, opinion.why)
            said = await db.fetch(QUERIES["add_opinions"], *columns([row], 4), 0, label(person), millis(now))
            if said:
                await note(db, [(entry_id, opinion.verdict, opinion.organisation, opinion.why)], now, label(person))
                await told(db, await judge(db, [entry_id], seq, now, label(person)), seq, now)
            return str((await _known(db, entry_id))["standing"])

    async def _judge_all(self, db: Any, list_id: int, now: float) -> None:
        """Entries of a list that is trusted or used in another way, some at a time."""
        last = 0
        while True:
            async with db.transaction():
                seq = await db.fetchval(QUERIES["lock_clock"])
                ids = [row[0] for row in await db.fetch(QUERIES["list_page"], list_id, last, TOGETHER)]
                if not ids:
                    await db.execute(QUERIES["set_judged"], list_id)
                    return
                await judge(db, ids, seq, now)
                await db.execute(QUERIES["touch_entries"], ids, seq)
                await told(db, len(ids), seq, now)
                last = ids[-1]

    async def _list(self, name: str) -> Any:
        row = await self._pool.fetchrow(QUERIES["list_by_name"], name)
        if row is None:
            raise await no_list(self._pool, name)
        return row

    async def _views(self, entry_ids: Sequence[int]) -> list[EntryView]:
        views: list[EntryView] = []
        for row in await self._pool.fetch(QUERIES["entry_views"], list(entry_ids)) if entry_ids else []:
            values = dict(row)
            digests = list(zip(values.pop("algorithms"), values.pop("digests"), strict=True))
            said = zip(values.pop("organisations"), values.pop("verdicts"), values.pop("whys"), strict=True)
            views.append(EntryView(**values, digests=digests, opinions=[Opinion(*one) for one in said]))
        return views

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[tuple[Any, int]]:
        """A transaction that may change entries, and the number of its change."""
        async with self._pool.acquire() as db, db.transaction():
            yield db, await db.fetchval(QUERIES["lock_clock"])


def _digest(ref: str) -> bytes | None:
    try:
        return bytes.fromhex(ref) if len(ref) in (32, 40, 64) else None
    except ValueError:
        return None


def _same(source: ListSource, row: Any) -> None:
    for what in ("kind", "format", "location", "mapping"):
        if getattr(source, what) != row[what]:
            raise UsageError(f"list {source.name!r} is known with another {what}: add it under another name")


def _exportable(row: Any) -> None:
    if "export" not in row["uses"]:
        raise UsageError("this list may not be exported: its uses do not include export")


async def _known(db: Any, entry_id: int) -> Any:
    row = await db.fetchrow(QUERIES["known_for_standing"], [entry_id])
    if row is None:
        raise UsageError(f"there is no entry {entry_id}")
    return row


async def _let_go(db: Any, entry_ids: Sequence[int], held: Sequence[str], now: float) -> None:
    await db.execute(QUERIES["release_holds"], list(entry_ids), list(held), millis(now))
    if MASS_DELETION in held:
        await db.execute(QUERIES["let_go"], list(entry_ids))
    if WITHDRAWN in held:
        await db.execute(QUERIES["unsay"], entry_ids[0], US)
