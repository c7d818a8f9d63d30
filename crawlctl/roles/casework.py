"""The notices role put together, for its process and for the embedded mode: store, directory, sender, replies, and its loops."""

import logging
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from backends.countries import country_file
from backends.postgres.vault_audit import VaultAudit
from backends.postgres.vault_cases import VaultCases
from backends.postgres.vault_pairs import confirm, refuse
from backends.postgres.vault_recipients import VaultRecipients
from backends.postgres.vault_replies import VaultReplies
from backends.postgres.vault_tallies import VaultTallies
from contracts.auditing import audit_key, service_act
from contracts.desk import Person
from contracts.errors import PisauraError, Unavailable
from contracts.messages import Discovery
from contracts.ports import Clock, Log
from contracts.seal import Keys, Sealer
from contracts.settings import Settings
from contracts.topics import URLS
from crawlctl.desk.local import table_of
from crawlctl.recipients import directory
from crawlctl.roles import drafts, watch
from crawlctl.roles.loops import Loops, persist
from crawlctl.senders import sender_for
from notices.compose.fit import domain_of
from notices.senders.mailbox import Mailbox
from notices.service import Given, NoPages, NoticesService, Pages, Step

log = logging.getLogger(__name__)

CONNECTIONS: Final = 6
"""To the vault: the loops come one after another, matches and answers beside them."""
SENDERS: Final = 3
"""Notices handed over at a time by one process."""
FOLDER: Final = "notices"
"""Of the dry run, in the state."""
ANCHOR: Final = "audit.anchor"
"""Where the end of the audit is exported, in the state."""
MAIL_EVERY: Final = 5.0
SERVICE: Final = "notices"
"""Its name in the audit."""
NOWHERE: Final = "pisaura.invalid"
"""Domain of Message-IDs while nobody is named who sends."""


class Pairs:
    """`notices.service.changing.Verdicts` over a pool."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def confirm(self, sha256: bytes, entry_id: int, organisation: str, person: Person, now: float) -> int:
        """Confirm a match."""
        return await confirm(self._pool, sha256, entry_id, organisation, person, now)

    async def refuse(self, sha256: bytes, entry_id: int, why: str, person: Person, now: float) -> None:
        """Refuse a match."""
        await refuse(self._pool, sha256, entry_id, why, person, now)


class Casework:
    """The service with its loops. `mailbox` is None where no answers are read from one."""

    def __init__(
        self,
        service: NoticesService,
        replies: VaultReplies,
        mailbox: Mailbox | None,
        looks: watch.Watch,
        written: drafts.Drafts,
    ) -> None:
        self.service, self.replies, self.watch, self._mailbox, self._drafts = service, replies, looks, mailbox, written

    def spawn(self, loops: Loops) -> None:
        """Start all that is done again and again."""
        for step in self.service.steps():
            for number in range(SENDERS if step.name == "outbox" else 1):
                loops.spawn(f"cases {step.name} {number}", persist(f"cases: {step.name}", drained(step), step.every))
        loops.spawn("cases watch", persist("cases: watch", self.watch.look, watch.EVERY))
        loops.spawn("cases drafts", persist("cases: drafts", self._drafts.tidy, drafts.EVERY))
        if self._mailbox is not None:
            loops.spawn("cases mailbox", persist("answers", self._mailbox.read, MAIL_EVERY))


def drained(step: Step) -> Callable[[], Awaitable[None]]:
    """A step, again and again while there is something to do. What cannot be mended by waiting is told, and does not end the others."""

    async def drain() -> None:
        try:
            while await step.do():
                pass
        except Unavailable:
            raise
        except PisauraError as error:
            log.error("cases: %s: %s", step.name, error)

    return drain


@asynccontextmanager
async def casework(
    settings: Settings,
    keys: Keys,
    pool: Any,
    bus: Log,
    partitions: int,
    clock: Clock,
    folder: Path,
    pages: Pages | None = None,
    anchor: Path | None = None,
) -> AsyncIterator[Casework]:
    """All of it over a pool of the notices role. `folder` is for a dry run without `notices.folder`, `anchor` for the audit's end
    without `notices.anchor`. UsageError for what is set and cannot be used."""
    vault = VaultCases(pool, settings.rechecks)
    countries = country_file(settings.lists.countries)

    async def sending() -> bool:
        async with vault.work() as work:
            return (await work.switches()).get("sending") == "on"

    async def send(partition: int, messages: Sequence[Discovery]) -> None:
        await bus.send(URLS, partition, messages)

    chain = VaultAudit(pool, audit_key(keys.series_key))

    async def opens(act: str, places: int) -> None:
        await chain.add(service_act(SERVICE, act, places=places))

    replies = VaultReplies(pool, Sealer(keys.public, keys.place_key), clock)
    mailbox = Mailbox(Path(settings.notices.mailbox), replies, clock) if settings.notices.mailbox else None
    try:
        async with directory(settings, pool, keys, clock) as found:
            given = Given(
                vault=vault, tallies=VaultTallies(pool), keys=keys, settings=settings, routes=table_of(settings.notices.routes),
                clock=clock, directory=found, partners=VaultRecipients(pool),
                sender=sender_for(settings, folder, clock, sending), verdicts=Pairs(pool), pages=pages or NoPages(), send=send,
                opens=opens, partitions=partitions, chance=random.random, token=secrets.token_bytes,
                domain=domain_of(settings.notices.smtp_from or settings.operator.contact) or NOWHERE, countries=countries,
                replies=replies,
            )  # fmt: skip
            ends = Path(settings.notices.anchor) if settings.notices.anchor else anchor
            looks = watch.Watch(settings, keys, pool, ends, clock)
            wanted = Path(settings.notices.folder) if settings.notices.folder else folder
            written = drafts.Drafts(wanted, settings.retention.cases, pool, clock)
            yield Casework(NoticesService(given), replies, mailbox, looks, written)
    finally:
        if countries is not None:
            countries.close()
