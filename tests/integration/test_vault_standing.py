"""backends.postgres.vault_standing: what a change of standing does to matches, indexes and history."""

from collections.abc import AsyncIterator

import pytest

from contracts.lists import FLOOD, Opinion
from tests.office import ANNA, BERT, NOW, Office, entry
from tests.office import office as at_office
from tests.postgres import Database
from tests.vaults import record


@pytest.fixture
async def office(vault_database: Database) -> AsyncIterator[Office]:
    async with at_office(vault_database) as made:
        yield made


async def match_states(office: Office) -> dict[tuple[bytes, int], str]:
    return {(row[0], row[1]): row[2] for row in await office.pool.fetch("SELECT sha256, entry_id, state FROM matches")}


# Issue 5: "A withdrawn entry closes or marks what it caused."
async def test_a_withdrawn_entry_closes_or_marks_what_it_caused(office: Office) -> None:
    await office.store(entry("1"), entry("2"))
    await office.seen(record(1), record(2), record(3), by=[1, 2])
    await office.pool.execute("UPDATE matches SET state = 'confirmed' WHERE sha256 = $1", record(3).sha256)
    await office.desk.say(1, Opinion("IWF", "withdraw", "an error"), ANNA, NOW)
    found = await match_states(office)
    assert [found[record(n).sha256, 1] for n in (1, 2, 3)] == ["closed", "closed", "confirmed"]
    assert {state for (_, entry_id), state in found.items() if entry_id == 2} == {"open", "confirmed"}
    happened = {(one.what, one.why) for one in await office.desk.history(1)}
    assert {
        ("withdraw", "an error"),
        ("standing", "unverified to withdrawn"),
        ("matches closed", "2"),
        ("matches marked", "1"),
    } <= happened
    await office.desk.say(1, Opinion("IWF", "confirm"), ANNA, NOW + 1)
    assert set((await match_states(office)).values()) == {"open", "confirmed"}
    assert "matches reopened" in await office.happened(1)


# Domain, section 1: held: "no notice, an alert, release by two people".
async def test_a_hold_stops_at_once_and_a_released_one_does_not_come_back(office: Office) -> None:
    await office.store(entry("1"), entry("2"))
    seq = await office.seq()
    assert await office.hold([1, 1, 77], FLOOD) == 1
    assert await office.states() == {"IWF/1": ("held", FLOOD), "IWF/2": ("unverified", "")}
    assert await office.seq() == seq + 1 and await office.changed(seq) == {1} and await office.live() == {2}
    assert await office.hold([1], FLOOD) == 0 and await office.seq() == seq + 1
    await office.hold([1], "featureless")
    assert (await office.desk.release(1, "", ANNA, NOW)).done is False
    assert (await office.desk.release(1, "", BERT, NOW)).done and await office.live() == {1, 2}
    assert await office.hold([1], FLOOD) == 0 and await office.hold([1], "match_rate") == 1


# Another reason may come between the first person's word and the second's: they have not looked at the same.
async def test_both_release_the_same_holds(office: Office) -> None:
    await office.store(entry("1", held="featureless"))
    await office.desk.release(1, "", ANNA, NOW)
    await office.hold([1], FLOOD)
    assert not (await office.desk.release(1, "", BERT, NOW)).done and await office.live() == set()
    assert (await office.desk.release(1, "", ANNA, NOW)).done
