"""The notices role as a process: it opens the places of matches, writes down what they add up to, holds entries that are suddenly
everywhere, and tells the frontier the hosts of matches and no more."""

from collections.abc import Iterator
from typing import Final

from backends.countries import country_file
from backends.postgres.connection import close, connect
from backends.postgres.migrate import require_current
from backends.postgres.vault_store import close_pool, open_pool
from backends.postgres.vault_tallies import VaultTallies
from contracts.metrics import Sample
from contracts.notes import Control
from contracts.topics import MATCHES
from crawlctl.roles import measures
from crawlctl.roles.facts import Facts, hear
from crawlctl.roles.feedback import feedback
from crawlctl.roles.needs import notices_keys
from crawlctl.roles.shell import Place
from crawlctl.roles.taker import Takes
from notices.service import NoticesService

CONNECTIONS: Final = 2


class NoticesRole(Takes):
    """`crawlctl.roles.shell.Role` of the notices role."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.tally)
        self._place = place
        self._settings = place.settings
        self._keys = notices_keys(place.settings)
        self._countries = country_file(place.settings.lists.countries)
        self._service: NoticesService | None = None
        self._facts = Facts()

    async def start(self) -> None:
        """Reach the vault, listen to how the cluster is divided; matches are taken once that is known."""
        dsn = self._settings.postgres.vault
        connection = await connect(dsn, name="pisaura-notices", serving=True)
        try:
            await require_current(connection, "vault")
        finally:
            await close(connection)
        self._pool = await open_pool(dsn, most=CONNECTIONS)
        self._service = NoticesService(
            VaultTallies(self._pool), self._keys, self._settings.lists, self._place.clock, self._countries
        )
        self._loops.spawn("facts", hear(self._place.log, self._hear))

    def _hear(self, words: list[Control]) -> None:
        self._facts.take(words)
        if self._taker is None and self._service is not None and not self._facts.against():
            self._taker = feedback(self._tally, self._service, self._facts.partitions)
            self._loops.spawn("feedback", self._taker.run())
        if self._taker is not None:
            self._taker.hold(self._held or self._facts.against())

    def hold(self, reason: str) -> None:
        """Take no matches."""
        self._held = reason
        if self._taker is not None:
            self._taker.hold(reason or self._facts.against())

    def waits(self) -> list[tuple[str, str]]:
        """What it waits for."""
        if why := self._facts.against():
            return [("controls", why)]
        return [("feedback", self._taker.waits_for)] if self._taker is not None and self._taker.waits_for else []

    def counts(self) -> dict[str, float]:
        """Matches taken, and hosts told."""
        return {"matches": self._tally.taken["matches"], "hosts_matched": self._tally.sent["hosts_matched"]}

    def samples(self) -> Iterator[Sample]:
        """How many matches wait, and what was held."""
        if self._service is not None:
            yield from measures.noticing(self._service)
        yield "pisaura_log_messages", (MATCHES,), self._place.log.lag(MATCHES, 0)

    async def stop(self, seconds: float) -> None:
        """Finish the batch at hand, commit it, leave the group."""
        if self._taker is not None:
            self._taker.stop()
            await self._loops.ended("feedback", seconds)
        await self._loops.end()
        if self._service is not None:
            await close_pool(self._pool, 1.0)


role = NoticesRole
