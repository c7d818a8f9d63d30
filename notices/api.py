"""The API of the notices role: every act of the desk as POST /v1/ACT with a JSON body and a JSON answer (`notices.desk.table`).

Who asks shows an account by Basic authentication or a token of an issuer as Bearer. Errors are {"detail": ...}; each answer has its
X-Request-Id. Bodies, requests at a time and failed log-ins are bounded. No body, place or credential comes into a log.
"""

import asyncio
import hmac
import logging
import secrets
import ssl
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import Final

import msgspec
from aiohttp import web
from msgspec import Struct

from contracts.errors import PisauraError, Unavailable, UsageError, kind_and_place
from contracts.people import Identity
from notices.desk.office import Denied, Office
from notices.desk.table import ACTS, asked_with, perform, permitted

log = logging.getLogger(__name__)

BODY: Final = 128 * 1024
"""Bytes of a body that are read."""
HOOK_BODY: Final = 1024 * 1024
PATIENCE: Final = 60.0
"""Seconds that a request may take, its reading included."""
AT_A_TIME: Final = 32
FAILURES: Final = 10
ALL_FAILURES: Final = 300
WINDOW: Final = 60.0
"""Log-ins that may fail in so many seconds, from one address and from all; further ones are not looked at."""
ADDRESSES: Final = 10_000
_JSON: Final = "application/json"

Authenticate = Callable[[str], Awaitable[Identity | None]]
"""The value of the field Authorization -> whose that is, None if nobody's."""
Mail = Callable[[bytes], Awaitable[int]]
"""A message (RFC 5322) that a mail provider posts: a bounce or a reply -> its number."""
Answers = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""(provider, header fields in lower case, body) of a provider's API that answers a notice -> its number. Denied if it is not signed by
that provider, UsageError if it is no answer."""


class Hooks(Struct, frozen=True):
    """Where bounces, replies and answers are posted to. Without a secret no mail is taken, without `answers` no answers are."""

    mail: Mail | None = None
    secret: str = ""
    answers: Answers | None = None


class Failures:
    """Failed log-ins of late, by address. Bounded: who fails from many addresses is stopped by the sum of all."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by: OrderedDict[str, list[float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0.0: now."""
        now, waits = self._clock(), [0.0]
        for key, most in ((address, FAILURES), ("", ALL_FAILURES)):
            times = [at for at in self._by.get(key, ()) if at > now - WINDOW]
            if len(times) >= most:
                waits.append(times[-most] + WINDOW - now)
        return max(waits)

    def add(self, address: str) -> None:
        """Another one."""
        now = self._clock()
        for key, most in ((address, FAILURES), ("", ALL_FAILURES)):
            times = [at for at in self._by.pop(key, ()) if at > now - WINDOW]
            self._by[key] = [*times, now][-most:]
        while len(self._by) > ADDRESSES:
            self._by.popitem(last=False)


