"""What tests of the notices service share: a directory and a sender in memory, a web that answers re-checks, and the steps by hand."""

import hashlib
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from backends.postgres.vault_tallies import VaultTallies
from contracts.errands import RecheckErrand
from contracts.errors import Unavailable
from contracts.messages import Discovery, Match, Purpose, Recheck
from contracts.notices import Delivery, Notice
from contracts.recipients import Finding, LookedUp, Partner, Recipient
from contracts.removal import Notices, Operator, Rechecks
from contracts.settings import Settings
from contracts.sites import hostname, site_of
from contracts.urls import Url, origin_of
from crawlctl.roles.casework import Pairs
from notices import routes
from notices.service import Given, NoticesService
from tests.casework import KEYS, NOW, Casework, casework
from tests.postgres import Database

OPERATOR = Operator("Example Hotline", "CA", "the Example Act", "hotline@hotline.example", "appeals@hotline.example")


def recipient(url: str) -> Recipient:
    """Who hosts a URL; their name says nothing of it."""
    name = f"provider-{hashlib.sha256(site_of(hostname(url.split('/')[2])).encode()).hexdigest()[:8]}"
    return Recipient(f"email:abuse@{name}.example", "host", name, "email", f"abuse@{name}.example", "CA", "en")


@dataclass
class Book:
    """`contracts.recipients.Directory` and partners in memory. `away`: it cannot be asked; `others`: known besides, by URL."""

    away: bool = False
    asked: list[str] = field(default_factory=list)
    others: dict[str, tuple[Recipient, ...]] = field(default_factory=dict)

    async def look_up(self, url: str, address: str, now: float) -> LookedUp:
        if self.away:
            raise Unavailable("registries are away")
        self.asked.append(url)
        said = (Finding("rdap", address, f"abuse contact of {url}", now),)
        return LookedUp(
            recipient(url), self.others.get(url, ()), (("rdap", "CA"), ("maxmind", "CA")), "CA", "", said, now
        )

    async def partner_for(self, country: str, kind: str) -> Partner | None:
        return None


@dataclass
class Post:
    """`contracts.notices.Sender` in memory. `fails` is raised instead of taking a notice."""

    taken: list[Notice] = field(default_factory=list)
    fails: BaseException | None = None
    dry: bool = False

    async def send(self, notice: Notice) -> Delivery:
        if self.fails is not None:
            raise self.fails
        self.taken.append(notice)
        return Delivery(not self.dry, "250 taken", self.dry)


@dataclass
class Web:
    """Answers re-checks: what a fetcher would say of a URL, as fields of a `Recheck`; by default that it is unchanged."""

    asked: list[tuple[str, RecheckErrand]] = field(default_factory=list)
    says: dict[str, dict[str, Any]] = field(default_factory=dict)
    down: bool = False

    async def send(self, partition: int, messages: Sequence[Discovery]) -> None:
        if self.down:
            raise Unavailable("the log is away")
        for one in messages:
            assert one.purpose is Purpose.RECHECK and one.recheck is not None
            (group,) = one.groups
            (link,) = group.links
            self.asked.append((origin_of(group.https, group.host) + link.path, one.recheck))

    def answers(self, now: float) -> list[Recheck]:
        """What comes back, and was not before."""
        taken, self.asked = self.asked, []
        made = []
        for url, errand in taken:
            said = self.says.get(url, {"status": 304, "unchanged": True})
            made.append(Recheck(errand.ticket, now, now, route=errand.route, **said))
        return made


@dataclass
class Hotline:
    """The service over a real vault, with a clock that stands still."""

    desk: Casework
    settings: Settings
    book: Book = field(default_factory=Book)
    post: Post = field(default_factory=Post)
    web: Web = field(default_factory=Web)
    pages: dict[str, list[str]] = field(default_factory=dict)
    opened: list[tuple[str, int]] = field(default_factory=list)
    now: float = NOW
    seed: int = 0

    def __post_init__(self) -> None:
        self.service = self.another()

    def another(self, vault: Any = None, lease: float = 60.0) -> NoticesService:
        """Another process's service on the same vault."""
        self.seed += 1
        chance = random.Random(self.seed)
        return NoticesService(
            Given(
                vault=vault or self.desk.cases, tallies=VaultTallies(self.desk.pool), keys=KEYS, settings=self.settings,
                routes=routes.shipped(), clock=lambda: self.now, directory=self.book, partners=self.book, sender=self.post,
                verdicts=Pairs(self.desk.pool), pages=self, send=self.web.send, opens=self.opens, partitions=4, chance=chance.random,
                token=chance.randbytes, domain="hotline.example", lease=lease,
            )
        )  # fmt: skip

    async def pages_of(self, urls: Sequence[Url]) -> Mapping[str, Sequence[str]]:
        return {url.text: self.pages[url.text] for url in urls if url.text in self.pages}

    async def opens(self, act: str, places: int) -> None:
        self.opened.append((act, places))

    async def settle(self, service: NoticesService | None = None, rounds: int = 50) -> None:
        """Do all that is due, answers to re-checks too, until nothing is."""
        one = service or self.service
        for _ in range(rounds):
            done = 0
            for step in one.steps():
                done += await step.do()
            self.now += 0.001
            answers = self.web.answers(self.now)
            if answers:
                await one.answered(answers)
            if not done and not answers:
                return
        raise AssertionError("it never settles")

    async def found(self, *matches: Match) -> list[str]:
        """Matches come; the hosts that the frontier is told."""
        return await self.service.handle(matches)

    async def states(self) -> list[tuple[str, str]]:
        """(state, why) of all cases, by number."""
        return [tuple(row) for row in await self.desk.pool.fetch("SELECT state, why FROM cases ORDER BY case_id")]

    async def history(self, case_id: int) -> list[str]:
        """What became of a case."""
        rows = await self.desk.pool.fetch("SELECT what FROM case_events WHERE case_id = $1 ORDER BY event_id", case_id)
        return [row["what"] for row in rows]

    async def outbox(self) -> list[tuple[str, str, str, int]]:
        """(kind, recipient, state, places) of all notices."""
        return [
            tuple(row)
            for row in await self.desk.pool.fetch(
                "SELECT kind, recipient, state, places FROM notices ORDER BY notice_id"
            )
        ]


@asynccontextmanager
async def hotline(
    database: Database, *, auto: bool = True, rechecks: Rechecks | None = None, **notices: Any
) -> AsyncIterator[Hotline]:
    """All of it over a real vault: a dry run that tells by itself."""
    async with casework(database, most=8) as desk:
        settings = Settings()
        settings = replace(
            settings, operator=OPERATOR, notices=Notices(auto=auto, **notices), rechecks=rechecks or Rechecks(cover=0.0)
        )
        yield Hotline(desk, settings)


def line_of(notice: Notice) -> str:
    """A whole notice as one line, its Message-ID first."""
    digest = hashlib.sha256(msgspec.msgpack.encode(notice)).hexdigest()
    return f"{notice.message_id}\t{notice.idempotency_key}\t{digest}\n"
