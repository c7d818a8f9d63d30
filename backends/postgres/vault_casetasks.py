"""What is to be done for cases later, in the transaction of one work: tasks, and who waits to be told."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from backends.postgres.rows import millis
from backends.postgres.vault_caserows import task
from backends.postgres.vault_queries import QUERIES, columns
from contracts.caserows import Task, Tell

COMPOSE_LOCK: Final = 0x7069735F636D70  # "pis_cmp": one process at a time composes notices, so that brakes count right


class CaseTasks:
    """Part of a work: `contracts.casestore.CaseWork`."""

    def __init__(self, db: Any) -> None:
        """`db` is a connection inside a transaction."""
        self._db = db

    async def later(self, tasks: Sequence[Task]) -> None:
        """Do these at their times; one that waits already stays, and is done at the earlier time."""
        if tasks:
            rows = sorted((t.case_id, t.task, t.entry_id, millis(t.due_at), t.tries) for t in tasks)
            await self._db.execute(QUERIES["add_tasks"], *columns(rows, 5))

    async def put_off(self, task: Task) -> None:
        """Do this at that time and not before."""
        await self._db.execute(
            QUERIES["put_off_task"], task.case_id, task.task, task.entry_id, millis(task.due_at), task.tries
        )

    async def extend(self, task: Task) -> None:
        """Put it off, if it waits still."""
        await self._db.execute(QUERIES["extend_task"], task.case_id, task.task, task.entry_id, millis(task.due_at))

    async def set_ticks(self, at: Mapping[int, float]) -> None:
        """When time alone may change something of these cases next; 0.0: never."""
        if at:
            rows = sorted((case_id, millis(when)) for case_id, when in at.items())
            await self._db.execute(QUERIES["set_ticks"], *columns(rows, 2))

    async def tick_all(self, states: Sequence[str], at: float, after: int, limit: int) -> int:
        """The next cases behind that number in these states are looked at then; the last one's number, 0 if there was none."""
        rows = await self._db.fetch(QUERIES["tick_all"], list(states), millis(at), after, limit)
        return max((row[0] for row in rows), default=0)

    async def due_tasks(self, name: str, now: float, limit: int) -> list[Task]:
        """Tasks that are due and that nobody else has locked; they stay, locked."""
        return [task(row) for row in await self._db.fetch(QUERIES["due_tasks"], name, millis(now), limit)]

    async def due_ticks(self, now: float, limit: int) -> list[int]:
        """Cases whose tick is due; not locked."""
        return [row[0] for row in await self._db.fetch(QUERIES["due_ticks"], millis(now), limit)]

    async def task_done(self, task: Task) -> None:
        """It was done."""
        await self._db.execute(QUERIES["drop_task"], task.case_id, task.task, task.entry_id)

    async def tell(self, case_ids: Sequence[int], tells: Sequence[Tell]) -> None:
        """These are all that wait to be told of these cases."""
        if not case_ids:
            return
        rows = sorted((t.case_id, t.place, t.kind, t.recipient, millis(t.due_at), millis(t.asked_at)) for t in tells)
        keys = [row[:4] for row in rows]
        await self._db.execute(QUERIES["drop_tells"], sorted(case_ids), *columns(keys, 4))
        if rows:
            await self._db.execute(QUERIES["add_tells"], *columns(rows, 6))

    async def waiting_tells(self, by: float, told_before: float, recipients: int, most: int) -> list[Tell]:
        """Who waits to be told and is due; nobody while another process composes."""
        if not await self._db.fetchval("SELECT pg_try_advisory_xact_lock($1)", COMPOSE_LOCK):
            return []
        rows = await self._db.fetch(QUERIES["waiting_tells"], millis(by), recipients, most, millis(told_before))
        return [Tell(*row) for row in rows]
