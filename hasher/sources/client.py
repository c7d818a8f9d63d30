"""Requests to sources: verified TLS, bounded time and bytes, no other host, and failures named by what to do about them.

No error or log line of this module has a URL's query, a header or a body in it.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, TypeVar

import ada_url
import aiohttp
from msgspec import Struct

from contracts.errors import Unavailable, UsageError
from contracts.ports import Clock
from contracts.settings import Lists
from hasher.exchange import links, retry
from hasher.exchange.protocol import says_nothing
from hasher.exchange.retry import Trouble
from hasher.sources.credentials import Credentials

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]
Chance = Callable[[], float]

REDIRECTS: Final = 5
"""Most redirects, all of them within one scheme, host and port."""
FAULT_BYTES: Final = 16 * 1024
"""Of an answer that is an error, for the source's own word on it."""
CHUNK: Final = 1 << 18
DOWNLOAD_TIME: Final = 86_400.0
"""Longest time for a list at a URL, in seconds; each read has the time-out of settings."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class Answer(Struct, frozen=True):
    """A 200 or 304. `date` is the source's clock (0.0: it did not say); the other two are fields of RFC 9110, 8.8."""

    status: int
    date: float
    etag: str
    modified: str


class Failed(Unavailable):
    """A request that may be made again."""

    def __init__(self, trouble: Trouble, why: str, retry_after: float = 0.0, status: int = 0) -> None:
        super().__init__(why)
        self.trouble, self.retry_after, self.status = trouble, retry_after, status


class Rejected(Unavailable):
    """The source does not want this request: another one may be better."""


class Client:
    """Asks sources. `folder` is where lists at a URL are kept while they are imported, `context` for tests with their own authority.

    Use as an async context. `sleep` is what a pause is made with.
    """

    def __init__(
        self,
        settings: Lists,
        folder: Path,
        clock: Clock,
        user_agent: str = "Pisaura/1.0",
        sleep: Sleep = asyncio.sleep,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.settings, self.folder, self.sleep = settings, folder, sleep
        self._clock, self._agent = clock, user_agent
        self._context = context or ssl.create_default_context()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Client":
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._context, limit=16),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._agent},
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def page(
        self, url: str, login: Credentials, word: Callable[[int, bytes], str] = says_nothing
    ) -> tuple[Answer, bytes]:
        """One answer, at most `page_bytes` of it. `word` is the source's own for an error (`Protocol.word`). Raises Failed,
        Rejected, or UsageError for what only people can put right."""
        timeout = aiohttp.ClientTimeout(total=self.settings.timeout)
        async with self._open(url, login, {}, timeout, word) as (answer, response):
            body = bytearray()
            async for chunk in response.content.iter_chunked(CHUNK):
                body += chunk
                if len(body) > self.settings.page_bytes:
                    raise Failed(Trouble.GARBLED, f"an answer of more than {self.settings.page_bytes} bytes")
            return answer, bytes(body)

    async def download(self, url: str, login: Credentials, known: Mapping[str, str], path: Path) -> Answer:
        """A list into a file that is there already; `known` are header fields that make the request conditional. Raises as `page`."""
        timeout = aiohttp.ClientTimeout(
            total=DOWNLOAD_TIME, sock_connect=self.settings.timeout, sock_read=self.settings.timeout
        )
        async with self._open(url, login, known, timeout, says_nothing) as (answer, response):
            most, size = self.settings.file_bytes, 0
            with path.open("wb") as file:
                async for chunk in response.content.iter_chunked(CHUNK):
                    size += len(chunk)
                    if size > most:
                        raise UsageError(
                            f"the list has more than {most} bytes; raise lists.file_bytes if it is meant to"
                        )
                    await asyncio.to_thread(_write, file, chunk)
            return answer

    async def persist(self, work: Callable[[], Awaitable[T]], chance: Chance) -> T:
        """`work` until it does not fail, by the table of `retry`. Raises the last Failed."""
        tries: dict[Trouble, int] = {}
        while True:
            try:
                return await work()
            except Failed as error:
                tries[error.trouble] = tries.get(error.trouble, 0) + 1
                wait = retry.pause(error.trouble, tries[error.trouble], error.retry_after, chance())
                if wait is None:
                    raise
            await self.sleep(wait)

    @asynccontextmanager
    async def _open(
        self,
        url: str,
        login: Credentials,
        more: Mapping[str, str],
        timeout: aiohttp.ClientTimeout,
        word: Callable[[int, bytes], str],
    ) -> AsyncIterator[tuple[Answer, aiohttp.ClientResponse]]:
        """A 200 or 304 whose body is still to be read; everything else is an error with its name."""
        if self._session is None:
            raise RuntimeError("use the client as an async context")
        origin = check(url)
        try:
            for _ in range(REDIRECTS + 1):
                headers = {**login.fields(), **more}
                request = self._session.get(url, headers=headers, allow_redirects=False, timeout=timeout)
                async with request as response:
                    if response.status not in _REDIRECTS:
                        if response.status != 200 and not (response.status == 304 and more):
                            await self._complain(response, login, word, origin)
                        yield self._answer(response), response
                        return
                    url = _redirected(url, response.headers.get("Location", ""), origin)
            raise UsageError(
                f"{origin} redirects more than {REDIRECTS} times; give the list's last address with --from"
            )
        except (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError):
            raise UsageError(f"{origin}: its TLS certificate cannot be verified; nothing was sent to it") from None
        except TimeoutError:
            raise Failed(Trouble.UNREACHED, f"{origin} took more than {self.settings.timeout:g} s to answer") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Failed(Trouble.UNREACHED, f"no whole answer from {origin}: {type(error).__name__}") from None

    async def _complain(
        self, response: aiohttp.ClientResponse, login: Credentials, word: Callable[[int, bytes], str], origin: str
    ) -> None:
        """Raise what an answer that is an error means."""
        status = response.status
        said = word(status, await response.content.read(FAULT_BYTES))
        after = retry_after(response.headers.get("Retry-After", ""), self._clock())
        asked = f", and asks to wait {after:.0f} s" if after else ""
        if said == "busy" or (status == 429 and not said):
            raise Failed(Trouble.BUSY, f"{origin} has had too many requests{asked}", after, status)
        if said == "login" or (status in (401, 403, 407) and not said):
            where = (
                f"the credentials in {login.path}" if login.path else "a request without credentials: add --credentials"
            )
            raise UsageError(f"{origin} refuses {where} (status {status})")
        if said == "down" or status >= 500 or status in (408, 425):
            raise Failed(Trouble.DOWN, f"{origin} answers with status {status}{asked}", after, status)
        raise Rejected(f"{origin} refuses the request with status {status}; check the list's --from and --format")

    def _answer(self, response: aiohttp.ClientResponse) -> Answer:
        headers = response.headers
        return Answer(
            response.status,
            http_date(headers.get("Date", "")),
            headers.get("ETag", ""),
            headers.get("Last-Modified", ""),
        )


