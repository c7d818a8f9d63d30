"""The notices role as a process: so far it opens the places of matches, and tells the frontier their hosts and no more."""

from collections.abc import Iterator

from contracts.metrics import Sample
from contracts.notes import Control
from contracts.seal import Opener
from contracts.topics import MATCHES
from crawlctl.roles.facts import Facts, hear
from crawlctl.roles.feedback import feedback
from crawlctl.roles.needs import notices_keys
from crawlctl.roles.shell import Place
from crawlctl.roles.taker import Takes


class NoticesRole(Takes):
    """`crawlctl.roles.shell.Role` of the notices role."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.tally)
        self._place = place
        self._opener = Opener(notices_keys(place.settings).secret)
        self._facts = Facts()

    async def start(self) -> None:
        """Listen to how the cluster is divided; matches are taken once that is known."""
        self._loops.spawn("facts", hear(self._place.log, self._hear))

    def _hear(self, words: list[Control]) -> None:
        self._facts.take(words)
        if self._taker is None and not self._facts.against():
            self._taker = feedback(self._tally, self._opener, self._facts.partitions)
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
        """How many matches wait."""
        yield "pisaura_log_messages", (MATCHES,), self._place.log.lag(MATCHES, 0)

    async def stop(self, seconds: float) -> None:
        """Finish the batch at hand, commit it, leave the group."""
        if self._taker is not None:
            self._taker.stop()
            await self._loops.ended("feedback", seconds)
        await self._loops.end()


role = NoticesRole
