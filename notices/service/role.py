"""The whole notices role for one process: what it is given, what it does again and again, and whether anything is due soon.

Each step is one or a few transactions, may be cut off anywhere, and is then done again by whoever comes first. `steps` are its loops:
run again at once while there is something to do, else after a pause.
"""

import logging
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from msgspec import Struct

from contracts.casestore import CaseVault
from contracts.errors import Corrupt
from contracts.messages import Match, Recheck
from contracts.notices import Replies, Sender
from contracts.ports import Clock
from contracts.recipients import Directory
from contracts.seal import Keys
from contracts.settings import Settings
from contracts.tallies import Countries, Tallies
from notices.grouping import AHEAD
from notices.routes import Routes
from notices.service.changing import Changing, Verdicts
from notices.service.checking import Chance, Checking, Send, Token
from notices.service.composing import Composing
from notices.service.finding import Finding, Partners
from notices.service.judging import Judging
from notices.service.leases import LEASE
from notices.service.matching import Matching, Opened, Pages, opened
from notices.service.sealed import CaseKeys
from notices.service.sending import Sending
from notices.service.steps import Cases, Limits, Opens
from notices.service.tallying import Tallying

log = logging.getLogger(__name__)

SOON: Final = 0.25
"""Seconds between looks at what may be due any moment."""
SELDOM: Final = 2.0
RARELY: Final = 30.0
FIGURES: Final = 5.0
NOWHERE: Final = "localhost"


class Given(Struct, frozen=True):
    """All that the role needs from outside. `send` takes re-checks to [urls]; `opens` writes down how many places are opened;
    `replies` is None where none are read."""

    vault: CaseVault
    tallies: Tallies
    keys: Keys
    settings: Settings
    routes: Routes
    clock: Clock
    directory: Directory
    partners: Partners
    sender: Sender
    verdicts: Verdicts
    pages: Pages
    send: Send
    opens: Opens
    partitions: int
    chance: Chance
    token: Token
    domain: str = NOWHERE
    countries: Countries | None = None
    replies: Replies | None = None
    lease: float = LEASE


class Step(Struct, frozen=True):
    """Something done again and again: `do` says how much it did, and is called again at once while that is not 0."""

    name: str
    do: Callable[[], Awaitable[int]]
    every: float


class NoticesService:
    """Serves one process. `cases.apply` is for the desk."""

    def __init__(self, given: Given) -> None:
        g, settings = given, given.settings
        self._given = given
        self.keys = CaseKeys(g.keys)
        limits = Limits(settings.notices, settings.rechecks, settings.operator, g.routes)
        self.cases = Cases(g.vault, self.keys, limits, g.clock, g.opens)
        self.tallying = Tallying(g.tallies, g.keys.place_key, settings.lists, g.clock, g.countries)
        self.matching = Matching(self.cases, g.pages, g.clock, g.keys.place_key)
        self.checking = Checking(self.cases, g.send, g.partitions, g.chance, g.token, g.pages)
        self.judging = Judging(self.cases, self.checking)
        self.finding = Finding(self.cases, g.directory, g.partners)
        self.composing = Composing(self.cases, g.token, g.domain)
        self.sending = Sending(self.cases, g.sender, g.lease)
        self.changing = Changing(self.cases, g.verdicts, g.replies)
        self.figures: dict[str, float] = {}
        self._due, self._due_of, self._changes = math.inf, -1, 0

    @property
    def held(self) -> Counter[str]:
        """Entries that it held, by reason."""
        return self.tallying.held

    async def handle(self, matches: Sequence[Match]) -> list[str]:
        """Count matches, hold floods, open and extend cases; the hosts of those that count, one for each match. May be repeated.
        Raises Unavailable."""
        found: list[Opened] = []
        if matches:
            await self.cases.opens("cases.match", len(matches))
        for match in matches:
            one = opened(match, self.keys.opener)
            if isinstance(one, Corrupt):
                log.warning("a match tells of no host and leads to no case: %s", one)
            else:
                found.append(one)
        hosts = await self.tallying.handle(found)
        await self.matching.handle(found)
        self._changes += 1
        return hosts

    async def answered(self, answers: Sequence[Recheck]) -> None:
        """Deal with answers to re-checks. May be repeated. Raises Unavailable."""
        await self.judging.handle(answers)
        self._changes += 1

    async def alone(self) -> None:
        """This process is the only one, and has just begun: what others were at is theirs no more."""
        await self._given.vault.void_leases(self._given.clock())

    def steps(self) -> list[Step]:
        """What is done again and again."""
        steps = (
            Step("rules", self.changing.rules, SELDOM),
            Step("entries", self.changing.entries, SELDOM),
            Step("changes", self.changing.media, SOON),
            Step("ticks", self.changing.ticks, SOON),
            Step("verdicts", self.changing.verdicts, SELDOM),
            Step("replies", self.changing.replies, SELDOM),
            Step("rechecks", self.checking.ask, SOON),
            Step("late_rechecks", self.checking.again, SELDOM),
            Step("free_rechecks", self.checking.free, RARELY),
            Step("answers", self.judging.waiting, SOON),
            Step("lookups", self.finding.look_up, SOON),
            Step("compose", self.composing.compose, SOON),
            Step("outbox", self.sending.send, SOON),
        )
        return [Step(step.name, self._counted(step.do), step.every) for step in steps] + [
            Step("due", self._look_ahead, SOON),
            Step("figures", self._figures, FIGURES),
        ]

    def _counted(self, do: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[int]]:
        async def counted() -> int:
            many = await do()
            self._changes += many
            return many

        return counted

    async def _look_ahead(self) -> int:
        """When something is due next; for `idle`."""
        changes, settings = self._changes, self._given.settings.notices
        now = self._given.clock()
        self._due = await self._given.vault.next_due(now, settings.recipient_every, AHEAD)
        self._due_of = changes
        return 0

    async def _figures(self) -> int:
        self.figures = await self._given.vault.figures(self._given.clock())
        return 0

    def idle(self, within: float) -> bool:
        """Whether nothing is being done, nor due within so many seconds, as far as was looked since the last change."""
        known = self._due_of == self._changes and self.finding.busy == 0 and self.sending.busy == 0
        return known and self._due > self._given.clock() + within


__all__ = ["Given", "NoticesService", "Step"]