def _write(file: BinaryIO, chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise Unavailable(f"{file.name}: the list cannot be kept while it is read: {error.strerror}") from error


def check(url: str) -> str:
    """The origin of a URL that may be asked: https, or http to this machine. UsageError for any other."""
    parsed = links.parse(url)
    if parsed is None or parsed.protocol not in ("https:", "http:") or not parsed.hostname:
        raise UsageError("the list's location is no http(s) URL; add the list with --from URL")
    if parsed.protocol == "http:" and not _loopback(parsed.hostname):
        raise UsageError(f"{parsed.origin} would be asked without encryption: only https is used off this machine")
    if parsed.username or parsed.password:
        raise UsageError(
            f"the location at {parsed.origin} holds a login; put it in a file and name that with --credentials"
        )
    return str(parsed.origin)


def retry_after(text: str, now: float) -> float:
    """Seconds that a Retry-After asks to wait (RFC 9110, 10.2.3: seconds or a date); 0.0 for none, or one that is malformed."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    return max(0.0, http_date(text) - now) if text else 0.0


def http_date(text: str) -> float:
    """Unix seconds of an HTTP date (RFC 9110, 5.6.7), always UTC; 0.0 for what is none."""
    try:
        return parsedate_to_datetime(text).timestamp() if text.rstrip().endswith("GMT") else 0.0
    except (ValueError, OverflowError):
        return 0.0


def _redirected(url: str, location: str, origin: str) -> str:
    try:
        joined = str(ada_url.join_url(url, location))
    except ValueError:
        joined = ""
    parsed = links.parse(joined) if location else None
    if parsed is None or parsed.origin != origin or parsed.username or parsed.password:
        raise UsageError(
            f"{origin} redirects to another host, which gets no credentials; give the list's address with --from"
        )
    return joined


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
