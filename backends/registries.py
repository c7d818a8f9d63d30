"""Questions to registries (RDAP, RFC 9082): each server at its rate, answers kept with their age, and stale ones told as such.

The turns of a server and its pauses are rows of the vault: all processes together keep to the rate, and a restart forgets no 429.
What was asked leads to a place, so that it is kept as a keyed HMAC, and what was answered under a key of its own.
"""

import asyncio
import hmac
import weakref
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import Final, Generic, TypeVar

from msgspec import Struct

from backends.postgres.vault_recipients import VaultRecipients
from backends.registry_http import BYTES, Away, RegistryHttp
from contracts.casekeys import open_with, seal_for
from contracts.errors import Corrupt, Unavailable
from contracts.ports import Clock
from contracts.recipients import Finding
from contracts.refusals import Refusal
from contracts.removal import Notices
from contracts.seal import KEY_BYTES, Keys
from contracts.urls import Url, parse

T = TypeVar("T")
Read = Callable[[bytes], T]
"""Reads a body; raises Corrupt for one that is not what was asked for."""

REDIRECTS: Final = 5
"""Most redirects of one question, from registry to registry."""
NOT_FOUND_AGE: Final = 86_400.0
"""Seconds for which it is believed that a registry knows nothing; less if all answers are believed for less."""
OLDEST: Final = 90 * 86_400.0
"""Seconds after which an answer is not even used while its registry is away."""
PATIENCE: Final = 30.0
"""Longest wait for a turn at a server; who would wait longer is told that it is busy."""
SHORTEST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 3_600.0
"""Pauses after failures, doubled each time in between."""
_UNKNOWN: Final = frozenset({400, 404, 410, 422})
"""Statuses by which a registry says that it knows no such thing."""


class Said(Struct, Generic[T], frozen=True):
    """What came of a question: `found` is what was read, None if the registry knows nothing. `steps` tell how, with sources and ages."""

    found: T | None
    steps: tuple[Finding, ...]


