"""backends.postgres.vault_desk: what people do with lists and entries, over a real vault."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from backends.postgres import vault_desk
from backends.postgres.vault_scan import VaultScan
from backends.postgres.vault_standing import judge
from contracts.desk import Asked, Person
from contracts.errors import Unavailable, UsageError
from contracts.lists import MATCH_RATE, ListSource, Opinion
from tests.office import ANNA, ANNA_ELSEWHERE, BERT, DAY, MD5, NOW, SAME_ACCOUNT, SHA1, Office, entry
from tests.office import office as at_office
from tests.postgres import Database


@pytest.fixture
async def office(vault_database: Database) -> AsyncIterator[Office]:
    async with at_office(vault_database) as made:
        yield made


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


async def test_a_list_that_is_added_again_gets_the_login_that_is_named(office: Office) -> None:
    for credentials, kept in (("old.login", "old.login"), ("", "old.login"), ("new.login", "new.login")):
        source = ListSource("ncmec", "ncmec", location="https://h.test/v2", credentials=credentials)
        assert (await office.desk.add(source, ANNA, NOW)).done
        assert (await office.lists.source("ncmec")).source.credentials == kept


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
    assert [one.entry_id for one in await office.desk.held(0, 9)] == [1]
    assert await VaultScan(office.pool).held_by_reason() == {"known": {"featureless": 1}}
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


async def test_many_are_released_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.postgres.vault_desk.TOGETHER", 2)
    await office.store(*(entry(str(n)) for n in range(1, 6)))
    assert await office.hold([1, 2, 3, 4, 5, 99], MATCH_RATE) == 5
    assert await office.live() == set()
    with pytest.raises(UsageError, match="no entries held"):
        await office.desk.release_list("known", "many_sites", "", ANNA, NOW)
    assert not (await office.desk.release_list("known", MATCH_RATE, "looked", ANNA, NOW)).done
    assert (await office.desk.release_list("known", MATCH_RATE, "looked", BERT, NOW)).done
    assert await office.live() == {1, 2, 3, 4, 5}
    assert await office.hold([1], MATCH_RATE) == 0


# Who changes a list and is killed before all its entries were judged asks again, and nothing is left as it was.
async def test_a_change_of_a_list_that_was_cut_is_finished(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await office.store(*(entry(str(number)) for number in range(5)), source=ListSource("known", uses=()))
    monkeypatch.setattr(vault_desk, "TOGETHER", 2)
    calls = 0

    async def dies(*values: Any) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Unavailable("killed")
        return await judge(*values)

    seq = await office.seq()
    with monkeypatch.context() as patch:
        patch.setattr(vault_desk, "judge", dies)
        with pytest.raises(Unavailable):
            await office.desk.add(ListSource("known", uses=("match",)), ANNA, NOW)
    assert await office.changed(seq) == {1, 2}
    await office.desk.add(ListSource("known", uses=("match",)), ANNA, NOW)
    assert await office.changed(seq) == {1, 2, 3, 4, 5} == await office.live()
    seq = await office.seq()
    await office.desk.add(ListSource("known", uses=("match",)), ANNA, NOW)
    assert await office.seq() == seq
