"""Answers to re-checks to what became of the medium: `notices.presence` judges, the case is told (docs/domain.md, section 3).

Other media waits here until the hasher has said whether it matches. An answer is dealt with once: its ticket is void with the commit.
Answers to tickets that nobody knows (covers, places to which media moved) are thrown away.
"""

import logging
from collections import Counter, deque
from collections.abc import Sequence
from typing import Final

from contracts.caserows import Asked, Due, Locked, Waiting
from contracts.cases import DIRECT, Presence
from contracts.casestore import CaseWork
from contracts.errors import Corrupt
from contracts.faults import Fault
from contracts.location import opened_place
from contracts.messages import Recheck
from contracts.refusals import Refusal
from contracts.urls import Url, parse
from notices import events
from notices.presence import Again, Judged, Sighted, Wait, is_placeholder, judge, learnable
from notices.schedule import lateness
from notices.service.checking import Checking
from notices.service.steps import Cases, Happens

log = logging.getLogger(__name__)

LATER: Final = 60.0
"""Seconds after which it is asked again where nobody was asked."""
TOGETHER: Final = 100
REMEMBERED: Final = 1_000
"""Latenesses of which the worst is shown."""
UNSAID: Final = "not_matched"
"""The hasher has not said in time whether other media matches."""


class Judging:
    """Judges answers. `counts`: by presence, besides unknown tickets and those where nobody was asked."""

    def __init__(self, cases: Cases, checking: Checking) -> None:
        self._cases, self._checking = cases, checking
        self.counts: Counter[str] = Counter()
        self.late: deque[float] = deque(maxlen=REMEMBERED)

    async def handle(self, answers: Sequence[Recheck]) -> None:
        """Deal with answers, in one transaction."""
        by_ticket = {answer.ticket: answer for answer in answers}
        async with self._cases.vault.work() as work:
            asked = await work.ticketed(list(by_ticket))
            self.counts["unasked"] += len(by_ticket) - len(asked)
            locked = await work.lock([one.case_id for one in asked.values()])
            # Once more, now that nobody else can deal with them.
            asked = await work.ticketed([ticket for ticket, one in asked.items() if one.case_id in locked])
            moved = await self._deal(work, [(one, by_ticket[ticket]) for ticket, one in asked.items()], locked)
        await self._look(moved)

    async def waiting(self) -> int:
        """Deal with kept answers on which the hasher has had its say, or on which it was waited for long enough; how many."""
        now = self._cases.clock()
        async with self._cases.vault.work() as work:
            kept = await work.kept_answers(now - self._cases.limits.rechecks.patience, TOGETHER)
            asked = await work.ticketed([one.ticket for one in kept])
            locked = await work.lock([one.case_id for one in kept])
            for one in kept:
                await work.drop_answer(one.ticket)
            pairs = [(asked[one.ticket], one.answer) for one in kept if one.ticket in asked and one.case_id in locked]
            late = {one.ticket for one in kept if one.at <= now - self._cases.limits.rechecks.patience}
            moved = await self._deal(work, pairs, locked, late)
        await self._look(moved)
        return len(kept)

    async def _deal(
        self,
        work: CaseWork,
        answers: Sequence[tuple[Asked, Recheck]],
        locked: dict[int, Locked],
        late: set[bytes] | None = None,
    ) -> list[Url]:
        """What becomes of these; places to which media moved, where no case is."""
        now = self._cases.clock()
        happens: dict[int, Happens] = {}
        done: list[int] = []
        later: list[Due] = []
        moved: list[Url] = []
        for asked, answer in answers:
            case = locked[asked.case_id]
            if answer.error and asked.route != DIRECT:
                # The other route does not lead there, so that one must do.
                if answer.error == Fault.BAD_ROUTE:
                    log.warning("no fetcher has the route %r (rechecks.routes); the direct one must do", asked.route)
                self.counts["route_failed"] += 1
                later.append(Due(asked.case_id, case.host, now))
                done.append(asked.case_id)
                continue
            judged = await self._judged(work, case, answer)
            if isinstance(judged, Again):
                self.counts["not_asked"] += 1
                later.append(Due(asked.case_id, case.host, now + LATER))
                done.append(asked.case_id)
                continue
            if isinstance(judged, Wait):
                if answer.ticket not in (late or ()):
                    await work.keep_answer(Waiting(answer.ticket, asked.case_id, now, answer))
                    continue
                judged = Judged(Presence.UNKNOWN, UNSAID)
            self.counts[judged.presence.value] += 1
            self.late.append(lateness(asked.due_at, answer.free_at, answer.started_at))
            said: list[events.Event] = [
                events.Checked(
                    judged.presence, answer.ended_at, asked.route, judged.same,
                    one_route_only=asked.route != case.case.next_route,
                )
            ]  # fmt: skip
            if judged.presence is Presence.MOVED and answer.moved_place:
                there = await work.case_at(answer.moved_place)
                if there and there != asked.case_id:
                    said.append(events.Succeeded(there, now))
                elif (url := self._url(answer)) is not None and not there:
                    await work.add_move(answer.moved_place, asked.case_id, now)
                    moved.append(url)
            happens[asked.case_id] = Happens(tuple(said))
            done.append(asked.case_id)
        await work.answered(done)
        await self._cases.step(work, locked, happens, now)
        await work.set_rechecks(later)
        return moved

    async def _judged(self, work: CaseWork, case: Locked, answer: Recheck) -> Judged | Wait | Again:
        sha256, record = case.case.sha256, answer.record
        sighted, matches = Sighted(sha256), None
        shown = set[bytes]()
        least, distance = self._cases.limits.rechecks.placeholder_cases, self._cases.limits.rechecks.distance
        if record is not None:
            sighted = Sighted(sha256, await work.frames(sha256))
            matches = await work.matched(record.sha256)
            if is_placeholder(await work.shown_at(case.host, record.sha256), least):
                shown = {record.sha256}
        judged = judge(answer, sighted, matches, distance, shown)
        learnt = learnable(judged, answer, matches)
        if learnt and is_placeholder(await work.shown(case.host, learnt, case.case.case_id), least) and not shown:
            judged = judge(answer, sighted, matches, distance, {learnt})
        return judged

    def _url(self, answer: Recheck) -> Url | None:
        try:
            url = parse(opened_place(self._cases.keys.opener.open(answer.moved_to))[0])
        except Corrupt:
            return None
        return None if isinstance(url, Refusal) else url

    async def _look(self, moved: Sequence[Url]) -> None:
        for url in moved:
            await self._checking.look_at(url, self._cases.clock())
