"""From the commit of a list's change to a hasher that knows of it, with a large index: added, and taken back.

The index is restored from arrays, so that the vault holds only what changes; its size is what a search has to go through.
"""

import argparse
import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from contracts.lists import NewEntry
from contracts.settings import Matching
from contracts.snapshots import Mark, Parts
from crawlctl.roles.hashing import LISTS_EVERY
from crawlctl.roles.loops import persist
from hasher.service import HasherService
from tests.bench.match import corpus
from tests.bench.match.fresh import fresh_vault
from tests.bench.match.search import built, say
from tests.postgres import Database
from tests.vaults import NOW, Bench, bench

CHANGES: Final = 20
LOOK: Final = 0.002


class Ready:
    """`contracts.snapshots.Snapshots` of arrays that are at hand."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._mark = Mark(bytes(16), 0, NOW)

    def mark(self) -> Mark:
        """Which one is there."""
        return self._mark

    def open(self) -> tuple[Mark, Parts]:
        """All of it."""
        return self._mark, self._parts

    def write(self, mark: Mark, parts: Parts) -> None:
        """Nobody keeps it."""

    def close(self) -> None:
        """Nothing is open."""


async def until(condition: Callable[[], bool]) -> None:
    """Look again and again."""
    while not condition():
        await asyncio.sleep(LOOK)


async def measure(vault: Bench, entries: int, parts: Parts, radius: int) -> None:
    """Entries come and go one by one, while a hasher looks for changes as its role does."""

    async def emit(matches: object) -> None:
        """Nobody listens."""

    await vault.vault.add_snapshot(bytes(16), 0, NOW)
    hasher = HasherService(vault.vault, Matching(pdq_distance=radius), emit, lambda: NOW, Ready(parts))
    await hasher.start()
    assert len(hasher.index) >= entries
    looking = asyncio.create_task(persist("lists", hasher.load, LISTS_EVERY))
    added, gone = [], []
    chance = random.Random(9)
    for number in range(CHANGES):
        digest = chance.randbytes(32)

        def known(digest: bytes = digest) -> bool:
            return any(not hit.distance for hit in hasher.index.near([digest]))

        await asyncio.sleep(chance.random() * LISTS_EVERY)
        await vault.add(NewEntry("bench", f"{number}", (("pdq", digest),)))
        began = time.perf_counter()
        await until(known)
        added.append(time.perf_counter() - began)
        entry_id = next(hit.entry_id for hit in hasher.index.near([digest]) if not hit.distance)
        await asyncio.sleep(chance.random() * LISTS_EVERY)
        await vault.lists.set_standing([entry_id], "withdrawn")
        began = time.perf_counter()
        await until(lambda: not known())
        gone.append(time.perf_counter() - began)
    looking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looking
    for what, took in (("added", added), ("withdrawn", gone)):
        for quantile in (0.5, 1.0):
            value = float(np.quantile(took, quantile))
            say("visible_seconds", value, 3, change=what, quantile=quantile, entries=entries, radius=radius)


async def on(database: Database, entries: int, radius: int) -> None:
    """The bench over one vault."""
    index, _, _ = built(corpus.uniform(entries), radius, first=1 << 40)
    async with bench(database) as made:
        await measure(made, entries, index.parts(), radius)


def main() -> None:
    """All figures of one size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("entries", type=int)
    parser.add_argument("radius", type=int)
    given = parser.parse_args()
    with fresh_vault() as (database, _):
        database.server.run(on(database, given.entries, given.radius))


if __name__ == "__main__":
    main()
