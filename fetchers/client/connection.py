"""One connection to one checked address: aiohttp's HTTP parser on a bare transport, one exchange after the other.

A session of aiohttp costs more than twice the CPU of its parser, repeats requests by itself and does not say when the
bytes leave; here each request written is one call of `send`. One timer an exchange watches every limit of time.
"""

import asyncio
from typing import Final, NamedTuple, Protocol, cast

from aiohttp.http import HttpResponseParser, RawResponseMessage
from aiohttp.http_exceptions import LineTooLong
from aiohttp.streams import StreamReader

from contracts.faults import Cut, Fault

HEADER_LINES: Final = 256
"""Most lines of a response's header."""
FIELD_BYTES: Final = 65_536
"""Longest single field that the parser takes; `Terms.header_bytes` bounds the sum."""
BUFFER: Final = 262_144
"""Body bytes that may wait to be read; the transport is paused at twice as many."""
WAKE: Final = 65_536
"""Received bytes after which the reader is woken although the message is not complete."""
_END_OF_HEADER: Final = b"\r\n\r\n"

Key = tuple[bool, str, str, str]
"""https, authority, address, route: what an idle connection can be used for."""


class Terms(NamedTuple):
    """Limits of one exchange; `*_by` in the loop's time. `min_rate` is held to in windows of `rate_window` seconds."""

    header_bytes: int
    deadline_by: float
    total_by: float
    first_byte_by: float
    min_rate: int
    rate_window: float


