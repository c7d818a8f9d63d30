"""What tests of the vault share: sightings, entries and a hasher over a real Postgres."""

import hashlib
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from backends.postgres.vault_lists import PostgresLists
from backends.postgres.vault_reads import VaultReads
from backends.postgres.vault_standing import told
from backends.postgres.vault_store import PostgresVault, open_pool
from contracts.lists import ImportStep, ListSource, NewEntry
from contracts.messages import DigestRecord, FrameDigest, Match, MediaDigests
from contracts.settings import Matching
from hasher.service import HasherService
from tests.postgres import Database

NOW = 1_700_000_000.0
ROLE = "pisaura_hasher"


def flipped(digest: bytes, bits: int, seed: int = 0) -> bytes:
    """`digest` with exactly so many bits changed."""
    value = int.from_bytes(digest)
    for bit in random.Random(seed).sample(range(8 * len(digest)), bits):
        value ^= 1 << bit
    return value.to_bytes(len(digest))


def forms(seed: int) -> list[bytes]:
    """Eight unrelated forms."""
    chance = random.Random(f"forms {seed}")
    return [chance.randbytes(32) for _ in range(8)]


def record(
    seed: int, place: int = 0, seen_at: float = NOW, frames: Iterable[FrameDigest] | None = None
) -> DigestRecord:
    """A sighting of medium `seed` at `place`; its one frame has the forms `forms(seed)` unless told otherwise."""
    data = f"medium {seed}".encode()
    shown = [FrameDigest(forms(seed), 90)] if frames is None else list(frames)
    return DigestRecord(
        place=hashlib.sha256(b"place %d" % place).digest(),
        sealed=b"sealed %d" % place,
        sha256=hashlib.sha256(data).digest(),
        sha1=hashlib.sha1(data).digest(),
        md5=hashlib.md5(data).digest(),
        size=5000 + seed,
        seen_at=seen_at,
        media=MediaDigests("image/png", 640, 480, shown, why="" if shown else "not_decoded"),
        etag=f'"{seen_at}"',
    )


def entry(name: str, *digests: tuple[str, bytes], size: int = 0, held: str = "", member: str = "IWF") -> NewEntry:
    """An entry as an import gives it to the vault."""
    return NewEntry(member, name, digests, "A", b"", b"", b"", b"", held, size)


class Lists(PostgresLists):
    """Lists whose entries tests may give any standing, whoever said what."""

    async def set_standing(self, entry_ids: Sequence[int], standing: str, held: str = "") -> int:
        """Give entries a standing; how many changed. Every index learns of it."""
        async with self._pool.acquire() as db, db.transaction():
            seq = await db.fetchval("SELECT seq + 1 FROM clock FOR UPDATE")
            rows = await db.fetch(
                "UPDATE entries SET standing = $2, held = $3, changed_seq = $4 WHERE entry_id = ANY ($1) "
                "AND (standing, held) IS DISTINCT FROM ($2, $3) RETURNING entry_id",
                sorted(entry_ids), standing, held, seq,
            )  # fmt: skip
            await told(db, len(rows), seq, NOW)
            return len(rows)


class Bench:
    """A hasher, its vault, and what it emitted."""

    def __init__(self, vault: PostgresVault, lists: Lists, reads: VaultReads) -> None:
        self.vault, self.lists, self.reads = vault, lists, reads
        self.emitted: list[Match] = []
        self.hasher = self.another(vault)

    def another(self, vault: PostgresVault | None = None, settings: Matching | None = None) -> HasherService:
        """A further hasher on the same vault, or on a vault that misbehaves."""

        async def emit(matches: list[Match]) -> None:
            self.emitted += matches

        return HasherService(vault or self.vault, settings or Matching(), emit, lambda: NOW)

    async def add(self, *entries: NewEntry, source: ListSource | None = None) -> None:
        """Import entries into a list."""
        number = await self.lists.begin_import(source or ListSource("known"), "known.csv", NOW)
        await self.lists.add_entries(number, entries, ImportStep(0, len(entries), {}, []), NOW)
        await self.lists.end_import(number, NOW)

    async def found(self) -> set[tuple[str, str, int, bool]]:
        """(entry, algorithm, distance, near) of all matches that count, at every place."""
        return {(row.entry, row.algorithm, row.distance, row.near) async for row in self.reads.matches() if row.counts}

    def taken(self) -> list[Match]:
        """What was emitted since the last call."""
        taken, self.emitted = self.emitted, []
        return taken


@asynccontextmanager
async def bench(database: Database) -> AsyncIterator[Bench]:
    """All of it over one pool, as the hasher's role."""
    pool = await open_pool(database.dsn(ROLE))
    try:
        yield Bench(PostgresVault(pool), Lists(pool), VaultReads(pool))
    finally:
        await pool.close()
