"""What people do with cases, over a pool: `contracts.casedesk.CaseStore`. Who acts is written down, in `requests` or with the case."""

from typing import Final

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_casedesk import CaseReads
from backends.postgres.vault_people import ask, done, label
from backends.postgres.vault_queries import QUERIES
from backends.postgres.vault_standing import note, told
from contracts.casedesk import CLAIM, SKIPPED, Handoff
from contracts.desk import Asked, Person
from contracts.errors import Unavailable, UsageError

TRIES: Final = 20
"""Claims that others may be quicker with, before we say so."""


class PostgresCaseDesk(CaseReads):
    """`contracts.casedesk.CaseStore`."""

    @translated
    async def next_review(self, person: str, account: int, now: float) -> int:
        """Claim the next case for this person; 0: none."""
        for _ in range(TRIES):
            rows = await self._fetch("claim_review", person, account, millis(now), millis(now + CLAIM))
            if not rows:
                return 0
            if rows[0]["ours"]:
                return int(rows[0]["case_id"])
        raise Unavailable("others took the next cases at the same moment; ask again")

    @translated
    async def skip(self, case_id: int, person: str, account: int, now: float) -> None:
        """Put it before others; before this person only after `SKIPPED`."""
        async with self._pool.acquire() as db, db.transaction():
            await db.execute(QUERIES["skip_review"], case_id, person, account, millis(now + SKIPPED))
            await db.execute(QUERIES["drop_claim"], case_id, person, account)

    @translated
    async def decided(
        self, case_id: int, round_: int, person: str, account: int, decision: str, basis: str, now: float
    ) -> None:
        """Count a decision for the team, and give up the claim."""
        async with self._pool.acquire() as db, db.transaction():
            await db.execute(QUERIES["count_decision"], case_id, round_, account, person, decision, basis, millis(now))
            await db.execute(QUERIES["drop_claim"], case_id, person, account)

    @translated
    async def release_match(self, sha256: bytes, entry_id: int, why: str, person: Person, now: float) -> Asked:
        """Let a held verdict count, once two people have asked for it: the retro-match tells its places again."""
        async with self._pool.acquire() as db, db.transaction():
            seq = await db.fetchval(QUERIES["lock_clock"])
            row = await db.fetchrow(QUERIES["held_match"], sha256, entry_id)
            if row is None:
                raise UsageError(f"this medium does not match entry {entry_id}")
            if not row["held"] or row["state"] != "open":
                raise UsageError(f"the match with entry {entry_id} is not held; it is {row['state']}")
            subject = f"{sha256.hex()} {entry_id} {row['held']}"
            asked = await ask(db, "release match", subject, why, person, now)
            if asked.done:
                await db.execute(QUERIES["release_match"], sha256, entry_id)
                await note(db, [(entry_id, "match released", "", f"{row['held']}: {why}")], now, label(person))
                await done(db, "release match", subject, now)
                await db.execute(QUERIES["touch_entries"], [entry_id], seq)
                await told(db, 1, seq, now)
            return asked

    async def add_handoff(self, handoff: Handoff) -> None:
        """Remember what is handed to the assessment tool."""
        await self._fetch(
            "add_handoff", handoff.reference, handoff.case, handoff.round, handoff.sha256, handoff.person, millis(handoff.at)
        )  # fmt: skip

    async def handoff(self, reference: bytes) -> Handoff | None:
        """What was handed off under this reference."""
        rows = await self._fetch("handoff", reference)
        if not rows:
            return None
        values = dict(rows[0])
        values["at"] /= 1000
        return Handoff(**values)

    async def answered(self, reference: bytes, person: str, now: float) -> bool:
        """Whether this is the first answer of this person to it."""
        return bool(await self._fetch("answer_handoff", reference, person, millis(now)))

    async def retry(self, notice_id: int, now: float) -> list[int]:
        """Make a notice due again, or all whose tries are used up (0)."""
        return sorted(row["notice_id"] for row in await self._fetch("retry_notices", notice_id, millis(now)))

    @translated
    async def ask(self, act: str, subject: str, why: str, person: Person, now: float) -> Asked:
        """Ask for an act that takes two people."""
        async with self._pool.acquire() as db, db.transaction():
            asked = await ask(db, act, subject, why, person, now)
            if asked.done:
                await done(db, act, subject, now)
            return asked

    @translated
    async def set_switch(self, name: str, value: str, why: str, person: Person, now: float, people: int) -> Asked:
        """Switch something, once so many people (1 or 2) have asked for the same."""
        async with self._pool.acquire() as db, db.transaction():
            asked, subject = Asked(True, [person.name]), f"{name} {value}"
            if people > 1:
                asked = await ask(db, "switch", subject, why, person, now)
            if asked.done:
                await db.execute(QUERIES["set_switch"], name, value, label(person), millis(now))
                await done(db, "switch", subject, now)
            return asked