class Keeper(Protocol):
    """Who wants to know that a connection is gone."""

    def lost(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """A connection and its exchange under way.

    After `send`, await `wait` until `message` is there or `error` is set; then alternate `read` and `wait` until `complete`
    or `error`, and `finish`. `error` is the `Fault` or `Cut` that ended the exchange; what came before stays readable.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, key: Key, keeper: Keeper) -> None:
        self.key = key
        self.transport: asyncio.Transport | None = None
        self.tls_fault = ""
        self.idle_since = 0.0
        self.message: RawResponseMessage | None = None
        self.complete = False
        self.error = ""
        self.received = 0
        self._loop, self._keeper = loop, keeper
        # The parser only hands this on to the StreamReader, which asks for no more than pausing and resuming.
        self._parser: HttpResponseParser | None = HttpResponseParser(
            self,  # type: ignore[arg-type]
            loop,
            BUFFER,
            max_line_size=FIELD_BYTES,
            max_field_size=FIELD_BYTES,
            max_headers=HEADER_LINES,
            read_until_eof=True,
            auto_decompress=False,
        )
        self._payload: StreamReader | None = None
        self._busy = False
        self._surplus = False
        self._paused = False
        self._head = 0
        self._taken = 0
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._terms: Terms | None = None
        self._window_ends = 0.0
        self._window_mark = 0

    # What the client calls

    @property
    def usable(self) -> bool:
        """A request may be written: connected, and nothing under way."""
        return self.transport is not None and not self._busy and not self.transport.is_closing()

    def send(self, head: bytes, terms: Terms) -> None:
        """Write a request and begin its exchange. The connection must be `usable`."""
        assert self.transport is not None
        self.message, self._payload = None, None
        self.complete, self.error, self._surplus, self._busy = False, "", False, True
        self.received = self._head = self._taken = 0
        self._terms = terms
        self.transport.write(head)
        first = min(terms.deadline_by, terms.total_by, terms.first_byte_by, self._loop.time() + terms.rate_window)
        self._timer = self._loop.call_at(first, self._tick)

    async def wait(self) -> None:
        """Until the message is complete, the exchange has ended otherwise, or `WAKE` more bytes were received."""
        if not self.complete and not self.error:
            self._waiter = self._loop.create_future()
            await self._waiter

    def read(self) -> bytes:
        """The body bytes received since the last call, transfer coding removed."""
        self._taken = self.received
        if self._payload is None:
            return b""
        if self._payload.exception() is not None:
            self.fail(Fault.BAD_HTTP)
            return b""
        return self._payload.read_nowait()

    def finish(self) -> bool:
        """End the exchange. True if the connection can take another one; otherwise its socket is closed now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        good = (
            self.complete
            and not self._surplus
            and not self.error
            and self.message is not None
            and not self.message.should_close
            and self.transport is not None
            and not self.transport.is_closing()
        )
        self._busy = False
        self.message, self._payload, self._terms, self._waiter = None, None, None, None
        if not good:
            self.abort()
        return good

    def fail(self, why: str) -> None:
        """End the exchange with `why` unless it is over; the socket is closed now."""
        if not self.complete and not self.error:
            self.error = why
        self.abort()
        self._wake()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    # What the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if not self._busy:
            self.abort()  # nobody asked: whatever it is, it must not become the answer to the next request
            return
        if not self.received:
            assert self._terms is not None
            self._window_ends = self._loop.time() + self._terms.rate_window
            self._window_mark = 0
        self.received += len(data)
        if self.message is None:
            self._feed_head(data)
        else:
            self._feed(data)
        if self._payload is not None and not self.complete and self._payload.is_eof():
            self.complete = True
        if self.complete or self.received - self._taken >= WAKE:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._busy and not self.complete and not self.error:
            self._ended_early(exc)
        self._parser = None  # breaks the cycle
        self._wake()
        self._keeper.lost(self)

    # What the body's StreamReader calls

    connected = True

    def pause_reading(self) -> None:
        if self.transport is not None and not self._paused:
            self._paused = True
            self.transport.pause_reading()
            self._wake()

    def resume_reading(self, resume_parser: bool = True) -> None:
        if self._paused:
            self._paused = False
            if self.transport is not None:
                self.transport.resume_reading()

    # Inside

    def _feed_head(self, data: bytes) -> None:
        """Feed header by header, so that an error in the body cannot swallow the message that came with it."""
        assert self._terms is not None
        at = 0
        while self.message is None and at < len(data) and not self.error:
            end = data.find(_END_OF_HEADER, at)
            end = len(data) if end < 0 else end + 4
            self._feed(data[at:end])
            self._head += end - at
            if self._head > self._terms.header_bytes and not self._within_header_bytes():
                self.message, self._payload = None, None  # never read headers that nobody would hold
                self.fail(Fault.TOO_MANY_HEADERS)
            at = end
        if at < len(data) and not self.error:
            self._feed(data[at:])

    def _within_header_bytes(self) -> bool:
        """Exact, for when the counted bytes may include some of the body (its separator came in two pieces)."""
        assert self._terms is not None
        if self.message is None:
            return False
        return sum(len(name) + len(value) + 4 for name, value in self.message.raw_headers) <= self._terms.header_bytes

    def _feed(self, data: bytes) -> None:
        if self._parser is None or self.error:
            return
        try:
            messages, upgraded, _tail = self._parser.feed_data(data)
        except Exception as error:
            # The parser's texts quote the answer: only our own names go on.
            if self._payload is not None and self._payload.is_eof():
                self._surplus = True
            else:
                flood = isinstance(error, LineTooLong) or error.args[:1] == ("Too many headers received",)
                self.fail(Fault.TOO_MANY_HEADERS if flood else Fault.BAD_HTTP)
            return
        for message, payload in messages:
            if self.message is not None:
                self._surplus = True
            elif not 100 <= message.code < 200:
                self.message, self._payload = message, payload
            elif upgraded or message.code == 101:
                self.fail(Fault.BAD_HTTP)

    def _ended_early(self, exc: Exception | None) -> None:
        if self.message is None or exc is not None or self._parser is None:
            self.error = Fault.RESET
            return
        try:
            self._parser.feed_eof()
        except Exception:
            self.error = Cut.TRUNCATED
        else:
            self.complete = self._payload is not None and self._payload.is_eof()
            if not self.complete:
                self.error = Cut.TRUNCATED

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def _tick(self) -> None:
        """The exchange's only timer: name the limit that is over, or come back when the next one may be."""
        terms, self._timer = self._terms, None
        if terms is None or self.complete or self.error:
            return None
        now = self._loop.time()
        if now >= terms.deadline_by:
            return self.fail(Fault.DEADLINE)
        if now >= terms.total_by:
            return self.fail(Fault.TOTAL_TIMEOUT)
        if not self.received:
            if now >= terms.first_byte_by:
                return self.fail(Fault.FIRST_BYTE_TIMEOUT)
            due = terms.first_byte_by
        else:
            if now >= self._window_ends:
                if self.received - self._window_mark < terms.min_rate * terms.rate_window:
                    return self.fail(Fault.TOO_SLOW)
                self._window_mark = self.received
                self._window_ends = now + terms.rate_window
            due = self._window_ends
        if not self.received:
            due = min(due, now + terms.rate_window)
        self._timer = self._loop.call_at(min(terms.deadline_by, terms.total_by, due), self._tick)
        return None
