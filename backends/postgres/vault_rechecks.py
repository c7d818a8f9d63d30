"""Re-checks in the transaction of one work: asked for by ticket, so many at a time of a host, answered, asked for again."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES, columns
from contracts.caserows import Asked, Due, Sighted, Waiting
from contracts.errors import Corrupt
from contracts.messages import Recheck

ASK_LOCK: Final = 0x7069735F61736B  # "pis_ask": one process at a time asks, so that no host is asked for too many

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Recheck)


class Rechecks:
    """Part of a work: `contracts.casestore.CaseWork`."""

    _db: Any

    async def set_rechecks(self, dues: Sequence[Due]) -> None:
        """When these cases are looked at next."""
        wanted = sorted((due.case_id, millis(due.at), due.host, due.route) for due in dues if due.at)
        if wanted:
            await self._db.execute(QUERIES["set_rechecks"], *columns(wanted, 4))
        if over := sorted(due.case_id for due in dues if not due.at):
            await self._db.execute(QUERIES["drop_rechecks"], over)

    async def due_rechecks(self, now: float, per_host: int, limit: int) -> list[Asked]:
        """Re-checks that are due, marked as asked for; none while another process asks."""
        if not await self._db.fetchval("SELECT pg_try_advisory_xact_lock($1)", ASK_LOCK):
            return []
        return [Asked(*row) for row in await self._db.fetch(QUERIES["due_rechecks"], millis(now), limit, per_host)]

    async def late_rechecks(self, now: float, patience: float, limit: int) -> list[Asked]:
        """Those without an answer for so long, asked for again."""
        rows = await self._db.fetch(QUERIES["late_rechecks"], millis(now), millis(now - patience), limit)
        return [Asked(*row) for row in rows]

    async def ticketed(self, tickets: Sequence[bytes]) -> dict[bytes, Asked]:
        """Whose re-checks were asked for by these tickets."""
        rows = await self._db.fetch(QUERIES["ticketed"], list(set(tickets))) if tickets else []
        return {row["ticket"]: Asked(*row) for row in rows}

    async def answered(self, case_ids: Sequence[int]) -> None:
        """Their answers are dealt with."""
        if case_ids:
            await self._db.execute(QUERIES["rechecks_answered"], sorted(set(case_ids)))

    async def free_rechecks(self, per_host: int) -> int:
        """Let go what waits at hosts where there is room again; how many."""
        done: str = await self._db.execute(QUERIES["free_rechecks"], per_host)
        return int(done.rpartition(" ")[2])

    async def covers(self, after: bytes, limit: int) -> list[Sighted]:
        """Some places without any match, from a point among all media on."""
        return [Sighted(*row) for row in await self._db.fetch(QUERIES["covers"], after, limit)]

    async def keep_answer(self, waiting: Waiting) -> None:
        """Keep an answer until the hasher has its say."""
        assert waiting.answer.record is not None
        await self._db.execute(
            QUERIES["keep_answer"], waiting.ticket, waiting.case_id, millis(waiting.at), waiting.answer.record.sha256,
            _encoder.encode(waiting.answer),
        )  # fmt: skip

    async def kept_answers(self, since: float, limit: int) -> list[Waiting]:
        """Kept answers on whose medium the hasher has had its say, or that came before `since`; locked."""
        rows = await self._db.fetch(QUERIES["kept_answers"], millis(since), limit)
        return [Waiting(row["ticket"], row["case_id"], row["at"], _answer(row["answer"])) for row in rows]

    async def drop_answer(self, ticket: bytes) -> None:
        """A kept answer was dealt with."""
        await self._db.execute(QUERIES["drop_answer"], ticket)

    async def shown(self, host: bytes, sha256: bytes, case_id: int) -> int:
        """A host shows this instead of the case's medium; at how many of its cases it did."""
        await self._db.execute(QUERIES["add_shown"], host, sha256, case_id)
        return await self.shown_at(host, sha256)

    async def shown_at(self, host: bytes, sha256: bytes) -> int:
        """At how many of its cases a host showed this instead."""
        return int(await self._db.fetchval(QUERIES["count_shown"], host, sha256))


def _answer(data: bytes) -> Recheck:
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Corrupt(f"a kept answer of {len(data)} bytes cannot be read: {error}; delete its row") from error
