"""backends.postgres.vault_pairs: a verdict of people belongs to (medium, entry)."""

from collections.abc import AsyncIterator

import pytest

from contracts.errors import UsageError
from contracts.lists import ListSource, NewEntry
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
