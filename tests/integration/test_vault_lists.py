"""backends.postgres.vault_lists: importing twice changes nothing, and what changes is seen in its order."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from contracts.errors import UsageError
from contracts.lists import ImportStep, ListSource, NewEntry, Refused, Stored
from contracts.vault import EntryDigests
from tests.postgres import Database
from tests.vaults import NOW, Bench, bench, entry, forms, record

MD5, SHA1 = record(1).md5, record(1).sha1


@pytest.fixture
async def here(vault_database: Database) -> AsyncIterator[Bench]:
    async with bench(vault_database) as made:
        yield made


async def store(here: Bench, *entries: NewEntry, source: ListSource | None = None) -> Stored:
    number = await here.lists.begin_import(source or ListSource("known"), "known.csv", NOW)
    return await here.lists.add_entries(number, entries, ImportStep(0, 0, {}, []), NOW)


async def changes(here: Bench, after: int = 0) -> list[EntryDigests]:
    return [one async for page in here.vault.entries(after, await here.vault.seq()) for one in page]


# Issue 3: "importing the same file twice is idempotent".
async def test_importing_twice_changes_nothing(here: Bench) -> None:
    entries = [entry(str(n), ("pdq", forms(n)[0])) for n in range(50)] + [entry("m", ("md5", MD5), member="NCMEC")]
    assert await store(here, *entries) == Stored(51, 0)
    seq = await here.vault.seq()
    assert await store(here, *entries) == Stored(0, 0)
    assert await here.vault.seq() == seq
    (known,) = await here.reads.lists()
    assert (known.entries, known.imports, known.added, known.changed) == (51, 2, 0, 0)


async def test_identity_is_member_and_id(here: Bench) -> None:
    same = [
        entry("1", ("md5", MD5)),
        entry("1", ("md5", MD5), member="NCMEC"),
        entry("1", ("sha1", SHA1)),
        entry("2", ("md5", MD5)),
    ]
    assert await store(here, *same) == Stored(3, 0)
    assert sorted(len(one.digests) for one in await changes(here)) == [1, 1, 2]


async def test_a_new_digest_and_a_new_word_are_taken_over(here: Bench) -> None:
    await store(here, entry("1", ("md5", MD5)), entry("2", ("md5", MD5)))
    seq = await here.vault.seq()
    other = NewEntry("IWF", "2", (("md5", MD5),), "B", b"s" * 16, b"sealed", b"k", b"sealed note")
    assert await store(here, other) == Stored(0, 1)
    assert await here.vault.seq() == seq  # nothing that matters to the index
    assert await store(here, entry("1", ("md5", MD5), ("sha1", SHA1))) == Stored(0, 1)
    (changed,) = await changes(here, seq)
    assert set(changed.digests) == {("md5", MD5), ("sha1", SHA1)} and changed.live


# Holds are released by people only: a list that repeats an entry does not, nor does it hold a released one again.
async def test_imports_leave_holds_and_standings_alone(here: Bench) -> None:
    await store(here, entry("1", ("pdq", bytes(32)), held="featureless"), entry("2", ("md5", MD5)))
    assert {one.entry_id: one.live for one in await changes(here)} == {1: False, 2: True}
    await here.lists.set_standing([2], "withdrawn")
    await store(here, entry("1", ("pdq", bytes(32))), entry("2", ("md5", MD5)))
    assert {one.entry_id: one.live for one in await changes(here)} == {1: False, 2: False}
    await here.lists.set_standing([1], "unverified", "")
    await store(here, entry("1", ("pdq", bytes(32)), held="featureless"))
    assert {one.entry_id: one.live for one in await changes(here)} == {1: True, 2: False}
    with pytest.raises(UsageError, match="standing"):
        await here.lists.set_standing([1], "perfect")


# Domain, section 1: sources carry allowed uses; known-good lists do not match.
async def test_live_is_what_a_list_for_matching_carries(here: Bench) -> None:
    shield = ListSource("adults", kind="ncii-adult", uses=("shield",))
    await store(here, entry("1", ("md5", MD5)), source=shield)
    await store(here, entry("3", ("sha1", SHA1)), source=ListSource("good", kind="known-good", uses=()))
    assert [one.live for one in await changes(here)] == [False, False]
    seq = await here.vault.seq()
    assert await store(here, entry("1", ("md5", MD5))) == Stored(0, 1)
    assert [(one.entry_id, one.live) for one in await changes(here, seq)] == [(1, True)]
    assert [(view.name, view.entries) for view in await here.reads.lists()] == [
        ("adults", 1),
        ("good", 1),
        ("known", 1),
    ]


async def test_a_list_stays_what_it_is(here: Bench) -> None:
    await store(here)
    with pytest.raises(UsageError, match="another name"):
        await here.lists.begin_import(ListSource("known", trust="verified"), "known.csv", NOW)


async def test_changes_come_in_pages_by_number(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.postgres.vault_store.ENTRIES_PAGE", 4)
    for first in (0, 10, 20):
        await store(here, *(entry(str(n), ("pdq", forms(n)[0])) for n in range(first, first + 10)))
    assert [one.entry_id for one in await changes(here)] == list(range(1, 31))
    assert [one.entry_id for one in await changes(here, 2)] == list(range(21, 31))
    assert [one.entry_id async for page in here.vault.entries(0, 1) for one in page] == list(range(1, 11))
    assert [await here.vault.retro_step(0, 3, most) for most in (0, 9, 10, 19, 20, 30)] == [1, 1, 2, 2, 3, 3]


# The numbers of changes become visible in their order: who reads n will never meet a smaller new one.
async def test_importers_take_turns(here: Bench, vault_database: Database) -> None:
    slow = await asyncpg.connect(vault_database.dsn("pisaura_hasher"))
    try:
        turn = slow.transaction()
        await turn.start()
        assert await slow.fetchval("SELECT seq + 1 FROM clock FOR UPDATE") == 1
        await slow.execute("UPDATE clock SET seq = 1")
        other = asyncio.create_task(store(here, entry("1", ("md5", MD5))))
        async with asyncio.timeout(10):
            while not await slow.fetchval(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
            ):
                await asyncio.wait([other], timeout=0.001)
        assert not other.done() and await here.vault.seq() == 0
        await turn.commit()
        assert await other == Stored(1, 0)
        assert await here.vault.seq() == 2
    finally:
        await slow.close()


async def test_progress_and_bad_lines_are_kept(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.postgres.vault_lists.BAD_LINES", 3)
    number = await here.lists.begin_import(ListSource("known"), "known.csv", NOW)
    samples = [Refused(line, 5, "bad_digest", "md5 has 32 hex digits") for line in (4, 5)]
    for step in range(2):
        shifted = [Refused(bad.line + 10 * step, bad.column, bad.reason, bad.evidence) for bad in samples]
        added = entry(str(step), ("md5", MD5), held="featureless")
        await here.lists.add_entries(
            number, [added], ImportStep(100, 3, {"bad_digest": 2, "bad_line": 1}, shifted, 1), NOW + step
        )
    (running,) = await here.reads.lists()
    assert (running.bytes_read, running.lines, running.read, running.added, running.held) == (200, 6, 2, 2, 2)
    assert running.ended_at == 0.0 and running.started_at == NOW and running.bad == {"bad_digest": 4, "bad_line": 2}
    await here.lists.end_import(number, NOW + 9, "the file went away")
    (ended,) = await here.reads.lists()
    assert (ended.ended_at, ended.error) == (NOW + 9, "the file went away")
    assert [bad.line for bad in await here.reads.bad_lines("known")] == [4, 5, 14]
    assert await here.reads.bad_lines("unknown") == []
