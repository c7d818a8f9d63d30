"""Behaviours that are played on a connection: slow, broken, lying and hostile responses.

Each play is a coroutine (connection, log entry, parameters). It may wait: it runs inside the web, not inside a test.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import TYPE_CHECKING

from tests.fakeweb.log import Entry
from tests.fakeweb.model import Answer

if TYPE_CHECKING:
    from tests.fakeweb.connection import Connection

Play = Callable[..., Awaitable[None]]
PLAYS: dict[str, Play] = {}
PAGE = (
    b"<!doctype html><html><head><title>Page</title></head><body><p>A page of a host with a fault.</p></body></html>\n"
)
LINE = "HTTP/1.1 200 OK\r\nContent-Type: {}\r\n"


def play(function: Play) -> Play:
    """Register a play under its name."""
    PLAYS[function.__name__] = function
    return function


def _reset(web: "Connection", entry: Entry) -> None:
    """Close with RST: what the client has not read is lost."""
    entry.cut = entry.cut or "reset"
    web.transport.abort()


@play
async def stall(web: "Connection", entry: Entry, seconds: float = 600.0) -> None:
    """Nothing for `seconds`, then a page."""
    await asyncio.sleep(seconds)
    web.send(Answer(PAGE).wire, entry, 200)


@play
async def drip(
    web: "Connection", entry: Entry, size: int = 2000, step: int = 1, pause: float = 0.5, fill: bytes = b" "
) -> None:
    """A page whose bytes come `step` at a time every `pause` seconds."""
    entry.status = 200
    web.write((LINE.format("text/html") + f"Content-Length: {size}\r\n\r\n").encode(), entry)
    for at in range(0, size, step):
        web.write(fill * min(step, size - at), entry)
        await web.drain()
        await asyncio.sleep(pause)


@play
async def reset_mid_body(web: "Connection", entry: Entry, body: bytes = PAGE * 20, at: int = 700) -> None:
    """The connection is reset after `at` bytes of the body."""
    entry.status = 200
    web.write((LINE.format("text/html") + f"Content-Length: {len(body)}\r\n\r\n").encode() + body[:at], entry)
    await web.drain()
    await asyncio.sleep(0.05)
    _reset(web, entry)


@play
async def short_body(web: "Connection", entry: Entry, body: bytes = PAGE, claim: int = 50_000) -> None:
    """Content-Length says more than comes; the connection is closed in order."""
    entry.status = 200
    entry.cut = "short"
    web.write((LINE.format("text/html") + f"Content-Length: {claim}\r\n\r\n").encode() + body, entry)
    web.transport.close()


@play
async def long_body(web: "Connection", entry: Entry, body: bytes = PAGE, extra: bytes = b"and more" * 500) -> None:
    """More comes than Content-Length says: the surplus must not become the next response."""
    entry.status = 200
    entry.cut = "long"
    web.write((LINE.format("text/html") + f"Content-Length: {len(body)}\r\n\r\n").encode() + body + extra, entry)
    await web.drain()
    web.transport.close()


@play
async def stream(
    web: "Connection",
    entry: Entry,
    size: int = 10 * 2**30,
    type: str = "text/html",
    declare: bool = True,
    block: bytes = b"<p>again and again</p>\n" * 2000,
) -> None:
    """A body of `size` bytes, never held in memory; without `declare` it is chunked."""
    entry.status = 200
    length = f"Content-Length: {size}\r\n\r\n" if declare else "Transfer-Encoding: chunked\r\n\r\n"
    web.write((LINE.format(type) + length).encode(), entry)
    sent = 0
    while sent < size:
        part = block[: size - sent]
        web.write(part if declare else b"%x\r\n%b\r\n" % (len(part), part), entry)
        sent += len(part)
        await web.drain()
    if not declare:
        web.write(b"0\r\n\r\n", entry)


@play
async def header_flood(web: "Connection", entry: Entry, count: int = 0, size: int = 100) -> None:
    """`count` headers of `size` bytes (0: without end), then a page."""
    entry.status = 200
    web.write(b"HTTP/1.1 200 OK\r\n", entry)
    for number in itertools.count() if not count else range(count):
        web.write(f"X-{number}: {'y' * size}\r\n".encode(), entry)
        if not number % 50:
            await web.drain()
            await asyncio.sleep(0)
    web.write(f"Content-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n".encode() + PAGE, entry)


@play
async def retry_after(
    web: "Connection", entry: Entry, status: int = 429, seconds: int = 2, times: int = 1, date: bool = False
) -> None:
    """The first `times` requests are put off by Retry-After (seconds, or a date), later ones answered."""
    web.shared.counts[entry.url] += 1
    if web.shared.counts[entry.url] > times:
        web.send(Answer(PAGE).wire, entry, 200)
        return
    # A date has whole seconds only: round up, so that obeying it is never early.
    entry.retry_at = time.monotonic() + seconds
    value = formatdate(int(time.time()) + seconds + 1, usegmt=True) if date else str(seconds)
    web.send(Answer(b"later\n", "text/plain", status, (("Retry-After", value),)).wire, entry, status)


@play
async def flapping(web: "Connection", entry: Entry, statuses: tuple[int, ...] = (500, 502), body: bytes = PAGE) -> None:
    """These statuses in turn on the first requests, then a page."""
    count = web.shared.counts[entry.url]
    web.shared.counts[entry.url] += 1
    if count < len(statuses):
        web.send(Answer(b"oops\n", "text/plain", statuses[count]).wire, entry, statuses[count])
    else:
        web.send(Answer(body).wire, entry, 200)


@play
async def garbage(
    web: "Connection", entry: Entry, data: bytes = b"\x16\x03NOT HTTP AT ALL\r\n\x00\xff\xfe" * 20
) -> None:
    """Bytes that are no HTTP, then the end."""
    entry.cut = "garbage"
    web.write(data, entry)
    web.transport.close()


@play
async def nothing(web: "Connection", entry: Entry) -> None:
    """The connection is closed without a byte."""
    entry.cut = "nothing"
    web.transport.close()


@play
async def raw(web: "Connection", entry: Entry, data: bytes, status: int = 200, close: bool = True) -> None:
    """These bytes as they stand, for odd framing: HTTP/1.0, bad chunks, 1xx, duplicate headers."""
    entry.status = status
    web.write(data, entry)
    if close:
        web.transport.close()


@play
async def close_between(web: "Connection", entry: Entry, body: bytes = PAGE, type: str = "text/html") -> None:
    """A whole keep-alive response, then the connection is closed before the next request."""
    web.send(Answer(body, type).wire, entry, 200)
    web.transport.close()


@play
async def slow(web: "Connection", entry: Entry, seconds: float, body: bytes = PAGE, type: str = "text/html") -> None:
    """A page after `seconds`."""
    await asyncio.sleep(seconds)
    web.send(Answer(body, type).wire, entry, 200)
