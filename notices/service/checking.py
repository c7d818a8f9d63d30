"""Asks for re-checks that are due, and looks at places without a match besides, so that a re-check says nothing (domain, section 3).

A ticket is committed before anything is sent: who dies in between has asked for nothing, and it is asked for again, by the same
ticket, once no answer came for a while.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from contracts.caserows import Asked, Due, Medium, Sighted
from contracts.casestore import CaseWork
from contracts.errands import RecheckErrand
from contracts.errors import Corrupt, Unavailable
from contracts.location import opened_place
from contracts.messages import Discovery, Link, LinkGroup, LinkKind, Purpose
from contracts.refusals import Refusal
from contracts.urls import Url, bucket_of, parse, partition_of, url_id
from notices.service.matching import Pages
from notices.service.steps import Cases

log = logging.getLogger(__name__)

TOGETHER: Final = 500
"""Re-checks asked for by one transaction."""
TICKET_BYTES: Final = 16

Send = Callable[[int, Sequence[Discovery]], Awaitable[None]]
"""(partition, messages) to [urls]; done when they are acked. Raises Unavailable."""
Chance = Callable[[], float]
"""A number in [0, 1)."""
Token = Callable[[int], bytes]
"""So many bytes by chance that nobody guesses."""


class Checking:
    """Asks. `counts`: asked, again, covers, lost (whose key is gone)."""

    def __init__(self, cases: Cases, send: Send, partitions: int, chance: Chance, token: Token, pages: Pages) -> None:
        self._cases, self._send, self._partitions, self._pages = cases, send, partitions, pages
        self._chance, self._token = chance, token
        self.counts: Counter[str] = Counter()

    async def ask(self) -> int:
        """Ask for what is due; how many."""
        limits, now = self._cases.limits.rechecks, self._cases.clock()
        async with self._cases.vault.work() as work:
            asked = await work.due_rechecks(now, limits.per_host, TOGETHER)
            messages = await self._messages(work, asked, now)
            like = [one for one in asked if self._chance() < limits.cover]
            some = await work.covers(self._token(32), len(like)) if like else []
        covers = await self._covers(some, like, now)
        self.counts["asked"] += len(asked)
        self.counts["covers"] += len(covers)
        messages = sorted([*messages, *covers], key=_by_chance)
        await self._tell(asked, messages)
        return len(asked)

    async def again(self) -> int:
        """Ask again for what was not answered in time; how many."""
        now = self._cases.clock()
        async with self._cases.vault.work() as work:
            late = await work.late_rechecks(now, self._cases.limits.rechecks.patience, TOGETHER)
            messages = await self._messages(work, late, now)
        self.counts["again"] += len(late)
        await self._tell(late, messages)
        return len(late)

    async def free(self) -> int:
        """Let go what waits at hosts where there is room again; how many."""
        async with self._cases.vault.work() as work:
            return await work.free_rechecks(self._cases.limits.rechecks.per_host)

    async def look_at(self, url: Url, now: float) -> None:
        """Look at a place to which a medium moved: what is there comes as a sighting, and its answer is thrown away."""
        errand = RecheckErrand(self._token(TICKET_BYTES), due_at=now)
        await self._tell([], [_discovery(url, errand, now)])

    async def _messages(self, work: CaseWork, asked: Sequence[Asked], now: float) -> list[Discovery]:
        locked = await work.read([one.case_id for one in asked])
        pairs = [(one.case.place, one.case.sha256) for one in locked.values()]
        media = await work.media(pairs)
        made: list[Discovery] = []
        for one in asked:
            case = locked.get(one.case_id)
            if case is None:
                continue
            try:
                text, _, pages = self._cases.open(case)
            except Corrupt as error:
                text, pages = "", ()
                log.error("case %d is looked at no more: %s", one.case_id, error)
            url = parse(text)
            if isinstance(url, Refusal):
                self.counts["lost"] += 1
                await work.set_rechecks([Due(one.case_id, case.host, 0.0)])
                continue
            medium = media[(case.case.place, case.case.sha256)]
            made.append(_discovery(url, self._errand(one.ticket, medium, pages[:1], one.due_at, one.route), now))
        return made

    def _errand(
        self, ticket: bytes, medium: Medium | Sighted, pages: Sequence[str], due_at: float, route: str = "direct"
    ) -> RecheckErrand:
        head = self._cases.keys.sealer.content_key(medium.head_sha256) if medium.head_sha256 else b""
        return RecheckErrand(ticket, medium.etag, head, medium.size, pages[0] if pages else "", due_at, route)

    async def _covers(self, some: Sequence[Sighted], like: Sequence[Asked], now: float) -> list[Discovery]:
        """Messages about places without a match, each like one that is asked for: with its page, as late, by the same route. None
        where nobody can say which pages embed them: without these they would be told apart."""
        urls = [url for one in some if (url := self._url(one)) is not None]
        try:
            pages = await self._pages.pages_of(urls) if urls else {}
        except Unavailable:
            return []
        made: list[Discovery] = []
        for cover, other in zip(some, like, strict=False):
            url = self._url(cover)
            if url is not None:
                embedding, ticket = pages.get(url.text, ())[:1], self._token(TICKET_BYTES)
                made.append(_discovery(url, self._errand(ticket, cover, embedding, other.due_at, other.route), now))
        return made

    def _url(self, one: Sighted) -> Url | None:
        try:
            url = parse(opened_place(self._cases.keys.opener.open(one.sealed))[0])
        except Corrupt:
            return None
        return None if isinstance(url, Refusal) else url

    async def _tell(self, asked: Sequence[Asked], messages: Sequence[Discovery]) -> None:
        """Send them; what cannot be sent is due again."""
        by_partition: dict[int, list[Discovery]] = {}
        for one in messages:
            by_partition.setdefault(partition_of(one.groups[0].bucket, self._partitions), []).append(one)
        try:
            if messages:
                await self._cases.opens("cases.recheck", len(messages))
            await asyncio.gather(*(self._send(partition, those) for partition, those in sorted(by_partition.items())))
        except Unavailable:
            async with self._cases.vault.work() as work:
                await work.answered([one.case_id for one in asked])
            raise


def _by_chance(one: Discovery) -> bytes:
    """An order in which none stands where it does because of why it is asked for."""
    return one.recheck.ticket if one.recheck is not None else b""


def _discovery(url: Url, errand: RecheckErrand, now: float) -> Discovery:
    group = LinkGroup(url.https, url.host, bucket_of(url.host), [Link(url.path, url_id(url.text), LinkKind.MEDIA)])
    return Discovery(Purpose.RECHECK, b"", 0, now, [group], recheck=errand)
