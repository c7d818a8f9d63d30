"""hasher.service over a real vault: what is known is found whichever came first, and nothing is found twice or missed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace

from backends.postgres import vault_blocks
from backends.postgres.vault_store import PostgresVault
from backends.snapshots import NAME, SnapshotFile
from contracts.errors import Unavailable
from contracts.messages import DigestRecord, FrameDigest, Match, MediaDigests
from contracts.settings import Matching
from contracts.vault import EntryDigests, MatchRow
from hasher.service import HasherService, judge, retro
from tests.postgres import Database
from tests.vaults import NOW, Bench, bench, entry, flipped, forms, record

ENTRIES = [
    entry("sha256", ("sha256", record(1).sha256)),
    entry("md5", ("md5", record(1).md5)),
    entry("md5 and size", ("md5", record(1).md5), size=5001),
    entry("near", ("pdq", flipped(forms(1)[0], 31))),
    entry("turned", ("pdq", flipped(forms(1)[6], 3))),
    entry("too far", ("pdq", flipped(forms(1)[0], 32))),
    entry("sha1", ("sha1", record(2).sha1)),
    entry("other", ("sha256", bytes(32))),
    entry("held", ("sha256", record(1).sha256), ("pdq", forms(1)[0]), held="featureless"),
]
FOUND = {
    ("IWF/sha256", "sha256", 0, False),
    ("IWF/md5", "md5", 0, True),
    ("IWF/md5 and size", "md5", 0, False),
    ("IWF/near", "pdq", 31, True),
    ("IWF/turned", "pdq", 3, True),
    ("IWF/sha1", "sha1", 0, False),
}
SEEN = [record(1), record(1, 1), record(2, 2), record(3, 3)]


@pytest.fixture
async def here(vault_database: Database) -> AsyncIterator[Bench]:
    async with bench(vault_database) as made:
        yield made


def emitted(here: Bench) -> set[tuple[bytes, int]]:
    return {(match.place, match.entry_id) for match in here.taken()}


PLACES = {(record(1, place).place, number) for place in (0, 1) for number in range(1, 6)} | {(record(2, 2).place, 7)}


async def test_seen_after_the_import(here: Bench) -> None:
    await here.add(*ENTRIES)
    await here.hasher.start()
    await here.hasher.handle(SEEN)
    assert await here.found() == FOUND
    assert len(here.emitted) == 11 and emitted(here) == PLACES
    counts = {"media": 3, "sightings": 4, "exact": 3, "near": 3, "held": 0, "retro": 0, "guarded": 0}
    assert here.hasher.counts == counts
    turned = next(view for view in [view async for view in here.reads.matches()] if view.entry == "IWF/turned")
    assert (turned.turn, turned.band, turned.quality, turned.digest) == (6, 10, 90, flipped(forms(1)[6], 3))


# Issue 3: "Importing a list afterwards finds what was seen earlier (retro-match)."
async def test_seen_before_the_import(here: Bench) -> None:
    await here.hasher.start()
    await here.hasher.handle(SEEN)
    assert here.taken() == [] and await here.hasher.refresh() == 0
    await here.add(*ENTRIES)
    assert await here.hasher.refresh() == 6
    assert await here.found() == FOUND and emitted(here) == PLACES
    assert await here.hasher.refresh() == 0 and here.taken() == []


async def test_looked_back_by_an_import_and_told_by_the_crawl(here: Bench) -> None:
    await here.hasher.start()
    await here.hasher.handle(SEEN)
    await here.add(*ENTRIES)

    async def nobody(matches: list[Match]) -> None:
        assert matches

    importer = HasherService(here.vault, here.hasher.settings, nobody, here.hasher.clock)
    assert await importer.look_back() == 6 and await here.found() == FOUND
    assert await importer.look_back() == 0 and here.taken() == []
    assert await here.hasher.refresh() == 0 and emitted(here) == PLACES
    assert await importer.look_back() == 0


async def test_retro_match_in_many_passes_and_blocks(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retro, "MEDIA", 2)
    monkeypatch.setattr(retro, "ENTRIES", 2)
    monkeypatch.setattr(retro, "MATCHES", 2)
    monkeypatch.setattr(judge, "TOGETHER", 1)
    monkeypatch.setattr(vault_blocks, "BLOCK_FRAMES", 3)
    monkeypatch.setattr(vault_blocks, "NEW_MEDIA", 1)
    await here.hasher.start()
    await here.hasher.handle([*SEEN, *(record(n, n) for n in range(10, 20))])
    for one in ENTRIES:
        await here.add(one)
    assert await here.hasher.refresh() == 6
    assert await here.found() == FOUND and emitted(here) == PLACES


# Delivery is at least once: repeats change nothing in the vault, and emit again for consumers that missed it.
async def test_repeats(here: Bench) -> None:
    await here.add(*ENTRIES)
    await here.hasher.start()
    for _ in range(3):
        await here.hasher.handle(SEEN)
        assert emitted(here) == PLACES
    assert await here.found() == FOUND
    assert await here.hasher.refresh() == 0
    assert (await here.reads.counts())["exact"] == 3


async def test_a_restart_loads_what_is_stored(here: Bench) -> None:
    await here.add(*ENTRIES)
    other = here.another()
    await other.start()
    await other.start()
    assert len(other.index) == 8
    await other.handle(SEEN)
    assert await here.found() == FOUND


# Issue 5: "start from a snapshot in seconds (encrypted and authenticated on disk ...; a damaged one is rebuilt from Postgres)"
async def test_a_start_from_a_snapshot(here: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def hasher() -> HasherService:
        file = SnapshotFile(tmp_path, bytes(32), 31, tmp_path / "no memory")
        one = here.another()
        return HasherService(here.vault, Matching(), one.emit, lambda: NOW, file)

    first = hasher()
    await here.add(*ENTRIES[:5])
    await first.start()
    await first.stop()
    await here.add(*ENTRIES[5:])
    await here.lists.set_standing([1], "withdrawn")
    await here.lists.set_standing([1], "unverified")
    second = hasher()
    await second.start()
    assert second.index_changes == len(ENTRIES) - 4 and len(second.index) == 8
    await second.handle(SEEN)
    assert await here.found() == FOUND and emitted(here) == PLACES
    path = tmp_path / NAME
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    third = hasher()
    await third.start()
    assert third.index_changes == len(ENTRIES) and "it is damaged" in caplog.text
    await third.refresh()
    fourth = hasher()
    await fourth.start()
    assert fourth.index_changes == 0 and len(fourth.index) == 8
    for one in (second, third, fourth):
        await one.stop()


# Domain, section 4: an older backup of the vault that was put back knows nothing of what a later snapshot knows.
async def test_a_snapshot_of_a_history_that_was_undone(here: Bench, vault_database: Database, tmp_path: Path) -> None:
    def hasher() -> HasherService:
        return HasherService(
            here.vault, Matching(), here.another().emit, lambda: NOW, SnapshotFile(tmp_path, bytes(32), 31, tmp_path)
        )

    await here.add(*ENTRIES[:3])
    first = hasher()
    await first.start()
    await first.stop()
    owner = await asyncpg.connect(vault_database.dsn())
    await owner.execute(
        "DELETE FROM index_snapshots; DELETE FROM changes; UPDATE clock SET seq = 0; DELETE FROM entries"
    )
    await owner.close()
    for number in range(4):
        await here.add(entry(f"new {number}", ("sha1", record(number).sha1)))
    second = hasher()
    await second.start()
    assert len(second.index) == 4 == second.index_changes
    await second.stop()


async def test_removals_and_returns_reach_every_index(here: Bench) -> None:
    await here.add(*ENTRIES)
    await here.hasher.start()
    await here.lists.set_standing([1, 5], "withdrawn")
    assert await here.hasher.load() == 2
    await here.hasher.handle(SEEN)
    gone = {("IWF/sha256", "sha256", 0, False), ("IWF/turned", "pdq", 3, True)}
    assert await here.found() == FOUND - gone
    assert await here.hasher.refresh() == 0
    here.taken()
    await here.lists.set_standing([1, 5], "unverified")
    assert await here.hasher.refresh() == 2
    assert await here.found() == FOUND
    assert {number for _, number in emitted(here)} == {1, 5}


async def test_a_withdrawal_that_no_index_knows_of_yet(here: Bench) -> None:
    await here.add(*ENTRIES)
    await here.hasher.start()
    await here.lists.set_standing([7], "withdrawn")
    await here.hasher.handle([record(2)])
    assert here.taken() == [] and await here.found() == set()


async def test_held_media_are_kept_but_not_emitted(here: Bench) -> None:
    await here.add(*ENTRIES)
    await here.hasher.start()
    await here.hasher.handle([replace(record(2), size=100)])
    assert here.taken() == [] and await here.found() == set()
    assert [(view.entry, view.why) async for view in here.reads.matches()] == [("IWF/sha1", "tiny_media")]
    assert here.hasher.counts["held"] == 1


# "any media under 1 KiB or 64 px a side [...]: no notice": also where its sides were not known at first, unless people confirmed it.
@pytest.mark.parametrize("confirmed", [False, True])
async def test_what_turns_out_to_be_tiny_is_held(here: Bench, vault_database: Database, confirmed: bool) -> None:
    small = replace(record(2), media=replace(record(2).media, width=32, height=32))
    await here.add(*ENTRIES)
    await here.hasher.start()
    await here.hasher.handle([replace(small, media=MediaDigests("image/png", why="not_decoded"))])
    assert await here.found() == {("IWF/sha1", "sha1", 0, False)}
    if confirmed:
        people = await asyncpg.connect(vault_database.dsn("pisaura_notices"))
        await people.execute("UPDATE matches SET state = 'confirmed'")
        await people.close()
    await here.hasher.handle([small])
    assert bool(await here.found()) is confirmed


async def test_suppressed_pairs_stay_silent(here: Bench, vault_database: Database) -> None:
    notices = await asyncpg.connect(vault_database.dsn("pisaura_notices"))
    await here.add(*ENTRIES)
    await notices.execute("INSERT INTO suppressions VALUES ($1, 4, 'another room', 'a reviewer', 0)", record(1).sha256)
    await notices.close()
    await here.hasher.start()
    await here.hasher.handle(SEEN)
    assert await here.found() == FOUND - {("IWF/near", "pdq", 31, True)}
    assert 4 not in {number for _, number in emitted(here)}


# Issue 3: media are "decoded only when its SHA-256 was not decoded before": such a sighting comes without frames.
async def test_a_medium_that_was_decoded_earlier_matches_by_its_stored_frames(here: Bench) -> None:
    await here.hasher.start()
    await here.hasher.handle([record(1)])
    await here.add(entry("near", ("pdq", flipped(forms(1)[0], 31))))
    await here.hasher.load()
    await here.hasher.handle([record(1, 8, frames=[])])
    assert emitted(here) == {(record(1, 8).place, 1)}
    assert await here.found() == {("IWF/near", "pdq", 31, True)}


async def test_the_distance_and_quality_are_settings(here: Bench) -> None:
    await here.add(*ENTRIES)
    strict = here.another(settings=Matching(pdq_distance=2, pdq_quality=91))
    wide = here.another(settings=Matching(pdq_distance=40, pdq_quality=0))
    await strict.start()
    await strict.handle([record(1)])
    assert {algorithm for _, algorithm, _, _ in await here.found()} == {"sha256", "md5"}
    await wide.start()
    await wide.handle([record(1)])
    assert {distance for _, algorithm, distance, _ in await here.found() if algorithm == "pdq"} == {3, 31, 32}


# Every byte of a message is hostile.
async def test_frames_that_are_none(here: Bench) -> None:
    await here.add(*ENTRIES)
    await here.hasher.start()
    strange = [FrameDigest([b"x" * 31] * 8, 90), FrameDigest([], 90), FrameDigest([b"y" * 32] * 9, 90)]
    await here.hasher.handle([replace(record(2), media=MediaDigests("\0", 640, 480, strange, 1.0))])
    assert await here.found() == {("IWF/sha1", "sha1", 0, False)}
    assert await here.hasher.refresh() == 0


class Meddled(PostgresVault):
    """A vault in which something happens at the worst moment."""

    before_store: Callable[[], Awaitable[object]] | None = None
    after_store: Callable[[], Awaitable[object]] | None = None

    async def store(self, records: Sequence[DigestRecord], matches: Sequence[MatchRow], now: float) -> int:
        before, self.before_store = self.before_store, None
        if before and records:
            await before()
        new = await super().store(records, matches, now)
        after, self.after_store = self.after_store, None
        if after and records:
            await after()
        return new


# No gap: an entry added while a sighting is being stored is found by the live match or by the retro-match.
@pytest.mark.parametrize("moment", ["before_store", "after_store"])
@pytest.mark.parametrize("retro", [True, False])
async def test_an_entry_that_comes_while_a_sighting_is_stored(here: Bench, moment: str, retro: bool) -> None:
    vault = Meddled(here.vault._pool)
    live, back = here.another(vault), here.another()
    await live.start()
    await back.start()

    async def meddle() -> None:
        await here.add(*ENTRIES)
        if retro:
            await back.refresh()

    setattr(vault, moment, meddle)
    await live.handle(SEEN)
    assert await here.found() == FOUND and emitted(here) == PLACES


# The same with both going on at once, many times.
async def test_imports_sightings_and_retro_matches_at_once(here: Bench) -> None:
    hashers = [here.another() for _ in range(3)]
    for one in hashers:
        await one.start()
    numbers = range(40)

    async def importing() -> None:
        for number in numbers:
            await here.add(
                entry(f"exact {number}", ("sha1", record(number).sha1)),
                entry(f"near {number}", ("pdq", flipped(forms(number)[number % 8], number % 32))),
            )

    async def seeing(hasher: HasherService, order: Sequence[int]) -> None:
        for number in order:
            await hasher.handle([record(number, number)])

    async def looking_back(work: Sequence[asyncio.Task[None]]) -> None:
        while not all(task.done() for task in work):
            await hashers[2].refresh()
        await hashers[2].refresh()

    work = [
        asyncio.create_task(importing()),
        asyncio.create_task(seeing(hashers[0], numbers)),
        asyncio.create_task(seeing(hashers[1], numbers[::-1])),
    ]
    await asyncio.gather(*work, looking_back(work))
    expected = {(f"IWF/exact {number}", "sha1", 0, False) for number in numbers}
    expected |= {(f"IWF/near {number}", "pdq", number % 32, True) for number in numbers}
    assert await here.found() == expected
    ids = {view.entry: view async for view in here.reads.matches()}
    assert len(ids) == 80 and len(emitted(here)) == 80


class Dying(PostgresVault):
    """A vault that goes away in the middle of a page."""

    pages = 1

    async def entries(self, after: int, until: int) -> AsyncIterator[list[EntryDigests]]:
        async for page in super().entries(after, until):
            if self.pages == 0:
                self.pages = 9
                raise Unavailable("Postgres does not answer")
            self.pages -= 1
            yield page


async def test_a_load_that_was_cut_is_repeated_whole(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.postgres.vault_store.ENTRIES_PAGE", 4)
    await here.add(*ENTRIES)
    hasher = here.another(Dying(here.vault._pool))
    with pytest.raises(Unavailable):
        await hasher.start()
    await hasher.start()
    await hasher.handle(SEEN)
    assert await here.found() == FOUND and len(hasher.index) == 8
    await here.lists.set_standing(list(range(1, 10)), "withdrawn")
    await hasher.load()
    assert len(hasher.index) == 0


# Progress of a retro-match is recorded after its matches were emitted: who dies in between repeats.
async def test_a_retro_match_that_was_cut_is_repeated(here: Bench) -> None:
    await here.hasher.start()
    await here.hasher.handle(SEEN)
    await here.add(*ENTRIES)

    async def broken(matches: object) -> None:
        raise Unavailable("the log does not answer")

    cut = HasherService(here.vault, Matching(), broken, lambda: NOW)
    with pytest.raises(Unavailable):
        await cut.refresh()
    assert await here.hasher.refresh() >= 0
    assert await here.found() == FOUND and emitted(here) == PLACES
