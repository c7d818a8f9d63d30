"""Looks up who would be told: of the media, and of the pages that embed it (docs/domain.md, section 2).

The reasoning is evidence, and is kept sealed in the case's history. Several cases are looked up at a time; what cannot be asked
now is tried again, later each time.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from contracts.caserows import LOOK_UP, REASONING, Line, Locked, Task
from contracts.cases import Target
from contracts.errors import Corrupt, Unavailable
from contracts.recipients import PARTNER, TOLD, Directory, LookedUp, Partner, Recipient
from contracts.refusals import Refusal
from contracts.urls import parse, url_id
from notices import events
from notices.recipients.emails import within
from notices.service.leases import LEASE, renewed
from notices.service.steps import Cases, Happens

log = logging.getLogger(__name__)

TOGETHER: Final = 8
"""Cases looked up at a time by one process."""
LEAST: Final = 90.0
MOST: Final = 6 * 3600.0
"""Pauses after what could not be asked: doubled each time."""
NOT_NOW: Final = "could not be looked up"
NOBODY: Final = "nobody is known who could be told"
SITE: Final = "site-operator"
PAGE_TRIES: Final = 3
"""After so many tries a case does without the hosts of its pages."""


class Partners(Protocol):
    """Partner hotlines."""

    async def partner_for(self, country: str, kind: str) -> Partner | None:
        """Who takes places in this country about lists of this kind; None if nobody does."""


class Finding:
    """Looks up."""

    def __init__(self, cases: Cases, directory: Directory, partners: Partners) -> None:
        self._cases, self._directory, self._partners = cases, directory, partners
        self.busy = 0

    async def look_up(self) -> int:
        """Look up what is due; how many cases."""
        now = self._cases.clock()
        async with self._cases.vault.work() as work:
            tasks = await work.due_tasks(LOOK_UP, now, TOGETHER)
            for task in tasks:
                await work.put_off(msgspec.structs.replace(task, due_at=now + LEASE, tries=task.tries + 1))
            locked = await work.read([task.case_id for task in tasks])
        if locked:
            await self._cases.opens("cases.lookup", len(locked))
        self.busy += len(tasks)
        try:
            await asyncio.gather(*(self._alone(task, locked.get(task.case_id)) for task in tasks))
        finally:
            self.busy -= len(tasks)
        return len(tasks)

    async def _alone(self, task: Task, case: Locked | None) -> None:
        """One, while nobody else looks it up."""

        async def renew() -> None:
            later = msgspec.structs.replace(task, due_at=self._cases.clock() + LEASE, tries=task.tries + 1)
            async with self._cases.vault.work() as work:
                await work.extend(later)

        async with renewed(renew, LEASE):
            await self._one(task, case)

    async def _one(self, task: Task, case: Locked | None) -> None:
        try:
            url, address, pages = self._cases.open(case) if case is not None else ("", "", ())
        except Corrupt as error:
            log.error("nobody is looked up for case %d: %s", task.case_id, error)
            url, address, pages = "", "", ()
        if case is None or not url:
            async with self._cases.vault.work() as work:
                await work.task_done(task)
            return
        now = self._cases.clock()
        try:
            found = await self._directory.look_up(url, address, now)
            partner = await self._partners.partner_for(found.country, case.case.kind) if found.country else None
            of_pages = await self._of_pages(pages, task.tries >= PAGE_TRIES)
        except Unavailable as error:
            log.warning("nobody can be looked up for case %d now: %s", task.case_id, error)
            pause = min(MOST, LEAST * 2.0 ** min(task.tries, 20))
            async with self._cases.vault.work() as work:
                await work.put_off(msgspec.structs.replace(task, due_at=now + pause, tries=task.tries + 1))
            return
        parsed = parse(url)
        host = "" if isinstance(parsed, Refusal) else parsed.host
        await self._keep(task, host, found, partner, of_pages)

    async def _of_pages(self, pages: Sequence[str], do_without: bool) -> list[tuple[str, LookedUp]]:
        """Who is told of each page; pages of one host are looked up once."""
        by_host: dict[str, LookedUp] = {}
        found: list[tuple[str, LookedUp]] = []
        for page in pages:
            url = parse(page)
            if isinstance(url, Refusal):
                continue
            if url.host not in by_host:
                now = self._cases.clock()
                try:
                    by_host[url.host] = await self._directory.look_up(page, "", now)
                except Unavailable:
                    if not do_without:
                        raise
                    by_host[url.host] = LookedUp(None, why=NOT_NOW, at=now, plain=NOT_NOW)
            found.append((page, by_host[url.host]))
        return found

    async def _keep(
        self, task: Task, host: str, found: LookedUp, partner: Partner | None, pages: Sequence[tuple[str, LookedUp]]
    ) -> None:
        now = self._cases.clock()
        known = [one for one in (found.leading, *(said.leading for _, said in pages)) if one is not None]
        targets = [_target(found.leading, b"", _why(found))]
        for other in found.others:
            if other.klass not in TOLD and not within(other.contact, host):  # that would name the site
                targets.append(_target(other, b""))
                # A site's own file may name somebody else's address: it must not become that recipient's class.
                known += [other] if other.klass != SITE else []
        if partner is not None:
            targets.append(Target(partner.recipient().key, PARTNER))
            known.append(partner.recipient())
        for page, said in pages:
            targets.append(_target(said.leading, self._cases.keys.sealer.place(url_id(page)), _why(said), said.country))
        async with self._cases.vault.work() as work:
            locked = await work.lock([task.case_id])
            await work.keep_recipients(known, now)
            if locked:
                reasons = [found.reasoning, *(said.reasoning for _, said in pages)]
                text = msgspec.json.encode(reasons).decode()
                line = Line(task.case_id, now, REASONING, sealed=self._cases.keys.seal(locked[task.case_id], text))
                unique = tuple({(one.recipient, one.place): one for one in targets}.values())
                event = events.LookedUp(unique, found.country, now, _why(found))
                await self._cases.step(work, locked, {task.case_id: Happens((event,), (line,))}, now)
            await work.task_done(task)


def _why(found: LookedUp) -> str:
    """Why nobody is told, as it is kept in the open: the whole of it names site and address, and is kept sealed."""
    return "" if found.leading else found.plain or NOBODY


def _target(recipient: Recipient | None, place: bytes, why: str = "", country: str = "") -> Target:
    if recipient is None:
        return Target("", place=place, why=why, country=country)
    return Target(recipient.key, recipient.klass, place, country=country)
