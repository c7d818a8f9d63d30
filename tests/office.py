"""What tests of people's work with lists share: a desk and an importer on one vault."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from backends.postgres.vault_desk import PostgresDesk
from backends.postgres.vault_lists import PostgresLists
from backends.postgres.vault_standing import hold, told
from backends.postgres.vault_store import PostgresVault, open_pool
from contracts.desk import Person
from contracts.lists import ImportStep, ListSource, NewEntry, Stored
from contracts.messages import DigestRecord
from contracts.settings import Lists
from contracts.vault import MatchRow
from tests.postgres import Database

NOW = 1_700_000_000.0
DAY = 86_400.0
ANNA, BERT, ANNA_ELSEWHERE = Person("anna", 1, "desk"), Person("bert", 2, "desk"), Person("anna", 5, "other")
SAME_ACCOUNT = Person("bert", 1, "desk")
MD5, SHA1 = bytes(range(16)), bytes(range(20))


@dataclass
class Office:
    """A desk and an importer on one vault."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    desk: PostgresDesk
    lists: PostgresLists
    vault: PostgresVault

    async def begin(self, source: ListSource | None = None, now: float = NOW) -> int:
        return await self.lists.begin_import(source or ListSource("known"), "known.csv", now)

    async def add(self, number: int, *entries: NewEntry, now: float = NOW) -> Stored:
        return await self.lists.add_entries(number, entries, ImportStep(0, len(entries), {}, []), now)

    async def store(self, *entries: NewEntry, source: ListSource | None = None, now: float = NOW) -> Stored:
        """A whole import."""
        number = await self.begin(source, now)
        stored = await self.add(number, *entries, now=now)
        await self.lists.end_import(number, now)
        return stored

    async def trusted(self, name: str = "sure", kind: str = "csam") -> ListSource:
        """A verified list, added by two people."""
        source = ListSource(name, kind=kind, trust="verified")
        assert not (await self.desk.add(source, ANNA, NOW)).done
        assert (await self.desk.add(source, BERT, NOW)).done
        return source

    async def states(self) -> dict[str, tuple[str, str]]:
        """Entry's name -> (standing, why held)."""
        rows = await self.pool.fetch(
            "SELECT b.name || '/' || e.member_entry_id, e.standing, e.held FROM entries e JOIN members b USING (member_id)"
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    async def live(self) -> set[int]:
        """Entries that may match."""
        return {row[0] for row in await self.pool.fetch("SELECT entry_id FROM entry_states WHERE live")}

    async def seq(self) -> int:
        """The number of the last change."""
        return int(await self.pool.fetchval("SELECT seq FROM clock"))

    async def changed(self, after: int) -> set[int]:
        """Entries that indexes are told of after a change."""
        return {row[0] for row in await self.pool.fetch("SELECT entry_id FROM entries WHERE changed_seq > $1", after)}

    async def happened(self, entry_id: int) -> list[str]:
        """What became of an entry, in order."""
        return [one.what for one in await self.desk.history(entry_id)]

    async def hold(self, entry_ids: Iterable[int], reason: str) -> int:
        """Hold entries as a guard does."""
        async with self.pool.acquire() as db, db.transaction():
            seq = await db.fetchval("SELECT seq + 1 FROM clock FOR UPDATE")
            held = await hold(db, list(entry_ids), reason, "", seq, NOW)
            await told(db, held, seq, NOW)
            return held

    async def seen(self, *records: DigestRecord, by: Iterable[int] = (), near: bool = False, now: float = NOW) -> None:
        """Sightings, and matches of each of their media with these entries."""
        media = {record.sha256: record.md5 for record in records}
        rows = [MatchRow(sha256, entry_id, "md5", md5, near=near) for sha256, md5 in media.items() for entry_id in by]
        await self.vault.store(records, rows, now)


def entry(name: str, *digests: tuple[str, bytes], member: str = "IWF", **more: object) -> NewEntry:
    """An entry, with a digest of its own unless told otherwise."""
    return NewEntry(member, name, digests or (("md5", name.encode().ljust(16, b"-")),), **more)  # type: ignore[arg-type]


@asynccontextmanager
async def office(
    database: Database, role: str = "pisaura_hasher", settings: Lists | None = None
) -> AsyncIterator[Office]:
    """All of it over one pool."""
    pool = await open_pool(database.dsn(role))
    try:
        yield Office(pool, PostgresDesk(pool), PostgresLists(pool, settings), PostgresVault(pool))
    finally:
        await pool.close()
