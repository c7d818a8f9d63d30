"""What tests of cases share: media that match a verified list, cases of them, and the store of cases as the notices role."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from backends.postgres.vault_cases import VaultCases
from backends.postgres.vault_store import PostgresVault, open_pool
from contracts.casekeys import new_case_key, seal_for
from contracts.caserows import NewCase, Pair
from contracts.cases import Case, CaseState
from contracts.lists import ImportStep, ListSource, NewEntry
from contracts.location import located
from contracts.messages import DigestRecord, FrameDigest, Match, MediaDigests
from contracts.seal import Sealer, new_keys
from contracts.urls import url_id
from contracts.vault import MatchRow
from tests.office import ANNA, BERT, Office, office
from tests.postgres import Database

NOW = 1_700_000_000.0
DAY = 86_400.0
ROLE = "pisaura_notices"
KEYS = new_keys()
SEALER = Sealer(KEYS.public, KEYS.place_key)


def medium(seed: int) -> bytes:
    """The SHA-256 of a medium."""
    return hashlib.sha256(b"medium %d" % seed).digest()


def place(url: str) -> bytes:
    """The HMAC of a place."""
    return SEALER.place(url_id(url))


def sighting(seed: int, url: str, address: str = "192.0.2.7", seen_at: float = NOW) -> DigestRecord:
    """A sighting of a medium at a URL."""
    data = b"medium %d" % seed
    frame = FrameDigest([hashlib.sha256(b"form %d %d" % (seed, turn)).digest() for turn in range(8)], 90)
    return DigestRecord(
        place(url), SEALER.seal(located(url, address)), hashlib.sha256(data).digest(), hashlib.sha1(data).digest(),
        hashlib.md5(data).digest(), 5000 + seed, seen_at, MediaDigests("image/png", 640, 480, [frame]),
        hashlib.sha256(b"head %d" % seed).digest(), f'"e{seed}"',
    )  # fmt: skip


def match(seed: int, url: str, entry_id: int, *, near: bool = False, seen_at: float = NOW) -> Match:
    """What the hasher says of it."""
    seen = sighting(seed, url, seen_at=seen_at)
    algorithm = "pdq" if near else "sha256"
    return Match(seen.sha256, seen.place, seen.sealed, entry_id, algorithm, 7 * near, 0, near, seen_at)


def new_case(seed: int, url: str = "http://host.test/a.png", host: bytes = b"h" * 16) -> NewCase:
    """A case to be opened."""
    key = new_case_key()
    case = Case(0, place(url), medium(seed), CaseState.FOUND, NOW)
    return NewCase(case, b"s" * 16, host, SEALER.seal_bytes(key), seal_for(key, f"{url}\n192.0.2.7"))


@dataclass
class Casework:
    """The store of cases, and the office of lists beside it."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    cases: VaultCases
    office: Office
    vault: PostgresVault

    async def entries(self, *seeds: int, notify: bool = True) -> list[int]:
        """Entries of a verified list that match such media by SHA-256; `notify`: the list may lead to notices."""
        source = ListSource("sure", kind="csam", trust="verified", uses=("match", "notify") if notify else ("match",))
        for person in (ANNA, BERT):
            await self.office.desk.add(source, person, NOW)
        number = await self.office.lists.begin_import(source, "sure.csv", NOW)
        new = [NewEntry("IWF", f"e{seed}", (("sha256", medium(seed)),), "A", legality="baseline") for seed in seeds]
        await self.office.lists.add_entries(number, new, ImportStep(0, len(new), {}, []), NOW)
        await self.office.lists.end_import(number, NOW)
        await self.vault.set_retro_seq(await self.vault.seq())
        rows = await self.pool.fetch("SELECT entry_id FROM entries ORDER BY entry_id DESC LIMIT $1", len(seeds))
        return sorted(row[0] for row in rows)

    async def seen(self, seed: int, url: str, entry_id: int, *, near: bool = False, seen_at: float = NOW) -> Match:
        """A sighting and its verdict, as the hasher stores them; what it then says."""
        record = sighting(seed, url, seen_at=seen_at)
        row = MatchRow(record.sha256, entry_id, "pdq" if near else "sha256", record.sha256, 7 * near, near=near)
        await self.vault.store([record], [row], seen_at)
        return match(seed, url, entry_id, near=near, seen_at=seen_at)

    async def open(self, *new: NewCase) -> dict[Pair, int]:
        """Open cases."""
        async with self.cases.work() as work:
            return await work.open(new)


@asynccontextmanager
async def casework(database: Database, most: int = 4) -> AsyncIterator[Casework]:
    """All of it over a real vault."""
    pool = await open_pool(database.dsn(ROLE), most=most)
    try:
        async with office(database) as one:
            yield Casework(pool, VaultCases(pool), one, one.vault)
    finally:
        await pool.close()
