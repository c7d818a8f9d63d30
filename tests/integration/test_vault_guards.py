"""backends.postgres.vault_guards: a list that suddenly matches everything is stopped."""

from collections.abc import AsyncIterator

import pytest

from backends.postgres.vault_guards import guard_syncs
from backends.postgres.vault_scan import VaultScan
from contracts.lists import MATCH_RATE, ListSource
from contracts.settings import Lists
from tests.office import ANNA, BERT, DAY, NOW, Office, entry
from tests.office import office as at_office
from tests.postgres import Database
from tests.vaults import record


@pytest.fixture
async def office(vault_database: Database) -> AsyncIterator[Office]:
    async with at_office(vault_database) as made:
        yield made


async def guarded(office: Office, now: float = NOW, after: int = 0) -> int:
    async with office.pool.acquire() as db:
        return await guard_syncs(db, after, await office.seq(), now, Lists())


# Domain, section 1: "any sync that multiplies the match rate by ten [...]: no notice, an alert, release by two people".
async def test_a_sync_that_matches_too_much_is_held(office: Office) -> None:
    await office.store(entry("old"), now=NOW - 5 * DAY)
    await office.seen(*(record(1, place) for place in range(4)), by=[1])
    await office.store(entry("logo"), entry("card"), entry("old"))
    await office.seen(*(record(2, place) for place in range(100, 135)), by=[2])
    assert await guarded(office) == 0  # 35 places beside 4: nine times as many
    await office.seen(record(3, 135), by=[3])
    seq = await office.seq()
    assert await guarded(office) == 2 and await office.live() == {1} and await office.changed(seq) == {2, 3}
    assert await VaultScan(office.pool).held_by_reason() == {"known": {MATCH_RATE: 2}}
    assert await guarded(office) == 0
    for who in (ANNA, BERT):
        asked = await office.desk.release_list("known", MATCH_RATE, "they are what they say", who, NOW)
    assert asked.done and await guarded(office) == 0 and await office.live() == {1, 2, 3}


# Both looking back and live: the same import is looked at as long as it is a day old.
async def test_only_imports_of_the_last_day(office: Office) -> None:
    await office.store(entry("old"), now=NOW - 5 * DAY)
    await office.store(entry("1"))
    await office.seen(*(record(1, place) for place in range(30)), by=[2])
    assert await guarded(office, NOW + 1.1 * DAY) == 0 and await guarded(office, after=await office.seq()) == 0
    assert await guarded(office, NOW + 0.9 * DAY) == 1


async def test_what_was_seen_long_ago_gives_a_sync_away_too(office: Office) -> None:
    await office.store(entry("old"), now=NOW - 5 * DAY)
    await office.store(entry("1"))
    await office.seen(*(record(1, place, NOW - 50 * DAY) for place in range(30)), by=[2])
    assert await guarded(office) == 1
    assert await office.states() == {"IWF/old": ("unverified", ""), "IWF/1": ("held", MATCH_RATE)}


async def test_few_matches_hold_nothing(office: Office) -> None:
    await office.store(entry("old"), now=NOW - 5 * DAY)
    await office.store(entry("1"))
    await office.seen(*(record(1, place) for place in range(20)), by=[2])
    assert await guarded(office) == 0


# There is nothing that the very first list could multiply; a list's first import is compared with the others.
async def test_the_first_import_of_a_list_is_compared_with_all_others(office: Office) -> None:
    await office.store(entry("1"))
    await office.seen(*(record(1, place) for place in range(30)), by=[1])
    assert await guarded(office) == 0
    await office.store(entry("2"), entry("1"), source=ListSource("second"))
    await office.seen(*(record(2, place) for place in range(100, 300)), by=[2])
    assert await guarded(office) == 0  # 230 places where there were 30
    await office.seen(*(record(2, place) for place in range(300, 400)), by=[2])
    assert await guarded(office) == 1 and await office.live() == {1}  # which was known before


async def test_a_large_import_is_held_some_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.postgres.vault_guards.TOGETHER", 2)
    await office.store(entry("old"), now=NOW - 5 * DAY)
    await office.store(*(entry(str(n)) for n in range(5)))
    await office.seen(*(record(1, place) for place in range(21)), by=[2])
    assert await guarded(office) == 5 and await office.live() == {1}
