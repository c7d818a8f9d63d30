"""hasher.service.retro over a real vault: the order of things after a match with what was seen earlier, and who dies in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest

from backends.postgres import vault_blocks
from backends.postgres.vault_store import PostgresVault
from contracts.errors import Unavailable
from contracts.messages import DigestRecord, Match
from contracts.vault import MatchRow
from hasher.service import HasherService, retro
from hasher.service.retro import Pace
from tests.postgres import Database
from tests.vaults import NOW, Bench, bench, entry, flipped, forms, record

ENTRIES = [
    entry("exact", ("sha256", record(1).sha256)),
    entry("near", ("pdq", flipped(forms(1)[3], 20))),
    entry("elsewhere", ("pdq", flipped(forms(2)[0], 5)), ("md5", record(9).md5)),
]
SEEN = [record(1), record(1, 1), record(2, 2), record(3, 3)]
ALL = {(record(1, place).place, number) for place in (0, 1) for number in (1, 2)} | {(record(2, 2).place, 3)}


@pytest.fixture
async def here(vault_database: Database) -> AsyncIterator[Bench]:
    async with bench(vault_database) as made:
        yield made


class Watched(PostgresVault):
    """A vault that writes down what is asked of it, holds what it is told to, and dies where it is told to."""

    log: list[str]
    holds: Sequence[int] = ()
    dies: str = ""
    lists: Bench

    async def _did(self, what: str) -> None:
        self.log.append(what)
        if self.dies == what:
            self.dies = ""
            raise Unavailable(what)

    async def store(self, records: Sequence[DigestRecord], matches: Sequence[MatchRow], now: float) -> int:
        new = await super().store(records, matches, now)
        await self._did("store")
        return new

    async def guard(self, after: int, until: int, now: float) -> int:
        assert (await self.retro_seq()) == after < until
        held = await super().guard(after, until, now)
        if self.holds:
            held += await self.lists.lists.set_standing(list(self.holds), "held", "match_rate")
        await self._did("guard")
        return held

    async def set_retro_seq(self, seq: int) -> None:
        await self._did("progress")
        await super().set_retro_seq(seq)


def watched(here: Bench) -> tuple[Watched, HasherService]:
    vault = Watched(here.vault._pool)
    vault.log, vault.lists = [], here
    service = here.another(vault)

    async def emit(matches: list[Match]) -> None:
        await vault._did("emit")
        here.emitted += matches

    return vault, HasherService(vault, service.settings, emit, lambda: NOW)


def emitted(here: Bench) -> set[tuple[bytes, int]]:
    return {(match.place, match.entry_id) for match in here.taken()}


# Domain, section 2: "A retro-match may notify only after the guards above have passed over all it found."
async def test_verdicts_then_guards_then_matches_then_progress(here: Bench) -> None:
    vault, hasher = watched(here)
    await here.hasher.handle(SEEN)
    await here.add(*ENTRIES)
    assert await hasher.refresh() == 3
    assert vault.log == ["store", "store", "guard", "emit", "progress"]
    assert emitted(here) == ALL
    assert hasher.counts["exact"] == 1 and hasher.counts["near"] == 2 and hasher.counts["retro"] == 3


async def test_what_the_guards_hold_is_never_told(here: Bench) -> None:
    vault, hasher = watched(here)
    vault.holds = [2]
    await here.hasher.handle(SEEN)
    await here.add(*ENTRIES)
    await hasher.refresh()
    assert emitted(here) == {one for one in ALL if one[1] != 2}
    vault.holds = ()
    await hasher.refresh()
    assert here.taken() == []
    # Live: "a verdict of an entry that is held now is not emitted".
    await hasher.handle([record(1, 7)])
    assert emitted(here) == {(record(1, 7).place, 1)}


@pytest.mark.parametrize("moment", ["store", "guard", "emit", "progress"])
async def test_who_dies_in_between_repeats_and_loses_nothing(here: Bench, moment: str) -> None:
    vault, hasher = watched(here)
    await here.hasher.handle(SEEN)
    await here.add(*ENTRIES)
    vault.dies = moment
    with pytest.raises(Unavailable):
        await hasher.refresh()
    told = emitted(here)
    assert not told or moment == "progress"
    other = here.another()
    await other.refresh()
    assert emitted(here) == ALL
    assert await other.refresh() == 0 and here.taken() == []


async def test_withdrawn_or_refused_between_verdict_and_telling(here: Bench, vault_database: Database) -> None:
    vault, hasher = watched(here)
    await here.hasher.handle(SEEN)
    await here.add(*ENTRIES)
    people = await asyncpg.connect(vault_database.dsn())
    plain = vault.guard

    async def meanwhile(after: int, until: int, now: float) -> int:
        await here.lists.set_standing([3], "withdrawn")
        await people.execute(
            "INSERT INTO suppressions VALUES ($1, 2, 'another room', 'a reviewer', 0)", record(1).sha256
        )
        return await plain(after, until, now)

    vault.guard = meanwhile  # type: ignore[method-assign]
    await hasher.refresh()
    await people.close()
    assert emitted(here) == {(record(1, place).place, 1) for place in (0, 1)}


@pytest.mark.parametrize("size", [1, 2, 100])
async def test_by_index_and_in_reverse_in_many_pieces(here: Bench, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(retro, "ENTRIES", size)
    monkeypatch.setattr(retro, "MATCHES", size)
    monkeypatch.setattr(retro, "MEDIA", size)
    monkeypatch.setattr(vault_blocks, "BLOCK_FRAMES", 2)
    monkeypatch.setattr(vault_blocks, "NEW_MEDIA", 1)
    numbers = range(20, 32)
    await here.hasher.handle([record(n, n) for n in numbers])
    for few in (10**9, 0):
        monkeypatch.setattr(retro, "FEW_HASHES", few)
        await here.add(*(entry(f"{few} {n}", ("pdq", flipped(forms(n)[n % 8], n))) for n in numbers))
        assert await here.hasher.refresh() == len(numbers)
        assert {place for place, _ in emitted(here)} == {record(n, n).place for n in numbers}
    assert len(await here.found()) == 2 * len(numbers)


async def test_many_places_are_told_page_by_page(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retro, "MATCHES", 3)
    await here.hasher.handle([record(n % 2, n) for n in range(20)])
    await here.add(*(entry(str(n), ("sha1", record(n).sha1)) for n in range(2)))
    await here.hasher.refresh()
    told = here.taken()
    assert len(told) == 20 == len({(match.place, match.entry_id) for match in told})
    assert all(match.seen_at == NOW for match in told)


# Issue 5: "without slowing live matching": while sightings come in, it works for a part of the time only.
async def test_background_work_gives_way_to_sightings(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    pace = Pace()
    await pace.after(0.5)
    pace.live += 3
    await pace.after(0.5)
    await pace.after(0.5)
    assert slept == [0, (retro.SHARE - 1) * 0.5, 0]
