"""What one key may do now: how often, how much a day, whether it hears of near matches (pure)."""

from collections.abc import Sequence

from contracts.people import Identity
from contracts.settings import Settings
from contracts.shielding import Finding, Looked, Past, Used
from shield.answers import NearAnswers
from shield.circling import Circling
from shield.limits import Bucket, Daily, until_tomorrow
from shield.questions import Refused


class Key:
    """The state of one account in this process. `secret` makes its pseudonyms."""

    def __init__(self, identity: Identity, past: Past, settings: Settings, now: float, day: int) -> None:
        shield = settings.shield
        self.account, self.secret = identity.account, past.secret
        self.suspended = False
        self._settings = shield
        self._bucket = Bucket(shield.rate, shield.burst, now)
        self._daily = Daily(day, past.questions, past.near)
        self._circling = Circling(shield.circling, shield.circle_bits, settings.retention.shield)

    def admit(self, now: float, day: int) -> None:
        """Let one request pass. Refused (429) with the time to wait if it comes too fast."""
        self._daily = self._daily.turn(day)
        if wait := self._bucket.take(now):
            raise Refused(429, "this key asks too fast; wait as Retry-After says", wait)

    def ask(self, questions: int, now: float) -> None:
        """Count questions. Refused (429) until tomorrow if the day's are used up."""
        if not self._daily.ask(questions, self._settings.daily):
            raise Refused(429, "this key has used up its questions of today", until_tomorrow(now))

    def near(self) -> NearAnswers:
        """Whether this key hears of near matches. It depends on nothing that is asked: only on what was told before."""
        if self.suspended:
            return "suspended"
        return "quota" if self._daily.near >= self._settings.near_daily else "given"

    def circles(self, looked: Looked, now: float) -> int:
        """Watch a question that would be answered; the entry that this key circles by it, 0 if none."""
        return self._circling.watch(looked.probes, now)

    def tell(self, findings: Sequence[Finding], near: NearAnswers) -> list[Finding]:
        """Those of the findings that the key is told of."""
        told = [one for one in findings if not one.near]
        if near in ("given", "not_decoded"):
            entries = [one.entry_id for one in findings if one.near]
            allowed = set(self._daily.tell(entries, self._settings.near_daily))
            told += [one for one in findings if one.near and one.entry_id in allowed]
        return told

    def suspend(self, suspended: bool) -> None:
        """People, or circling, have said so."""
        if self.suspended and not suspended:
            self._circling.lift()
        self.suspended = suspended

    def used(self) -> Used | None:
        """What is not kept yet; None if nothing."""
        questions, near = self._daily.unsaved()
        return Used(self.account, self._daily.day, questions, near) if questions or near else None

    def kept(self, used: Used) -> None:
        """It is kept now."""
        if used.day == self._daily.day:
            self._daily.saved(used.questions, used.near)
