"""backends.postgres.vault_recipients: kept answers, turns of servers, hotlines, stops, over a real vault."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from backends.postgres.vault_recipients import VaultRecipients
from backends.postgres.vault_store import open_pool
from contracts.errors import Unavailable
from contracts.recipients import PARTNER, Partner, Recipient, Stop
from tests.postgres import Database

NOW = 1_700_000_000.0
DAY = 86_400.0


@pytest.fixture
async def store(vault_database: Database) -> AsyncIterator[VaultRecipients]:
    pool = await open_pool(vault_database.dsn("pisaura_notices"))
    try:
        yield VaultRecipients(pool)
    finally:
        await pool.close()


async def test_answers_have_an_age_and_go(store: VaultRecipients) -> None:
    assert await store.answer(b"q") is None
    await store.keep(b"q", NOW, 200, b"sealed", NOW - DAY)
    await store.keep(b"q", NOW - 5, 404, b"older", NOW - DAY)
    assert await store.answer(b"q") == (NOW, 200, b"sealed")
    await store.keep(b"r", NOW + 2 * DAY, 404, b"", NOW + DAY)
    assert await store.answer(b"q") is None and await store.answer(b"r") == (NOW + 2 * DAY, 404, b"")


async def test_turns_come_one_after_the_other(store: VaultRecipients) -> None:
    """Issue: "Rate limits of registries obeyed": by all processes together, since turns are rows."""
    assert [await store.turn("a", NOW, 2.0, 5.0) for _ in range(4)] == [NOW, NOW + 2, NOW + 4, None]
    assert await store.turn("b", NOW, 2.0, 5.0) == NOW
    assert await store.turn("a", NOW + 100, 2.0, 5.0) == NOW + 100


async def test_pauses_double_and_are_kept(store: VaultRecipients) -> None:
    ends = []
    now = NOW
    for _ in range(5):
        await store.pause("a", 0.0, 2.0, 12.0, now)
        assert await store.turn("a", now, 1.0, 0.0) is None
        ends.append(await _next(store, "a") - now)
        now += 1000
    assert ends == [2, 4, 8, 12, 12]
    await store.pause("a", now + 600, 2.0, 12.0, now)
    assert await _next(store, "a") == now + 600
    await store.went_well("a")
    await store.pause("a", 0.0, 2.0, 12.0, now + 1000)
    assert await _next(store, "a") == now + 1002
    for _ in range(40):
        await store.pause("c", 0.0, 2.0, 3600.0, now)
    assert await _next(store, "c") == now + 3600


async def _next(store: VaultRecipients, server: str) -> float:
    return float(await store._pool.fetchval("SELECT next_at FROM rdap_servers WHERE server = $1", server)) / 1000


async def test_hotlines_by_country(store: VaultRecipients) -> None:
    dutch = Partner("NL", "Dutch", "a@hotline.example", ("csam",), language="nl")
    await store.add_partner(dutch, "anna", NOW)
    await store.add_partner(Partner("DE", "German", "german", ("csam", "child-exploitative"), "webhook"), "anna", NOW)
    await store.add_partner(Partner("NL", "Another", "b@hotline.example", ("csam", "child-exploitative")), "anna", NOW)
    assert [one.name for one in await store.partners()] == ["German", "Dutch", "Another"]
    assert [one.name for one in await store.partners("NL")] == ["Dutch", "Another"]
    assert await store.partner_for("NL", "csam") == dutch
    named = await store.partner_for("NL", "child-exploitative")
    assert named and named.name == "Another"
    assert await store.partner_for("FR", "csam") is None is await store.partner_for("", "csam")
    assert dutch.recipient() == Recipient(
        "email:a@hotline.example", PARTNER, "Dutch", "email", "a@hotline.example", "NL", "nl"
    )
    await store.add_partner(Partner("NL", "Renamed", "a@hotline.example", ("csam",)), "bert", NOW)
    assert [one.name for one in await store.partners("NL")] == ["Renamed", "Another"]


async def test_stops_have_an_authority_and_an_end(store: VaultRecipients) -> None:
    """Domain, section 2: "`do_not_notify` with authority and expiry is obeyed"."""
    stop = Stop("recipient", b"email:a@b.example", "Police", "case", "anna", NOW, NOW + DAY)
    number = await store.add_stop(stop)
    assert [(one.stop_id, one.subject, one.until) for one in await store.stops(NOW)] == [
        (number, stop.subject, NOW + DAY)
    ]
    assert await store.stops(NOW + DAY) == []
    assert [one.stop_id for one in await store.stops(NOW + DAY, over=True)] == [number]
    assert not await store.end_stop(number + 1, "bert", "no", NOW)
    assert not await store.end_stop(number, "bert", "late", NOW + 2 * DAY)
    assert await store.end_stop(number, "bert", "it is over", NOW + 5)
    assert not await store.end_stop(number, "bert", "again", NOW + 6)
    (ended,) = await store.stops(NOW + 6, over=True)
    assert (ended.ended_at, ended.why) == (NOW + 5, "case; ended by bert: it is over")


async def test_hashers_see_nothing_of_it(vault_database: Database) -> None:
    pool = await open_pool(vault_database.dsn("pisaura_hasher"))
    try:
        for table in ("rdap_answers", "rdap_servers", "partners", "do_not_notify"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.fetch(f"SELECT * FROM {table}")
    finally:
        await pool.close()


async def test_a_vault_that_is_away(vault_database: Database) -> None:
    pool = await open_pool(vault_database.dsn("pisaura_notices"))
    await pool.close()
    store = VaultRecipients(pool)
    for work in (store.answer(b"q"), store.turn("a", NOW, 1, 1), store.partners(), store.stops(NOW)):
        with pytest.raises(Unavailable):
            await work
