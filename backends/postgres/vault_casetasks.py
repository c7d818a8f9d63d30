"""What is to be done for cases later, in the transaction of one work: tasks, and who waits to be told."""

from collections.abc import Sequence
from typing import Any, Final

from backends.postgres.rows import millis
from backends.postgres.vault_caserows import task
from backends.postgres.vault_queries import QUERIES, columns
from contracts.casestore import Task, Tell

COMPOSE_LOCK: Final = 0x7069735F636D70  # "pis_cmp": one process at a time composes notices, so that brakes count right


class CaseTasks:
    """Part of a work: `contracts.casestore.CaseWork`."""

    def __init__(self, db: Any) -> None:
        """`db` is a connection inside a transaction."""
        self._db = db

    async def later(self, task: Task) -> None:
        """Do this at that time; one that waits already is moved."""
        await self._db.execute(
            QUERIES["add_task"], task.case_id, task.task, task.entry_id, millis(task.due_at), task.tries
        )

    async def due_tasks(self, name: str, now: float, limit: int) -> list[Task]:
        """Tasks that are due and that nobody else has locked; they stay, locked."""
        return [task(row) for row in await self._db.fetch(QUERIES["due_tasks"], name, millis(now), limit)]

    async def task_done(self, task: Task) -> None:
        """It was done."""
        await self._db.execute(QUERIES["drop_task"], task.case_id, task.task, task.entry_id)

    async def tell(self, case_ids: Sequence[int], tells: Sequence[Tell]) -> None:
        """These are all that wait to be told of these cases."""
        rows = sorted((t.case_id, t.place, t.kind, t.recipient, millis(t.due_at), millis(t.asked_at)) for t in tells)
        keys = [row[:4] for row in rows]
        await self._db.execute(QUERIES["drop_tells"], sorted(case_ids), *columns(keys, 4))
        if rows:
            await self._db.execute(QUERIES["add_tells"], *columns(rows, 6))

    async def waiting_tells(self, now: float, every: float, recipients: int, tells: int) -> list[Tell]:
        """Who waits to be told and is due; nobody while another process composes."""
        if not await self._db.fetchval("SELECT pg_try_advisory_xact_lock($1)", COMPOSE_LOCK):
            return []
        rows = await self._db.fetch(QUERIES["waiting_tells"], millis(now), recipients, tells, millis(now - every))
        return [Tell(*row) for row in rows]
