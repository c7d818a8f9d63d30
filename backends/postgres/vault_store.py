"""The vault behind `contracts.vault.Vault`: what was seen and what of it is known."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

import asyncpg

from backends.postgres.ahead import ahead
from backends.postgres.connection import reaching, session, translated, translating
from backends.postgres.frames import pack, pack_evidence, unpack
from backends.postgres.rows import millis
from backends.postgres.vault_blocks import Blocks
from backends.postgres.vault_frames import FrameCounts
from backends.postgres.vault_guards import guard_syncs
from backends.postgres.vault_queries import QUERIES, columns
from contracts.messages import DigestRecord, Match, MediaDigests
from contracts.settings import Lists
from contracts.vault import EntryDigests, EntryFacts, HashBlock, MatchRow, Pair, StoredMedia

ENTRIES_PAGE: Final = 20_000
RETRO_LOCK: Final = 0x7069735F726574  # "pis_ret": one hasher at a time matches backwards
RETRO_PATIENCE: Final = 300.0
"""Seconds that the one statement may take which looks at all media for a whole step of entries."""
SNAPSHOTS_KEPT: Final = 90 * 86400.0
"""Seconds for which a snapshot of the index is remembered; an older one is not used any more."""


def text(value: str) -> str:
    """What a server said, as Postgres can keep it: without NUL and half surrogates."""
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


@translated
async def open_pool(dsn: str, *, most: int = 4, serving: bool = True) -> "asyncpg.Pool[asyncpg.Record]":
    """Connections to the vault, `serving` or for what people start. Live matching, a retro-match and its turn want three."""
    with reaching(dsn):
        return await asyncpg.create_pool(dsn, min_size=1, max_size=most, **session("pisaura-vault", serving=serving))


async def close_pool(pool: "asyncpg.Pool[asyncpg.Record]", seconds: float) -> None:
    """Close connections in order, or after so many seconds at once."""
    try:
        await asyncio.wait_for(pool.close(), seconds)
    except TimeoutError:
        pool.terminate()


class PostgresVault(FrameCounts):
    """`contracts.vault.Vault` over a pool. Every method takes a connection for as long as it needs one."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", settings: Lists | None = None) -> None:
        """`settings` say when a list is not believed."""
        super().__init__(pool)
        self._settings = settings or Lists()
        self._blocks = Blocks(pool)

    @translated
    async def seq(self) -> int:
        """The number of the last change of entries."""
        return int(await self._pool.fetchval(QUERIES["seq"]))

    async def entries(self, after: int, until: int) -> AsyncIterator[list[EntryDigests]]:
        """Entries changed in after+1..until, in pages, by rising number; the next page is read while one is being worked on."""
        async with aclosing(ahead(self._changed(after, until))) as pages:
            async for rows in pages:
                yield [
                    EntryDigests(entry_id, tuple(zip(algorithms, digests, strict=True)), live)
                    for entry_id, _, live, algorithms, digests in rows
                ]

    async def _changed(self, after: int, until: int) -> AsyncGenerator[list[asyncpg.Record], None]:
        last = 2**63 - 1
        while rows := await self._fetch("changed_entries", after, last, until, ENTRIES_PAGE):
            yield rows
            after, last = rows[-1]["changed_seq"], rows[-1]["entry_id"]

    async def facts(self, entry_ids: Sequence[int]) -> dict[int, EntryFacts]:
        """What these entries are now."""
        rows = await self._fetch("facts", list(entry_ids)) if entry_ids else []
        return {row[0]: EntryFacts(*row) for row in rows}

    async def media(self, sha256s: Sequence[bytes]) -> list[StoredMedia]:
        """Those of these media that are stored."""
        return [_stored(row) for row in await self._fetch("media_by_sha256", list(sha256s))] if sha256s else []

    async def media_by_id(self, media_ids: Sequence[int]) -> list[StoredMedia]:
        """The same by their numbers."""
        return [_stored(row) for row in await self._fetch("media_by_id", list(media_ids))] if media_ids else []

    async def suppressed(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Those of the pairs that people have refused."""
        return {(row[0], row[1]) for row in await self._fetch("suppressed", *columns(pairs, 2))} if pairs else set()

    async def released(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Those of the pairs that two people let count."""
        return {(row[0], row[1]) for row in await self._fetch("released", *columns(pairs, 2))} if pairs else set()

    @translated
    async def store(self, records: Sequence[DigestRecord], matches: Sequence[MatchRow], now: float) -> int:
        """Media, sightings and verdicts in one transaction; rows in one order for all, so that no two block each other."""
        media = {record.sha256: _media_row(record) for record in sorted(records, key=_undecoded_first)}
        sightings: dict[tuple[bytes, bytes], list[DigestRecord]] = {}
        for record in records:
            sightings.setdefault((record.sha256, record.place), []).append(record)
        rows = [_sighting_row(max(same, key=_seen_at)) for _, same in sorted(sightings.items())]
        async with self._pool.acquire() as connection, connection.transaction():
            if records:
                await connection.execute(QUERIES["add_media"], *columns([media[key] for key in sorted(media)], 11))
                earliest = [
                    _sighting_row(min(same, key=_seen_at)) for _, same in sorted(sightings.items()) if len(same) > 1
                ]
                if earliest:
                    await connection.execute(QUERIES["add_sightings"], *columns(earliest, 7))
                await connection.execute(QUERIES["add_sightings"], *columns(rows, 7))
            return await _add_matches(connection, matches, millis(now))

    @asynccontextmanager
    async def retro_turn(self) -> AsyncIterator[bool]:
        """Whether nobody else matches backwards; nobody does until we leave."""
        with translating():
            async with self._pool.acquire() as connection:
                ours = bool(await connection.fetchval("SELECT pg_try_advisory_lock($1)", RETRO_LOCK))
                try:
                    yield ours
                finally:
                    if ours and not connection.is_closed():
                        await connection.execute("SELECT pg_advisory_unlock($1)", RETRO_LOCK)

    @translated
    async def retro_seq(self) -> int:
        """Up to which change of entries everything stored has been matched."""
        return int(await self._pool.fetchval(QUERIES["retro_seq"]))

    @translated
    async def set_retro_seq(self, seq: int) -> None:
        """Move that number forward."""
        await self._pool.execute(QUERIES["set_retro_seq"], seq)

    @translated
    async def retro_step(self, after: int, until: int, entries: int) -> int:
        """The change up to which about so many entries were changed since `after`."""
        return int(await self._pool.fetchval(QUERIES["retro_step"], after, until, entries))

    async def media_with(self, after: int, until: int) -> list[bytes]:
        """SHA-256 of media that share a cryptographic digest with a live entry changed in after+1..until."""
        return [row[0] for row in await self._fetch("media_with_digests_of", after, until, timeout=RETRO_PATIENCE)]

    async def stored(self) -> int:
        """About how many hashes are stored: those in blocks."""
        return await self._blocks.stored()

    def blocks(self) -> AsyncIterator[HashBlock]:
        """The hashes of all stored media."""
        return self._blocks.read()

    async def pack(self, most: int) -> int:
        """Pack up to so many blocks of hashes of media that came since the last one; how many were made."""
        return await self._blocks.pack(most)

    async def good(self, media: Sequence[DigestRecord | StoredMedia]) -> set[bytes]:
        """SHA-256 of those whose file a known-good list has."""
        rows = [(one.sha256, one.sha1, one.md5) for one in media]
        return {row[0] for row in await self._fetch("good_media", *columns(rows, 3))} if rows else set()

    async def hold_good(self, after: int, until: int) -> int:
        """Hold what was matched of media that known-good entries changed in after+1..until are of; how many verdicts."""
        return len(await self._fetch("hold_good_matches", after, until, timeout=RETRO_PATIENCE))

    @translated
    async def guard(self, after: int, until: int, now: float) -> int:
        """Hold what came with entries changed in after+1..until and matches too much; how many."""
        async with self._pool.acquire() as connection:
            return await guard_syncs(connection, after, until, now, self._settings)

    async def matches_of(self, entry_ids: Sequence[int], after: Match | None, limit: int) -> list[Match]:
        """A page of the matches of these entries that count now, at every place."""
        last = (after.entry_id, after.sha256, after.place) if after else (0, b"", b"")
        rows = await self._fetch("matches_that_count", list(entry_ids), *last, limit)
        return [Match(*row.values()) for row in rows]

    @translated
    async def snapshot_known(self, content: bytes, seq: int) -> bool:
        """Whether such a snapshot of the index was made of this vault, at this change."""
        return bool(await self._pool.fetchval(QUERIES["snapshot_known"], content, seq))

    @translated
    async def add_snapshot(self, content: bytes, seq: int, now: float) -> None:
        """Say that such a snapshot is being made."""
        forget = millis(now - SNAPSHOTS_KEPT)
        await self._pool.execute(QUERIES["add_snapshot"], content, seq, millis(now), forget)

    @translated
    async def _fetch(self, name: str, *values: Any, timeout: float | None = None) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._pool.fetch(QUERIES[name], *values, timeout=timeout)
        return rows


def _stored(row: asyncpg.Record) -> StoredMedia:
    media_id, sha256, sha1, md5, size, kind, width, height, duration, why, frames = row
    return StoredMedia(
        media_id, sha256, sha1, md5, size, MediaDigests(kind, width, height, unpack(frames), duration, why)
    )


async def _add_matches(connection: Any, matches: Sequence[MatchRow], found_at: int) -> int:
    if not matches:
        return 0
    rows = [
        (m.sha256, m.entry_id, found_at, m.algorithm, m.digest, m.distance, m.turn, m.quality,
         m.at, m.frames, m.near, m.band, m.held, pack_evidence(m.evidence))
        for m in sorted(matches, key=lambda m: (m.sha256, m.entry_id))
    ]  # fmt: skip
    return sum(row["new"] for row in await connection.fetch(QUERIES["add_matches"], *columns(rows, 14)))


def _undecoded_first(record: DigestRecord) -> int:
    return len(record.media.frames)


def _seen_at(record: DigestRecord) -> float:
    return record.seen_at


def _media_row(r: DigestRecord) -> tuple[Any, ...]:
    m = r.media
    return (
        r.sha256, r.sha1, r.md5, r.size, millis(r.seen_at), text(m.media_type), m.width, m.height, m.duration, text(m.why),
        pack(m.frames),
    )  # fmt: skip


def _sighting_row(r: DigestRecord) -> tuple[Any, ...]:
    return r.sha256, r.place, millis(r.seen_at), r.sealed, r.head_sha256, text(r.etag), text(r.last_modified)
