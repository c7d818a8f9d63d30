"""The outbox: a row is marked as being sent, and that is committed; then it is handed over; then what became of it is committed.

So a process that is killed between any two of these steps sends each notice at least once, with one Message-ID and idempotency
key, and at most once more for each kill: the row is due again when its lease is over, which is renewed while it is being handed over.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from contracts.caserows import ACCEPTED, FAILED, HELD, MADE, REFUSED, SENDING, WRITTEN, Locked, NoticeRow, Told
from contracts.casestore import CaseWork
from contracts.errors import Corrupt, Unavailable
from contracts.notices import PAGE, Delivery, Later, Notice, NoticePlace, Refused, Sender, Withheld
from contracts.urls import url_id
from notices import events
from notices.service.composing import placed
from notices.service.leases import LEASE, renewed
from notices.service.steps import Cases, Happens
from notices.telling import STALE, stands

log = logging.getLogger(__name__)

SECONDS: Final = 120.0
"""Within which a notice is handed over, or it is tried again."""
FIRST_PAUSE: Final = 60.0
LONGEST_PAUSE: Final = 4 * 3600.0
WITHHELD_PAUSE: Final = 300.0
SAID: Final = 500


class Sending:
    """Hands notices over. `counts` by what became of them; `dropped`: places whose key was destroyed meanwhile."""

    def __init__(self, cases: Cases, sender: Sender, lease: float = LEASE) -> None:
        self._cases, self._sender, self._lease = cases, sender, lease
        self.counts: Counter[str] = Counter()
        self.busy = 0

    async def send(self) -> int:
        """Hand over the next notice that is due; 0 if none is."""
        now = self._cases.clock()
        async with self._cases.vault.work() as work:
            row = await work.take_notice(now, now + self._lease)
            if row is None:
                return 0
            locked = await work.read([one.case_id for one in row.told])
            why = await self._against(work, row, locked, now)
            if why:
                await self._hold(work, row, why, now)
                return 1
        self.busy += 1
        try:
            await self._hand_over(row, locked)
        finally:
            self.busy -= 1
        return 1

    async def _against(self, work: CaseWork, row: NoticeRow, locked: Mapping[int, Locked], now: float) -> str:
        """What has come up since it was made (`notices.telling.stands`). What was handed over once is tried again, however old."""
        rules, found = await self._cases.rules(work, (), now), ""
        for number, one in locked.items():
            case = await self._cases.current(work, one, now)
            places = {told.place for told in row.told if told.case_id == number}
            why = stands(case, row.kind, row.to.key, places, row.made_at, now, rules)
            if why and why != STALE:
                return why
            found = found or why
        return found if row.tries <= 1 else ""

    async def _hold(self, work: CaseWork, row: NoticeRow, why: str, now: float) -> None:
        """It does not leave. If nobody can have it yet, its cases know that they told nothing; whoever may be told still is told by
        another notice."""
        if why == STALE:
            log.info("notice %d does not leave: %s", row.notice_id, why)
        else:
            self._alert("notice_held", row, why)
        await work.set_notice(replace(row, state=HELD, said=why, tries=row.tries - 1))
        if row.tries > 1:
            return
        locked = await work.lock([one.case_id for one in row.told])
        happens = {
            number: Happens((
                events.Recalled(
                    row.kind, row.to.key, tuple(one.place for one in row.told if one.case_id == number), row.made_at, now
                ),
            ))
            for number in locked
        }  # fmt: skip
        await self._cases.step(work, locked, happens, now)

    async def _hand_over(self, row: NoticeRow, locked: Mapping[int, Locked]) -> None:
        try:
            await self._cases.opens("notices.hand_over", len(row.told))
            notice = self._notice(row, locked)
            async with renewed(lambda: self._renew(row), self._lease), asyncio.timeout(SECONDS):
                delivery = await self._sender.send(notice)
        except Refused as error:
            await self._refused(row, str(error))
        except Withheld as error:
            await self._later(row, str(error), WITHHELD_PAUSE, attempt=False)
        except Later as error:
            await self._later(row, str(error), error.retry_after)
        except (Unavailable, TimeoutError) as error:
            await self._later(row, str(error) or "it took too long", 0.0)
        else:
            await self._accepted(row, delivery)

    async def _renew(self, row: NoticeRow) -> None:
        async with self._cases.vault.work() as work:
            known = await work.lock_notice(row.notice_id)
            if known is not None and known.state == SENDING:
                await work.set_notice(replace(known, next_at=self._cases.clock() + self._lease))

    def _notice(self, row: NoticeRow, locked: Mapping[int, Locked]) -> Notice:
        """The notice as it was made; Refused if no place of it can be opened any more."""
        pages: dict[int, list[bytes]] = {}
        for one in row.told:
            pages.setdefault(one.case_id, []).append(one.place)
        facts = {one.case_id: one for one in row.told}
        places = [
            place
            for number, told in facts.items()
            if (place := self._place(row.kind, told, pages[number], locked.get(number))) is not None
        ]
        if not places:
            raise Refused("the keys of its cases were destroyed: nothing is left to tell")
        return Notice(
            row.notice_id, row.kind, row.to, row.language, row.message_id, row.idempotency_key, row.made_at, tuple(places),
            row.in_reply_to,
        )  # fmt: skip

    def _place(self, kind: str, told: Told, wanted: list[bytes], locked: Locked | None) -> NoticePlace | None:
        try:
            if locked is None:
                raise Corrupt("the case was deleted")
            url, address, pages = self._cases.open(locked)
        except Corrupt as error:
            self.counts["dropped"] += 1
            log.error("case %d is left out of a notice: %s", told.case_id, error)
            return None
        if kind == PAGE:
            pages = tuple(page for page in pages if self._cases.keys.sealer.place(url_id(page)) in wanted)
        return placed(told.facts, url, address, pages)

    async def _accepted(self, row: NoticeRow, delivery: Delivery) -> None:
        now = self._cases.clock()
        state = WRITTEN if delivery.dry else ACCEPTED
        done = replace(row, state=state, said=delivery.said[:SAID], accepted_at=now)
        await self._told(done, {one: events.Accepted(row.to.key, one.place, now, row.kind) for one in row.told}, now)
        self.counts[state] += 1

    async def _refused(self, row: NoticeRow, why: str) -> None:
        now = self._cases.clock()
        self._alert("notice_refused", row, why)
        done = replace(row, state=REFUSED, said=why[:SAID])
        await self._told(done, {one: events.Bounced(row.to.key, one.place, now) for one in row.told}, now)
        self.counts[REFUSED] += 1

    async def _told(self, row: NoticeRow, said: Mapping[Told, events.Event], now: float) -> None:
        """What became of a notice, and of its cases, in one transaction; once, whoever says so twice."""
        async with self._cases.vault.work() as work:
            known = await work.lock_notice(row.notice_id)
            if known is None or known.state != SENDING:
                return
            locked = await work.lock([one.case_id for one in said])
            happens: dict[int, Happens] = {}
            for one, event in said.items():
                if one.case_id in locked:
                    before = happens[one.case_id].events if one.case_id in happens else ()
                    happens[one.case_id] = Happens((*before, event))
            await work.set_notice(row)
            await self._cases.step(work, locked, happens, now)

    async def _later(self, row: NoticeRow, why: str, at_least: float, *, attempt: bool = True) -> None:
        now, tries = self._cases.clock(), row.tries if attempt else row.tries - 1
        failed = tries >= self._cases.limits.notices.tries
        pause = max(at_least, min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(max(0, tries - 1), 20)) if attempt else 0.0)
        if failed:
            self._alert("notice_failed", row, why)
        elif attempt:
            log.warning("notice %d is tried again in %.0f s: %s", row.notice_id, pause, why)
        state = FAILED if failed else MADE
        async with self._cases.vault.work() as work:
            known = await work.lock_notice(row.notice_id)
            if known is not None and known.state == SENDING:
                await work.set_notice(replace(row, state=state, tries=tries, next_at=now + pause, said=why[:SAID]))
        self.counts["later" if not failed else FAILED] += 1

    def _alert(self, reason: str, row: NoticeRow, why: str) -> None:
        self._cases.alerts[reason] += 1
        log.warning("notice %d needs people (%s): %s; `crawlctl notices ls` shows it", row.notice_id, reason, why)
