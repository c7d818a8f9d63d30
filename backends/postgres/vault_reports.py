"""Rows that reports are made of (`contracts.figures`), from one snapshot of the vault, so that figures agree with each other."""

from typing import Any, Final

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_caserows import unpacked
from backends.postgres.vault_queries import QUERIES
from contracts.figures import CaseFact, MediaFact, NoticeFact, Period

PATIENCE: Final = 600.0
"""Seconds that one statement over a long period may take."""
DAY: Final = 86_400.0
TIMES: Final = ("opened_at", "notified_at", "accepted_at", "first_absent_at", "gone_at", "back_at", "closed_at")


class Rows:
    """What was read for a report."""

    def __init__(self) -> None:
        self.media: list[MediaFact] = []
        self.cases: list[CaseFact] = []
        self.notices: list[NoticeFact] = []
        self.providers: dict[bytes, str] = {}


class VaultReports:
    """Reads for reports, over a pool of the notices role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @translated
    async def rows(self, period: Period, kind: str = "csam") -> Rows:
        """All rows of a period. Days are whole: the period should begin and end at midnight (UTC)."""
        found = Rows()
        first, last = int(period.since // DAY), -int(-period.until // DAY)
        async with self._pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
            for row in await db.fetch(QUERIES["report_media"], first, last, kind, timeout=PATIENCE):
                found.media.append(MediaFact(*row))
            for row in await db.fetch(QUERIES["report_cases"], millis(period.until), kind, timeout=PATIENCE):
                found.cases.append(_case(row))
            since, until = millis(period.since), millis(period.until)
            for row in await db.fetch(QUERIES["report_notices"], since, until, timeout=PATIENCE):
                found.notices.append(NoticeFact(_seconds(row[0]), *tuple(row)[1:]))
            for row in await db.fetch(QUERIES["report_hosts"], timeout=PATIENCE):
                found.providers[row["host"]] = row["name"]
        return found


def _case(row: asyncpg.Record) -> CaseFact:
    values: dict[str, Any] = dict(row)
    record = values.pop("record")
    for name in TIMES:
        values[name] = _seconds(values[name])
    runs = unpacked(record).runs if record is not None else ()
    return CaseFact(**values, runs=tuple((run.accepted_at, run.first_absent_at, run.gone_at) for run in runs))


def _seconds(at: Any) -> float:
    return at / 1000 if at is not None else 0.0
