"""A list that is synchronised with a simulated source, and whether the vault holds what the source does."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from backends.postgres.vault_lists import PostgresLists
from backends.postgres.vault_store import open_pool
from contracts.lists import ImportStep, ListSource, NewEntry, Stored
from contracts.seal import Sealer, new_keys
from contracts.settings import Lists
from hasher.formats.format import About
from hasher.lists import hold_other_kinds
from hasher.sources.client import Client
from hasher.sources.report import ImportReport
from hasher.sources.sealing import Sealing
from hasher.sources.sync import PAGED, sync
from tests.exchange.faults import Weather
from tests.exchange.server import FILES, Source
from tests.exchange.truth import Time, Truth
from tests.postgres import Database
from tests.vaults import ROLE

KEYS = new_keys()
KINDS = {"ncmec": "csam", "stopncii": "ncii-adult", "threatexchange": "other"}
SETTINGS = Lists(delete_share=1.0, timeout=30.0)
"""Deletions take effect, however many: what holds them is not what is tested here."""

ROWS = """
SELECT m.name, e.member_entry_id, e.standing, e.held, e.category, e.media, e.legality, e.act, e.age, le.state = 0 AS carried,
    (SELECT array_agg(d.algorithm || ':' || encode(d.digest, 'hex') ORDER BY 1) FROM entry_digests d WHERE d.entry_id = e.entry_id),
    (SELECT array_agg(o.organisation || '=' || o.verdict || '=' || o.why ORDER BY 1) FROM opinions o WHERE o.entry_id = e.entry_id)
FROM entries e JOIN members m USING (member_id) JOIN list_entries le USING (entry_id) JOIN list_sources l USING (list_id)
WHERE l.name = $1
"""


CARRIED = 7
"""The place of `carried` behind the key of a row."""
Dump = dict[tuple[str, str], tuple[Any, ...]]


@dataclass(frozen=True)
class Databases:
    """Two vaults: one to synchronise, one to compare with."""

    vault: Database
    reference: Database


class Stopped(BaseException):
    """The client is gone, as if its process had ended."""


class StoppingVault:
    """A vault whose client is gone before or after some of its transactions."""

    def __init__(self, lists: PostgresLists, chance: random.Random, share: float) -> None:
        self._lists, self._chance, self.share = lists, chance, share
        self.source, self.begin_import = lists.source, lists.begin_import
        self.stopped = False

    async def add_entries(self, import_id: int, entries: Sequence[NewEntry], step: ImportStep, now: float) -> Stored:
        before, after = (self._chance.random() < self.share / 2 for _ in range(2))
        self.stopped = before or after
        if before:
            raise Stopped
        stored = await self._lists.add_entries(import_id, entries, step, now)
        if after:
            raise Stopped
        return stored

    async def end_import(self, import_id: int, now: float, error: str = "") -> None:
        if not self.stopped:  # a process that is gone says nothing
            await self._lists.end_import(import_id, now, error)


class Lab:
    """A vault with one list of a source, and the means to synchronise it."""

    def __init__(self, databases: "Databases", pool: Any, source: Source, folder: Path, time: Time) -> None:
        self.databases, self.pool, self.source, self.folder, self.time = databases, pool, source, folder, time
        self.lists = PostgresLists(pool, SETTINGS)
        self.kind = source.truth.kind
        self.chance = random.Random(f"lab {source.truth.seed}")
        self.vault = StoppingVault(self.lists, self.chance, 0.0)
        self.sealing = Sealing(Sealer(KEYS.public, KEYS.place_key), KEYS.series_key)
        self.reports: list[ImportReport] = []

    @classmethod
    async def open(cls, databases: "Databases", source: Source, folder: Path) -> "Lab":
        """With the list added and its credentials written."""
        lab = cls(databases, await open_pool(databases.vault.dsn(ROLE)), source, folder, source.truth.time)
        credentials = folder / "credentials"
        credentials.write_text(FILES[lab.kind])
        credentials.chmod(0o600)
        await lab.add(
            ListSource(lab.kind, lab.kind, KINDS[lab.kind], "unverified", (), source.location, "", str(credentials))
        )
        return lab

    async def close(self) -> None:
        """Leave the vault."""
        await self.pool.close()

    async def add(self, source: ListSource) -> None:
        """Make a list."""
        number = await self.lists.begin_import(source, "", self.time())
        await self.lists.end_import(number, self.time())

    def client(self, **more: Any) -> Client:
        """A client for which no time passes."""
        return Client(SETTINGS, self.folder, self.time, sleep=self.time.sleep, **more)

    async def sync(self, name: str = "") -> ImportReport:
        """Synchronise once."""
        async with self.client() as client:
            report = await sync(name or self.kind, self.vault, self.sealing, client, self.time, self.chance.random)
        self.reports.append(report)
        return report

    async def missing(self) -> dict[str, Any]:
        """Where the vault differs from one that read the source at once, without faults; empty if it does not. What the source
        has deleted need not have been there at all."""
        _, parse = PAGED[self.kind]
        page = parse(self.source.all(), About("reference", self.kind))
        assert not page.batch.bad
        wanted = {(entry.member, entry.member_entry_id): entry for entry in page.batch.entries}
        hold_other_kinds(page.batch.entries, KINDS[self.kind])
        entries = [self.sealing.entry(entry) for entry in wanted.values() if not entry.deleted]
        source = ListSource(self.kind, self.kind, KINDS[self.kind], "unverified", (), self.source.location)
        held = await dump(self.databases.vault, self.kind)
        right = await reference(self.databases.reference, source, entries)
        differs: dict[str, Any] = {str(key): "unknown to the source" for key in held.keys() - wanted.keys()}
        for key, entry in wanted.items():
            if entry.deleted:
                if key in held and (held[key][0] != "withdrawn" or held[key][CARRIED]):
                    differs[str(key)] = ("deleted", held[key])
            elif held.get(key) != right[key]:
                differs[str(key)] = (held.get(key), right[key])
        return differs


@asynccontextmanager
async def laboratory(
    databases: Databases, folder: Path, kind: str, seed: int, share: float, entries: int
) -> AsyncIterator[Lab]:
    """A source with so many entries, and a list of it."""
    truth = Truth(kind, seed, Time())
    truth.fill(entries)
    async with Source(truth, Weather(seed, share)) as source:
        lab = await Lab.open(databases, source, folder)
        try:
            yield lab
        finally:
            await lab.close()


async def dump(database: Database, name: str) -> Dump:
    """What the vault holds of a list, by entry."""
    connection = await asyncpg.connect(database.dsn())
    try:
        rows = [tuple(row) for row in await connection.fetch(ROWS, name)]
    finally:
        await connection.close()
    return {
        (row[0], row[1]): tuple(tuple(sorted(value)) if isinstance(value, list) else value for value in row[2:])
        for row in rows
    }


async def reference(database: Database, source: ListSource, entries: Sequence[NewEntry]) -> Dump:
    """What a vault that knows of nothing else holds of these entries."""
    pool = await open_pool(database.dsn(ROLE))
    try:
        lists = PostgresLists(pool, SETTINGS)
        number = await lists.begin_import(source, "", 0.0)
        await lists.add_entries(number, entries, ImportStep(0, 0, {}, []), 0.0)
        await lists.end_import(number, 0.0)
    finally:
        await pool.close()
    return await dump(database, source.name)