class Api:
    """Serves the desk. `clock` gives unix seconds, `monotonic` counts time for limits."""

    def __init__(
        self,
        office: Office,
        authenticate: Authenticate,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        hooks: Hooks | None = None,
    ) -> None:
        self._office, self._authenticate, self._clock = office, authenticate, clock
        self._failures = Failures(monotonic)
        self._hooks = hooks or Hooks()
        self._busy = 0
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, address: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Listen; `port` then says where. UsageError off loopback without TLS, or if it cannot listen there."""
        if tls is None and not ip_address(address).is_loopback:
            raise UsageError(
                "notices.api_listen is not on loopback, and notices.api_certificate and notices.api_key are not set: "
                "without TLS the API is served on loopback only"
            )
        app = web.Application(middlewares=[self._around], client_max_size=HOOK_BODY)
        app.router.add_post("/v1/{act}", self._act)
        if self._hooks.mail is not None and self._hooks.secret:
            app.router.add_post("/hooks/mail", self._mail)
        if self._hooks.answers is not None:
            app.router.add_post("/hooks/answers/{provider}", self._answers)
        runner = web.AppRunner(app, access_log=None, keepalive_timeout=30.0, shutdown_timeout=2.0, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, address, port, ssl_context=tls, backlog=64).start()
        except OSError as error:
            await runner.cleanup()
            raise UsageError(f"notices.api_listen: cannot listen on {address}:{port}: {error.strerror}") from error
        self._runner, self.port = runner, int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Listen no more; what is being answered has two seconds."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _around(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Bounds, and every error as JSON."""
        number = secrets.token_hex(8)
        if self._busy >= AT_A_TIME:
            answer: web.StreamResponse = _error(503, "too many requests at a time; try again", {"Retry-After": "1"})
        else:
            self._busy += 1
            try:
                async with asyncio.timeout(PATIENCE):
                    answer = await handler(request)
            except Exception as error:
                answer = _answered(error, number)
            finally:
                self._busy -= 1
        answer.headers["X-Request-Id"] = number
        answer.headers["Cache-Control"] = "no-store"
        return answer

    async def _act(self, request: web.Request) -> web.Response:
        name = request.match_info["act"]
        who = await self._who(request)
        if isinstance(who, web.Response):
            return who
        if name not in ACTS:
            return _error(404, "there is no such act")
        permitted(who, name)
        asked = asked_with(name, await _body(request, BODY))
        done = await perform(self._office, who, name, asked, self._clock())
        return web.Response(body=msgspec.json.encode(done), content_type=_JSON)

    async def _who(self, request: web.Request) -> Identity | web.Response:
        address = request.remote or ""
        if (seconds := self._failures.wait(address)) > 0:
            return _later(seconds)
        shown = request.headers.get("Authorization", "")
        found = await self._authenticate(shown) if shown else None
        if found is not None:
            return found
        if shown:
            self._failures.add(address)
        return _error(401, "who asks? show an account or a token", {"WWW-Authenticate": 'Basic realm="pisaura"'})

    async def _mail(self, request: web.Request) -> web.Response:
        """A bounce or a reply, as a mail provider posts it; it shows the shared secret as Bearer."""
        if (seconds := self._failures.wait(request.remote or "")) > 0:
            return _later(seconds)
        shown = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if self._hooks.mail is None or not hmac.compare_digest(shown, b"Bearer " + self._hooks.secret.encode()):
            self._failures.add(request.remote or "")
            return _error(401, "the secret is not that of notices.hook_secret")
        return web.json_response({"kept": await self._hooks.mail(await _body(request, HOOK_BODY))})

    async def _answers(self, request: web.Request) -> web.Response:
        """What a provider's API says of a notice, signed as our notices to it are."""
        if (seconds := self._failures.wait(request.remote or "")) > 0:
            return _later(seconds)
        if self._hooks.answers is None:
            return _error(404, "no answers are taken here")
        fields = {name.lower(): value for name, value in request.headers.items()}
        try:
            kept = await self._hooks.answers(request.match_info["provider"], fields, await _body(request, BODY))
        except Denied:
            self._failures.add(request.remote or "")
            raise
        return web.json_response({"kept": kept})


async def _body(request: web.Request, most: int) -> bytes:
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    data = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        data += chunk
        if len(data) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(data))
    return bytes(data)


def _answered(error: Exception, number: str) -> web.Response:
    """An error as an answer. What nobody foresaw is logged by its kind and place only."""
    if isinstance(error, web.HTTPException):
        return _error(error.status, error.reason or "refused")
    if isinstance(error, TimeoutError):
        return _error(408, f"the request took longer than {PATIENCE:.0f} s")
    if isinstance(error, Denied):
        return _error(403, str(error))
    if isinstance(error, UsageError):
        return _error(400, str(error))
    if isinstance(error, Unavailable):
        return _error(503, str(error), {"Retry-After": "5"})
    if isinstance(error, PisauraError):
        return _error(500, str(error))
    log.error("request %s failed: %s", number, kind_and_place(error))
    return _error(500, f"a fault of ours; look for request {number} in the log")


def _error(status: int, detail: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"detail": detail}, status=status, headers=headers)


def _later(seconds: float) -> web.Response:
    return _error(429, "too many log-ins have failed; wait", {"Retry-After": str(int(seconds) + 1)})


def tls(certificate: str, key: str) -> ssl.SSLContext | None:
    """TLS of a certificate and its key, 1.2 at least; None where neither is given. UsageError if they cannot be used."""
    if not certificate and not key:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key or None)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"notices.api_certificate, notices.api_key: cannot be used ({type(error).__name__})") from None
    return context
