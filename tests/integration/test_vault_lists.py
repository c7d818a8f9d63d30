"""backends.postgres.vault_lists: importing twice changes nothing, and what changes is seen in its order."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from msgspec.structs import replace

from backends.postgres.vault_desk import PostgresDesk
from contracts.errors import UsageError
from contracts.lists import (
    DELETING,
    KNOWN_GOOD,
    MASS_DELETION,
    ImportStep,
    ListSource,
    NewEntry,
    Opinion,
    Refused,
    Stored,
    uses_of,
)
from contracts.vault import EntryDigests
from tests.office import ANNA, BERT
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


async def states(here: Bench, entry_id: int) -> tuple[str, str]:
    row = await here.vault._pool.fetchrow("SELECT standing, held FROM entries WHERE entry_id = $1", entry_id)
    return row["standing"], row["held"]


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


async def test_all_that_holds_an_entry_is_kept(here: Bench) -> None:
    await store(here, entry("1", ("pdq", bytes(32)), held="featureless"), entry("1", ("md5", MD5), held="unmapped"))
    rows = await here.vault._pool.fetch("SELECT entry_id, reason FROM holds ORDER BY reason")
    assert [tuple(row) for row in rows] == [(1, "featureless"), (1, "unmapped")]
    await store(here, entry("1", ("md5", MD5)))  # it is mapped now
    assert await states(here, 1) == ("held", "featureless")


# "any sync that [...] deletes more than 1 % of a list: [...] release by two people", whoever ends a sync of it in between.
async def test_another_syncs_end_does_not_split_a_mass_deletion(here: Bench) -> None:
    entries = [entry(str(n), ("md5", n.to_bytes(16))) for n in range(1000)]
    await here.add(*entries)
    source, step = ListSource("known"), ImportStep(0, 0, {}, [])
    deleting = await here.lists.begin_import(source, "", NOW)
    await here.lists.add_entries(deleting, [replace(one, deleted=True) for one in entries[:9]], step, NOW)
    await here.lists.end_import(await here.lists.begin_import(source, "", NOW), NOW)
    await here.lists.add_entries(deleting, [replace(one, deleted=True) for one in entries[9:18]], step, NOW)
    await here.lists.end_import(deleting, NOW)
    rows = await here.vault._pool.fetch("SELECT state, count(*) FROM list_entries GROUP BY state ORDER BY state")
    assert [tuple(row) for row in rows] == [(0, 982), (2, 9), (3, 9)]


# An import that waits for its turn while a list loses its trust gives no entry the old one.
async def test_trust_is_that_of_the_moment(here: Bench) -> None:
    desk, pool = PostgresDesk(here.vault._pool), here.vault._pool
    for person in (ANNA, BERT):
        await desk.add(ListSource("sure", trust="verified"), person, NOW)
    number = await here.lists.begin_import(ListSource("sure", trust="verified"), "", NOW)
    async with pool.acquire() as db:
        async with db.transaction():
            await db.fetchval("SELECT seq FROM clock FOR UPDATE")
            adding = asyncio.create_task(
                here.lists.add_entries(number, [entry("1", ("md5", MD5))], ImportStep(0, 0, {}, []), NOW)
            )
            async with asyncio.timeout(30):
                while not await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                    await asyncio.sleep(0.01)
                lowering = asyncio.create_task(desk.add(ListSource("sure"), ANNA, NOW))
                while await pool.fetchval("SELECT trust FROM list_sources") != "unverified":
                    await asyncio.sleep(0.01)
        await lowering
        await adding
    assert await states(here, 1) == ("unverified", "")


# Domain, section 1: holds are released by people only: a list that repeats an entry does not, nor does it hold a released one again.
async def test_imports_leave_holds_and_withdrawals_alone(here: Bench) -> None:
    desk = PostgresDesk(here.vault._pool)
    await store(here, entry("1", ("pdq", bytes(32)), held="featureless"), entry("2", ("md5", MD5)))
    assert {one.entry_id: one.live for one in await changes(here)} == {1: False, 2: True}
    await desk.withdraw(2, "not for us", ANNA, NOW)
    await store(here, entry("1", ("pdq", bytes(32))), entry("2", ("md5", MD5)))
    assert {one.entry_id: one.live for one in await changes(here)} == {1: False, 2: False}
    for who in (ANNA, BERT):
        await desk.release(1, "a real picture", who, NOW)
    await store(here, entry("1", ("pdq", bytes(32)), held="featureless"))
    assert {one.entry_id: one.live for one in await changes(here)} == {1: True, 2: False}


# "`deleted` entries" stop matching at once; what that means for the list is known when the sync has ended.
async def test_deletions_take_effect_when_the_sync_has_ended(here: Bench) -> None:
    await store(here, *(entry(str(n), ("md5", bytes([n] * 16))) for n in range(200)))
    number = await here.lists.begin_import(ListSource("known"), "page", NOW)
    seq, gone = await here.vault.seq(), NewEntry("IWF", "7", (), deleted=True)
    never = NewEntry("IWF", "unheard of", (), deleted=True)
    assert await here.lists.add_entries(number, [gone, never], ImportStep(0, 0, {}, []), NOW) == Stored(0, 0, 1)
    assert [(one.entry_id, one.live) for one in await changes(here, seq)] == [(8, False)]
    assert await states(here, 8) == ("held", DELETING)
    await here.lists.end_import(number, NOW, "the source went away")
    assert await states(here, 8) == ("held", DELETING)  # nobody knows yet how much it would have deleted
    number = await here.lists.begin_import(ListSource("known"), "page", NOW)
    assert await here.lists.add_entries(number, [gone], ImportStep(0, 0, {}, []), NOW) == Stored()
    await here.lists.end_import(number, NOW)
    assert await states(here, 8) == ("withdrawn", "")
    (known,) = await here.reads.lists()
    assert (known.entries, known.last_success) == (199, NOW)
    assert await store(here, entry("7", ("md5", bytes([7] * 16)))) == Stored(0, 1)
    assert await states(here, 8) == ("unverified", "") and (await here.reads.lists())[0].entries == 200


# Domain, section 1: held: "any sync that [...] deletes more than 1 % of a list: no notice, an alert, release by two people".
async def test_a_mass_deletion_waits_for_two_people(here: Bench) -> None:
    desk = PostgresDesk(here.vault._pool)
    await store(here, *(entry(str(n), ("md5", bytes([n] * 16))) for n in range(100)))
    await store(here, entry("50", ("md5", bytes([50] * 16))), source=ListSource("other"))
    number = await here.lists.begin_import(ListSource("known"), "page", NOW)
    gone = [NewEntry("IWF", str(n), (), deleted=True) for n in (49, 50)]
    assert (await here.lists.add_entries(number, gone, ImportStep(0, 0, {}, []), NOW)).deleted == 2
    await here.lists.end_import(number, NOW)
    assert await states(here, 50) == await states(here, 51) == ("held", MASS_DELETION)
    (known, _) = await here.reads.lists()
    assert (known.entries, known.deleted) == (100, 2)
    for who in (ANNA, BERT):
        asked = await desk.release_list("known", MASS_DELETION, "they closed a case", who, NOW)
    assert asked.done and await states(here, 50) == ("withdrawn", "")
    assert await states(here, 51) == ("unverified", "")  # the other list still carries it
    assert (await here.reads.lists())[0].entries == 98


# Domain, section 1: "Known-good against known is held, never decided silently."
@pytest.mark.parametrize("good_first", [True, False])
async def test_known_good_against_known(here: Bench, good_first: bool) -> None:
    good = ListSource("good", kind="known-good", uses=())
    imports = [(entry("1", ("md5", MD5), ("sha1", SHA1)), None), (entry("g", ("sha1", SHA1), member="museum"), good)]
    for one, source in imports[:: -1 if good_first else 1]:
        await store(here, one, entry("plain", ("pdq", forms(1)[0]), member="A" if source else "B"), source=source)
    assert sorted(row[0] for row in await here.vault._pool.fetch("SELECT held FROM entries")) == [
        "",
        "",
        KNOWN_GOOD,
        KNOWN_GOOD,
    ]


# A digest that only an unverified list gave is not vouched for by the verified list that carries the entry: a poisoned copy would
# otherwise become verified.
async def test_a_copy_cannot_slip_in_a_digest(here: Bench) -> None:
    desk = PostgresDesk(here.vault._pool)
    sure = ListSource("sure", trust="verified")
    for who in (ANNA, BERT):
        await desk.add(sure, who, NOW)
    await store(here, entry("1", ("md5", MD5)), source=sure)
    assert await states(here, 1) == ("verified", "")
    await store(here, entry("1", ("md5", MD5), ("sha1", SHA1)))
    assert await states(here, 1) == ("disputed", "")
    await store(here, entry("1", ("sha1", SHA1)), source=sure)
    assert await states(here, 1) == ("verified", "")
    await store(here, NewEntry("IWF", "1", (("md5", MD5),), "Z"))
    assert (await desk.resolve("1"))[0].category == "A"


# Issue 5: "history is kept: who said what, when"; a vote that its source has taken back is none any more.
async def test_opinions_come_with_lists(here: Bench) -> None:
    def voted(*said: Opinion) -> NewEntry:
        return NewEntry("IWF", "1", (("md5", MD5),), opinions=said)

    await store(here, voted(Opinion("NCMEC", "dispute", "not illegal here"), Opinion("", "withdraw")))
    assert await states(here, 1) == ("disputed", "")
    await store(here, voted(Opinion("NCMEC", "confirm")))
    assert await states(here, 1) == ("unverified", "")
    await store(here, voted(Opinion("NCMEC", "dispute", "not illegal here")))
    await store(here, voted())
    assert await states(here, 1) == ("unverified", "")
    history = [(one.what, one.organisation, one.why) for one in await PostgresDesk(here.vault._pool).history(1)]
    assert ("dispute", "NCMEC", "not illegal here") in history and ("takes back", "NCMEC", "dispute") in history


async def test_all_that_a_list_says_is_kept(here: Bench) -> None:
    said = NewEntry(
        "IWF", "1", (("md5", MD5),), "2B", legality="national", act="2", age="pubescent", generated=True, media="video",
        size=9, opaque=(("photodna", b"\1" * 144),),
    )  # fmt: skip
    await store(here, entry("1", ("md5", MD5)))
    assert await store(here, said) == Stored(0, 1)
    (view,) = await PostgresDesk(here.vault._pool).resolve("IWF/1")
    assert (view.category, view.legality, view.act, view.age, view.generated, view.size) == (
        "2B", "national", "2", "pubescent", True, 9
    )  # fmt: skip
    assert await here.vault._pool.fetchval("SELECT value FROM entry_opaque") == b"\1" * 144


# The checkpoint is committed with the entries of the range that it ends.
async def test_the_cursor_is_kept_with_the_batch(here: Bench) -> None:
    number = await here.lists.begin_import(ListSource("known"), "page", NOW)
    await here.lists.add_entries(number, [entry("1", ("md5", MD5))], ImportStep(0, 0, {}, [], 0, b"range 1"), NOW)
    await here.lists.add_entries(number, [], ImportStep(0, 0, {}, []), NOW)
    assert (await here.lists.source("known")).cursor == b"range 1"


# Domain, section 1: "`ncii-adult`, `self-reported-minor`, `other` serve Shield only, off by default. No kind, no import".
@pytest.mark.parametrize("kind", ["ncii-adult", "self-reported-minor", "other", "known-good"])
@pytest.mark.parametrize("use", ["match", "notify"])
async def test_kinds_that_do_not_match(here: Bench, kind: str, use: str) -> None:
    assert uses_of(kind) == () and uses_of("csam") == ("match",)
    with pytest.raises(UsageError, match=use):
        await here.lists.begin_import(ListSource("no", kind=kind, uses=(use,)), "x", NOW)
    with pytest.raises(UsageError, match="kind must be one of"):
        await here.lists.begin_import(ListSource("no", kind=""), "x", NOW)


async def test_two_people_add_what_is_trusted(here: Bench) -> None:
    for source in (ListSource("a", trust="verified"), ListSource("a", uses=("match", "notify"))):
        with pytest.raises(UsageError, match="two people"):
            await here.lists.begin_import(source, "x", NOW)


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
