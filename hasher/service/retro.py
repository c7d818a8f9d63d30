"""Everything seen, matched with entries that came later, in the background: blocks of stored hashes stream through a thread.

The verdicts of all steps are stored, then the vault's guards look at them, then what counts is emitted, then progress is recorded:
who dies in between repeats, and loses nothing.
"""

import asyncio
import logging
import time
from array import array
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from contracts.messages import Match
from contracts.ports import Clock
from contracts.settings import Matching
from contracts.vault import MatchRow, StoredMedia, Vault
from hasher.index import Index, Reverse
from hasher.lookup import resembling
from hasher.service.judge import Judge

log = logging.getLogger(__name__)

Emit = Callable[[list[Match]], Awaitable[None]]

ENTRIES: Final = 8_000
"""New entries that are matched in one pass over what is stored: searching in reverse takes 60 KB an entry then."""
MANY_ENTRIES: Final = 200_000
FEW_HASHES: Final = 1_000_000
"""Where no more are stored, so many entries are matched in one pass, by an index of them: that costs more a stored hash, and
far less an entry."""
PDQ_BYTES: Final = 32
MEDIA: Final = 1_000
"""Candidates judged at a time."""
MATCHES: Final = 2_000
"""Matches emitted at a time."""
TOLD: Final = 200
"""Entries whose matches are asked for together."""
BLOCKS: Final = 64
"""Blocks packed in one turn, at most: a second's work."""
WATCH: Final = 60.0
"""Seconds between two looks of the guards at what was matched live: a sync shows what it is when the web is seen, too."""
SHARE: Final = 4
"""While sightings come in, a search backwards works for one part in so many of the time."""


class Pace:
    """Whether live matching is at work: background work gives way to it."""

    def __init__(self) -> None:
        self.live = 0
        self._last = 0

    async def after(self, seconds: float) -> None:
        """Rest after so much work, if there were sightings meanwhile."""
        busy, self._last = self.live != self._last, self.live
        await asyncio.sleep((SHARE - 1) * seconds if busy else 0)


class Retro:
    """Matches backwards. `counts` are the service's."""

    def __init__(
        self, vault: Vault, settings: Matching, emit: Emit, clock: Clock, pace: Pace, counts: dict[str, int]
    ) -> None:
        self._vault, self._settings, self._emit, self._clock = vault, settings, emit, clock
        self._judge = Judge(vault, settings)
        self._pace, self._counts = pace, counts
        self._watched = clock()

    async def watch(self) -> int:
        """Let the guards look at all that syncs of late have matched, once a minute; how many entries are newly held.

        A search backwards asks them of what it found. What those entries match afterwards is found live.
        """
        now = self._clock()
        if now - self._watched < WATCH:
            return 0
        self._watched = now
        return await self._guard(0, await self._vault.seq())

    async def run(self, *, progress: bool) -> int:
        """Match everything stored with all entries whose turn has not come; how many verdicts are new.

        Nothing is told before the guards have looked at all of it. Without `progress` nothing is recorded, and the next one
        finds and emits the same again.
        """
        new, began, until = 0, await self._vault.retro_seq(), await self._vault.seq()
        after, matched = began, set[int]()
        while after < until:
            few = await self._vault.stored() < FEW_HASHES
            step = await self._vault.retro_step(after, until, MANY_ENTRIES if few else ENTRIES)
            new += await self._step(after, step, matched, few=few)
            after = step
        if began < until:
            await self._vault.hold_good(began, until)
            await self._guard(began, until)
            await self._tell(sorted(matched))
            if progress:
                await self._vault.set_retro_seq(until)
        return new

    async def pack(self) -> int:
        """Pack what was stored since, for the next search; how many blocks."""
        return await self._vault.pack(BLOCKS)

    async def _step(self, after: int, until: int, matched: set[int], *, few: bool) -> int:
        """Match everything stored with the entries changed in after+1..until; those that explain something come to `matched`."""
        index, pdqs, owners = Index(self._settings.pdq_distance), bytearray(), array("q")
        async for entries in self._vault.entries(after, until):
            live = [entry for entry in entries if entry.live]
            index.add(live)
            for entry in live:
                for algorithm, digest in entry.digests:
                    if algorithm == "pdq":
                        pdqs += digest
                        owners.append(entry.entry_id)
            await asyncio.sleep(0)
        if not len(index):
            return 0
        await asyncio.to_thread(index.compact)
        new = await self._exact(index, after, until, matched)
        if few and len(owners) > ENTRIES:
            new += await self._near(index, index, matched)
        else:
            for start in range(0, len(owners), ENTRIES):
                some = bytes(pdqs[start * PDQ_BYTES : (start + ENTRIES) * PDQ_BYTES]), owners[start : start + ENTRIES]
                new += await self._near(index, some, matched)
        return new

    async def _guard(self, after: int, until: int) -> int:
        """No notice, an alert, release by two people."""
        held = await self._vault.guard(after, until, self._clock())
        self._counts["guarded"] += held
        if held:
            log.warning("%d entries came with a sync that matches too much: held until two people release them", held)
        return held

    async def _exact(self, index: Index, after: int, until: int, matched: set[int]) -> int:
        new, alike = 0, await self._vault.media_with(after, until)
        for start in range(0, len(alike), MEDIA):
            new += await self._store(index, await self._vault.media(alike[start : start + MEDIA]), matched)
        return new

    async def _near(
        self, index: Index, entries: Index | Reverse | tuple[bytes, Sequence[int]], matched: set[int]
    ) -> int:
        """One pass over all that is stored, with an index or with PDQs and their entries."""
        new = 0
        async for block in self._vault.blocks():
            began = time.perf_counter()
            if isinstance(entries, tuple):  # only now: it takes a while, and often nothing is stored
                entries = await asyncio.to_thread(Reverse, *entries, self._settings.pdq_distance)
            near = sorted(await asyncio.to_thread(resembling, entries, block))
            for start in range(0, len(near), MEDIA):
                new += await self._store(index, await self._vault.media_by_id(near[start : start + MEDIA]), matched)
            await self._pace.after(time.perf_counter() - began)
        return new

    async def _store(self, index: Index, media: Sequence[StoredMedia], matched: set[int]) -> int:
        found: list[MatchRow] = await self._judge.verdicts(index, media)
        if not found:
            return 0
        matched.update(row.entry_id for row in found)
        self._counts["held"] += sum(1 for row in found if row.held)
        return await self._vault.store((), found, self._clock())

    async def _tell(self, entry_ids: Sequence[int]) -> None:
        """Emit what counts of all that these entries explain, at every place."""
        last: Match | None = None
        for start in range(0, len(entry_ids), TOLD):
            some = entry_ids[start : start + TOLD]
            while page := await self._vault.matches_of(some, last, MATCHES):
                await self._emit(page)
                for match in page:
                    if last is None or (match.entry_id, match.sha256) != (last.entry_id, last.sha256):
                        self._counts["near" if match.near else "exact"] += 1
                    last = match
