"""One exchange without a network: any bytes in any pieces end under a name, and the timer names the limit that is over."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.faults import Cut, Fault
from fetchers.client.connection import Connection, Terms

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
FRAGMENTS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 404\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 101 Upgrade\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n",
    b"Content-Length: x\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Connection: close\r\n",
    b"Upgrade: websocket\r\nConnection: upgrade\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Sec-WebSocket-Key1: x\r\n",
    b"X: \xff\xfe\r\n",
    b" folded\r\n",
    b"\r\n",
    b"\n",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffffff\r\n",
    b"hello",
]


class Transport:
    """Notes what is written and whether it was closed or paused."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False
        self.paused = False

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Timer:
    def __init__(self, when: float, call: Callable[[], None]) -> None:
        self.when, self.call, self.cancelled = when, call, False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """Time that a test moves, and at most one timer."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, call: Callable[[], None]) -> Timer:
        self.timers = [timer for timer in self.timers if not timer.cancelled]
        assert not self.timers, "an exchange has one timer"
        self.timers.append(Timer(when, call))
        return self.timers[-1]

    def advance(self, seconds: float) -> None:
        """Move on, firing the timer whenever it is due."""
        end = self.now + seconds
        while (timer := next((t for t in self.timers if not t.cancelled), None)) is not None and timer.when <= end:
            self.now = max(self.now, timer.when)
            self.timers.clear()
            timer.call()
        self.now = end


class Keeper:
    def __init__(self) -> None:
        self.gone = 0

    def lost(self, connection: Connection) -> None:
        self.gone += 1


def terms(**changed: float) -> Terms:
    full: dict[str, Any] = {
        "header_bytes": 1000,
        "deadline_by": 1000.0,
        "total_by": 1000.0,
        "first_byte_by": 1000.0,
        "min_rate": 0,
        "rate_window": 10.0,
    }
    return Terms(**{**full, **changed})


def connected(**changed: float) -> tuple[Connection, Transport, Loop, Keeper]:
    """A connection whose request was just written, at 100.0 s."""
    loop, transport, keeper = Loop(), Transport(), Keeper()
    connection = Connection(cast(asyncio.AbstractEventLoop, loop), (False, "h.test", "127.0.0.1", "direct"), keeper)
    connection.connection_made(cast(asyncio.BaseTransport, transport))
    connection.send(b"GET / HTTP/1.1\r\n\r\n", terms(**changed))
    return connection, transport, loop, keeper


def test_an_exchange() -> None:
    connection, transport, loop, keeper = connected()
    assert (transport.written, connection.usable) == (b"GET / HTTP/1.1\r\n\r\n", False)
    connection.data_received(OK)
    assert (connection.complete, connection.error, connection.read()) == (True, "", b"hello")
    assert connection.finish()
    assert connection.usable
    assert not [timer for timer in loop.timers if not timer.cancelled]
    connection.send(b"GET /2 HTTP/1.1\r\n\r\n", terms())
    connection.data_received(OK)
    assert connection.read() == b"hello"
    connection.connection_lost(None)
    assert not connection.finish()
    assert keeper.gone == 1


def test_what_is_received_without_a_request_closes_the_connection() -> None:
    connection, transport, _, _ = connected()
    connection.data_received(OK)
    assert connection.finish()
    connection.data_received(OK)
    assert transport.closed
    assert not connection.usable


# The exchange's only timer serves all limits of time.
@pytest.mark.parametrize(
    ("changed", "received_at", "ends", "why"),
    [
        ({"first_byte_by": 105.0}, None, 105.0, Fault.FIRST_BYTE_TIMEOUT),
        ({"first_byte_by": 125.0}, None, 125.0, Fault.FIRST_BYTE_TIMEOUT),
        ({"total_by": 103.0}, None, 103.0, Fault.TOTAL_TIMEOUT),
        ({"total_by": 103.0, "deadline_by": 102.0}, None, 102.0, Fault.DEADLINE),
        ({"deadline_by": 130.0}, 1.0, 130.0, Fault.DEADLINE),
        ({"total_by": 137.0, "first_byte_by": 105.0}, 4.0, 137.0, Fault.TOTAL_TIMEOUT),
        # The window begins with the first byte: 10 s after it, nothing more having come.
        ({"min_rate": 10, "first_byte_by": 120.0}, 3.0, 113.0, Fault.TOO_SLOW),
        ({"min_rate": 2, "first_byte_by": 120.0}, 3.0, 123.0, Fault.TOO_SLOW),
    ],
)
def test_limits_of_time(changed: dict[str, float], received_at: float | None, ends: float, why: Fault) -> None:
    connection, transport, loop, _ = connected(**changed)
    if received_at is not None:
        loop.advance(received_at)
        connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Le")
    loop.advance(ends - loop.now - 0.001)
    assert (connection.error, transport.closed) == ("", False)
    loop.advance(0.001)
    assert (connection.error, transport.closed) == (why, True)
    loop.advance(1000.0)
    assert connection.error == why


def test_no_limit_ends_what_is_complete() -> None:
    connection, _, loop, _ = connected(total_by=101.0)
    connection.data_received(OK)
    loop.advance(50.0)
    assert (connection.complete, connection.error) == (True, "")


def test_a_body_that_nobody_reads_pauses_the_transport() -> None:
    connection, transport, _, _ = connected()
    connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n")
    for _ in range(100):
        if transport.paused:
            break
        connection.data_received(b"x" * 65_536)
    assert transport.paused
    assert connection.received < 1_000_000
    assert connection.read().strip(b"x") == b""
    assert not transport.paused


async def test_whoever_waits_is_woken() -> None:
    loop, transport, keeper = asyncio.get_running_loop(), Transport(), Keeper()
    connection = Connection(loop, (False, "h.test", "127.0.0.1", "direct"), keeper)
    connection.connection_made(cast(asyncio.BaseTransport, transport))
    now = loop.time()
    connection.send(b"", terms(deadline_by=now + 100, total_by=now + 100, first_byte_by=now + 100))
    loop.call_soon(connection.data_received, b"HTTP/1.1 200 OK\r\nContent-Length: 100005\r\n\r\n" + b"x" * 100_000)
    await connection.wait()
    assert len(connection.read()) == 100_000
    loop.call_soon(connection.data_received, b"hello")
    await connection.wait()
    assert connection.complete
    await connection.wait()
    assert connection.finish()


# Every byte from the web is hostile: whatever comes, in whatever pieces, there is an answer, an error, or a wait for more.
@given(
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=30)), max_size=14),
    st.lists(st.integers(1, 60), min_size=1, max_size=20),
    st.booleans(),
    st.sampled_from([None, ConnectionResetError(), OSError()]),
)
def test_any_bytes_end_under_a_name(
    fragments: list[bytes], sizes: list[int], begun: bool, end: Exception | None
) -> None:
    connection, transport, _, keeper = connected()
    data = (b"HTTP/1.1 200 OK\r\n" if begun else b"") + b"".join(fragments)
    at = 0
    body = b""
    for size in sizes * (len(data) // sum(sizes) + 1):
        if transport.closed:
            break
        connection.data_received(data[at : at + size] or b"\n")
        at += size
        body += connection.read()
    if not transport.closed:
        connection.connection_lost(end)
    body += connection.read()
    assert len(body) <= len(data) + len(sizes) * 10
    assert connection.complete or connection.error in {*Fault, *Cut}
    assert connection.message is None or connection.message.code >= 200 or connection.message.code < 100
    connection.finish()
    assert not connection.usable or not end
    assert keeper.gone <= 1
