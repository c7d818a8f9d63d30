"""backends.postgres.vault_tallies over a real Postgres: figures equal a recount from scratch, whatever was told twice or taken back."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from backends.postgres.vault_store import open_pool
from backends.postgres.vault_tallies import DAY_MILLIS, VaultTallies
from contracts.errors import UsageError
from contracts.lists import FLOOD, ListSource
from contracts.tallies import DIMENSIONS, Seen, TotalRow
from contracts.vault import MatchRow
from tests.postgres import Database
from tests.vaults import NOW, Bench, bench, entry

DAY = 86_400.0
TODAY = int(NOW // DAY)
SERIES = [b"", b"A" * 16, b"B" * 16]
COUNTRIES = ["NL", "DE", ""]


class Here(Bench):
    """A vault with its figures, by the notices role, and its owner to change what lists would."""

    tallies: VaultTallies
    owner: "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def here(vault_database: Database) -> AsyncIterator[Here]:
    async with figures(vault_database) as made:
        yield made


@asynccontextmanager
async def figures(database: Database) -> AsyncIterator[Here]:
    async with bench(database) as made:
        pool = await open_pool(database.dsn("pisaura_notices"))
        owner = await asyncpg.connect(database.dsn())
        here = Here(made.vault, made.lists, made.reads)
        here.tallies, here.owner = VaultTallies(pool), owner
        try:
            yield here
        finally:
            await owner.close()
            await pool.close()


def sha(number: int) -> bytes:
    return number.to_bytes(32, "big")


def seen(entry_id: int, medium: int, place: int, at: float = NOW, country: str = "NL") -> Seen:
    """Place p is on host p % 6, and that on site p % 6 % 4."""
    return Seen(
        entry_id, sha(medium), sha(place), b"site%12d" % (place % 6 % 4), b"host%12d" % (place % 6), country, at
    )


async def know(here: Here, pairs: Sequence[tuple[int, int]], near: bool = False) -> None:
    rows = [MatchRow(sha(medium), entry_id, "sha1", bytes(20), near * 5, near=near) for medium, entry_id in pairs]
    await here.vault.store((), rows, NOW)


async def entries(here: Here, count: int = 6) -> None:
    """Entries 1..count on a list, half of them on a second, the last also on a list of another kind."""
    made = [entry(f"e{n}", ("sha1", b"%020d" % n)) for n in range(1, count + 1)]
    await here.add(*made, source=ListSource("first"))
    await here.add(*made[: count // 2], source=ListSource("second"))
    await here.add(made[-1], source=ListSource("third", kind="child-exploitative"))


async def recount(
    here: Here, told: Sequence[Seen], dimension: str, kind: str, since: int, until: int
) -> list[TotalRow]:
    """The figures from all that was ever told, and what entries and verdicts are now."""
    facts: dict[int, Any] = {
        row["entry_id"]: row
        for row in await here.owner.fetch(
            "SELECT e.*, s.live, (SELECT array_agg(l.name || ' ' || l.kind) FROM list_entries le JOIN list_sources l USING (list_id)"
            " WHERE le.entry_id = e.entry_id AND le.state < 3) AS lists FROM entries e JOIN entry_states s USING (entry_id)"
        )
    }
    verdicts = {
        (row["sha256"], row["entry_id"]): row
        for row in await here.owner.fetch("SELECT * FROM matches")
        if not row["held"] and row["state"] != "refused"
    }
    for row in await here.owner.fetch("SELECT sha256, entry_id FROM suppressions"):
        verdicts.pop((row[0], row[1]), None)
    counted: list[tuple[str, int, Seen]] = []
    strongest: dict[bytes, tuple[bool, int, int]] = {}
    for one in told:
        fact, verdict = facts[one.entry_id], verdicts.get((one.sha256, one.entry_id))
        kinds = {name.split()[1] for name in fact["lists"] or ()}
        right = bool(kinds) and ("csam" if kinds == {"csam"} else "child-exploitative") == kind
        if not (fact["live"] and right and verdict and since <= one.seen_at // DAY < until):
            continue
        rank = 2 if fact["standing"] == "disputed" else 1
        if rank == 1 and (verdict["state"] == "confirmed" or (fact["standing"] == "verified" and not verdict["near"])):
            rank = 0
        lead = (verdict["near"], verdict["distance"], one.entry_id)
        strongest[one.sha256] = min(strongest.get(one.sha256, lead), lead)
        values = {
            "all": [""], "category": [fact["category"]], "series": [fact["series_id"].hex()], "country": [one.country],
            "day": [str(int(one.seen_at // DAY))], "source": [name.split()[0] for name in fact["lists"]],
        }[dimension]  # fmt: skip
        counted += [(value, rank, one) for value in values]
    best: dict[tuple[str, bytes], int] = {}
    for value, rank, one in counted:
        best[value, one.sha256] = min(rank, best.get((value, one.sha256), 9))
    rows: dict[tuple[str, int], list[Seen]] = defaultdict(list)
    for value, _, one in counted:
        rows[value, best[value, one.sha256]].append(one)
    return [
        TotalRow(
            value, ("verified", "suspect", "disputed")[rank], len({one.sha256 for one in some}),
            len({strongest[one.sha256][2] for one in some}), len({one.site for one in some}), len({one.host for one in some}),
            min(int(one.seen_at // DAY) for one in some), max(int(one.seen_at // DAY) for one in some),
        )
        for (value, rank), some in sorted(rows.items())
    ]  # fmt: skip


async def change(here: Here, chance: random.Random) -> None:
    """Something that people or sources do."""
    entry_id, medium = chance.randint(1, 6), chance.randint(0, 7)
    changes: list[tuple[str, list[Any]]] = [
        ("UPDATE entries SET standing = $2 WHERE entry_id = $1",
         [entry_id, chance.choice(["verified", "verified", "unverified", "disputed", "held", "withdrawn"])]),
        ("UPDATE entries SET category = $2 WHERE entry_id = $1", [entry_id, chance.choice("AB")]),
        ("UPDATE entries SET series_id = $2 WHERE entry_id = $1", [entry_id, chance.choice(SERIES)]),
        ("UPDATE list_entries SET state = $3 WHERE entry_id = $1 AND list_id = $2",
         [entry_id, chance.randint(1, 3), chance.choice([0, 0, 1, 3])]),
        ("UPDATE matches SET state = $3 WHERE entry_id = $1 AND sha256 = $2",
         [entry_id, sha(medium), chance.choice(["open", "confirmed", "closed", "refused"])]),
        ("UPDATE matches SET held = $3 WHERE entry_id = $1 AND sha256 = $2",
         [entry_id, sha(medium), chance.choice(["", "tiny_media"])]),
        ("INSERT INTO suppressions VALUES ($2, $1, 'no', 'us', 1) ON CONFLICT DO NOTHING", [entry_id, sha(medium)]),
    ]  # fmt: skip
    statement, values = chance.choice(changes)
    await here.owner.execute(statement, *values)


# "maintained incrementally"; "only csam may reach ... the figures, child-exploitative has ... counts of its own";
# "Distinct = by SHA-256, and separately clusters by leading entry; suspect, verified ... apart" (domain, sections 1 and 5)
@pytest.mark.parametrize("seed", range(4))
async def test_figures_equal_a_recount_over_random_histories(here: Here, seed: int) -> None:
    chance = random.Random(seed)
    await entries(here)
    told: list[Seen] = []
    batches: list[list[Seen]] = []
    for _ in range(40):
        pairs = [(chance.randint(0, 7), chance.randint(1, 6)) for _ in range(chance.randint(1, 4))]
        for pair in pairs:
            await know(here, [pair], near=chance.random() < 0.4)
        batch = [
            seen(n, medium, chance.randint(0, 11), NOW + chance.uniform(-2, 2) * DAY, chance.choice(COUNTRIES))
            for medium, n in pairs
        ]
        batches.append(batch)
        for again in [batch, *chance.sample(batches, min(len(batches), chance.randint(0, 2)))]:
            await here.tallies.record(again, 20, DAY)
        told += batch
        for _ in range(chance.randint(0, 2)):
            await change(here, chance)
    for kind in ("csam", "child-exploitative"):
        for dimension in DIMENSIONS:
            for since, until in ((0, TODAY + 9), (TODAY - 1, TODAY + 1)):
                rows = await here.tallies.totals(dimension, since, until, kind)
                assert rows == await recount(here, told, dimension, kind, since, until), (dimension, kind, since)
    assert await here.tallies.totals("all", TODAY + 9, TODAY + 99) == []
    with pytest.raises(UsageError, match="figures are by all, category"):
        await here.tallies.totals("people", 0, 1)


async def test_series_with_what_was_seen_of_them(here: Here) -> None:
    await entries(here)
    await here.owner.execute("INSERT INTO series VALUES ($1, 'sealed A'), ($2, 'sealed B')", SERIES[1], SERIES[2])
    await here.owner.execute("UPDATE entries SET series_id = $1 WHERE entry_id IN (1, 2, 3)", SERIES[1])
    await know(here, [(1, 1), (1, 2), (2, 2), (3, 3), (4, 4)])
    await here.tallies.record(
        [seen(1, 1, 0), seen(2, 1, 0), seen(2, 2, 1, NOW + DAY, "DE"), seen(3, 3, 2, NOW + 9), seen(4, 4, 3)], 20, DAY
    )
    first, second = await here.tallies.series(b"", 10)
    assert (first.series_id, first.sealed, first.entries, first.media, first.sightings, first.sites, first.hosts) == (
        SERIES[1], b"sealed A", 3, 3, 3, 3, 3
    )  # fmt: skip
    assert (first.first_seen, first.last_seen) == (NOW, NOW + DAY)
    assert (second.series_id, second.entries, second.media, second.first_seen, second.last_seen) == (
        SERIES[2],
        0,
        0,
        0.0,
        0.0,
    )
    assert await here.tallies.series(SERIES[1], 10) == [second] and await here.tallies.series(b"", 1) == [first]
    await here.owner.execute("UPDATE entries SET standing = 'withdrawn' WHERE entry_id = 2")
    view = await here.tallies.series_show(SERIES[1])
    assert view is not None and (view.row.media, view.row.sites, view.row.last_seen) == (2, 2, NOW + 9)
    assert view.standings == {"unverified": 2, "withdrawn": 1}
    assert [(row.country, row.media, row.sites, row.hosts) for row in view.countries] == [("NL", 2, 2, 2)]
    assert await here.tallies.series_show(b"C" * 16) is None and await here.tallies.series_show(b"") is None


# "held ... release by two people"; "Entries whose hold for that reason was released are not held again."
async def test_floods_are_told_until_they_are_held_or_were_released(here: Here) -> None:
    await entries(here)
    flood = [Seen(n, sha(n), sha(k), b"%016d" % k, b"%016d" % k, "", NOW + k) for n in (1, 2) for k in range(3)]
    said = await here.tallies.record(flood, 2, DAY)
    assert said.live == {1, 2} and sorted(said.sites) == [1, 2] and len(said.sites[1]) == 3
    assert (await here.tallies.record(flood, 3, DAY)).sites == {}
    seq = await here.vault.seq()
    assert await here.tallies.hold([1], FLOOD, "everywhere", NOW) == 1
    assert await here.vault.seq() == seq + 1
    changed = [one async for page in here.vault.entries(seq, seq + 1) for one in page]
    assert [(one.entry_id, one.live) for one in changed] == [(1, False)]
    assert await here.tallies.hold([1], FLOOD, "everywhere", NOW) == 0 and await here.vault.seq() == seq + 1
    said = await here.tallies.record(flood, 2, DAY)
    assert said.live == {2} and list(said.sites) == [2]
    await here.owner.execute("UPDATE holds SET released_at = 1 WHERE entry_id = 1")
    await here.owner.execute("UPDATE entries SET standing = 'unverified', held = '' WHERE entry_id = 1")
    said = await here.tallies.record(flood, 2, DAY)
    assert said.live == {1, 2} and list(said.sites) == [2]
    assert await here.tallies.hold([1, 999], FLOOD, "everywhere", NOW) == 0


async def test_old_sites_are_not_asked_for(here: Here) -> None:
    await entries(here)
    old = [Seen(1, sha(1), sha(k), b"%016d" % k, b"%016d" % k, "", NOW - 3 * DAY) for k in range(5)]
    assert (await here.tallies.record(old, 2, DAY)).sites
    assert (await here.tallies.record([seen(1, 1, 0)], 2, DAY)).sites == {}


async def test_two_processes_at_once_count_once(here: Here) -> None:
    await entries(here)
    rows = [seen(1 + k % 3, k % 5, k % 12, NOW + k) for k in range(60)]
    await know(here, sorted({(k % 5, 1 + k % 3) for k in range(60)}))
    await asyncio.gather(*(here.tallies.record(some, 20, DAY) for some in (rows, rows[::-1], rows[20:], rows[:40])))
    (row,) = await here.tallies.totals("all", 0, TODAY + 2)
    assert (row.media, row.sites, row.hosts) == (5, 4, 6)
    assert await here.owner.fetchval("SELECT count(*) FROM entry_places") == len({one[:3] for one in map(key, rows)})
    assert await here.owner.fetchval("SELECT min(first_seen) FROM entry_places") == round(NOW * 1000)


def key(one: Seen) -> tuple[Any, ...]:
    return one.entry_id, one.sha256, one.place


async def test_times_that_no_clock_shows(here: Here) -> None:
    await entries(here)
    await here.tallies.record([seen(1, 1, 1, -5.0), seen(1, 1, 2, 1e18)], 20, DAY)
    assert await here.owner.fetchval("SELECT max(day) FROM entry_days") == 253_402_300_799_999 // DAY_MILLIS


async def test_nothing_in_a_row_leads_to_a_place(here: Here) -> None:
    columns = await here.owner.fetch(
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_name LIKE 'entry\\_%s'"
        " AND data_type IN ('text', 'character varying')"
    )
    texts = {row[0] for row in columns if row[0].split(".")[0] in ("entry_places", "entry_sites", "entry_days")}
    assert texts == {"entry_places.country", "entry_days.country"}
