"""Shield without HTTP: who asks, how much they may, what is known of it, and what of that they are told.

Nothing of a question outlives its answer but what `shield.circling` watches in memory; of a match `contracts.shielding.Told` is kept
before it is told.
"""

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from contracts.hashes import Hashes
from contracts.people import Identity, may
from contracts.ports import Clock, Digester
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.shielding import (
    PDQ_GRANT,
    URL_GRANT,
    Accounts,
    Fetch,
    Finding,
    Ledger,
    Looked,
    Lookup,
    Question,
    Told,
)
from contracts.urls import parse
from shield import answers, questions
from shield.answers import NearAnswers
from shield.auth import Keyring
from shield.keys import Key
from shield.limits import day_of
from shield.pseudonyms import names
from shield.questions import Refused

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_EVERY: Final = 2.0
"""Seconds between two looks at revoked accounts and suspensions."""
BLIND: Final = 15.0
"""Seconds without such a look after which nobody is answered: a revoked key must not serve on."""
FORGET_EVERY: Final = 3600.0
KEYS: Final = 10_000
ACT: Final = "shield"


class Shield:
    """Serves one process. `secret`: 32 bytes of chance. `answered` counts answers by what they said, `refused` by HTTP status."""

    def __init__(
        self,
        settings: Settings,
        lookup: Lookup,
        digester: Digester,
        ledger: Ledger,
        accounts: Accounts,
        fetch: Fetch,
        clock: Clock,
        secret: bytes,
    ) -> None:
        self.settings = settings
        self.answered: Counter[str] = Counter()
        self.refused: Counter[int] = Counter()
        self.suspensions = 0
        self._lookup, self._digester, self._ledger = lookup, digester, ledger
        self._accounts, self._fetch, self._clock = accounts, fetch, clock
        self._keyring = Keyring(secret)
        self._keys: OrderedDict[int, Key] = OrderedDict()
        self._suspended: set[int] = set()
        self._circled: dict[int, tuple[int, float]] = {}
        self._under_way: dict[object, asyncio.Task[Any]] = {}
        self._looked_at = float("-inf")
        self._forgot_at = float("-inf")
        self._hosts = questions.host_pattern(settings.shield.url_hosts)

    # -- who asks ---------------------------------------------------------------------------------------------------------

    async def identify(self, user: str, password: str) -> Identity | None:
        """Who that is, None if nobody. Raises Unavailable."""
        mark, now = self._keyring.mark(user, password), self._clock()
        if (known := self._keyring.find(mark, now)) is not None:
            return known
        if self._keyring.is_wrong(mark, now):
            return None

        async def check() -> Identity | None:
            found = await self._accounts.authenticate(user, password)
            if found is not None and not await self._accounts.serving([found.account]):
                found = None  # revoked a moment ago
            self._keyring.learn(mark, found, self._clock())
            return found

        return await self._once(mark, check)

    async def admit(self, identity: Identity) -> Key:
        """The state of a provider's key, for one request. Refused (403, 429, 503)."""
        if not may(identity, ACT):
            raise Refused(403, "this account may not ask Shield: it is no provider's")
        if why := self.waits():
            raise Refused(503, f"nothing can be looked up now: {why}", LOOK_EVERY)
        now = self._clock()
        key = self._keys.get(identity.account)
        if key is None:
            key = await self._once(identity.account, lambda: self._make(identity))
        self._keys.move_to_end(identity.account)
        key.admit(now, day_of(now))
        return key

    async def _make(self, identity: Identity) -> Key:
        now = self._clock()
        past = await self._ledger.past(identity.account, day_of(now))
        key = self._keys[identity.account] = Key(identity, past, self.settings, now, day_of(now))
        key.suspend(identity.account in self._suspended)
        while len(self._keys) > KEYS:
            self._keys.popitem(last=False)
        return key

    async def _once(self, name: object, work: Callable[[], Awaitable[T]]) -> T:
        """Do something once for all who wait for it; who goes away stops nobody else."""
        task = self._under_way.get(name)
        if task is None:

            async def run() -> T:
                try:
                    return await work()
                finally:
                    self._under_way.pop(name, None)

            task = self._under_way[name] = asyncio.create_task(run())
        found: T = await asyncio.shield(task)
        return found

    # -- questions --------------------------------------------------------------------------------------------------------

    async def media(
        self, key: Key, body: bytearray | bytes, hashes: Hashes, media_type: str, request: str
    ) -> answers.ScannedMedia:
        """Whether a medium is known."""
        key.ask(1, self._clock())
        return await self._media(key, body, hashes, media_type, request)

    async def url(
        self, key: Key, identity: Identity, url: str, request: str, hold: Callable[[int], None]
    ) -> answers.ScannedMedia:
        """Whether the medium at a URL is known; fetched from hosts that are allowed for this key, and from nowhere else. `hold`
        is told of each piece that comes, and may refuse it."""
        parsed = parse(url, max_bytes=questions.URL_BYTES)
        if isinstance(parsed, Refusal):
            raise Refused(400, f"this is no URL that can be fetched ({parsed.reason})")
        own = questions.host_pattern([one[len(URL_GRANT) :] for one in identity.grants if one.startswith(URL_GRANT)])
        if not any(pattern is not None and pattern.fullmatch(parsed.host) for pattern in (own, self._hosts)):
            raise Refused(403, "this key may not have anything fetched from that host")
        key.ask(1, self._clock())
        hashes = Hashes(hold)
        fetched = await self._fetch(parsed.text, hashes)
        if fetched.why:
            raise Refused(503 if fetched.busy else 422, fetched.why, 1.0 if fetched.busy else 0.0)
        return await self._media(key, fetched.body, hashes, fetched.media_type, request)

    async def _media(
        self, key: Key, body: bytearray | bytes, hashes: Hashes, media_type: str, request: str
    ) -> answers.ScannedMedia:
        digests = await self._digester.digest(body, media_type)
        sha256, sha1, md5, _ = hashes.digests()
        question = Question(sha256, sha1, md5, hashes.size, digests)
        looked = await self._lookup.look(question)
        near: NearAnswers = key.near()
        if near == "given" and not digests.frames:
            near = "not_decoded"
        told, near = await self._tell(key, looked, near, request)
        return answers.scanned_media(question, told, key.secret, near, request)

    async def pdq(
        self, key: Key, identity: Identity, asked: questions.PdqQuestion, request: str
    ) -> answers.ScannedPdqs:
        """What PDQ hashes are near."""
        if PDQ_GRANT not in identity.grants:
            raise Refused(403, "this key may not ask by PDQ: that is a grant of its own")
        given = questions.pdqs(asked, self.settings.shield.batch)
        key.ask(len(given), self._clock())
        found: dict[str, answers.ScannedPdq] = {}
        for text, looked in zip(given, await self._lookup.look_pdq(list(given.values())), strict=True):
            told, near = await self._tell(key, looked, key.near(), request)
            found[text] = answers.scanned_pdq(told, key.secret, near)
        return answers.ScannedPdqs(found, request)

    async def digests(
        self, key: Key, identity: Identity, asked: questions.DigestsQuestion, request: str
    ) -> answers.ScannedBatch:
        """What a batch of digests is known as."""
        granted = PDQ_GRANT in identity.grants
        given = questions.digests(asked, self.settings.shield.batch, pdq=granted)
        key.ask(len(given), self._clock())
        found = await self._lookup.look_many([question for question, _ in given])
        hashes = [pdq for _, pdq in given if pdq]
        pictures = iter(await self._lookup.look_pdq(hashes) if hashes else [])
        scanned = []
        for (_, pdq), looked in zip(given, found, strict=True):
            if pdq:
                looked = _together(looked, next(pictures))
            near = key.near() if granted else "not_granted"
            told, near = await self._tell(key, looked, near, request)
            scanned.append(answers.scanned_digests(told, key.secret, near))
        return answers.ScannedBatch(scanned, request)

    async def feedback(
        self, key: Key, identity: Identity, asked: questions.FeedbackQuestion, request: str
    ) -> answers.Accepted:
        """A provider's opinion on what it was told: of that organisation, and never more than a review. Refused (404, 429)."""
        key.ask(1, self._clock())
        told = await self._ledger.answered(identity.account, asked.request_id)
        if asked.sha256_hex:
            wanted = asked.sha256_hex.lower()
            told = [one for one in told if names(key.secret, Finding(one.entry_id, True, "", ""))[1] == wanted]
        if not told:
            raise Refused(404, "this key was told of no match in answer to such a request within 30 days")
        for one in told:
            await self._ledger.say(
                identity.account, identity.name, one.entry_id, asked.verdict, asked.reason, self._clock()
            )
        return answers.Accepted(len(told), request)

    async def _tell(
        self, key: Key, looked: Looked, near: NearAnswers, request: str
    ) -> tuple[Sequence[Finding], NearAnswers]:
        """What of the findings is told, and whether near ones are; kept before it is told."""
        now = self._clock()
        if near == "given" and (entry_id := key.circles(looked, now)):
            key.suspend(True)
            self._circled[key.account] = entry_id, now
            self.suspensions += 1
            near = "suspended"
            log.warning("key %d circles an entry: it hears of no near matches until people lift that", key.account)
            await self._keep_circled()
        told = key.tell(looked.findings, near)
        if told:
            await self._ledger.told([Told(key.account, one.entry_id, now, request) for one in told])
        self.answered[answers.match_type(answers.gravest(told)) or "none"] += 1
        return told, near

    # -- beside them ------------------------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Learn of revoked accounts and of suspensions, and keep what was counted. Raises Unavailable."""
        began = self._clock()
        self._keyring.keep(await self._accounts.serving(self._keyring.accounts()))
        await self._keep_circled()
        self._suspended = await self._ledger.suspended()
        for key in self._keys.values():
            key.suspend(key.account in self._suspended)
        self._looked_at = began
        await self.keep_count()
        if began - self._forgot_at >= FORGET_EVERY:
            kept = self.settings.retention.shield
            await self._ledger.forget(began - kept, day_of(began - kept))
            self._forgot_at = began

    async def _keep_circled(self) -> None:
        for account, (entry_id, at) in list(self._circled.items()):
            await self._ledger.suspend(account, entry_id, at)
            self._suspended.add(account)
            self._circled.pop(account, None)

    async def keep_count(self) -> None:
        """Keep what keys have used. Raises Unavailable."""
        used = [(key, one) for key in self._keys.values() if (one := key.used()) is not None]
        if used:
            await self._ledger.count([one for _, one in used])
            for key, one in used:
                key.kept(one)

    def waits(self) -> str:
        """Why nobody is answered now; empty if all are."""
        if self._clock() - self._looked_at > BLIND:
            return "it is not known which keys are revoked"
        return self._lookup.waits()


def _together(one: Looked, other: Looked) -> Looked:
    """What digests of one file came to; an entry that explains it exactly is not told of as near besides."""
    exact = {finding.entry_id for finding in one.findings if not finding.near}
    near = {finding.entry_id: finding for finding in (*one.findings, *other.findings) if finding.near}
    kept = [finding for entry_id, finding in near.items() if entry_id not in exact]
    return Looked([*(f for f in one.findings if not f.near), *kept], [*one.probes, *other.probes])
