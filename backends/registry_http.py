"""Requests to registries: verified TLS, bounded time and bytes, redirects one by one, every address past the guard.

What a registry says is hostile like any page: it may send anywhere, for ever, or nothing. Errors name the server and no question.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import AsyncResolver
from msgspec import Struct

from contracts.errors import Unavailable
from contracts.refusals import Refusal
from contracts.sites import hostname, is_address
from contracts.urls import Url, parse

Guard = Callable[[str], Refusal | None]
"""Why an address may not be connected to; None if it may."""

BYTES: Final = 1024 * 1024
"""Largest answer."""
SECONDS: Final = 20.0
"""Longest wait for a whole answer."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 65_536
_ACCEPT: Final = "application/rdap+json, application/json;q=0.9"


class Answered(Struct, frozen=True):
    """One answer. `to` is where a redirect leads, `retry_after` how many seconds it asks to wait."""

    status: int
    body: bytes = b""
    to: Url | None = None
    retry_after: float = 0.0


class Away(Unavailable):
    """A server that gave no answer that can be used: it may be asked again later."""


class RegistryHttp:
    """One session. Use as an async context; `context` is for tests with an authority of their own."""

    def __init__(
        self,
        guard: Guard,
        user_agent: str,
        nameservers: Sequence[str] = (),
        context: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._guard, self._agent, self._seconds = guard, user_agent, seconds
        self._nameservers = list(nameservers)
        self._context = context
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "RegistryHttp":
        connector = aiohttp.TCPConnector(
            ssl=self._context or ssl.create_default_context(), limit=8, resolver=_Guarded(self._resolver(), self._guard)
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._agent, "Accept": _ACCEPT, "Accept-Encoding": "identity"},
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: Url, now: float, most: int = BYTES) -> Answered:
        """One answer, no redirect followed. Raises Away if there is none, or it is too long, or in a coding that was not asked for."""
        if self._session is None:
            raise RuntimeError("use it as an async context")
        self._check(url)
        timeout = aiohttp.ClientTimeout(total=self._seconds)
        try:
            async with self._session.get(url.text, allow_redirects=False, timeout=timeout) as response:
                wait = retry_after(response.headers.get("Retry-After", ""), now)
                if response.status in _REDIRECTS:
                    return Answered(response.status, to=_target(response.headers.get("Location", ""), url))
                if response.status != 200:
                    return Answered(response.status, retry_after=wait)
                if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise Away(f"{url.host} answers in a content coding that was not asked for")
                body = bytearray()
                async for chunk in response.content.iter_chunked(_CHUNK):
                    body += chunk
                    if len(body) > most:
                        raise Away(f"{url.host} sent more than {most} bytes")
                return Answered(200, bytes(body))
        except (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError):
            raise Away(f"{url.host}: its TLS certificate cannot be verified; nothing was asked") from None
        except TimeoutError:
            raise Away(f"{url.host} took more than {self._seconds:g} s to answer") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Away(f"no whole answer from {url.host}: {type(error).__name__}") from None

    async def addresses(self, host: str) -> list[str]:
        """Addresses of a host's name, by the system's name servers or those of settings; nothing is asked of them here."""
        resolver = self._resolver()
        try:
            async with asyncio.timeout(self._seconds):
                found = await resolver.resolve(hostname(host), family=socket.AF_UNSPEC)
        except (OSError, TimeoutError, UnicodeError):
            return []
        finally:
            await resolver.close()
        return [one["host"] for one in found]

    def _resolver(self) -> AsyncResolver:
        return AsyncResolver(nameservers=self._nameservers) if self._nameservers else AsyncResolver()

    def _check(self, url: Url) -> None:
        name = hostname(url.host)
        if is_address(name) and (refusal := self._guard(name)):
            raise Away(f"{url.host} is no public address ({refusal.evidence}); nothing was asked")
        if not url.https and not (is_address(name) and name.startswith("127.")):
            raise Away(f"{url.host} would be asked without TLS; nothing was asked")


class _Guarded(AbstractResolver):
    """Only addresses that may be connected to: names of a registry cannot lead to us, whenever they change."""

    def __init__(self, inner: AsyncResolver, guard: Guard) -> None:
        self._inner, self._guard = inner, guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        allowed = [one for one in found if self._guard(one["host"]) is None]
        if not allowed:
            raise OSError("all of its addresses are refused")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


def retry_after(text: str, now: float) -> float:
    """Seconds that a Retry-After asks to wait (RFC 9110, 10.2.3: seconds or a date), at most a day; 0.0 for none or a malformed one."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(86_400.0, float(text[:9]))
    try:
        at = parsedate_to_datetime(text).timestamp() if text.endswith("GMT") else now
    except (ValueError, OverflowError):
        return 0.0
    return min(86_400.0, max(0.0, at - now))


def _target(location: str, base: Url) -> Url | None:
    """Where a redirect leads; None for nowhere that may be asked."""
    url = parse(location, base.text) if location else None
    return url if isinstance(url, Url) else None
