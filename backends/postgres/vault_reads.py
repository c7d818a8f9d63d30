"""What `crawlctl matches` and `crawlctl lists ls` show: rows for people, in pages, sealed where they were sealed."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.frames import unpack_evidence
from backends.postgres.vault_queries import QUERIES
from contracts.lists import ListView, Refused
from contracts.vault import MatchView

PAGE: Final = 1_000


class VaultReads:
    """Reads of the vault over a pool or a connection."""

    def __init__(self, database: "asyncpg.Pool[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]") -> None:
        self._db = database

    async def matches(self, places: Sequence[bytes] | None = None) -> AsyncIterator[MatchView]:
        """Every match at every place (or only at `places`), by medium and entry, also those that count for nothing."""
        last: tuple[bytes, int, bytes] = (b"", 0, b"")
        while True:
            rows = await self._fetch("matches_page", *last, PAGE, None if places is None else list(places))
            for row in rows:
                values = dict(row)
                del values["entry_id"]
                values["first_seen"] /= 1000
                values["last_seen"] /= 1000
                values["evidence"] = unpack_evidence(values["evidence"])
                yield MatchView(**values)
            if len(rows) < PAGE:
                return
            last = rows[-1]["sha256"], rows[-1]["entry_id"], rows[-1]["place"]

    async def lists(self) -> list[ListView]:
        """All lists by name, with the progress or the result of their last import."""
        views: list[ListView] = []
        for row in await self._fetch("lists"):
            values = dict(row)
            reasons, refused = values.pop("reasons") or [], values.pop("refused") or []
            values["bad"] = dict(zip(reasons, refused, strict=True))
            for when in ("started_at", "ended_at", "last_success"):
                values[when] /= 1000
            views.append(ListView(**values))
        return views

    async def bad_lines(self, name: str) -> list[Refused]:
        """The bad lines that were kept of a list's last import, by line."""
        return [Refused(*row) for row in await self._fetch("bad_lines", name)]

    async def counts(self) -> dict[str, int]:
        """Media, sightings, exact and near verdicts, entries. Counts rows: for a summary at the end, not for a poll."""
        return dict((await self._fetch("vault_counts"))[0])

    async def counts_up_to(self, most: int) -> dict[str, int]:
        """Exact and near verdicts, each counted up to `most`; entries of all lists. For a poll."""
        return dict((await self._fetch("bounded_counts", most))[0])

    @translated
    async def _fetch(self, name: str, *values: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._db.fetch(QUERIES[name], *values)
        return rows
