"""What hostile and broken servers do (design, section 6): each has a name, costs bounded time and memory, and keeps what was read."""

import asyncio
import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd

from contracts.faults import Cut, Fault
from contracts.messages import LinkKind
from fetchers.client.connection import HEADER_LINES
from tests.integration.client.loopback import Handler, Peer, serving, until
from tests.integration.client.orders import MIB, answered, client, failed, item, limits, order

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def says(*parts: bytes, then: str = "close") -> Handler:
    """A server that sends `parts` and then closes, resets, or stays silent."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(*parts)
        if then == "reset":
            await until(lambda: peer.writer.transport.get_write_buffer_size() == 0)
            peer.reset()
        elif then == "silence":
            await peer.closed()

    return handler


# No HTTP answer at all


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ((), Fault.RESET),
        ((b"HTTP/1.1 200 OK\r\nContent-",), Fault.RESET),
        ((b"\x16\x03\x01\x02\x00garbage" * 20,), Fault.BAD_HTTP),
        ((b"<html>no header at all</html>",), Fault.BAD_HTTP),
        ((b"HTTP/one 200 OK\r\n\r\n",), Fault.BAD_HTTP),
        ((b"HTTP/1.1 abc OK\r\n\r\n",), Fault.BAD_HTTP),
        ((b"ICY 200 OK\r\n\r\n",), Fault.BAD_HTTP),
        ((HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",), Fault.BAD_HTTP),
        ((HEAD + b"Content-Length: -5\r\n\r\nhello",), Fault.BAD_HTTP),
        ((HEAD + b"Content-Length: 99999999999999999999999\r\n\r\nhello",), Fault.BAD_HTTP),
        ((HEAD + b"X: a\x00b\r\nContent-Length: 0\r\n\r\n",), Fault.BAD_HTTP),
        # RFC 9110, 15.2.2: a switch of protocols that nobody asked for.
        ((b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",), Fault.BAD_HTTP),
        # Floods: lines, bytes in one line, bytes in all, interim answers without end.
        ((HEAD + b"".join(b"X-%d: y\r\n" % i for i in range(HEADER_LINES + 1)) + b"\r\n",), Fault.TOO_MANY_HEADERS),
        ((HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n",), Fault.TOO_MANY_HEADERS),
        ((HEAD + b"".join(b"X-%d: %s\r\n" % (i, b"y" * 1000) for i in range(20)) + b"\r\n",), Fault.TOO_MANY_HEADERS),
        ((HEAD, *(b"X-%d: %s\r\n" % (i, b"y" * 1000) for i in range(20))), Fault.TOO_MANY_HEADERS),
        ((b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,), Fault.TOO_MANY_HEADERS),
    ],
)
async def test_an_answer_that_is_none(parts: tuple[bytes, ...], error: Fault) -> None:
    async with serving(says(*parts)) as server, client() as one:
        failure = failed(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert (failure.error, failure.requested) == (error, True)
        assert failure.detail == ""  # bytes of the answer go nowhere
        assert len(server.requests) <= 1  # nothing is repeated
        await until(lambda: one.connections == 0)


async def test_a_header_flood_without_end_is_cut_off() -> None:
    async def flood(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD)
        while True:
            await peer.send(b"X: " + b"y" * 500 + b"\r\n")

    async with serving(flood) as server, client() as one:
        failure = failed(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert failure.error == Fault.TOO_MANY_HEADERS
        assert failure.wire_bytes < MIB
        await until(lambda: not server.busy)


async def test_a_large_header_within_the_limit_is_read_although_its_separator_comes_in_two() -> None:
    head = HEAD + b"X: " + b"y" * 900 + b"\r\nContent-Length: 2000\r\n\r"
    async with serving(says(head, b"\n" + b"x" * 2000)) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=limits(header=1024))))
        assert (answer.body, answer.cut) == (b"x" * 2000, "")


async def test_a_reset_before_the_answer() -> None:
    async with serving(says(then="reset")) as server, client() as one:
        failure = failed(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert (failure.error, failure.requested) == (Fault.RESET, True)


# Time


async def test_a_stall_before_the_first_byte() -> None:
    async with serving(says(then="silence")) as server, client() as one:
        failure = failed(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=limits(first=0.1))))
        assert (failure.error, failure.requested, failure.wire_bytes) == (Fault.FIRST_BYTE_TIMEOUT, True, 0)
        await until(lambda: server.closed_by_client == 1)


async def test_a_stall_after_the_first_byte_is_too_slow() -> None:
    async with serving(says(b"HTTP/1.1 2", then="silence")) as server, client(rate_window=0.1) as one:
        failure = failed(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=limits(rate=100))))
        assert (failure.error, failure.wire_bytes) == (Fault.TOO_SLOW, 10)


async def test_a_stall_within_the_body_keeps_what_was_read() -> None:
    handler = says(HEAD + b"Content-Length: 10\r\n\r\nhello", then="silence")
    async with serving(handler) as server, client(rate_window=0.1) as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=limits(rate=100))))
        assert (bytes(answer.body), answer.cut) == (b"hello", Fault.TOO_SLOW)
        await until(lambda: server.closed_by_client == 1)


async def drip(peer: Peer) -> None:
    """A byte every few milliseconds, for ever."""
    await peer.request()
    await peer.send(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        await peer.send(b"x")
        await asyncio.sleep(0.005)


async def test_a_drip_is_too_slow() -> None:
    async with serving(drip) as server, client(rate_window=0.1) as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=limits(rate=5000))))
        assert answer.cut == Fault.TOO_SLOW
        assert bytes(answer.body).strip(b"x") == b""
        assert answer.body


async def test_a_drip_ends_with_the_total_time() -> None:
    async with serving(drip) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=limits(total=0.2))))
        assert answer.cut == Fault.TOTAL_TIMEOUT
        assert answer.ended_at - answer.started_at >= 0.19


async def test_a_transfer_that_keeps_up_is_endured() -> None:
    async def steady(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + b"Content-Length: 60\r\n\r\n")
        for _ in range(60):
            await peer.send(b"x")
            await asyncio.sleep(0.005)

    async with serving(steady) as server, client(rate_window=0.1) as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=limits(rate=10))))
        assert (answer.body, answer.cut) == (b"x" * 60, "")


# Bodies that lie about their end


@pytest.mark.parametrize(
    ("parts", "then", "cut"),
    [
        ((HEAD + b"Content-Length: 10\r\n\r\nhello",), "close", Cut.TRUNCATED),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",), "close", Cut.TRUNCATED),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",), "close", Fault.BAD_HTTP),
        ((HEAD, b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", b"zz\r\n"), "silence", Fault.BAD_HTTP),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX3\r\n",), "close", Fault.BAD_HTTP),
        ((HEAD + b"Content-Length: 10\r\n\r\nhello",), "reset", Fault.RESET),
        ((HEAD + b"\r\nhello",), "reset", Fault.RESET),
        ((b"HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\n\r\nhello",), "close", Cut.TRUNCATED),
    ],
)
async def test_bodies_that_end_otherwise_than_announced(parts: tuple[bytes, ...], then: str, cut: str) -> None:
    release = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(*parts)
        if then == "reset":
            await release.wait()
            peer.reset()
        elif then == "silence":
            await peer.closed()

    got: list[bytes] = []
    async with serving(handler) as server, client(rate_window=0.05) as one:
        if then == "reset":
            # Bytes in the kernel are lost with a reset: it comes when the client has had time to read them.
            asyncio.get_running_loop().call_later(0.1, release.set)
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(), sink=got.append))
        assert (bytes(answer.body), answer.cut) == (b"hello", cut)
        assert b"".join(got) == b"hello"
        await until(lambda: one.connections == 0)


async def test_more_than_was_announced_is_not_read() -> None:
    async with serving(says(HEAD + b"Content-Length: 5\r\n\r\nhello and a lot more")) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert (bytes(answer.body), answer.cut) == (b"hello", "")


# Size


async def endless(peer: Peer, head: bytes, chunk: bytes = b"x" * 65_536) -> None:
    await peer.request()
    await peer.send(head)
    while True:
        await peer.send(chunk)


@pytest.mark.parametrize(
    ("head", "chunk"),
    [
        (b"Content-Length: 10000000000\r\n\r\n", b"x" * 65_536),
        (b"\r\n", b"x" * 65_536),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65_536 + b"\r\n"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 5_000),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"e" * 60_000 + b"\r\nx\r\n"),
    ],
)
async def test_a_body_of_ten_gigabytes_is_cut(head: bytes, chunk: bytes) -> None:
    async with serving(lambda peer: endless(peer, HEAD + head, chunk)) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=limits(body=MIB))))
        assert answer.cut == Cut.BODY_BYTES
        assert len(answer.body) <= MIB
        assert answer.wire_bytes < 4 * MIB
        await until(lambda: not server.busy and one.connections == 0)


async def test_media_that_announces_too_much_is_not_read() -> None:
    handler: Handler = lambda peer: endless(peer, HEAD + b"Content-Length: 10000000000\r\n\r\n")  # noqa: E731
    async with serving(handler) as server, client() as one:
        media = item(f"http://h.test:{server.port}/", LinkKind.MEDIA)
        answer = answered(await one.fetch(media, order(terms=limits(body=4 * MIB))))
        assert (answer.cut, answer.body) == (Cut.BODY_BYTES, b"")


async def test_an_errors_body_is_read_in_part() -> None:
    handler: Handler = lambda peer: endless(peer, b"HTTP/1.1 404 Not Found\r\n\r\n")  # noqa: E731
    async with serving(handler) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=limits(body=64 * MIB))))
        assert (answer.status, answer.cut) == (404, Cut.BODY_BYTES)
        assert answer.wire_bytes < 2 * MIB


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress), ("zstd", zstd.compress)],
)
async def test_decompression_bombs_are_cut(coding: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(20 * MIB))
    head = HEAD + b"Connection: close\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (
        coding.encode(),
        len(bomb),
    )
    async with serving(says(head + bomb)) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=limits(body=32 * MIB))))
        assert answer.cut == Cut.EXPANSION
        assert len(answer.body) <= max(65_536, 100 * len(bomb))
        terms = limits(body=2 * MIB, expansion=10**6)
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(terms=terms)))
        assert (answer.cut, len(answer.body)) == (Cut.BODY_BYTES, 2 * MIB)


@pytest.mark.parametrize("coding", [b"compress", b"gzip, gzip, gzip", b"sdch"])
async def test_codings_that_cannot_be_read_are_named(coding: bytes) -> None:
    coded = HEAD + b"Content-Encoding: %s\r\nContent-Length: 5\r\n\r\nhello" % coding
    async with serving(says(coded)) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert (answer.status, answer.cut, answer.body) == (200, Fault.BAD_ENCODING, b"")
        assert "coding" in answer.detail


async def test_a_coding_that_is_not_what_it_says() -> None:
    plain = HEAD + b"Content-Encoding: gzip\r\nContent-Length: 15\r\n\r\n<html>hi</html>"
    async with serving(says(plain)) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert (answer.cut, answer.body) == (Fault.BAD_ENCODING, b"")


async def test_a_coding_that_ends_early() -> None:
    packed = gzip.compress(b"".join(b"line %d\n" % i for i in range(1000)))[:-20]
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    async with serving(says(head + packed)) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert answer.cut == Cut.TRUNCATED
        assert bytes(answer.body).startswith(b"line 0\nline 1\n")


# A hundred clients at once against servers that do everything wrong: each gets its own answer, nothing is left over.
async def test_many_at_once() -> None:
    async def mixed(peer: Peer) -> None:
        head = await peer.request()
        number = int(head.split(b" ", 2)[1][1:])
        if number % 4 == 0:
            await peer.send(HEAD + b"Content-Length: 6\r\n\r\n%06d" % number)
        elif number % 4 == 1:
            peer.reset()
        elif number % 4 == 2:
            await peer.send(b"garbage")
        else:
            await peer.send(HEAD + b"Content-Length: 10\r\n\r\n%06d" % number)

    async with serving(mixed) as server, client(connections=20) as one:
        urls = [f"http://h.test:{server.port}/{number}" for number in range(100)]
        answers = await asyncio.gather(*(one.fetch(item(url), order()) for url in urls))
        for number, answer in enumerate(answers):
            if number % 2 == 0 and number % 4 == 0:
                assert bytes(answered(answer).body) == b"%06d" % number
            elif number % 4 == 3:
                assert (bytes(answered(answer).body), answered(answer).cut) == (b"%06d" % number, Cut.TRUNCATED)
            else:
                assert failed(answer).error in (Fault.RESET, Fault.BAD_HTTP, Fault.RESET_IDLE)
        await until(lambda: one.connections == 0)
