"""Shield's connections: how many, by which TLS, and what is said to what is no HTTP."""

import asyncio
import secrets
import ssl
from ipaddress import ip_address
from typing import Any

import msgspec
from aiohttp import web

from contracts.errors import UsageError
from shield.openapi import REQUEST_ID


class Server(web.Server):
    """Connections are bounded, and what is no HTTP is answered like every other error."""

    def __init__(self, handler: Any, most: int, **settings: Any) -> None:
        super().__init__(handler)
        self._most, self._given = most, settings

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **self._given)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self.connections) > self._most:
            transport.abort()


class _Connection(web.RequestHandler):
    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Nothing of what came is repeated or logged."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun")
        said = "this is no HTTP that can be read" if status < 500 else "a fault of ours; tell us the request id"
        answer = said_as_json(status, msgspec.json.encode({"detail": said}))
        answer.headers[REQUEST_ID] = secrets.token_hex(16)
        answer.force_close()
        return answer


def said_as_json(status: int, body: bytes) -> web.Response:
    """An answer."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return web.Response(status=status, body=body, headers=headers)


def tls(certificate: str, key: str, host: str) -> ssl.SSLContext | None:
    """TLS 1.2 or later with this certificate; None on loopback without one (docs/domain.md, section 4: "TLS off loopback")."""
    if not certificate:
        if not ip_address(host).is_loopback:
            raise UsageError(
                f"shield.listen: {host} is not loopback, and passwords and media would travel in the clear; "
                "set shield.certificate and shield.key"
            )
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key or None, password=_no_password)
    except (OSError, ValueError) as error:
        raise UsageError(f"shield.certificate, shield.key: they cannot be used: {error}") from error
    return context


def _no_password() -> str:
    """A key under a passphrase would be asked for at the terminal."""
    raise ValueError("the key is under a passphrase; give one that is not")
