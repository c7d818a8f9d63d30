"""What tests of the desk share: cases in a real vault, people with accounts, and the acts done as any of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from backends.postgres.vault_accounts import VaultAccounts
from backends.postgres.vault_audit import VaultAudit
from contracts.auditing import audit_key
from contracts.cases import Presence, Target
from contracts.desk import Person
from contracts.lists import ListSource, NewEntry
from contracts.people import Identity
from contracts.recipients import Recipient
from contracts.removal import Operator
from contracts.settings import Settings
from crawlctl.desk.offices import office
from notices import events, routes
from notices.desk.further import Release
from notices.desk.office import Office
from notices.desk.table import perform
from notices.service.sealed import CaseKeys
from notices.service.steps import Cases, Limits
from tests.casework import KEYS, NOW, Casework, casework, medium, new_case
from tests.postgres import Database

HOST = Recipient("email:abuse@host.test", "host", "Host", "email", "abuse@host.test", "NL", "en")
OPERATOR = Operator("Hotline", "NL", "Appointed by law.", "desk@hotline.test", "https://hotline.test/appeal", ["en"])
ANNA, BERT, CARL = (Identity(name, "analyst", number) for number, name in enumerate(("anna", "bert", "carl"), 1))
SUE, SAM = Identity("sue", "supervisor", 11), Identity("sam", "supervisor", 12)
OPAL, VERA, AUDE = Identity("opal", "operator", 21), Identity("vera", "viewer", 31), Identity("aude", "auditor", 41)
OTTO, OLGA = Identity("otto", "supervisor", 0, (), "oidc"), Identity("olga", "supervisor", 0, (), "oidc")
URL = "http://host.test/a.png"
PAGE = "http://pages.test/b.html"


@dataclass
class Desk:
    """Acts on cases in a vault. Time goes on by a second with each."""

    work: Casework
    office: Office
    cases: Cases
    clock: list[float]
    accounts: VaultAccounts

    @property
    def now(self) -> float:
        """What time it is."""
        return self.clock[0]

    def later(self, seconds: float = 1.0) -> None:
        """Time goes by."""
        self.clock[0] += seconds

    async def act(self, who: Identity, name: str, asked: Struct) -> Any:
        """Do an act."""
        self.later()
        return await perform(self.office, who, name, asked, self.now)

    async def entry(self, seed: int, notify: bool = True, trusted: bool = True) -> int:
        """An entry that matches a medium, of a verified list: "sure" may lead to notices, "plain" may not; "new" is not trusted."""
        uses = ("match", "notify") if notify else ("match",)
        source = ListSource("sure" if notify else "plain", kind="csam", trust="verified", uses=uses)
        if not trusted:
            source = ListSource("new", kind="csam")
        at = self.work.office
        if trusted and source.name not in {
            row["name"] for row in await self.work.pool.fetch("SELECT name FROM list_sources")
        }:
            for one in (Person("ann", 1, "x"), Person("bob", 2, "y")):
                await at.desk.add(source, one, NOW)
        new = NewEntry("IWF", f"e{seed}", (("sha256", medium(seed)),), "A", legality="baseline")
        await at.store(new, source=source)
        await self.work.vault.set_retro_seq(await self.work.vault.seq())
        return int(await self.work.pool.fetchval("SELECT max(entry_id) FROM entries"))

    async def case(
        self, seed: int = 1, *, near: bool = True, notify: bool = True, trusted: bool = True, address: str = "192.0.2.7"
    ) -> int:
        """A case that was seen again, of a verified list, whose recipient is known: near ones are in review, exact ones ready."""
        url = f"http://host.test/{seed}.png"
        await self.work.seen(seed, url, await self.entry(seed, notify, trusted), near=near)
        wrapped, sealed = CaseKeys(KEYS).new(url, address, [PAGE])
        new = replace(new_case(seed, url), wrapped=wrapped, sealed=sealed)
        self.later()
        async with self.cases.vault.work() as work:
            (number,) = (await work.open([new])).values()
            evidence = (await work.evidence([medium(seed)]))[medium(seed)]
            await work.explained([(number, one.entry_id) for one in evidence], self.now)
            await work.keep_recipients([HOST], self.now)
        for event in (
            events.Opened(evidence, self.now),
            events.LookedUp((Target(HOST.key, "host"),), "NL", self.now),
            events.Checked(Presence.PRESENT, self.now, same=True),
        ):
            await self.cases.apply(number, event)
        return number

    async def told(self, seed: int = 1) -> int:
        """A case whose host was told."""
        number = await self.case(seed, near=False)
        await self.act(SUE, "review.release", Release("sure", HOST.key, 1, "daily round"))
        composed = events.Composed("first", HOST.key, (b"",), self.now)
        for event in (composed, events.Accepted(HOST.key, b"", self.now)):
            await self.cases.apply(number, event)
        return number

    async def trail(self) -> list[tuple[str, str, str, str, int]]:
        """(person, act, subject, purpose, places) of all lines of the audit."""
        chain = VaultAudit(self.work.pool, audit_key(KEYS.series_key))
        assert (await chain.verify()).whole
        return [(x.person, x.act, x.subject, x.purpose, x.places) for x in await chain.page(0, 1000)]


@asynccontextmanager
async def desks(database: Database, settings: Settings | None = None) -> AsyncIterator[Desk]:
    """All of it, as the notices role."""
    settings = settings or Settings(operator=OPERATOR)
    clock = [NOW]
    async with casework(database) as work:
        limits = Limits(settings.notices, settings.rechecks, settings.operator, routes.shipped())
        cases = Cases(work.cases, CaseKeys(KEYS), limits, lambda: clock[0])
        accounts = VaultAccounts(work.pool)
        yield Desk(work, office(work.pool, KEYS, settings, accounts, cases), cases, clock, accounts)
