"""backends.postgres.vault_export: what leaves, and to whom it may."""

from collections.abc import AsyncIterator

import pytest

from contracts.errors import UsageError
from contracts.lists import ListSource
from tests.office import ANNA, BERT, DAY, MD5, NOW, SHA1, Office, entry
from tests.office import office as at_office
from tests.postgres import Database


@pytest.fixture
async def office(vault_database: Database) -> AsyncIterator[Office]:
    async with at_office(vault_database) as made:
        yield made


# Domain, section 1: "Sources carry allowed uses [...]; export refuses the others": of digests as well.
async def test_a_list_is_exported_with_its_own_digests(office: Office) -> None:
    out = ListSource("out", uses=("match", "export"))
    md5, sha1, sha256 = ("md5", MD5), ("sha1", SHA1), ("sha256", bytes(32 * [7]))
    await office.store(entry("1", md5, sha1))
    await office.store(entry("1", sha1, sha256), source=out)

    async def exported() -> list[tuple[tuple[str, bytes], ...]]:
        return [row.digests async for page in office.desk.export("out") for row in page]

    assert await exported() == [(sha1, sha256)]
    sure = await office.trusted()  # whose word takes the place of the first one's
    await office.store(entry("1", md5, sha1), source=sure)
    assert await exported() == [(sha1, sha256)]
    await office.store(entry("1", md5, sha1, sha256), source=out)
    assert await exported() == [(md5, sha1, sha256)]


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