class Registries:
    """Asks servers of registries. Any number of questions at a time; the same one is asked once."""

    def __init__(
        self,
        settings: Notices,
        store: VaultRecipients,
        http: RegistryHttp,
        keys: Keys,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings, self._store, self._http = settings, store, http
        self._clock, self._sleep = clock, sleep
        self._blind = blake2b(key=keys.place_key, digest_size=KEY_BYTES, person=b"rdap-question").digest()
        self._key = blake2b(key=keys.place_key, digest_size=KEY_BYTES, person=b"rdap-answer").digest()
        self._asking: weakref.WeakValueDictionary[bytes, asyncio.Lock] = weakref.WeakValueDictionary()

    async def ask(self, servers: Sequence[str], path: str, read: Read[T]) -> Said[T]:
        """What the first of these servers (base URLs that end in a slash) answers at `path`, from what is kept if that is not too old.
        Raises Unavailable if none can be asked now, and nothing is kept."""
        question = hmac.digest(self._blind, f"{servers[0]}\0{path}".encode("utf-8", "surrogatepass"), "sha256")
        lock = self._asking.setdefault(question, asyncio.Lock())
        async with lock:
            kept = await self._kept(question, path, read)
            if kept is not None and self._clock() - kept[0] < self._age(kept[1]):
                return kept[1]
            steps: list[Finding] = []
            whys: list[str] = []
            for server in servers:
                try:
                    return await self._fetched(question, server, path, read, steps)
                except Away as error:
                    whys.append(str(error))
                    self._step(steps, server, path, str(error))
            if kept is not None and self._clock() - kept[0] < OLDEST:
                return Said(kept[1].found, (*steps, *kept[1].steps))
            raise Unavailable(f"no registry can be asked now: {'; '.join(whys)[:400]}; it is tried again")

    async def file(self, url: str, most: int) -> bytes:
        """A file of IANA's, unkept. Raises Unavailable."""
        target = parse(url)
        if isinstance(target, Refusal):
            raise Unavailable(f"the URL cannot be asked: {target.reason}")
        for _ in range(REDIRECTS + 1):
            answer = await self._http.get(target, self._clock(), most)
            if answer.status == 200:
                return answer.body
            if answer.to is None:
                raise Unavailable(f"{target.host} answers with status {answer.status}")
            target = answer.to
        raise Unavailable(f"{target.host}: more than {REDIRECTS} redirects")

    async def _fetched(self, question: bytes, server: str, path: str, read: Read[T], steps: list[Finding]) -> Said[T]:
        """An answer of a server, kept; `steps` get what happened on the way. Raises Away."""
        url = parse(server + path)
        if isinstance(url, Refusal):
            raise Away(f"a server's URL is none that can be asked ({url.reason})")
        for _ in range(REDIRECTS + 1):
            answer = await self._turn(url)
            now = self._clock()
            if answer.to is not None:
                self._step(steps, url.host, path, f"redirects to {answer.to.host}")
                url = answer.to
                continue
            if answer.status == 200:
                found = _read(read, answer.body, url.host)
                self._step(steps, url.host, path, "answered")
                await self._keep(question, 200, url.host, answer.body, now)
                return Said(found, tuple(steps))
            self._step(steps, url.host, path, f"knows nothing of it (status {answer.status})")
            await self._keep(question, answer.status, url.host, b"", now)
            return Said(None, tuple(steps))
        raise Away(f"{url.host}: more than {REDIRECTS} redirects")

    async def _turn(self, url: Url) -> "_Answer":
        """One request in this server's turn; failures make it pause. Raises Away."""
        now = self._clock()
        at = await self._store.turn(url.host, now, 1 / self._settings.rdap_rate, PATIENCE)
        if at is None:
            raise Away(f"{url.host} has been asked enough for now, or wants to be left alone")
        if at > now:
            await self._sleep(at - now)
        wait = 0.0
        try:
            answer = await self._http.get(url, self._clock(), BYTES)
            if answer.status == 200 or answer.to is not None or answer.status in _UNKNOWN:
                await self._store.went_well(url.host)
                return _Answer(answer.status, answer.body, answer.to)
            wait = answer.retry_after
            raise Away(f"{url.host} answers with status {answer.status}")
        except Away:
            now = self._clock()
            await self._store.pause(url.host, now + wait, SHORTEST_PAUSE, LONGEST_PAUSE, now)
            raise

    async def _kept(self, question: bytes, path: str, read: Read[T]) -> tuple[float, Said[T]] | None:
        """(when, what) of a kept answer that can be read."""
        row = await self._store.answer(question)
        if row is None:
            return None
        at, status, sealed = row
        age = max(0.0, self._clock() - at)
        try:
            server, _, text = open_with(self._key, sealed).partition("\n")
            found = read(text.encode("utf-8", "surrogateescape")) if status == 200 else None
        except (Corrupt, UnicodeEncodeError):  # other keys, or it is read more strictly now
            return None
        word = "answered" if status == 200 else "knew nothing of it"
        return at, Said(found, (Finding(server, path, f"{word} {_ago(age)} ago, kept", self._clock()),))

    async def _keep(self, question: bytes, status: int, server: str, body: bytes, now: float) -> None:
        text = f"{server}\n{body.decode('utf-8', 'surrogateescape')}"
        await self._store.keep(question, now, status, seal_for(self._key, text), now - OLDEST)

    def _age(self, said: Said[T]) -> float:
        most = self._settings.rdap_age
        return most if said.found is not None else min(most, NOT_FOUND_AGE)

    def _step(self, steps: list[Finding], source: str, asked: str, said: str) -> None:
        steps.append(Finding(source, asked, said, self._clock()))


class _Answer(Struct, frozen=True):
    """An answer that says something: 200 with a body, a redirect, or that nothing is known."""

    status: int
    body: bytes
    to: Url | None


def _read(read: Read[T], body: bytes, host: str) -> T:
    try:
        return read(body)
    except Corrupt as error:
        raise Away(f"{host}: {error}") from None


def _ago(seconds: float) -> str:
    """An age for people."""
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s"
