"""backends.postgres.vault_pairs: a verdict of people belongs to (medium, entry)."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from backends.postgres.vault_desk import PostgresDesk
from contracts.errors import UsageError
from contracts.lists import FLOOD, ListSource, NewEntry
from contracts.lists import PARENT as PARENTS
from tests.office import ANNA, BERT, NOW, Office, entry
from tests.office import office as at_office
from tests.postgres import Database
from tests.vaults import forms, record

PARENT = NewEntry(
    "IWF", "1", (("pdq", forms(1)[0]),), "A", b"s" * 16, b"sealed", legality="baseline", act="A", age="pubescent"
)


@pytest.fixture
async def office(vault_database: Database) -> AsyncIterator[Office]:
    async with at_office(vault_database, "pisaura_notices") as notices, at_office(vault_database) as made:
        made.desk = notices.desk
        yield made


# Domain, section 1: "A confirmed near match makes the variant's digests an entry of our own organisation, with its parent".
async def test_a_confirmed_near_match_becomes_an_entry(office: Office) -> None:
    await office.store(PARENT, source=ListSource("exploit", kind="child-exploitative", uses=("match",)))
    await office.seen(record(1), record(2), by=[1], near=True)
    seq = await office.seq()
    assert await office.desk.confirm(record(1).sha256, 1, "Hotline", ANNA, NOW) == 2
    (own,) = await office.desk.resolve("2")
    assert own.digests == [
        ("md5", record(1).md5), ("pdq", forms(1)[0]), ("sha1", record(1).sha1), ("sha256", record(1).sha256)
    ]  # fmt: skip
    assert (own.lists, own.kinds, own.standing) == (["own child-exploitative"], ["child-exploitative"], "unverified")
    assert (own.category, own.series_id, own.legality, own.act, own.age, own.size) == (
        "A", b"s" * 16, "baseline", "A", "pubescent", 5001
    )  # fmt: skip
    assert await office.live() == {1, 2} and await office.changed(seq) == {2}
    assert await office.pool.fetchval("SELECT parent_id FROM variants WHERE entry_id = 2") == 1
    assert await office.pool.fetch("SELECT state FROM matches ORDER BY state") == [("confirmed",), ("open",)]
    assert await office.desk.confirm(record(1).sha256, 1, "Hotline", BERT, NOW) == 2
    assert [(one.what, one.entry_id) for one in await office.desk.proposals(0, 9)] == [("variant", 2)]
    with pytest.raises(UsageError, match="confirmed"):
        await office.desk.refuse(record(1).sha256, 1, "no", ANNA, NOW)
    with pytest.raises(UsageError, match="own"):
        await office.begin(ListSource("own csam"))


async def test_a_confirmed_exact_match_adds_nothing(office: Office) -> None:
    await office.store(entry("1"))
    await office.seen(record(1), by=[1])
    assert await office.desk.confirm(record(1).sha256, 1, "Hotline", ANNA, NOW) == 0
    assert await office.pool.fetchval("SELECT count(*) FROM entries") == 1


# "[...] a refused one suppresses that pair."
async def test_a_refused_pair_is_suppressed(office: Office) -> None:
    await office.store(PARENT, entry("2"))
    await office.seen(record(1), by=[1, 2], near=True)
    await office.desk.refuse(record(1).sha256, 1, "another picture", ANNA, NOW)
    pairs = [(record(1).sha256, 1), (record(1).sha256, 2)]
    assert await office.vault.suppressed(pairs) == {pairs[0]}
    assert "match refused" in await office.happened(1)
    with pytest.raises(UsageError, match="refused"):
        await office.desk.confirm(record(1).sha256, 1, "Hotline", BERT, NOW)
    with pytest.raises(UsageError, match="does not match"):
        await office.desk.refuse(record(9).sha256, 1, "", ANNA, NOW)


async def test_without_a_usable_frame_only_the_files_digests(office: Office) -> None:
    await office.store(PARENT)
    await office.seen(record(1, frames=[]), by=[1], near=True)
    await office.desk.confirm(record(1).sha256, 1, "Hotline", ANNA, NOW)
    (own,) = await office.desk.resolve("2")
    assert [algorithm for algorithm, _ in own.digests] == ["md5", "sha1", "sha256"]


# "Disagreement between sources lowers to review, never raises."
async def test_a_variant_is_of_the_lower_kind(office: Office) -> None:
    for kind in ("csam", "child-exploitative"):
        await office.store(PARENT, source=ListSource(kind, kind=kind, uses=("match",)))
    await office.store(PARENT, source=ListSource("adults", kind="ncii-adult", uses=()))
    await office.seen(record(1), by=[1], near=True)
    await office.desk.confirm(record(1).sha256, 1, "Hotline", ANNA, NOW)
    rows = await office.pool.fetch("SELECT entry_id, kind FROM counted_entries ORDER BY entry_id")
    assert [tuple(row) for row in rows] == [(1, "child-exploitative"), (2, "child-exploitative")]


# "Held [...]: no notice, an alert, release by two people": nobody gets round that by confirming what the entry resembles.
@pytest.mark.parametrize("standing", ["held", "withdrawn"])
async def test_matches_of_what_is_held_or_withdrawn_are_not_confirmed(office: Office, standing: str) -> None:
    await office.store(PARENT)
    await office.seen(record(1), by=[1], near=True)
    if standing == "held":
        await office.hold([1], FLOOD)
    else:
        await PostgresDesk(office.pool).withdraw(1, "harmless", BERT, NOW)
    with pytest.raises(UsageError, match=f"entry 1 is {standing}"):
        await office.desk.confirm(record(1).sha256, 1, "Hotline", ANNA, NOW)
    assert await office.live() == set()
    await office.desk.refuse(record(1).sha256, 1, "harmless", ANNA, NOW)


# Issue 5: "A withdrawn entry closes or marks what it caused."
async def test_variants_of_withdrawn_entries_are_held(office: Office) -> None:
    other = replace(PARENT, member_entry_id="other")
    await office.store(PARENT, other)
    await office.seen(record(1), by=[1, 2], near=True)
    await office.seen(record(2), by=[1], near=True)
    for number, parent in ((1, 1), (1, 2), (2, 1)):
        await office.desk.confirm(record(number).sha256, parent, "Hotline", ANNA, NOW)
    await PostgresDesk(office.pool).withdraw(1, "harmless", BERT, NOW)
    assert await office.live() == {2, 3}
    seq = await office.seq()
    await PostgresDesk(office.pool).withdraw(2, "harmless", BERT, NOW)
    assert await office.live() == set() and await office.changed(seq) == {2, 3}
    assert set((await office.states()).values()) == {("withdrawn", ""), ("held", PARENTS)}
    for who in (ANNA, BERT):
        await PostgresDesk(office.pool).release(3, "it is what it is", who, NOW)
    assert await office.live() == {3}
