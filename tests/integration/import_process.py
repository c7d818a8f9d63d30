"""One import in a process of its own, for a test that kills it: `python -m tests.integration.import_process DSN FILE FORMAT CHUNK
BATCHES`. It kills itself (SIGKILL) after that many transactions."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from backends.postgres.vault_lists import PostgresLists
from backends.postgres.vault_store import open_pool
from contracts.lists import ImportStep, ListSource, NewEntry, Stored
from contracts.seal import Sealer, new_keys
from hasher.sources import file
from hasher.sources.sealing import Sealing
from tests.vaults import NOW


class DyingVault(PostgresLists):
    """A vault whose process does not live long."""

    batches = 0

    async def add_entries(self, import_id: int, entries: Sequence[NewEntry], step: ImportStep, now: float) -> Stored:
        """Store a batch; after the last one, die."""
        stored = await super().add_entries(import_id, entries, step, now)
        self.batches -= 1
        if not self.batches:
            os.kill(os.getpid(), signal.SIGKILL)
        return stored


async def main(dsn: str, path: str, format: str, chunk: str, batches: str) -> None:
    """Import once."""
    file.CHUNK = int(chunk)  # type: ignore[misc]
    keys = new_keys()
    pool = await open_pool(dsn)
    vault = DyingVault(pool)
    vault.batches = int(batches)
    sealing = Sealing(Sealer(keys.public, keys.place_key), keys.series_key)
    await file.import_file(Path(path), ListSource("known", format=format), vault, sealing, lambda: NOW)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
