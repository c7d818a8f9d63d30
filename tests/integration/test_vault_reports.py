"""Figures of reports reconcile with the database: each is counted again by plain SQL over what was stored, in random worlds."""

import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from backends.postgres.vault_caserows import packed
from backends.postgres.vault_reports import VaultReports
from backends.postgres.vault_store import open_pool
from contracts.cases import Case, CaseState, Run
from contracts.figures import Period
from contracts.lists import ListSource
from notices.figures.fold import DAY, Report, report
from tests.integration.test_vault_tallies import Here, entries, figures, know, seen, sha
from tests.postgres import Database
from tests.vaults import NOW, entry

SINCE = (NOW // DAY - 30) * DAY
UNTIL = (NOW // DAY + 1) * DAY
PERIOD = Period(SINCE, UNTIL, UNTIL)
STATES = ("found", "in_review", "notified", "gone", "gone", "gone", "unverifiable", "closed")


@pytest.fixture
async def here(vault_database: Database) -> AsyncIterator[Here]:
    async with figures(vault_database) as made:
        yield made


async def reads(database: Database, by: str = "all") -> Report:
    pool = await open_pool(database.dsn("pisaura_notices"), most=1)
    try:
        rows = await VaultReports(pool).rows(PERIOD)
    finally:
        await pool.close()
    return report(PERIOD, by, rows.media, rows.cases, rows.notices, [], rows.providers)


async def add_case(
    owner: "asyncpg.Connection[asyncpg.Record]", place: int, medium: int, entry: int, **values: Any
) -> None:
    row = {
        "place": sha(place), "sha256": sha(medium), "entry_id": entry, "opened_at": int(NOW * 1000), "changed_at": int(NOW * 1000),
        "near": False, "kind": "csam", "state": "found", "record": b"", "host": b"host%12d" % (place % 6), **values,
    }  # fmt: skip
    names = ", ".join(row)
    marks = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await owner.execute(f"INSERT INTO cases ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", *row.values())


async def random_world(here: Here, seed: int) -> None:
    chance = random.Random(seed)
    await entries(here)
    pairs = sorted({(medium, chance.randint(1, 6)) for medium in range(1, 20)})
    await know(here, pairs[:14])
    await know(here, pairs[14:], near=True)
    told = [
        seen(entry, medium, chance.randrange(40), NOW - chance.randrange(60) * DAY)
        for medium, entry in pairs
        for _ in range(2)
    ]
    await here.tallies.record(told, 20, DAY)
    await here.owner.execute("UPDATE entries SET standing = 'verified' WHERE entry_id % 2 = 0")
    await here.owner.execute("UPDATE entries SET standing = 'withdrawn' WHERE entry_id = 5")
    for name in ("A", "B"):
        await here.owner.execute(
            "INSERT INTO recipients (key, class, name, channel, contact, added_at) VALUES ($1, 'host', $2, 'email', $1, 0)",
            f"email:{name}", f"Host {name}",
        )  # fmt: skip
    for number, one in enumerate(told):
        opened = int(one.seen_at * 1000)
        accepted = opened + chance.randrange(3 * 86_400_000) if chance.random() < 0.7 else None
        state = chance.choice(STATES)
        absent = (accepted or opened) + chance.randrange(1, 9 * 86_400_000)
        gone = absent + 86_400_000 if state == "gone" else None
        await add_case(
            here.owner, int.from_bytes(one.place, "big"), int.from_bytes(one.sha256, "big"), one.entry_id, state=state,
            opened_at=opened, accepted_at=accepted, notified_at=accepted, first_absent_at=absent if gone else None, gone_at=gone,
            closed_at=absent if state == "closed" else None,
            recipient=chance.choice(["email:A", "email:B", ""]), near=chance.random() < 0.3,
        )  # fmt: skip
        if accepted is not None:
            await here.owner.execute(
                "INSERT INTO notices (made_at, next_at, accepted_at, places, recipient, kind, language, state, message_id, idempotency_key)"
                " VALUES ($1, $1, $2, 1, 'email:A', 'first', 'en', 'accepted', $3, $3)",
                opened, accepted, f"{number}@x",
            )  # fmt: skip


COUNTED = """
WITH ok AS (
    SELECT e.entry_id, e.standing FROM entries e JOIN entry_states s USING (entry_id)
    WHERE s.live AND (SELECT bool_and(l.kind = 'csam') FROM list_entries le JOIN list_sources l USING (list_id)
                      WHERE le.entry_id = e.entry_id AND le.state < 3)
), c AS (
    SELECT c.* FROM cases c JOIN ok USING (entry_id) JOIN matches m ON m.sha256 = c.sha256 AND m.entry_id = c.entry_id
    WHERE m.held = '' AND m.state <> 'refused' AND c.kind = 'csam'
), d AS (
    SELECT d.*, m.near, ok.standing FROM entry_days d JOIN ok USING (entry_id) JOIN matches m USING (sha256, entry_id)
    WHERE d.day >= $1 / 86400000 AND d.day < $2 / 86400000 AND m.held = '' AND m.state <> 'refused'
)
"""
RECOUNTED = {
    "media": "SELECT count(DISTINCT sha256) FROM d",
    "verified": "SELECT count(DISTINCT sha256) FROM d WHERE standing = 'verified' AND NOT near",
    "hosts": "SELECT count(DISTINCT host) FROM d",
    "new": "SELECT count(*) FROM (SELECT sha256 FROM d GROUP BY sha256 HAVING"
    " (SELECT min(p.first_seen) FROM entry_places p JOIN ok USING (entry_id) JOIN matches m USING (sha256, entry_id)"
    " WHERE p.sha256 = d.sha256 AND m.held = '' AND m.state <> 'refused') / 86400000 >= $1 / 86400000) x",
    "cases": "SELECT count(*) FROM c WHERE opened_at >= $1 AND opened_at < $2",
    "notified": "SELECT count(*) FROM c WHERE accepted_at >= $1 AND accepted_at < $2",
    "notified_media": "SELECT count(DISTINCT sha256) FROM c WHERE accepted_at >= $1 AND accepted_at < $2",
    "notices": "SELECT count(*) FROM notices WHERE accepted_at >= $1 AND accepted_at < $2",
    "gone": "SELECT count(*) FROM c WHERE gone_at >= $1 AND gone_at < $2",
    "removed": "SELECT count(*) FROM c WHERE gone_at >= $1 AND gone_at < $2 AND accepted_at <= first_absent_at",
    "removed_unasked": "SELECT count(*) FROM c WHERE gone_at >= $1 AND gone_at < $2"
    " AND coalesce(accepted_at > first_absent_at, true)",
    "unverifiable": "SELECT count(*) FROM c WHERE opened_at < $2 AND state = 'unverifiable'",
}


@pytest.mark.parametrize("seed", range(4))
async def test_every_count_is_what_plain_sql_says(here: Here, vault_database: Database, seed: int) -> None:
    """ "numbers reconcile with the database by a test" """
    await random_world(here, seed)
    made = await reads(vault_database)
    since, until = int(SINCE * 1000), int(UNTIL * 1000)
    for name, query in RECOUNTED.items():
        sql = f"{COUNTED} {query}".replace("$1", "$1::bigint").replace("$2", "$2::bigint")
        value = await here.owner.fetchval(sql, since, until)
        assert getattr(made.all, name) == value, name
    assert made.all.media > 0 and made.all.cases > 0 and made.all.gone > 0
    assert made.all.media == made.all.verified + made.all.suspect + made.all.disputed


@pytest.mark.parametrize("by", ["provider", "country", "month", "category", "series"])
async def test_figures_told_apart_add_up(here: Here, vault_database: Database, by: str) -> None:
    await random_world(here, 9)
    made = await reads(vault_database, by)
    for name in ("cases", "notified", "gone", "removed", "open", "unverifiable", "watched"):
        assert sum(getattr(one, name) for one in made.groups) == getattr(made.all, name), name
    assert sum(one.back for one in made.groups) == made.all.back
    assert sum(one.media for one in made.groups) >= made.all.media


async def test_the_totals_of_the_notices_role_agree(here: Here, vault_database: Database) -> None:
    """The same media by another way: the tallies' totals by standing."""
    await random_world(here, 3)
    made = await reads(vault_database)
    totals = {row.standing: row for row in await here.tallies.totals("all", int(SINCE // DAY), int(UNTIL // DAY))}
    told = {name: getattr(made.all, name) for name in ("verified", "suspect", "disputed")}
    assert told == {name: totals[name].media if name in totals else 0 for name in told}


async def test_notices_of_a_dry_run_are_told_apart(here: Here, vault_database: Database) -> None:
    for number, state in enumerate(("accepted", "written", "written")):
        await here.owner.execute(
            "INSERT INTO notices (made_at, next_at, accepted_at, places, recipient, kind, language, state, message_id, idempotency_key)"
            " VALUES ($1, $1, $1, 1, 'email:A', 'first', 'en', $2, $3, $3)",
            round((SINCE + DAY) * 1000), state, f"{number}@x",
        )  # fmt: skip
    made = await reads(vault_database)
    assert (made.all.notices, made.dry) == (3, 2)


async def test_another_kind_is_never_added(here: Here, vault_database: Database) -> None:
    """ "Only csam may reach a notice or the figures; child-exploitative has templates and counts of its own" """
    await here.add(entry("x1", ("sha1", b"%020d" % 1)), source=ListSource("other", kind="child-exploitative"))
    await know(here, [(1, 1)])
    await here.tallies.record([seen(1, 1, 1)], 20, DAY)
    await add_case(here.owner, 1, 1, 1, kind="child-exploitative")
    made = await reads(vault_database)
    assert (made.all.media, made.all.cases) == (0, 0)
    pool = await open_pool(vault_database.dsn("pisaura_notices"), most=1)
    try:
        rows = await VaultReports(pool).rows(PERIOD, "child-exploitative")
    finally:
        await pool.close()
    assert (len(rows.media), len(rows.cases)) == (1, 1)


async def test_ways_before_a_case_came_back_are_read_from_its_record(here: Here, vault_database: Database) -> None:
    await entries(here)
    await know(here, [(1, 1)])
    await here.tallies.record([seen(1, 1, 1)], 20, DAY)
    run = Run(NOW - 9 * DAY, NOW - 7 * DAY, NOW - 6 * DAY)
    record = packed(Case(1, sha(1), sha(1), CaseState.BACK, NOW - 10 * DAY, runs=(run,)))
    await add_case(
        here.owner,
        1,
        1,
        1,
        state="back",
        opened_at=int((NOW - 10 * DAY) * 1000),
        back_at=int((NOW - DAY) * 1000),
        record=record,
    )
    figures = (await reads(vault_database)).all
    assert (figures.gone, figures.removed, figures.back, figures.open, figures.median) == (1, 1, 1, 1, 2 * DAY)
