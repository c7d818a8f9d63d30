"""Cases, notices and their counts as people are shown them, over a pool: the reading half of `contracts.casedesk.CaseStore`."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_caserows import unpacked
from backends.postgres.vault_queries import QUERIES
from contracts.casedesk import (
    CaseFile,
    CaseLine,
    EvidenceLine,
    Filters,
    HappenedLine,
    HeldMatch,
    Medium,
    NoticeLine,
    ReadyLine,
    TeamStats,
)
from contracts.errors import UsageError
from contracts.recipients import Recipient

EVIDENCE: Final = 100
NOTICES: Final = 200
"""Most lines of one case that are read."""
_SINCE: Final = {
    "found": "opened_at",
    "released": "released_at",
    "notified": "notified_at",
    "acknowledged": "acknowledged_at",
    "gone": "gone_at",
    "back": "back_at",
    "closed": "closed_at",
}
"""State -> the column that has when it came to it; of others the history knows. Never when the case was changed last: that would tell a
second reviewer of a first."""


class CaseReads:
    """Reads for the desk. Drivers' errors become ours."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def lines(self, filters: Filters, after: int, limit: int) -> list[CaseLine]:
        """A page of cases by number."""
        rows = await self._fetch(
            "case_lines", after, limit, list(filters.states), filters.list, filters.recipient, filters.country,
            millis(filters.before),
        )  # fmt: skip
        return [_line(row) for row in rows]

    async def counts(self) -> dict[str, int]:
        """How many cases there are in each state."""
        return {row["state"]: row["many"] for row in await self._fetch("case_counts")}

    async def file(self, case_id: int) -> CaseFile:
        """All that is kept of a case. UsageError if there is none; Corrupt if its record cannot be read."""
        rows = await self._fetch("case_file", case_id)
        if not rows:
            raise UsageError(f"there is no case {case_id}; `crawlctl cases ls` lists them")
        row = rows[0]
        medium = Medium(row["media_type"], row["size"], row["width"], row["height"], row["duration"])
        return CaseFile(
            unpacked(row["record"]), row["version"], row["sealed"], row["wrapped"],
            row["next_check"] / 1000, row["asked_at"] / 1000, _since(row), medium,
        )  # fmt: skip

    async def evidence(self, case_id: int) -> list[EvidenceLine]:
        """The entries that explain it, exact ones first."""
        lines = []
        for row in await self._fetch("case_evidence", case_id, EVIDENCE):
            values = dict(row)
            said = zip(values.pop("organisations"), values.pop("verdicts"), values.pop("whys"), strict=True)
            lines.append(EvidenceLine(**values, opinions=list(said)))
        return lines

    async def happened(self, case_id: int, limit: int) -> list[HappenedLine]:
        """The last lines of its history, oldest first."""
        rows = await self._fetch("case_happened", case_id, limit)
        return [HappenedLine(row["at"] / 1000, row["what"], row["person"], row["why"], row["sealed"]) for row in rows]

    async def notices_of(self, case_id: int) -> list[NoticeLine]:
        """The last notices that tell of it, oldest first."""
        return [_notice(row) for row in await self._fetch("notices_of_case", case_id, NOTICES)]

    async def notices(self, states: tuple[str, ...], after: int, limit: int) -> list[NoticeLine]:
        """A page of notices by number."""
        return [_notice(row) for row in await self._fetch("notice_lines", list(states), after, limit)]

    async def recipients(self, keys: Sequence[str]) -> dict[str, Recipient]:
        """Those of these recipients that are known."""
        rows = await self._fetch("recipients", list(keys))
        return {
            row["key"]: Recipient(
                row["key"], row["class"], row["name"], row["channel"], row["contact"], row["country"], row["language"]
            )
            for row in rows
        }

    async def ready(self) -> list[ReadyLine]:
        """Cases that wait for a release, by their leading entry's list and recipient."""
        return [
            ReadyLine(row["list"], row["recipient"], row["cases"], row["oldest"] / 1000, row["may_notify"])
            for row in await self._fetch("ready_counts")
        ]

    async def ready_cases(self, list_: str, recipient: str, limit: int) -> list[tuple[int, int]]:
        """Such cases, each with its leading entry, the oldest first."""
        return [(row["case_id"], row["entry_id"]) for row in await self._fetch("ready_cases", list_, recipient, limit)]

    async def stats(self, since: float, until: float) -> TeamStats:
        """Sums of the team's work."""
        values = dict((await self._fetch("team_stats", millis(since), millis(until)))[0])
        values["oldest"] /= 1000
        for name in ("decided", "by_basis"):
            values[name] = msgspec.json.decode(values[name], type=dict[str, int])
        return TeamStats(since=since, until=until, **values)

    async def held_matches(self, after: tuple[bytes, int], limit: int) -> list[HeldMatch]:
        """A page of verdicts that guards hold, by (medium, entry)."""
        lines = []
        for row in await self._fetch("held_matches", *after, limit):
            values = dict(row)
            values["found_at"] /= 1000
            values["sha256"] = values["sha256"].hex()
            lines.append(HeldMatch(**values))
        return lines

    async def switch(self, name: str) -> str:
        """What is switched; empty before anybody has."""
        rows = await self._fetch("switch", name)
        return str(rows[0]["value"]) if rows else ""

    @translated
    async def _fetch(self, name: str, *values: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._pool.fetch(QUERIES[name], *values)
        return rows


def _since(row: Any) -> float:
    at = row[_SINCE.get(row["state"], "came_at")]
    return float(at or row["opened_at"]) / 1000


def _line(row: Any) -> CaseLine:
    at: dict[str, Any] = {
        name: (row[name] or 0) / 1000 for name in ("next_check", "notified_at", "accepted_at", "gone_at", "back_at")
    }
    same = (
        "state",
        "kind",
        "near",
        "category",
        "legality",
        "country",
        "recipient",
        "why",
        "one_route",
        "paused",
        "legal_hold",
    )
    values = {name: row[name] for name in same}
    return CaseLine(case=row["case_id"], since=_since(row), found_at=row["opened_at"] / 1000, **values, **at)


def _notice(row: Any) -> NoticeLine:
    values = dict(row)
    for name in ("made_at", "next_at", "sent_at", "accepted_at", "answered_at"):
        values[name] /= 1000
    return NoticeLine(**values)
