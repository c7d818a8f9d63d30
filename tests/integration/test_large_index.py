"""A million entries: changes are searched after the next look, nothing is lost or kept in 10,000 of them, memory stays flat."""

import gc
import random
from collections.abc import Iterator

import psutil
import pytest

from contracts.lists import NewEntry
from contracts.settings import Matching
from contracts.vault import EntryDigests
from hasher.index import Index
from hasher.service import HasherService
from tests.bench.match import corpus
from tests.bench.match.search import built
from tests.bench.match.updates import Merging
from tests.bench.match.visible import Ready
from tests.postgres import Database, Server
from tests.vaults import NOW, bench

pytestmark = pytest.mark.timeout(300)
ENTRIES = 1_000_000
FIRST = 1 << 40
"""Numbers far from those that a vault gives."""
RADIUS = 31
UPDATES = 10_000
ROUNDS = 3
GROWN = 32 << 20
"""Bytes: a quarter of what the index weighs; on a quiet machine it is less than one MiB. Tables that a merge leaves behind would
be more in the first round."""


@pytest.fixture(scope="module")
def index() -> Index:
    """Clustered, as lists are."""
    made, _, _ = built(corpus.clustered(ENTRIES), RADIUS, FIRST)
    return made


def change(index: Index, chance: random.Random, number: int) -> None:
    """So many single changes, merges beside them; in the end the index holds what it held before."""
    merging = Merging()
    for start in range(0, UPDATES, 100):
        added = [
            EntryDigests(
                FIRST + ENTRIES * number + start + at, (("pdq", chance.randbytes(32)), ("md5", chance.randbytes(16)))
            )
            for at in range(1, 51)
        ]
        for entry in added:
            index.add([entry])
            merging.look(index)
        hashes = [entry.digests[0][1] for entry in added]
        assert {(hit.query, hit.entry_id) for hit in index.near(hashes) if not hit.distance} == {
            (at, entry.entry_id) for at, entry in enumerate(added)
        }
        assert all(index.exact("md5", entry.digests[1][1]) for entry in added[:5])
        for entry in added:
            index.remove([entry])
            merging.look(index)
        assert not [hit for hit in index.near(hashes) if hit.distance < 8]
    merging.end(index)


def test_memory_stays_flat(index: Index) -> None:
    process, chance, sizes = psutil.Process(), random.Random(3), []
    for number in range(1, ROUNDS + 1):
        change(index, chance, number)
        gc.collect()
        sizes.append(process.memory_info().rss)
        assert len(index) == ENTRIES
    assert sizes[-1] - sizes[0] < GROWN, sizes


@pytest.fixture
def vault_database(postgres_server: Server) -> Iterator[Database]:
    with postgres_server.database("vault") as made:
        yield made


async def test_changes_are_searched_after_one_look(index: Index, vault_database: Database) -> None:
    async def emit(matches: object) -> None:
        """Nobody listens."""

    async with bench(vault_database) as vault:
        await vault.vault.add_snapshot(bytes(16), 0, NOW)
        hasher = HasherService(vault.vault, Matching(), emit, lambda: NOW, Ready(index.parts()))
        await hasher.start()
        assert len(hasher.index) == ENTRIES
        digest = random.Random(1).randbytes(32)
        await vault.add(NewEntry("bench", "1", (("pdq", digest),)))
        assert await hasher.load() == 1
        (hit,) = (hit for hit in hasher.index.near([digest]) if not hit.distance)
        await vault.lists.set_standing([hit.entry_id], "withdrawn")
        assert await hasher.load() == 1
        assert not [hit for hit in hasher.index.near([digest]) if not hit.distance]
        assert len(hasher.index) == ENTRIES
