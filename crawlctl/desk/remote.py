"""The desk through the notices role's API: how case verbs come to it in a cluster, never straight to Postgres."""

import ssl
from typing import Final, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec
from msgspec import Struct

from contracts.errors import PisauraError, Unavailable, UsageError
from contracts.settings import Settings
from crawlctl.identity import Credentials

A = TypeVar("A", bound=Struct)

TIMEOUT: Final = 90.0
ANSWER: Final = 64 * 1024 * 1024
"""Bytes of an answer that are read."""


class Remote:
    """Asks the API of `notices.api` as whoever the credentials are of."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        """UsageError if the URL is none, or would carry a password in the clear."""
        self._url = checked(settings.notices.api)
        self._credentials = credentials
        self._tls = _tls(settings.notices.api_ca) if self._url.startswith("https:") else None

    async def call(self, name: str, asked: Struct, answers: type[A]) -> A:
        """Do an act. UsageError, Unavailable or PisauraError with what the API says."""
        url = f"{self._url}/v1/{name}"
        headers = {"Authorization": self._credentials.header, "Content-Type": "application/json"}
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session,
                session.post(
                    url, data=msgspec.json.encode(asked), headers=headers, ssl=self._tls or True, allow_redirects=False
                ) as answer,
            ):
                status, data = answer.status, await _read(answer)
        except aiohttp.ClientSSLError as error:
            raise UsageError(
                f"notices.api: the certificate is not to be trusted ({type(error).__name__}); set notices.api_ca"
            ) from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unavailable(
                f"notices.api does not answer ({type(error).__name__}); is the notices role up?"
            ) from None
        if status == 200:
            try:
                return msgspec.json.decode(data, type=answers)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise PisauraError("notices.api gives an answer of another version; use the same one") from None
        raise _refusal(status, data)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in answer.content.iter_chunked(1 << 16):
        data += chunk
        if len(data) > ANSWER:
            raise PisauraError(f"notices.api answers with more than {ANSWER} bytes; ask for smaller pages")
    return bytes(data)


def _refusal(status: int, data: bytes) -> PisauraError:
    try:
        detail = str(msgspec.json.decode(data, type=dict[str, str])["detail"])[:1000]
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError):
        detail = f"notices.api answers {status}; is that the notices role?"
    if status in (408, 429, 503):
        return Unavailable(detail)
    return UsageError(detail) if 400 <= status < 500 else PisauraError(detail)


def checked(url: str) -> str:
    """The URL without a slash at its end. UsageError if it is none, or plain HTTP off loopback."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or parts.username:
        raise UsageError("notices.api must be a URL like https://notices.example:8443")
    if parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        raise UsageError("notices.api: http is for loopback only, since passwords would be read by others; use https")
    return url.rstrip("/")


def _tls(authorities: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities or None)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"notices.api_ca: {authorities}: cannot be used ({type(error).__name__})") from None
