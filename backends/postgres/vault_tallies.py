"""What matches add up to (`contracts.tallies`): each thing one row, kept as it happens; figures folded from them when asked.

Rows say what was seen, and never change their meaning. Whether they count is joined in: the few columns of the entries and
verdicts at hand. So nothing has to be recounted when an entry is withdrawn, and nothing can drift.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES, columns
from backends.postgres.vault_standing import hold, told
from contracts.errors import UsageError
from contracts.lists import FLOOD
from contracts.tallies import DIMENSIONS, CountryRow, Recorded, Seen, SeriesRow, SeriesView, SiteSeen, TotalRow

DAY_MILLIS: Final = 86_400_000
MOST_MILLIS: Final = 253_402_300_799_999
"""The end of the year 9999: whatever a message claims, a day fits its column."""
PATIENCE: Final = 300.0
"""Seconds that a fold over a long period may take."""


class VaultTallies:
    """`contracts.tallies.Tallies` over a pool of the notices role, and the figures for whoever may read the vault."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @translated
    async def record(self, seen: Sequence[Seen], sites: int, seconds: float) -> Recorded:
        """Keep what was seen, rows in one order for all, so that no two processes block each other."""
        entries = sorted({one.entry_id for one in seen})
        since = min((_at(one) for one in seen), default=0) - millis(seconds)
        async with self._pool.acquire() as db, db.transaction():
            await db.execute(QUERIES["add_entry_places"], *columns(_places(seen), 8))
            await db.execute(QUERIES["add_entry_sites"], *columns(_sites(seen), 4))
            await db.execute(QUERIES["add_entry_days"], *columns(_days(seen), 6))
            live = await db.fetch(QUERIES["live_entries"], entries)
            busy = await db.fetch(QUERIES["busy_entries"], entries, since, sites, FLOOD)
        return Recorded(frozenset(row[0] for row in live), {row["entry_id"]: _times(row) for row in busy})

    @translated
    async def hold(self, entry_ids: Sequence[int], reason: str, why: str, now: float) -> int:
        """Hold entries; how many are newly held. Every index learns of it by the clock."""
        async with self._pool.acquire() as db, db.transaction():
            seq = await db.fetchval(QUERIES["lock_clock"])
            held = await hold(db, entry_ids, reason, why, seq, now)
            await told(db, held, seq, now)
            return held

    async def series(self, after: bytes, limit: int, kind: str = "csam") -> list[SeriesRow]:
        """The next series above the id `after`, with what of a kind was seen of them."""
        return [_series(row) for row in await self._fetch("series_page", after, None, limit, kind)]

    async def series_show(self, series_id: bytes, kind: str = "csam") -> SeriesView | None:
        """A series with its standings and countries; None if there is none."""
        rows = await self._fetch("series_page", b"", series_id, 1, kind)
        if not rows:
            return None
        standings = {row["standing"]: row["entries"] for row in await self._fetch("series_standings", series_id)}
        countries = [CountryRow(*row) for row in await self._fetch("series_countries", series_id, kind)]
        return SeriesView(_series(rows[0]), standings, countries)

    async def totals(self, dimension: str, since: int, until: int, kind: str = "csam") -> list[TotalRow]:
        """What was seen on the days since..until-1, by the values of a dimension: one row a value and standing."""
        if dimension not in DIMENSIONS:
            raise UsageError(f"figures are by {', '.join(DIMENSIONS)}, not by {dimension[:40]!r}")
        return [TotalRow(*row) for row in await self._fetch("totals", dimension, since, until, kind, timeout=PATIENCE)]

    @translated
    async def _fetch(self, name: str, *values: Any, timeout: float | None = None) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._pool.fetch(QUERIES[name], *values, timeout=timeout)
        return rows


def _at(one: Seen) -> int:
    return min(MOST_MILLIS, max(0, millis(one.seen_at)))


def _places(seen: Iterable[Seen]) -> list[tuple[Any, ...]]:
    """Each (entry, medium, place) once, with its first and last time and the country of the last."""
    found: dict[tuple[int, bytes, bytes], tuple[Any, ...]] = {}
    for one in sorted(seen, key=lambda one: one.seen_at):
        key, at = (one.entry_id, one.sha256, one.place), _at(one)
        first, country = (found[key][6], one.country or found[key][5]) if key in found else (at, one.country)
        found[key] = (*key, one.site, one.host, country, first, at)
    return [found[key] for key in sorted(found)]


def _sites(seen: Iterable[Seen]) -> list[tuple[int, bytes, int, int]]:
    found: dict[tuple[int, bytes], tuple[int, int]] = {}
    for one in seen:
        key, at = (one.entry_id, one.site), _at(one)
        first, last = found.get(key, (at, at))
        found[key] = min(first, at), max(last, at)
    return [(*key, *found[key]) for key in sorted(found)]


def _days(seen: Iterable[Seen]) -> list[tuple[int, int, bytes, bytes, str, bytes]]:
    return sorted({
        (_at(one) // DAY_MILLIS, one.entry_id, one.sha256, one.host, one.country, one.site) for one in seen
    })  # fmt: skip


def _times(row: asyncpg.Record) -> list[SiteSeen]:
    return [
        SiteSeen(site, first / 1000, last / 1000)
        for site, first, last in zip(row["sites"], row["firsts"], row["lasts"], strict=True)
    ]


def _series(row: asyncpg.Record) -> SeriesRow:
    values = dict(row)
    for when in ("first_seen", "last_seen"):
        values[when] /= 1000
    return SeriesRow(**values)
