"""One sync in a process of its own, for tests that kill it: `python -m tests.exchange.process DSN NAME FOLDER NOW SEED KILLS`.

It kills itself (SIGKILL) before or after a transaction with the probability KILLS. Prints what it stored.
"""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from backends.postgres.vault_lists import PostgresLists
from backends.postgres.vault_store import open_pool
from contracts.lists import ImportStep, NewEntry, Stored
from contracts.seal import Sealer
from hasher.sources.client import Client
from hasher.sources.sealing import Sealing
from hasher.sources.sync import sync
from tests.exchange.syncs import KEYS, SETTINGS
from tests.exchange.truth import Time


class DyingVault:
    """A vault whose process is killed around some of its transactions."""

    def __init__(self, lists: PostgresLists, chance: random.Random, share: float) -> None:
        self._lists, self._chance, self._share = lists, chance, share
        self.source, self.begin_import, self.end_import = lists.source, lists.begin_import, lists.end_import

    async def add_entries(self, import_id: int, entries: Sequence[NewEntry], step: ImportStep, now: float) -> Stored:
        """Store a batch, or die."""
        if self._chance.random() < self._share:
            os.kill(os.getpid(), signal.SIGKILL)
        work = asyncio.ensure_future(self._lists.add_entries(import_id, entries, step, now))
        if self._chance.random() < self._share:
            await asyncio.sleep(self._chance.random() * 0.01)  # somewhere within
            os.kill(os.getpid(), signal.SIGKILL)
        stored = await work
        if self._chance.random() < self._share:
            os.kill(os.getpid(), signal.SIGKILL)
        return stored


async def main(dsn: str, name: str, folder: str, now: str, seed: str, kills: str) -> None:
    """Synchronise once."""
    chance, time = random.Random(seed), Time(float(now))
    pool = await open_pool(dsn)
    try:
        vault = DyingVault(PostgresLists(pool, SETTINGS), chance, float(kills))
        sealing = Sealing(Sealer(KEYS.public, KEYS.place_key), KEYS.series_key)
        async with Client(SETTINGS, Path(folder), time, sleep=time.sleep) as client:
            report = await sync(name, vault, sealing, client, time, chance.random)
        print(report)
    finally:
        await pool.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
