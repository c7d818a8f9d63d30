"""The hasher role: sightings in, verdicts out; and what was seen earlier, matched with what lists say now.

Verdicts are committed before they are emitted, and a message that is handled again emits again: consumers tell repeats by
(medium, entry, place). See `contracts.vault` for why no entry that is added meanwhile is missed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from contracts.messages import DigestRecord, Match
from contracts.ports import Clock
from contracts.settings import Matching
from contracts.vault import MatchRow, Sighting, StoredMedia, Vault
from hasher.index import Index
from hasher.lookup import evidence, resembling, verdicts

Emit = Callable[[list[Match]], Awaitable[None]]

TOGETHER = 16
"""Media looked up without giving way to the loop: some milliseconds with a million entries."""
RETRO_ENTRIES = 200_000
"""New entries that are matched backwards in one pass over what is stored."""
RETRO_MEDIA = 2_000


class HasherService:
    """Serves one process. `handle` and `refresh` may run at the same time."""

    def __init__(self, vault: Vault, settings: Matching, emit: Emit, clock: Clock) -> None:
        self.vault, self.settings, self.emit, self.clock = vault, settings, emit, clock
        self.index = Index(settings.pdq_distance)
        self.counts = {"media": 0, "sightings": 0, "exact": 0, "near": 0, "held": 0, "retro": 0}
        self._loading = asyncio.Lock()

    async def start(self) -> None:
        """Load the index. Raises Unavailable if the vault does not answer."""
        await self.load()

    async def load(self) -> int:
        """Take over changes of entries into the index; how many."""
        async with self._loading:
            until = await self.vault.seq()
            changes, fresh = 0, not len(self.index)
            async for entries in self.vault.entries(self.index.seq, until):
                if not fresh:
                    self.index.remove(entries)
                self.index.add([entry for entry in entries if entry.live])
                changes += len(entries)
                await asyncio.sleep(0)
            if fresh:
                self.index.compact()
            self.index.seq = max(self.index.seq, until)
            return changes

    async def handle(self, records: Sequence[DigestRecord]) -> None:
        """Store sightings with their verdicts, then emit the matches that count. Returns after both."""
        if not records:
            return
        media = await self._complete(records)
        seq = self.index.seq  # before looking up: what the index learns meanwhile may come too late for some of them
        found = await self._match(self.index, media)
        await self.vault.store(records, found, self.clock())
        while await self.vault.seq() > seq:  # a retro-match of the change may have ended before these were stored
            await self.load()
            seq = self.index.seq
            found = await self._match(self.index, media)
            await self.vault.store((), found, self.clock())
        self.counts["media"] += len(media)
        self.counts["sightings"] += len(records)
        await self._announce(found, [Sighting(r.sha256, r.place, r.sealed, r.seen_at) for r in records])

    async def refresh(self) -> int:
        """Take over list changes, and match what was seen earlier with the new entries; how many new verdicts.

        One process does the second at a time; the others return 0. What is found is emitted before progress is
        recorded, so that a crash repeats and never loses.
        """
        await self.load()
        new = 0
        async with self.vault.retro_turn() as ours:
            if ours:
                after, until = await self.vault.retro_seq(), await self.vault.seq()
                while after < until:
                    step = await self.vault.retro_step(after, until, RETRO_ENTRIES)
                    new += await self._look_back(after, step)
                    await self.vault.set_retro_seq(step)
                    after = step
        self.counts["retro"] += new
        return new

    async def look_back(self) -> int:
        """Match what was seen earlier with what no `refresh` has come to yet; how many new verdicts.

        For an import beside no crawl, or before the crawl notices it: progress is not recorded, so that the next
        `refresh` finds the same again and emits it.
        """
        new, after, until = 0, await self.vault.retro_seq(), await self.vault.seq()
        while after < until:
            step = await self.vault.retro_step(after, until, RETRO_ENTRIES)
            new += await self._look_back(after, step)
            after = step
        return new

    async def _complete(self, records: Sequence[DigestRecord]) -> list[DigestRecord | StoredMedia]:
        """Each medium once; one that was not decoded this time has the frames of the time when it was."""
        media: dict[bytes, DigestRecord | StoredMedia] = {}
        for record in records:
            if record.sha256 not in media or record.media.frames:
                media[record.sha256] = record
        bare = [sha256 for sha256, record in media.items() if not record.media.frames]
        for stored in await self.vault.media(bare):
            if stored.media.frames:
                media[stored.sha256] = stored
        return list(media.values())

    async def _match(self, index: Index, media: Sequence[DigestRecord | StoredMedia]) -> list[MatchRow]:
        rows: list[MatchRow] = []
        for start in range(0, len(media), TOGETHER):
            some = media[start : start + TOGETHER]
            found = evidence(index, some, self.settings.pdq_quality)
            if any(found):
                pairs = {(one.sha256, hit.hit.entry_id) for one, hits in zip(some, found, strict=True) for hit in hits}
                facts = await self.vault.facts(sorted({entry_id for _, entry_id in pairs}))
                rows += verdicts(some, found, self.settings, facts, await self.vault.suppressed(sorted(pairs)))
            await asyncio.sleep(0)
        return rows

    async def _look_back(self, after: int, until: int) -> int:
        """Match everything stored with the entries changed in after+1..until; how many verdicts are new."""
        index = Index(self.settings.pdq_distance)
        async for entries in self.vault.entries(after, until):
            index.add([entry for entry in entries if entry.live])
            await asyncio.sleep(0)
        if not len(index):
            return 0
        new, done = 0, set(await self.vault.media_with(after, until))
        alike = sorted(done)
        for start in range(0, len(alike), RETRO_MEDIA):
            new += await self._judge(index, alike[start : start + RETRO_MEDIA])
        if index.pdqs:
            async for block in self.vault.frames(RETRO_MEDIA):
                near = await asyncio.to_thread(resembling, index, block)
                new += await self._judge(index, sorted(near - done))
        return new

    async def _judge(self, index: Index, sha256s: Sequence[bytes]) -> int:
        """Decide over stored media, keep the verdicts, emit what counts for every place."""
        if not sha256s:
            return 0
        found = await self._match(index, await self.vault.media(sha256s))
        if not found:
            return 0
        new = await self.vault.store((), found, self.clock())
        await self._announce(found, await self.vault.sightings(sorted({row.sha256 for row in found})))
        return new

    async def _announce(self, found: Sequence[MatchRow], places: Sequence[Sighting]) -> None:
        """Emit a match for each place of each verdict that counts."""
        by_medium: dict[bytes, list[MatchRow]] = {}
        for row in found:
            self.counts["held" if row.held else "near" if row.near else "exact"] += 1
            if not row.held:
                by_medium.setdefault(row.sha256, []).append(row)
        matches = [
            Match(
                at.sha256,
                at.place,
                at.sealed,
                row.entry_id,
                row.algorithm,
                row.distance,
                row.turn,
                row.near,
                at.last_seen,
            )
            for at in places
            for row in by_medium.get(at.sha256, ())
        ]
        if matches:
            await self.emit(matches)
