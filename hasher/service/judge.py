"""Media to verdicts: an index says what might explain them, the vault what is known of that now, and the rules decide."""

import asyncio
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from contracts.lists import KNOWN_GOOD
from contracts.messages import DigestRecord
from contracts.settings import Matching
from contracts.vault import MatchRow, Pair, StoredMedia, Vault
from hasher.decide import FrameHit
from hasher.index import Index
from hasher.lookup import evidence, verdicts
from hasher.service.stops import Stops

TOGETHER: Final = 16
"""Media looked up without giving way to the loop: some milliseconds with a million entries."""
MANY: Final = 100_000
"""PDQs of an index from which it is searched in a thread: it takes longer than changing to one."""


class Judge:
    """Decides by one vault and one set of rules."""

    def __init__(self, vault: Vault, settings: Matching) -> None:
        self._vault, self._settings = vault, settings
        self._stops = Stops(vault, settings)

    async def verdicts(self, index: Index, media: Sequence[DigestRecord | StoredMedia]) -> list[MatchRow]:
        """What the entries of the index have to do with these media."""
        rows: list[MatchRow] = []
        for start in range(0, len(media), TOGETHER):
            some = media[start : start + TOGETHER]
            found = await self._evidence(index, some)
            if any(found):
                rows += await self._decided(some, found, await self._stops.among(some, found))
            await asyncio.sleep(0)
        return rows

    async def review(self, index: Index) -> int:
        """Hold verdicts that needed frames which have come to count no more; how many."""

        async def unexplained(sha256s: Sequence[bytes]) -> set[Pair]:
            pairs: set[Pair] = set()
            media = await self._vault.media(sha256s)
            for start in range(0, len(media), TOGETHER):
                some = media[start : start + TOGETHER]
                found = await self._evidence(index, some)
                before = await self._decided(some, found, set())
                after = await self._decided(some, found, await self._stops.among(some, found))
                pairs |= {(row.sha256, row.entry_id) for row in before} - {(row.sha256, row.entry_id) for row in after}
                await asyncio.sleep(0)
            return pairs

        return await self._stops.review(unexplained)

    async def _evidence(self, index: Index, some: Sequence[DigestRecord | StoredMedia]) -> list[list[FrameHit]]:
        if index.pdqs < MANY:
            return evidence(index, some, self._settings.pdq_quality)
        return await asyncio.to_thread(evidence, index, some, self._settings.pdq_quality)

    async def _decided(
        self, some: Sequence[DigestRecord | StoredMedia], found: Sequence[Sequence[FrameHit]], stopped: set[bytes]
    ) -> list[MatchRow]:
        pairs = {(one.sha256, hit.hit.entry_id) for one, hits in zip(some, found, strict=True) for hit in hits}
        facts = await self._vault.facts(sorted({entry_id for _, entry_id in pairs}))
        rows = verdicts(some, found, self._settings, facts, await self._vault.suppressed(sorted(pairs)), stopped)
        matched = {row.sha256 for row in rows}
        good = await self._vault.good([one for one in some if one.sha256 in matched])
        rows = [replace(row, held=row.held or KNOWN_GOOD) if row.sha256 in good else row for row in rows]
        held = sorted((row.sha256, row.entry_id) for row in rows if row.held)
        free = await self._vault.released(held) if held else set()
        return [replace(row, held="") if (row.sha256, row.entry_id) in free else row for row in rows]
