"""Cases in the vault: opened, locked, written; what explains them; the port that all of it makes (`contracts.casestore`)."""

import logging
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg

from backends.postgres.connection import translated, translating
from backends.postgres.frames import unpack
from backends.postgres.rows import millis, text
from backends.postgres.vault_caserows import changed_values, evidence, locked, new_values
from backends.postgres.vault_casetasks import CaseTasks
from backends.postgres.vault_outbox import Outbox
from backends.postgres.vault_queries import QUERIES, columns
from backends.postgres.vault_rechecks import Rechecks
from contracts.caserows import Change, Line, Locked, Medium, NewCase, Pair
from contracts.cases import Evidence
from contracts.errors import Corrupt, Unavailable
from contracts.messages import FrameDigest
from contracts.removal import Rechecks as Limits

log = logging.getLogger(__name__)


class Work(Rechecks, Outbox, CaseTasks):
    """`contracts.casestore.CaseWork`: one transaction of one connection."""

    async def open(self, cases: Sequence[NewCase]) -> dict[Pair, int]:
        """The numbers of these cases, opened where there are none."""
        wanted = {(new.case.place, new.case.sha256): new for new in cases}
        found = await self.numbers(sorted(wanted))
        missing = sorted(wanted.keys() - found.keys())
        if not missing:
            return found
        ids = [row[0] for row in await self._db.fetch(QUERIES["next_case_ids"], len(missing))]
        rows = [new_values(case_id, wanted[pair]) for case_id, pair in zip(ids, missing, strict=True)]
        opened = {row[0] for row in await self._db.fetch(QUERIES["add_cases"], *columns(rows, 18))}
        keys = [(n, wanted[pair].wrapped) for n, pair in zip(ids, missing, strict=True) if n in opened]
        await self._db.execute(QUERIES["add_case_keys"], *columns(keys, 2))
        found |= {pair: n for n, pair in zip(ids, missing, strict=True) if n in opened}
        if len(opened) < len(missing):  # another process was faster
            found |= await self.numbers(sorted(wanted.keys() - found.keys()))
        return found

    async def numbers(self, pairs: Sequence[Pair]) -> dict[Pair, int]:
        """The numbers of those cases that there are."""
        rows = await self._db.fetch(QUERIES["case_numbers"], *columns(pairs, 2))
        return {(row["place"], row["sha256"]): row["case_id"] for row in rows}

    async def lock(self, case_ids: Sequence[int], *, skip: bool = False) -> dict[int, Locked]:
        """These cases, locked. One whose record cannot be read is left out, and told of in the log."""
        return await self._cases("lock_free_cases" if skip else "lock_cases", case_ids)

    async def read(self, case_ids: Sequence[int]) -> dict[int, Locked]:
        """The same, not locked."""
        return await self._cases("cases_by_number", case_ids)

    async def lock_of_media(self, sha256s: Sequence[bytes]) -> dict[int, Locked]:
        """All cases of these media, locked."""
        rows = await self._db.fetch(QUERIES["cases_of_media"], list(set(sha256s))) if sha256s else []
        return await self.lock([row[0] for row in rows])

    async def _cases(self, query: str, case_ids: Sequence[int]) -> dict[int, Locked]:
        found: dict[int, Locked] = {}
        for row in await self._db.fetch(QUERIES[query], sorted(set(case_ids))) if case_ids else []:
            try:
                found[row["case_id"]] = locked(row)
            except Corrupt as error:
                log.error("case %d is passed over: %s", row["case_id"], error)
        return found

    async def write(self, changes: Sequence[Change], at: float) -> None:
        """Keep what became of locked cases."""
        if not changes:
            return
        rows = [changed_values(change, at) for change in changes]
        done = await self._db.fetch(QUERIES["set_cases"], *columns(rows, 26))
        if len(done) != len(changes):
            raise Unavailable("a case was changed by others while it was locked; it is read again")

    async def lines(self, lines: Sequence[Line]) -> None:
        """Add to histories, in this order."""
        if lines:
            rows = [(x.case_id, millis(x.at), x.what, text(x.person), text(x.why), x.sealed) for x in lines]
            await self._db.execute(QUERIES["add_case_events"], *columns(rows, 6))

    async def explained(self, pairs: Sequence[tuple[int, int]], at: float) -> None:
        """(case, entry): these entries are evidence of these cases."""
        if pairs:
            await self._db.execute(QUERIES["add_case_entries"], *columns(sorted(set(pairs)), 2), millis(at))

    async def evidence(self, sha256s: Sequence[bytes]) -> dict[bytes, tuple[Evidence, ...]]:
        """The entries that explain these media as they stand now, the strongest first; all that were asked for are there."""
        found: dict[bytes, list[Evidence]] = {sha256: [] for sha256 in sha256s}
        for row in await self._db.fetch(QUERIES["stands_now"], sorted(found)) if found else []:
            found[row["sha256"]].append(evidence(row))
        return {sha256: tuple(entries) for sha256, entries in found.items()}

    async def media(self, pairs: Sequence[Pair]) -> dict[Pair, Medium]:
        """What is known of these media at these places."""
        rows = await self._db.fetch(QUERIES["case_media"], *columns(sorted(set(pairs)), 2)) if pairs else []
        return {
            (row["place"], row["sha256"]): Medium(
                row["size"], row["media_type"], row["etag"], row["head_sha256"], row["first_seen"] / 1000,
                row["last_seen"] / 1000,
            )
            for row in rows
        }  # fmt: skip

    async def matched(self, sha256: bytes) -> bool | None:
        """Whether a medium matches any entry that counts; None while it is not stored."""
        row = await self._db.fetchrow(QUERIES["counts_anywhere"], sha256)
        return bool(row["counts"]) if row["stored"] else None

    async def frames(self, sha256: bytes) -> tuple[FrameDigest, ...]:
        """The frames of a stored medium."""
        rows = await self._db.fetch(QUERIES["media_by_sha256"], [sha256])
        return tuple(unpack(rows[0]["frames"])) if rows else ()

    # -- places to which media moved

    async def add_move(self, place: bytes, case_id: int, at: float) -> None:
        """The medium of a case moved to this place."""
        await self._db.execute(QUERIES["add_move"], place, case_id, millis(at))

    async def moves_to(self, places: Sequence[bytes]) -> dict[bytes, list[int]]:
        """The cases whose media moved to these places."""
        found: dict[bytes, list[int]] = {}
        for row in await self._db.fetch(QUERIES["moves"], list(set(places))) if places else []:
            found.setdefault(row["place"], []).append(row["case_id"])
        return found

    async def moved(self, moves: Mapping[bytes, Sequence[int]]) -> None:
        """These need not be known any more. Said with the cases locked."""
        if rows := [(place, case_id) for place, olds in sorted(moves.items()) for case_id in olds]:
            await self._db.execute(QUERIES["take_moves"], *columns(rows, 2))

    async def case_at(self, place: bytes) -> int:
        """The newest case at a place that is not closed, 0 for none."""
        return int(await self._db.fetchval(QUERIES["case_at"], place) or 0)

    # -- what changed besides

    async def cursor(self, name: str) -> int:
        """How far something was done, locked."""
        return int(await self._db.fetchval(QUERIES["case_cursor"], name) or 0)

    async def set_cursor(self, name: str, value: int) -> None:
        """It was done so far."""
        await self._db.execute(QUERIES["set_case_cursor"], name, value)

    async def seqs(self) -> tuple[int, int]:
        """(last change of entries, up to which everything stored was matched and guarded)"""
        row = await self._db.fetchrow(QUERIES["clock_seqs"])
        return row["seq"], row["retro_seq"]

    async def note_changed(self, after: int, until: int) -> None:
        """Cases of the entries that were changed in after+1..until are to be looked at again."""
        await self._db.execute(QUERIES["note_changed_media"], after, until, timeout=PATIENCE)

    async def changed_media(self, limit: int) -> list[bytes]:
        """Media of cases whose verdicts or entries have changed; forgotten with this work."""
        return sorted({row[0] for row in await self._db.fetch(QUERIES["take_changed_media"], limit)})


PATIENCE = 300.0
"""Seconds that it may take to find the cases of a whole list's entries."""


class VaultCases:
    """`contracts.casestore.CaseVault` over a pool of the notices role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", limits: Limits | None = None) -> None:
        """`limits` say when an answer is late, in the figures."""
        self._pool, self._limits = pool, limits or Limits()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """A transaction."""
        with translating():
            async with self._pool.acquire() as db, db.transaction():
                yield Work(db)

    @translated
    async def void_leases(self, now: float) -> None:
        """What was being done is due now."""
        await self._pool.execute(QUERIES["void_leases"], millis(now))

    @translated
    async def figures(self, now: float) -> dict[str, float]:
        """What metrics show."""
        late = millis(now - self._limits.patience)
        return {
            row["name"]: float(row["value"])
            for row in await self._pool.fetch(QUERIES["case_figures"], millis(now), late)
        }

    @translated
    async def next_due(self, now: float, every: float, ahead: float) -> float:
        """When something is due next."""
        values = (now, every, self._limits.patience, ahead)
        found = await self._pool.fetchval(QUERIES["next_due"], *map(millis, values))
        return math.inf if found is None else float(found)
