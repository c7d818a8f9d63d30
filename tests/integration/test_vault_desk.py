"""backends.postgres.vault_desk: what people do with lists and entries, over a real vault."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest

from backends.postgres.vault_desk import PostgresDesk
from backends.postgres.vault_lists import PostgresLists
from backends.postgres.vault_store import open_pool
from contracts.errors import UsageError
from contracts.lists import Asked, ImportStep, ListSource, NewEntry, Opinion, Person, Stored
from tests.postgres import Database

NOW = 1_700_000_000.0
DAY = 86_400.0
ANNA, BERT, ANNA_ELSEWHERE = Person("anna", 1, "desk"), Person("bert", 2, "desk"), Person("anna", 5, "other")
SAME_ACCOUNT = Person("bert", 1, "desk")
MD5, SHA1 = bytes(range(16)), bytes(range(20))


@dataclass
class Office:
    """A desk and an importer on one vault."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    desk: PostgresDesk
    lists: PostgresLists

    async def store(self, *entries: NewEntry, source: ListSource | None = None, ends: bool = True) -> Stored:
        number = await self.lists.begin_import(source or ListSource("known"), "known.csv", NOW)
        stored = await self.lists.add_entries(number, entries, ImportStep(0, 0, {}, []), NOW)
        if ends:
            await self.lists.end_import(number, NOW)
        return stored

    async def trusted(self, name: str = "sure", kind: str = "csam") -> ListSource:
        """A verified list, added by two people."""
        source = ListSource(name, kind=kind, trust="verified")
        assert not (await self.desk.add(source, ANNA, NOW)).done
        assert (await self.desk.add(source, BERT, NOW)).done
        return source

    async def states(self) -> dict[str, tuple[str, str]]:
        """Entry's name -> (standing, why held)."""
        rows = await self.pool.fetch(
            "SELECT b.name || '/' || e.member_entry_id, e.standing, e.held FROM entries e JOIN members b USING (member_id)"
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    async def live(self) -> set[int]:
        return {row[0] for row in await self.pool.fetch("SELECT entry_id FROM entry_states WHERE live")}

    async def seq(self) -> int:
        return int(await self.pool.fetchval("SELECT seq FROM clock"))


def entry(name: str, *digests: tuple[str, bytes], member: str = "IWF", **more: object) -> NewEntry:
    return NewEntry(member, name, digests or (("md5", name.encode().ljust(16, b"-")),), **more)  # type: ignore[arg-type]


@pytest.fixture
async def office(vault_database: Database) -> AsyncIterator[Office]:
    pool = await open_pool(vault_database.dsn("pisaura_hasher"))
    try:
        yield Office(pool, PostgresDesk(pool), PostgresLists(pool))
    finally:
        await pool.close()


# Domain, section 2: "adding trusted lists [...] take two people"; "Nobody approves an act of their own".
@pytest.mark.parametrize("same", [ANNA, ANNA_ELSEWHERE, SAME_ACCOUNT], ids=str)
async def test_a_trusted_list_takes_two_people(office: Office, same: Person) -> None:
    source = ListSource("sure", trust="verified", uses=("match", "notify"))
    for who in (ANNA, same, ANNA):
        assert not (await office.desk.add(source, who, NOW)).done
    view = (await office.lists.source("sure")).source
    assert (view.trust, view.uses) == ("unverified", ("match",))
    assert (await office.desk.add(source, BERT, NOW + 1)).done
    row = await office.pool.fetchrow("SELECT trust, uses, may_notify, may_notify_by FROM list_sources")
    assert tuple(row)[:3] == ("verified", ["match", "notify"], True) and {"anna", "bert"} <= {*row["may_notify_by"]}


async def test_resolve(office: Office) -> None:
    await office.store(entry("a/1", ("md5", MD5), ("sha1", SHA1)), entry("2", ("md5", MD5), member="NC/MEC"))
    named = await office.desk.resolve("IWF/a/1")
    assert [one.entry_id for one in named] == [1] and named[0].digests == [("md5", MD5), ("sha1", SHA1)]
    assert [one.name for one in await office.desk.resolve("NC/MEC/2")] == ["NC/MEC/2"]
    assert [one.entry_id for one in await office.desk.resolve(MD5.hex().upper())] == [1, 2]
    assert [one.entry_id for one in await office.desk.resolve("2")] == [2]
    assert (
        await office.desk.resolve("3")
        == await office.desk.resolve("nobody")
        == await office.desk.resolve("f" * 40)
        == []
    )
    assert [one.entry_id for one in await office.desk.entries("known", 1, 5)] == [2]
    with pytest.raises(UsageError, match="there are: known"):
        await office.desk.entries("other", 0, 5)


async def test_opinions_move_the_standing(office: Office) -> None:
    await office.store(entry("1"), source=await office.trusted())
    assert await office.states() == {"IWF/1": ("verified", "")}
    assert await office.desk.say(1, Opinion("NCMEC", "dispute", "not ours"), ANNA, NOW) == "disputed"
    assert await office.desk.say(1, Opinion("NCMEC", "confirm"), ANNA, NOW) == "verified"
    assert await office.desk.say(1, Opinion("NCMEC", "withdraw"), ANNA, NOW) == "disputed"
    seq = await office.seq()
    assert await office.desk.say(1, Opinion("IWF", "withdraw", "a mistake"), ANNA, NOW) == "withdrawn"
    assert await office.seq() == seq + 1 and await office.live() == set()
    assert [(one.what, one.organisation, one.person) for one in await office.desk.history(1)][-2:] == [
        ("withdraw", "IWF", "anna (1 on desk)"),
        ("standing", "", "anna (1 on desk)"),
    ]
    assert [(one.what, one.organisation) for one in await office.desk.proposals(0, 9)] == [("withdraw", "NCMEC")]


async def test_release_takes_two_people(office: Office) -> None:
    await office.store(entry("1", held="featureless"), entry("2"))
    assert (await office.states())["IWF/1"] == ("held", "featureless") and await office.live() == {2}
    assert [one.entry_id for one in await office.desk.held(0, 9)] == [1] and await office.desk.held_counts() == {
        "featureless": 1
    }
    assert await office.desk.release(1, "looked at it", ANNA, NOW) == Asked(False, ["anna"])
    assert not (await office.desk.release(1, "again", ANNA, NOW)).done
    assert not (await office.desk.release(1, "too late", BERT, NOW + 8 * DAY)).done
    assert (await office.desk.release(1, "looked as well", ANNA, NOW + 8 * DAY)).done
    assert await office.live() == {1, 2}
    with pytest.raises(UsageError, match="not held"):
        await office.desk.release(1, "", ANNA, NOW)
    await office.store(entry("1", held="featureless", category="B"))
    assert await office.live() == {1, 2}


async def test_withdrawn_by_us_and_back(office: Office) -> None:
    await office.store(entry("1"))
    assert await office.desk.withdraw(1, "wrong", ANNA, NOW) == "withdrawn"
    await office.store(entry("1", category="C"))
    assert await office.live() == set()
    assert not (await office.desk.release(1, "right after all", ANNA, NOW)).done
    assert (await office.desk.release(1, "right", BERT, NOW)).done
    assert await office.live() == {1}


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
