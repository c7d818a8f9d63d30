"""The notices role as a process: matches become cases and notices, media is looked at again, and the desk is served (`notices.api`).

It tells the frontier the hosts of matches and what is to be looked at again, and nothing that tells these apart.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from backends.postgres.connection import close, connect
from backends.postgres.migrate import require_current
from backends.postgres.vault_store import close_pool, open_pool
from contracts.metrics import Sample
from contracts.notes import Control
from contracts.topics import MATCHES, RECHECKS
from crawlctl.desk.serving import serve
from crawlctl.roles import measures
from crawlctl.roles.casework import CONNECTIONS, casework
from crawlctl.roles.facts import Facts, hear
from crawlctl.roles.feedback import answers, feedback
from crawlctl.roles.needs import notices_keys
from crawlctl.roles.pages import CrawlPages
from crawlctl.roles.shell import Place
from crawlctl.roles.taker import Taker, Takes
from crawlctl.roles.watch import Watch
from notices.api import Api
from notices.service import NoticesService

DRY: Final = "notices"
"""The folder of a dry run, where this process was started, unless notices.folder names one."""


class NoticesRole(Takes):
    """`crawlctl.roles.shell.Role` of the notices role."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.tally)
        self._place = place
        self._settings = place.settings
        self._keys = notices_keys(place.settings)
        self._service: NoticesService | None = None
        self._watch: Watch | None = None
        self._answers: Taker | None = None
        self._api: Api | None = None
        self._ends = AsyncExitStack()
        self._facts = Facts()
        self._known = asyncio.Event()

    async def start(self) -> None:
        """Reach the vault, listen to how the cluster is divided; the rest begins once that is known."""
        dsn = self._settings.postgres.vault
        connection = await connect(dsn, name="pisaura-notices", serving=True)
        try:
            await require_current(connection, "vault")
        finally:
            await close(connection)
        self._pool = await open_pool(dsn, most=CONNECTIONS)
        self._ends.push_async_callback(close_pool, self._pool, 1.0)
        self._loops.spawn("facts", hear(self._place.log, self._hear))
        self._loops.spawn("begin", self._begin())

    async def _begin(self) -> None:
        await self._known.wait()
        place, settings = self._place, self._settings
        pages = CrawlPages(settings.postgres.crawl) if settings.postgres.crawl else None
        cases = await self._ends.enter_async_context(
            casework(
                settings, self._keys, self._pool, self._tally, self._facts.partitions, place.clock, Path(DRY), pages
            )
        )
        self._service, self._watch = cases.service, cases.watch
        self._api = await serve(settings, self._pool, self._keys, cases.service.cases, place.clock)
        self._taker = feedback(self._tally, cases.service, self._facts.partitions)
        self._answers = answers(self._tally, cases.service)
        self._hold()
        self._loops.spawn("feedback", self._taker.run())
        self._loops.spawn("answers", self._answers.run())
        cases.spawn(self._loops)

    def _hear(self, words: list[Control]) -> None:
        self._facts.take(words)
        if not self._facts.against():
            self._known.set()
        self._hold()

    def hold(self, reason: str) -> None:
        """Take no matches and no answers."""
        self._held = reason
        self._hold()

    def _hold(self) -> None:
        for taker in (self._taker, self._answers):
            if taker is not None:
                taker.hold(self._held or self._facts.against())

    def busy(self) -> bool:
        """Whether records are at hand."""
        return any(taker is not None and taker.busy for taker in (self._taker, self._answers))

    def waits(self) -> list[tuple[str, str]]:
        """What it waits for."""
        if why := self._facts.against():
            return [("controls", why)]
        takers = (("feedback", self._taker), ("answers", self._answers))
        return [(name, taker.waits_for) for name, taker in takers if taker is not None and taker.waits_for]

    def counts(self) -> dict[str, float]:
        """Matches and answers taken, and hosts told."""
        taken = self._tally.taken
        return {
            "matches": taken["matches"], "rechecks": taken["rechecks"], "hosts_matched": self._tally.sent["hosts_matched"]
        }  # fmt: skip

    def samples(self) -> Iterator[Sample]:
        """How many matches and answers wait, what was held, and figures of cases."""
        if self._service is not None:
            yield from measures.noticing(self._service)
        if self._watch is not None:
            yield from self._watch.samples()
        for topic in (MATCHES, RECHECKS):
            yield "pisaura_log_messages", (topic,), self._place.log.lag(topic, 0)

    async def stop(self, seconds: float) -> None:
        """Finish the batches at hand, commit them, leave the group."""
        for name, taker in (("feedback", self._taker), ("answers", self._answers)):
            if taker is not None:
                taker.stop()
                await self._loops.ended(name, seconds)
        await self._loops.end()
        if self._api is not None:
            await self._api.stop()
        await self._ends.aclose()


role = NoticesRole
