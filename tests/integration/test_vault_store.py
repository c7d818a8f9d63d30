"""backends.postgres.vault_store and vault_reads over a real Postgres: repeatable, in one transaction, in one order."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from msgspec.structs import replace

from contracts.errors import Unavailable
from contracts.messages import FrameDigest
from contracts.vault import MatchRow
from tests.postgres import Database
from tests.vaults import NOW, Bench, bench, entry, forms, record


@pytest.fixture
async def here(vault_database: Database) -> AsyncIterator[Bench]:
    async with bench(vault_database) as made:
        yield made


async def test_storing_twice_is_storing_once(here: Bench) -> None:
    await here.add(entry("1", ("sha256", record(1).sha256)))
    row = MatchRow(record(1).sha256, 1, "sha256", record(1).sha256)
    records = [record(1, place) for place in (0, 1, 1)]
    assert await here.vault.store(records, [row], NOW) == 1
    assert await here.vault.store(records, [row], NOW) == 0
    assert await here.reads.counts() == {"sightings": 2, "media": 1, "exact": 1, "near": 0, "entries": 1}


async def test_first_and_last_seen_grow_apart_whatever_the_order(here: Bench) -> None:
    await here.add(entry("1", ("sha256", record(1).sha256)))
    row = MatchRow(record(1).sha256, 1, "sha256", record(1).sha256)
    await here.vault.store([record(1, 0, NOW)], [row], NOW)
    await here.vault.store([record(1, 0, NOW - 50), record(1, 0, NOW + 50), record(1, 0, NOW - 99)], [], NOW)
    await here.vault.store([record(1, 0, NOW + 7)], [], NOW)
    (seen,) = [view async for view in here.reads.matches()]
    assert (seen.first_seen, seen.last_seen) == (NOW - 99, NOW + 50)
    assert [match.seen_at for match in await here.vault.matches_of([1], None, 9)] == [NOW + 50]


async def test_media_come_back_as_they_were(here: Bench) -> None:
    frames = [FrameDigest(forms(1), 90, 0.0), FrameDigest(forms(2), 40, 1.25)]
    await here.vault.store([record(1, frames=frames), record(2, frames=[])], [], NOW)
    stored = {one.sha256: one for one in await here.vault.media([record(n).sha256 for n in (1, 2, 3)])}
    assert set(stored) == {record(1).sha256, record(2).sha256}
    assert stored[record(1).sha256].media == record(1, frames=frames).media
    assert stored[record(2).sha256].media.why == "not_decoded"
    assert stored[record(1).sha256].md5 == record(1).md5 and stored[record(1).sha256].size == 5001


# A medium that could not be decoded once is filled in when it could; never the other way round.
async def test_frames_are_filled_in(here: Bench) -> None:
    tries: list[list[FrameDigest] | None] = [[], None, []]
    for frames in tries:
        await here.vault.store([record(1, frames=frames)], [], NOW)
    await here.vault.store([record(2), record(2, frames=[])], [], NOW)
    for number in (1, 2):
        assert [len(one.media.frames) for one in await here.vault.media([record(number).sha256])] == [1]


async def test_what_servers_say_is_stored_whatever_it_is(here: Bench) -> None:
    strange = replace(record(1), etag="a\0b\udcff", last_modified="\0")
    await here.vault.store([strange], [], NOW)
    assert (await here.reads.counts())["sightings"] == 1


# Rows are written in one order, so that two hashers with the same media never wait for each other in a circle.
async def test_writers_of_the_same_rows_do_not_deadlock(here: Bench) -> None:
    await here.add(*(entry(str(n), ("sha256", record(n).sha256)) for n in range(30)))
    rows = [MatchRow(record(n).sha256, n + 1, "sha256", record(n).sha256) for n in range(30)]
    forward = [record(n, place, NOW + 1) for n in range(30) for place in range(3)]
    backward = [record(n, place, NOW + 2) for n in reversed(range(30)) for place in reversed(range(3))]
    await asyncio.gather(
        *(
            here.vault.store(some, found, NOW)
            for some, found in ((forward, rows), (backward, rows[::-1]))
            for _ in range(5)
        )
    )
    assert (await here.reads.counts())["sightings"] == 90


# Domain, section 1: "a refused one suppresses that pair".
async def test_suppressed_pairs_are_not_stored(here: Bench, vault_database: Database) -> None:
    await here.add(entry("1", ("sha256", record(1).sha256)), entry("2", ("sha1", record(1).sha1)))
    notices = await asyncpg.connect(vault_database.dsn("pisaura_notices"))
    await notices.execute("INSERT INTO suppressions VALUES ($1, 1, 'not it', 'a reviewer', 0)", record(1).sha256)
    await notices.close()
    pairs = [(record(1).sha256, 1), (record(1).sha256, 2), (record(2).sha256, 1)]
    assert await here.vault.suppressed(pairs) == {pairs[0]}
    rows = [MatchRow(record(1).sha256, number, "sha256", record(1).sha256) for number in (1, 2)]
    assert await here.vault.store([record(1)], rows, NOW) == 1


async def test_matches_are_read_in_pages_with_their_evidence(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.postgres.vault_reads.PAGE", 4)
    await here.add(*(entry(str(n), ("pdq", forms(n)[2])) for n in range(5)))
    rows = [
        MatchRow(
            record(n).sha256, n + 1, "pdq", forms(n)[2], n, 2, 77, 1.5, 1, True, 10, "tiny_media" if n == 4 else ""
        )
        for n in range(5)
    ]
    await here.vault.store([record(n, place) for n in range(5) for place in (10 * n, 10 * n + 1)], rows, NOW)
    views = [view async for view in here.reads.matches()]
    assert len(views) == len({(view.entry, view.place) for view in views}) == 10
    view = next(view for view in views if view.distance == 3)
    assert (view.lists, view.entry, view.category, view.turn, view.quality, view.near, view.band, view.at) == (
        ["known"], "IWF/3", "A", 2, 77, True, 10, 1.5
    )  # fmt: skip
    assert view.sealed.startswith(b"sealed 3") and view.media_type == "image/png" and view.counts
    assert {view.why for view in views if not view.counts} == {"tiny_media"}
    assert [view.place async for view in here.reads.matches([record(0, 31).place])] == [record(0, 31).place]


# Entries without a digest, as sources take them back, fill a page and end nothing.
async def test_changes_come_in_pages(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.postgres.vault_store.ENTRIES_PAGE", 2)
    bare = [entry(f"bare {number}") for number in range(4)]
    full = [entry(f"full {number}", ("sha1", bytes([number]) * 20)) for number in range(3)]
    await here.add(full[0], *bare, *full[1:])
    pages = [page async for page in here.vault.entries(0, await here.vault.seq())]
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert [one.digests for page in pages for one in page] == [
        full[0].digests, (), (), (), (), full[1].digests, full[2].digests
    ]  # fmt: skip


async def test_withdrawn_entries_count_no_more(here: Bench) -> None:
    await here.add(entry("1", ("sha256", record(1).sha256)))
    await here.hasher.start()
    await here.hasher.handle([record(1)])
    assert len(await here.found()) == 1
    assert await here.lists.set_standing([1], "withdrawn") == 1
    assert await here.lists.set_standing([1], "withdrawn") == 0
    assert await here.found() == set()
    assert [(view.counts, view.why) async for view in here.reads.matches()] == [(False, "withdrawn")]


async def test_one_retro_match_at_a_time(here: Bench) -> None:
    async with here.vault.retro_turn() as first, here.vault.retro_turn() as second:
        assert (first, second) == (True, False)
    async with here.vault.retro_turn() as again:
        assert again


# Domain, section 4: the frontier cannot read lists, sightings or matches; a test tries.
@pytest.mark.parametrize("role", ["pisaura_frontier", "pisaura_fetcher"])
async def test_crawl_roles_cannot_enter(vault_database: Database, role: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(vault_database.dsn(role))


# People's decisions are not the hasher's: it cannot refuse, release or delete.
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO suppressions VALUES ('', 1, '', '', 0)",
        "DELETE FROM matches",
        "DELETE FROM sightings",
        "TRUNCATE entries",
        "DROP TABLE media",
    ],
)
async def test_what_the_hasher_may_not_do(vault_database: Database, statement: str) -> None:
    connection = await asyncpg.connect(vault_database.dsn("pisaura_hasher"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_vault_that_is_away_is_unavailable(vault_database: Database) -> None:
    async with bench(vault_database) as made:
        await made.vault._pool.close()
        with pytest.raises(Unavailable):
            await made.vault.seq()
