"""What changes cases besides matches and re-checks: entries and verdicts, time and rules, people's verdicts, answers that came back.

Changes of entries are followed by their number (`contracts.vault`), twice: as they happen, and once everything seen was matched with
them and guarded. Changes of verdicts are rows that the vault itself makes.
"""

import logging
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, Protocol

import msgspec

from contracts.caserows import CONFIRM, REFUSE, TICK, Locked, Task
from contracts.cases import OPEN, Case
from contracts.casestore import CaseWork
from contracts.desk import Person
from contracts.errors import UsageError
from contracts.notices import APPEAL, AUTO, BOUNCE, KeptReply, Replies
from notices import events
from notices.service.leases import LEASE
from notices.service.steps import Cases, Happens

log = logging.getLogger(__name__)

TOGETHER: Final = 100
PAGE: Final = 1_000
CURSORS: Final = ("entries", "guarded")
RULES: Final = "rules"
WAITING: Final = tuple(state.value for state in OPEN)
ACCOUNT: Final = "account"


class Verdicts(Protocol):
    """What people decide of (medium, entry), for all places past and future."""

    async def confirm(self, sha256: bytes, entry_id: int, organisation: str, person: Person, now: float) -> int:
        """Confirm a match. UsageError if it was refused, or its entry is held or withdrawn."""

    async def refuse(self, sha256: bytes, entry_id: int, why: str, person: Person, now: float) -> None:
        """Refuse a match. UsageError if it was confirmed."""


class Changing:
    """Carries changes into cases."""

    def __init__(self, cases: Cases, verdicts: Verdicts, replies: Replies | None) -> None:
        self._cases, self._verdicts, self._replies = cases, verdicts, replies

    async def entries(self) -> int:
        """Note the cases of entries that have changed; 0: they are looked at by `media`."""
        async with self._cases.vault.work() as work:
            for name, seq in zip(CURSORS, await work.seqs(), strict=True):
                before = await work.cursor(name)
                if seq > before:
                    await work.note_changed(before, seq)
                    await work.set_cursor(name, seq)
        return 0

    async def media(self) -> int:
        """Look again at cases of media whose verdicts or entries have changed; how many media."""
        now = self._cases.clock()
        async with self._cases.vault.work() as work:
            changed = await work.changed_media(TOGETHER)
            locked = await work.lock_of_media(changed)
            await self._look(work, locked, (), now)
        return len(changed)

    async def ticks(self) -> int:
        """Look again at cases for which time has come; how many."""
        now = self._cases.clock()
        async with self._cases.vault.work() as work:
            due = await work.due_ticks(now, TOGETHER)
            known = await work.read(due)
            for number in due:
                if number not in known:  # deleted, or damaged
                    await work.task_done(Task(number, TICK, now))
            locked = await work.lock(sorted(known), skip=True)
            await self._look(work, locked, (events.Tick(),), now)
        return len(locked)

    async def _look(self, work: CaseWork, locked: dict[int, Locked], also: Sequence[events.Event], now: float) -> None:
        evidence = await work.evidence(sorted({one.case.sha256 for one in locked.values()}))
        await work.explained(
            [(number, one.entry_id) for number, case in locked.items() for one in evidence[case.case.sha256]], now
        )
        happens = {
            number: Happens((events.EvidenceChanged(evidence[one.case.sha256], now), *also))
            for number, one in locked.items()
        }
        await self._cases.step(work, locked, happens, now)

    async def rules(self) -> int:
        """If settings, switches or what authorities ask for have changed, all open cases are looked at; 0."""
        now = self._cases.clock()
        async with self._cases.vault.work() as work:
            before = await work.cursor(RULES)
            limits, switches = self._cases.limits, (await self._cases.rules(work, (), now)).switches
            words = repr(
                (limits.notices, limits.rechecks, limits.operator, limits.routes, switches, await work.stops_mark())
            )
            data = words.encode("utf-8", "surrogatepass")
            mark = int.from_bytes(blake2b(data, digest_size=7).digest())
        if mark == before:
            return 0
        last = 0
        while before:  # some at a time, so that others come to their cases
            async with self._cases.vault.work() as work:
                last = await work.tick_all(WAITING, now, last, PAGE)
            if not last:
                break
        async with self._cases.vault.work() as work:
            await work.cursor(RULES)
            await work.set_cursor(RULES, mark)
        return 0

    async def verdicts(self) -> int:
        """Write down what two people decided of a pair; how many."""
        now = self._cases.clock()
        async with self._cases.vault.work() as work:
            tasks = [task for name in (CONFIRM, REFUSE) for task in await work.due_tasks(name, now, TOGETHER)]
            for task in tasks:
                await work.put_off(msgspec.structs.replace(task, due_at=now + LEASE, tries=task.tries + 1))
            cases = await work.read([task.case_id for task in tasks])
        for task in tasks:
            await self._verdict(task, cases.get(task.case_id), now)
        return len(tasks)

    async def _verdict(self, task: Task, locked: Locked | None, now: float) -> None:
        if locked is not None:
            case = locked.case
            person, why = _who(case, task.entry_id)
            try:
                if task.task == CONFIRM:
                    name = self._cases.limits.operator.name or "own"
                    await self._verdicts.confirm(case.sha256, task.entry_id, name, person, now)
                else:
                    await self._verdicts.refuse(case.sha256, task.entry_id, why, person, now)
            except UsageError as error:
                self._cases.alerts["verdict"] += 1
                log.warning("what people decided of case %d cannot be written down: %s", case.case_id, error)
        async with self._cases.vault.work() as work:
            await work.task_done(task)

    async def replies(self) -> int:
        """Carry answers to notices into their cases; how many."""
        if self._replies is None:
            return 0
        kept = await self._replies.to_carry(TOGETHER)
        for reply in kept:
            await self._carry(reply)
            await self._replies.carried([reply.reply_id])
        return len(kept)

    async def _carry(self, reply: KeptReply) -> None:
        now = self._cases.clock()
        if reply.kind == AUTO:
            return
        async with self._cases.vault.work() as work:
            notice = await work.lock_notice(reply.notice_id)
            locked = await work.lock(list(reply.cases))
            happens: dict[int, Happens] = {}
            for number in locked:
                places = {one.place for one in notice.told if one.case_id == number} if notice else {b""}
                if reply.kind == BOUNCE:
                    key = notice.to.key if notice else ""
                    happens[number] = Happens(tuple(events.Bounced(key, place, reply.at) for place in sorted(places)))
                elif reply.kind == APPEAL:
                    happens[number] = Happens((events.Appealed(reply.at),))
                else:
                    happens[number] = Happens((events.Replied(reply.kind, reply.at),))
            await self._cases.step(work, locked, happens, now)


def _who(case: Case, entry_id: int) -> tuple[Person, str]:
    """Whose word decides, and what they said: the last of those who spoke of this entry."""
    words = [one for one in case.decisions if one.entry_id in (0, entry_id)]
    if not words:
        return Person("reviewers", 0, ACCOUNT), ""
    return Person(words[-1].person, words[-1].account, ACCOUNT), words[-1].why
