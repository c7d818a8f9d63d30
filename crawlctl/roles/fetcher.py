"""A fetcher as a process: it needs the log, its keys and the web, and no database."""

import asyncio
from collections.abc import Iterator

from backends.workers import Workers
from contracts.metrics import Sample
from contracts.notes import Control
from contracts.seal import Sealer
from crawlctl.contact import check_contact
from crawlctl.roles import measures
from crawlctl.roles.facts import Facts, hear
from crawlctl.roles.loops import Loops
from crawlctl.roles.needs import fetcher_keys
from crawlctl.roles.shell import Place
from crawlctl.roles.words import Words
from crawlctl.roles.workers import digesting
from fetchers.service import Fetcher
from hasher.sandbox import SandboxDigester


class FetcherRole:
    """`crawlctl.roles.shell.Role` of a fetcher. While it is held it is in no group, so that its partitions go to others."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._settings = check_contact(
            place.settings, []
        )  # the address guard is here: without a contact only this machine
        keys = fetcher_keys(place.settings)
        self._sealer = Sealer(keys.public, keys.place_key)
        self._sandbox = SandboxDigester.from_settings(place.settings)
        self._parsers = Workers(place.settings.workers.parse, place.settings.limits.parse)
        self._words = Words(place.clock)
        self._facts = Facts()
        self._loops = Loops()
        self._fetcher: Fetcher | None = None
        self._held = ""
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Start the workers and listen to operators; orders are taken once all is well."""
        await self._sandbox.start()
        self._loops.spawn("words", hear(self._place.log, self._hear))
        self._loops.spawn("orders", self._tend())
        self._changed.set()

    def _hear(self, words: list[Control]) -> None:
        self._facts.take(words)
        self._words.take(words)
        if self._fetcher is not None:
            self._fetcher.recall(self._words.unwanted)
        self._changed.set()

    async def _tend(self) -> None:
        """Take orders while nothing is against it."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            against = self._held or self._facts.against()
            if against and self._fetcher is not None:
                await self._fetcher.stop(self._settings.workers.shutdown_grace)
                self._fetcher = None
            elif not against and self._fetcher is None:
                fetcher = Fetcher(
                    self._settings,
                    self._place.tally,
                    self._sandbox,
                    self._sealer,
                    self._parsers,
                    self._place.clock,
                    self._facts.partitions,
                    flush=self._settings.kafka.flush,
                )
                fetcher.recall(self._words.unwanted)
                await fetcher.start()
                self._fetcher = fetcher

    def hold(self, reason: str) -> None:
        """Take no orders; what is under way ends or is handed back."""
        self._held = reason
        self._changed.set()

    def waits(self) -> list[tuple[str, str]]:
        """What it waits for besides a good clock."""
        return [("controls", why)] if (why := self._facts.against()) else []

    def failed(self) -> BaseException | None:
        """The error that ended a loop."""
        return self._loops.failed() or (self._fetcher.failed() if self._fetcher is not None else None)

    def busy(self) -> bool:
        """Whether orders are out here."""
        return self._fetcher is not None and self._fetcher.out > 0

    def progress(self) -> int:
        """Changes with everything that is taken or sent."""
        return self._place.tally.moves

    def counts(self) -> dict[str, float]:
        """Orders taken and what came of them."""
        sent = self._place.tally.sent
        names = ("orders_ended", "outcomes", "requests", "pages", "media", "bytes", "sightings")
        return {"orders": self._place.tally.taken["orders"], **{name: sent[name] for name in names}}

    def samples(self) -> Iterator[Sample]:
        """The fetcher's metrics."""
        if self._fetcher is not None:
            yield from measures.fetching(self._fetcher)
        yield from digesting(self._sandbox)

    async def stop(self, seconds: float) -> None:
        """Let requests end or hand them back, send what came of them, leave the group."""
        await self._loops.end()
        if self._fetcher is not None:
            await self._fetcher.stop(seconds)
        await self._sandbox.stop()
        self._parsers.close()


role = FetcherRole
