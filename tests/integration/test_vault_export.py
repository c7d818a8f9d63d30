"""backends.postgres.vault_export: what leaves, and to whom it may."""

from collections.abc import AsyncIterator

import pytest

from contracts.errors import UsageError
from contracts.lists import ListSource
from tests.office import ANNA, BERT, DAY, NOW, Office, entry
from tests.office import office as at_office
from tests.postgres import Database


@pytest.fixture
async def office(vault_database: Database) -> AsyncIterator[Office]:
    async with at_office(vault_database) as made:
        yield made


# Domain, section 1: "default match only; export refuses the others".
async def test_export(office: Office) -> None:
    await office.store(entry("1"))
    with pytest.raises(UsageError, match="export"):
        await office.desk.may_export("known", "partner", ANNA, NOW)
    out = ListSource("out", uses=("match", "export"))
    await office.store(
        entry("2", size=7, media="image", opaque=(("photodna", b"x"),)),
        entry("3"),
        entry("4", held="featureless"),
        source=out,
    )
    assert not (await office.desk.may_export("out", "partner", ANNA, NOW)).done
    assert not (await office.desk.may_export("out", "partner", BERT, NOW + DAY + 1)).done
    assert (await office.desk.may_export("out", "partner", ANNA, NOW + DAY + 2)).done
    rows = [row async for page in office.desk.export("out") for row in page]
    assert [(row.member_entry_id, row.size, row.media, row.opaque, row.deleted) for row in rows] == [
        ("2", 7, "image", (("photodna", b"x"),), False), ("3", 0, "", (), False)
    ]  # fmt: skip
    await office.desk.withdraw(3, "wrong", ANNA, NOW + 50)
    assert [row.member_entry_id async for page in office.desk.export("out") for row in page] == ["2"]
    assert [
        (row.member_entry_id, row.deleted) async for page in office.desk.export("out", NOW + 50) for row in page
    ] == [("3", True)]
