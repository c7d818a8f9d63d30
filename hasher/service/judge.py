"""Media to verdicts: an index says what might explain them, the vault what is known of that now, and the rules decide."""

import asyncio
from collections.abc import Sequence
from typing import Final

from contracts.messages import DigestRecord
from contracts.settings import Matching
from contracts.vault import MatchRow, StoredMedia, Vault
from hasher.index import Index
from hasher.lookup import evidence, verdicts

TOGETHER: Final = 16
"""Media looked up without giving way to the loop: some milliseconds with a million entries."""
MANY: Final = 100_000
"""PDQs of an index from which it is searched in a thread: it takes longer than changing to one."""


class Judge:
    """Decides by one vault and one set of rules."""

    def __init__(self, vault: Vault, settings: Matching) -> None:
        self._vault, self._settings = vault, settings

    async def verdicts(self, index: Index, media: Sequence[DigestRecord | StoredMedia]) -> list[MatchRow]:
        """What the entries of the index have to do with these media."""
        rows: list[MatchRow] = []
        for start in range(0, len(media), TOGETHER):
            some = media[start : start + TOGETHER]
            if index.pdqs < MANY:
                found = evidence(index, some, self._settings.pdq_quality)
            else:
                found = await asyncio.to_thread(evidence, index, some, self._settings.pdq_quality)
            if any(found):
                pairs = {(one.sha256, hit.hit.entry_id) for one, hits in zip(some, found, strict=True) for hit in hits}
                facts = await self._vault.facts(sorted({entry_id for _, entry_id in pairs}))
                rows += verdicts(some, found, self._settings, facts, await self._vault.suppressed(sorted(pairs)))
            await asyncio.sleep(0)
        return rows
