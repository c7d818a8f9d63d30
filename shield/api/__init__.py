"""Shield over HTTP (RFC 9110): paths, bodies, statuses, headers. What is asked and answered is `shield.service`'s.

Every answer, errors too, has an X-Request-Id of ours; errors are `{"detail": ...}`. Nothing of a request is logged. Bodies are
streamed into bounded memory and hashed as they come; nothing touches a disk. `/metrics` is for accounts of operators and viewers
only: what the load of the others is, is no provider's business; probes hear yes or no. `connections` are beside it.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from msgspec import Struct

from contracts.errors import Unavailable, UsageError, kind_and_place
from contracts.hashes import Hashes
from contracts.people import Identity, may
from shield import bodies, openapi, questions
from shield.api.connections import Server, said_as_json, tls
from shield.auth import CHALLENGE, basic
from shield.keys import Key
from shield.limits import retry_after
from shield.questions import Refused
from shield.service import Shield

log = logging.getLogger(__name__)

LIVE: Final = "/livez"
READY: Final = "/readyz"
METRICS: Final = "/metrics"
DESCRIPTION: Final = "/openapi.json"
METRICS_ACT: Final = "shield.metrics"
KEEP_ALIVE: Final = 15.0
"""Seconds for which a connection may wait for its next request, and for which the head of one may take."""
LINGER: Final = 2.0
"""Seconds for which the rest of a refused body is read and thrown away."""
SOCKETS: Final = 4
"""Times as many connections as questions at a time; more are closed at once."""
HEAD_BYTES: Final = 8_190
FIELDS: Final = 64
AWAY: Final = 2.0
BACKLOG: Final = 1_024
LOOK: Final = 0.02
CUT: Final = 0.5
"""Seconds that a connection has at the very end."""


class _Question(Struct, frozen=True):
    """A request whose body has come. `hold` takes more of the room for media, until the answer is made."""

    key: Key
    who: Identity
    body: bytearray
    hashes: Hashes
    kind: str
    number: str
    hold: Callable[[int], None]


Answer = Callable[[_Question], Awaitable[Any]]
Exposition = Callable[[str], tuple[str, bytes]]
"""Metrics as text, given an Accept header: (content type, body)."""


class Api:
    """Serves one Shield at `host`:`port` (0 takes a free one). UsageError for an address off loopback without a certificate."""

    def __init__(self, shield: Shield, at: tuple[str, int], exposition: Exposition, version: str) -> None:
        self._shield, self._at, self._exposition = shield, at, exposition
        self._settings, self._limits = shield.settings.shield, shield.settings.limits
        self._tls = tls(self._settings.certificate, self._settings.key, at[0])
        self._document = msgspec.json.encode(openapi.document(version))
        self._room = bodies.Room(shield.settings.workers.buffers)
        self._leaving = False
        self._runner: web.ServerRunner | None = None
        self._site: web.TCPSite | None = None
        self.open = 0
        self._paths: dict[str, tuple[Answer, int]] = {
            "/v1/media": (self._media, self._settings.media_bytes),
            "/v1/url": (self._url, bodies.JSON_BYTES),
            "/v1/pdq": (self._pdq, bodies.json_bytes(self._settings.batch)),
            "/v1/digests": (self._digests, bodies.json_bytes(self._settings.batch)),
            "/v1/feedback": (self._feedback, bodies.JSON_BYTES),
        }

    @property
    def port(self) -> int:
        """The port that is listened on, 0 before `start`."""
        return int(self._runner.addresses[0][1]) if self._runner is not None and self._runner.addresses else 0

    async def start(self) -> None:
        """Listen. UsageError if the address cannot be had."""
        server = Server(
            self._serve, self._settings.connections * SOCKETS,
            access_log=None, auto_decompress=False, keepalive_timeout=KEEP_ALIVE, lingering_time=LINGER,
            max_line_size=HEAD_BYTES, max_field_size=HEAD_BYTES, max_headers=FIELDS,
        )  # fmt: skip
        self._runner = web.ServerRunner(server, shutdown_timeout=CUT)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, *self._at, ssl_context=self._tls, backlog=BACKLOG)
        try:
            await self._site.start()
        except OSError as error:
            await self._runner.cleanup()
            host, port = self._at
            raise UsageError(f"shield.listen: {host}:{port} cannot be listened on: {error.strerror}") from error

    async def stop(self) -> None:
        """Listen no more, finish what is being answered within the grace, close."""
        self._leaving = True
        site, self._site = self._site, None
        if self._runner is None or site is None:
            return
        await site.stop()
        until = asyncio.get_running_loop().time() + self._shield.settings.workers.shutdown_grace
        while self.open and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(LOOK)
        await self._runner.cleanup()

    # -- one request ------------------------------------------------------------------------------------------------------

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        number = secrets.token_hex(16)
        try:
            answer = await self._answer(request, number)
        except Refused as refused:
            answer = self._refusal(refused)
        except Unavailable:
            answer = self._refusal(Refused(503, "a part of Shield is away; ask again in a moment", AWAY))
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:  # a fault of ours: it costs this answer, and says nothing of the question
            log.error("a question could not be answered: %s", kind_and_place(error))
            answer = self._refusal(Refused(500, "a fault of ours; tell us the request id"))
        answer.headers[openapi.REQUEST_ID] = number
        if self._leaving:
            answer.force_close()
        return answer

    async def _answer(self, request: web.BaseRequest, number: str) -> web.Response:
        path = request.path.rstrip("/")
        if path in (LIVE, READY, DESCRIPTION, METRICS):
            if request.method not in ("GET", "HEAD"):
                raise Refused(405, "only GET is known here")
            return await self._told(path, request)
        asked = self._paths.get(path)
        if asked is None:
            raise Refused(404, f"there is no such path; see {DESCRIPTION}")
        if request.method != "POST":
            raise Refused(405, "only POST is known here")
        if self.open >= self._settings.connections:
            raise Refused(503, "too many questions at a time; ask again in a moment", 1.0)
        self.open += 1
        try:
            identity = await self._identity(request)
            key = await self._shield.admit(identity)
            return await self._asked(request, identity, key, *asked, number)
        finally:
            self.open -= 1

    async def _asked(
        self, request: web.BaseRequest, who: Identity, key: Key, answer: Answer, most: int, number: str
    ) -> web.Response:
        hashes, held = Hashes(), [0]

        def hold(octets: int) -> None:
            self._room.hold(octets)
            held[0] += octets

        try:
            body = await self._body(request, most, hashes, hold)
            kind = request.headers.get("Content-Type", "")
            said = await answer(_Question(key, who, body, hashes, kind, number, hold))
        finally:
            self._room.free(held[0])
        return said_as_json(200, msgspec.json.encode(said))

    async def _identity(self, request: web.BaseRequest) -> Identity:
        given = basic(request.headers.get("Authorization"))
        identity = await self._shield.identify(*given) if given is not None else None
        if identity is None:
            raise Refused(401, "user and password of a provider's key are needed (Basic authentication)")
        return identity

    async def _body(
        self, request: web.BaseRequest, most: int, hashes: Hashes, hold: Callable[[int], None]
    ) -> bytearray:
        """The body, hashed as it comes, within the room that `hold` takes. Refused (400, 408, 413, 415, 503)."""
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Refused(415, "bodies are taken as they are, without a content coding")
        loop, announced = asyncio.get_running_loop(), request.content_length
        arriving = bodies.Arriving(announced, most, self._limits.media_total, self._limits.min_rate, loop.time())
        hold(announced or 0)
        if request.headers.get("Expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0
        body, stream = bytearray(), request.content
        try:
            while not stream.at_eof():
                async with asyncio.timeout_at(arriving.deadline()):
                    chunk = await stream.readany()
                arriving.took(len(chunk))
                if announced is None:
                    hold(len(chunk))
                hashes(chunk)
                body += chunk
        except TimeoutError:
            raise Refused(408, "the body came too slowly") from None
        except (HttpProcessingError, web.RequestPayloadError):
            raise Refused(400, "the body is malformed or was cut off") from None
        return body

    # -- paths ------------------------------------------------------------------------------------------------------------

    async def _media(self, asked: _Question) -> Any:
        if not asked.body:
            raise Refused(400, "the body is empty: there is no medium to look at")
        return await self._shield.media(asked.key, asked.body, asked.hashes, asked.kind, asked.number)

    async def _url(self, asked: _Question) -> Any:
        url = questions.read(asked.body, questions.UrlQuestion).url
        return await self._shield.url(asked.key, asked.who, url, asked.number, asked.hold)

    async def _pdq(self, asked: _Question) -> Any:
        question = questions.read(asked.body, questions.PdqQuestion)
        return await self._shield.pdq(asked.key, asked.who, question, asked.number)

    async def _digests(self, asked: _Question) -> Any:
        question = questions.read(asked.body, questions.DigestsQuestion)
        return await self._shield.digests(asked.key, asked.who, question, asked.number)

    async def _feedback(self, asked: _Question) -> Any:
        question = questions.read(asked.body, questions.FeedbackQuestion)
        return await self._shield.feedback(asked.key, asked.who, question, asked.number)

    async def _told(self, path: str, request: web.BaseRequest) -> web.Response:
        if path == DESCRIPTION:
            return said_as_json(200, self._document)
        if path == METRICS:
            if not may(await self._identity(request), METRICS_ACT):
                raise Refused(403, "metrics are for operators and viewers")
            kind, body = self._exposition(request.headers.get("Accept", ""))
            return web.Response(body=body, headers={"Content-Type": kind})
        if path == LIVE:
            return said_as_json(200, b'{"live":true}')
        ready = not self._leaving and not self._shield.waits()
        return said_as_json(200 if ready else 503, b'{"ready":true}' if ready else b'{"ready":false}')

    def _refusal(self, refused: Refused) -> web.Response:
        self._shield.refused[refused.status] += 1
        answer = said_as_json(refused.status, msgspec.json.encode({"detail": refused.why}))
        if refused.status == 401:
            answer.headers["WWW-Authenticate"] = CHALLENGE
        if refused.wait:
            answer.headers["Retry-After"] = retry_after(refused.wait)
        return answer
