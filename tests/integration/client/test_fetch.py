"""Requests as they go over the wire: what is sent, what is read, connections kept and dropped, deadlines, addresses."""

import asyncio
import errno
import gzip
import socket
import time
from types import SimpleNamespace

import pytest

from contracts.faults import Fault
from contracts.refusals import Reason
from fetchers.response import Failure, Response
from tests.fakeweb.tls import server_context
from tests.integration.client.loopback import Peer, naming, serving, until
from tests.integration.client.orders import AGENT, answered, client, failed, item, limits, order

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"


async def hello(peer: Peer) -> None:
    while await peer.request():
        await peer.send(OK)


async def test_a_request_and_its_answer() -> None:
    async with serving(hello) as server, client() as one:
        before = time.time()
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/a?b"), order()))
        assert (answer.status, bytes(answer.body), answer.cut, answer.address) == (200, b"hello", "", "127.0.0.1")
        assert answer.headers["content-type"] == "text/html"
        assert answer.wire_bytes == len(OK)
        assert before <= answer.started_at <= answer.ended_at <= time.time()
        assert server.requests == [
            b"GET /a?b HTTP/1.1\r\n"
            b"Host: h.test:%d\r\n"
            b"User-Agent: %s\r\n"
            b"Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"
            b"Accept-Encoding: gzip, deflate, br, zstd\r\n\r\n" % (server.port, AGENT.encode())
        ]


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with serving(hello) as server, client() as one:
        assert answered(await one.fetch(item(f"http://h.test:{server.port}/"), order())).status == 200


# RFC 9110, 13.1.2: a conditional request, and the answer that has no body although it announces one.
async def test_a_conditional_request() -> None:
    async def unchanged(peer: Peer) -> None:
        while await peer.request():
            await peer.send(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 500\r\n\r\n')

    async with serving(unchanged) as server, client() as one:
        for _ in range(2):
            known = item(f"http://h.test:{server.port}/", etag='"x"')
            answer = answered(await one.fetch(known, order()))
            assert (answer.status, answer.body, answer.cut) == (304, b"", "")
        assert server.connections == 1
        assert b'\r\nIf-None-Match: "x"\r\n' in server.requests[0]


async def test_redirects_are_not_followed_and_cookies_not_kept() -> None:
    async def moved(peer: Peer) -> None:
        while await peer.request():
            await peer.send(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")

    async with serving(moved) as server, client() as one:
        for _ in range(2):
            answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
            assert (answer.status, answer.headers["Location"]) == (302, "/x")
        assert len(server.requests) == 2
        assert not any(b"Cookie" in request for request in server.requests)


# RFC 9112, 6.3: all the ways in which a body's end is told.
@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"he", b"llo"], b"hello"),
        (
            [
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"2;ext=1\r\nhe\r\n3\r\nllo\r\n",
                b"0\r\nT: x\r\n\r\n",
            ],
            b"hello",
        ),
        ([b"HTTP/1.1 200 OK\r\n\r\n", b"hel", b"lo"], b"hello"),
        ([b"HTTP/1.0 200 OK\r\n\r\nhello"], b"hello"),
        ([b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"], b"hello"),
        ([b"HTTP/1.1 200 OK\nContent-Length: 5\n\n", b"hello"], b"hello"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], b""),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
        ([b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello"], b"hello"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r", b"\nhello"], b"hello"),
        ([bytes((byte,)) for byte in OK], b"hello"),
        # RFC 9110, 15.2: any number of interim answers, here in the same packet and in one of their own.
        ([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK], b"hello"),
        ([b"HTTP/1.1 102 Processing\r\n\r\n", OK], b"hello"),
        # Twice the same header: the first counts where one is wanted.
        ([b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 5\r\n\r\nhello"], b"hello"),
    ],
)
async def test_bodies_end_as_announced(parts: list[bytes], body: bytes) -> None:
    async def send(peer: Peer) -> None:
        await peer.request()
        await peer.send(*parts)

    async with serving(send) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert (bytes(answer.body), answer.cut) == (body, "")
        await until(lambda: one.connections == 0)


@pytest.mark.parametrize("tls", [False, True])
async def test_a_large_body_comes_whole(tls: bool) -> None:
    page = bytes(range(256)) * 8192

    async def large(peer: Peer) -> None:
        while await peer.request():
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page), page)

    chunks: list[bytes] = []
    async with serving(large, server_context() if tls else None) as server, client() as one:
        url = f"http{'s' * tls}://h.test:{server.port}/"
        answer = answered(await one.fetch(item(url), order(terms=limits(body=4 << 20)), sink=chunks.append))
        assert answer.body == page == b"".join(chunks)
        assert answer.cut == ""
        assert len(chunks) > 1


async def test_codings_of_several_fields() -> None:
    packed = gzip.compress(gzip.compress(b"hello"))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\ncontent-encoding: x-gzip\r\nContent-Length: %d\r\n\r\n"

    async def send(peer: Peer) -> None:
        await peer.request()
        await peer.send(head % len(packed) + packed)

    async with serving(send) as server, client() as one:
        assert answered(await one.fetch(item(f"http://h.test:{server.port}/"), order())).body == b"hello"


# Connections


@pytest.mark.parametrize("tls", [False, True])
async def test_a_connection_is_kept_for_the_same_host_and_address(tls: bool) -> None:
    async with serving(hello, server_context() if tls else None, "127.0.0.1") as server, client() as one:
        scheme = "https" if tls else "http"
        for host in ("h.test", "h.test", "other.test", "h.test"):
            assert answered(await one.fetch(item(f"{scheme}://{host}:{server.port}/"), order(host))).status == 200
        assert server.connections == 2
        assert one.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"and more than was announced",
        OK + OK,
    ],
)
async def test_a_connection_is_not_kept_when_it_is_to_close_or_says_too_much(answer: bytes) -> None:
    async def send(peer: Peer) -> None:
        while await peer.request():
            await peer.send(answer)

    async with serving(send) as server, client() as one:
        for expected in (1, 2):
            got = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
            assert (bytes(got.body), got.cut) == (b"hello", "")
            assert server.connections == expected


async def test_what_nobody_asked_for_never_becomes_an_answer() -> None:
    peers: list[Peer] = []

    async def send(peer: Peer) -> None:
        peers.append(peer)
        while await peer.request():
            await peer.send(OK)

    async with serving(send) as server, client() as one:
        await one.fetch(item(f"http://h.test:{server.port}/"), order())
        await peers[0].send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        await until(lambda: one.connections == 0)
        assert answered(await one.fetch(item(f"http://h.test:{server.port}/"), order())).body == b"hello"


async def test_a_connection_that_the_server_closed_is_replaced_without_a_request() -> None:
    async def once(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)

    async with serving(once) as server, client() as one:
        assert answered(await one.fetch(item(f"http://h.test:{server.port}/"), order())).status == 200
        await until(lambda: one.connections == 0)
        assert answered(await one.fetch(item(f"http://h.test:{server.port}/"), order())).status == 200
        assert (server.connections, len(server.requests)) == (2, 2)


# The client repeats nothing by itself: each request that was written is known, so that politeness can count it.
async def test_a_kept_connection_closed_under_a_request_has_a_name_of_its_own() -> None:
    async def twice(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()

    async with serving(twice) as server, client() as one:
        assert answered(await one.fetch(item(f"http://h.test:{server.port}/"), order())).status == 200
        failure = failed(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert (failure.error, failure.requested) == (Fault.RESET_IDLE, True)
        assert len(server.requests) == 2


async def test_idle_connections_are_closed_after_a_while() -> None:
    async with serving(hello) as server, client(idle_seconds=0.05) as one:
        await one.fetch(item(f"http://h.test:{server.port}/"), order())
        assert one.connections == 1
        await until(lambda: one.connections == 0)


async def test_connections_are_capped_and_idle_ones_make_room() -> None:
    async with serving(hello) as server, client(connections=2) as one:
        for host in ("a.test", "b.test", "c.test", "d.test"):
            assert answered(await one.fetch(item(f"http://{host}:{server.port}/"), order(host))).status == 200
            assert one.connections <= 2


async def test_a_request_waits_for_its_turn_under_the_cap() -> None:
    going = asyncio.Event()

    async def slow(peer: Peer) -> None:
        while await peer.request():
            await going.wait()
            await peer.send(OK)

    async with serving(slow) as server, client(connections=1) as one:
        fetches = [
            asyncio.ensure_future(one.fetch(item(f"http://{host}.test:{server.port}/"), order())) for host in "abc"
        ]
        await until(lambda: len(server.requests) == 1)
        going.set()
        answers = await asyncio.gather(*fetches)
        assert all(isinstance(answer, Response) for answer in answers)
        assert server.connections == 3


async def test_no_connection_in_time_costs_no_try() -> None:
    async def never(peer: Peer) -> None:
        await peer.request()
        await peer.closed()

    async with serving(never) as server, client(connections=1) as one:
        first = asyncio.ensure_future(one.fetch(item(f"http://a.test:{server.port}/"), order()))
        await until(lambda: len(server.requests) == 1)
        failure = failed(await one.fetch(item(f"http://b.test:{server.port}/"), order(terms=limits(first=0.05))))
        assert (failure.error, failure.requested) == (Fault.BUSY, False)
        first.cancel()
        await until(lambda: one.connections == 0)


async def test_whoever_waits_longest_is_next() -> None:
    async with serving(hello) as server, client(connections=1) as one:
        hosts = [f"h{number}.test" for number in range(20)]
        fetches = [asyncio.ensure_future(one.fetch(item(f"http://{h}:{server.port}/"), order(h))) for h in hosts]
        fetches[3].cancel()
        await asyncio.gather(*fetches, return_exceptions=True)
        served = [request.split(b"Host: ")[1].split(b":")[0].decode() for request in server.requests]
        assert served == [host for host in hosts if host != "h3.test"]


async def test_running_out_of_descriptors_is_no_hosts_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    async with serving(hello) as server, client() as one:
        with monkeypatch.context() as patch:
            patch.setattr("fetchers.client.fetch.socket", SimpleNamespace(**{**vars(socket), "socket": none_left}))
            failure = failed(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert (failure.error, failure.detail, failure.requested) == (Fault.BUSY, "EMFILE", False)
        assert one.connections == 0


async def test_stopping_ends_connecting_and_waiting_for_a_connection() -> None:
    async def silent(peer: Peer) -> None:
        await peer.closed()

    async with serving(silent) as server, client(connections=1) as one:
        fetches = [asyncio.ensure_future(one.fetch(item(f"https://h.test:{server.port}/"), order())) for _ in range(2)]
        await until(lambda: server.connections == 1)
        await one.stop()
        for fetch in fetches:
            assert (failed(await fetch).error, failed(await fetch).requested) == (Fault.STOPPED, False)
        await until(lambda: not server.busy)


async def test_a_cancelled_request_closes_its_connection() -> None:
    async def never(peer: Peer) -> None:
        await peer.request()
        await peer.closed()

    async with serving(never) as server, client() as one:
        fetch = asyncio.ensure_future(one.fetch(item(f"http://h.test:{server.port}/"), order()))
        await until(lambda: len(server.requests) == 1)
        fetch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetch
        await until(lambda: server.closed_by_client == 1 and one.connections == 0)


async def test_stopping_ends_what_is_under_way() -> None:
    async def never(peer: Peer) -> None:
        await peer.request()
        await peer.closed()

    async with serving(never) as server, client() as one:
        fetch = asyncio.ensure_future(one.fetch(item(f"http://h.test:{server.port}/"), order()))
        await until(lambda: len(server.requests) == 1)
        await one.stop()
        assert (failed(await fetch).error, failed(await fetch).requested) == (Fault.STOPPED, True)
        again = failed(await one.fetch(item(f"http://h.test:{server.port}/"), order()))
        assert (again.error, again.requested) == (Fault.STOPPED, False)


# Addresses: the "connects to exactly the checked address (no second look-up), sends Host and SNI of the name".


async def test_only_the_permitted_address_is_connected() -> None:
    async with (
        naming({("h.test", "A"): ["h.test. 0 IN A 127.0.0.1"]}) as names,
        serving(hello, host="127.0.0.1") as good,
        client(nameservers=(names.address,), deny=("127.66.0.0/16",)) as one,
    ):
        found = await one.resolve("h.test")
        assert found.addresses == ["127.0.0.1"]
        # The name's owner changes the answer between look-up and request (DNS rebinding).
        names.records["h.test", "A"] = ["h.test. 0 IN A 127.66.0.1"]
        asked = len(names.queries)
        answer = answered(await one.fetch(item(f"http://h.test:{good.port}/"), order(address=found.addresses[0])))
        assert (answer.status, answer.address, len(names.queries)) == (200, "127.0.0.1", asked)
        assert (await one.resolve("h.test")).error == Reason.ADDRESS_DENIED


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.66.0.1", Reason.ADDRESS_DENIED),
        ("10.0.0.1", Reason.ADDRESS_NOT_GLOBAL),
        ("::ffff:127.66.0.1", Reason.ADDRESS_DENIED),
        ("h.test", Reason.ADDRESS_NOT_GLOBAL),
        ("", Reason.ADDRESS_NOT_GLOBAL),
    ],
)
async def test_the_guard_is_asked_at_every_request(address: str, reason: Reason) -> None:
    async with serving(hello) as server, client(deny=("127.66.0.0/16",)) as one:
        failure = failed(await one.fetch(item(f"http://127.0.0.1:{server.port}/"), order(address=address)))
        assert (failure.error, failure.requested) == (reason, False)
        assert server.connections == 0


async def test_another_loopback_address_is_another_server() -> None:
    async with serving(hello, host="127.9.8.7") as server, client() as one:
        url = f"http://h.test:{server.port}/"
        assert answered(await one.fetch(item(url), order(address="127.9.8.7"))).address == "127.9.8.7"
        failure = failed(await one.fetch(item(url), order(address="127.9.8.8")))
        assert (failure.error, failure.requested) == (Fault.CONNECT_REFUSED, False)


@pytest.mark.parametrize(
    ("url", "route", "error"),
    [
        ("http://h.test:1/", "tor", Fault.BAD_ROUTE),
        ("ftp://h.test/", "direct", Fault.BAD_URL),
        ("http://h.test:0/", "direct", Fault.BAD_URL),
        ("http://h.test:1/a\r\nX: y", "direct", Fault.BAD_URL),
    ],
)
async def test_what_cannot_be_requested_as_ordered_is_not_requested(url: str, route: str, error: Fault) -> None:
    async with client() as one:
        failure = failed(await one.fetch(item(url), order(route=route)))
        assert (failure.error, failure.requested) == (error, False)


# Deadlines (design, rule 7): checked in the step that writes the request, after connect and TLS; then sockets are closed.


async def test_no_request_after_the_deadline() -> None:
    async with serving(hello) as server, client(clock=lambda: 1000.0) as one:
        failure = failed(await one.fetch(item(f"http://h.test:{server.port}/"), order(deadline=1000.0)))
        assert (failure.error, failure.requested, server.connections) == (Fault.DEADLINE, False, 0)


@pytest.mark.parametrize("tls", [False, True])
async def test_no_byte_is_written_when_the_deadline_passed_while_connecting(tls: bool) -> None:
    # The clock reads past the deadline from the second look on: the one in the step that would write.
    readings = iter([1000.0, 1000.0])
    async with serving(hello, server_context() if tls else None) as server:
        async with client(clock=lambda: next(readings, 1010.0)) as one:
            url = f"http{'s' * tls}://h.test:{server.port}/"
            failure = failed(await one.fetch(item(url), order(deadline=1005.0)))
            assert (failure.error, failure.requested) == (Fault.DEADLINE, False)
            await until(lambda: server.connections == 1)
        await until(lambda: not server.busy)
        assert server.requests == []


async def test_the_deadline_closes_a_tls_handshake_that_stalls() -> None:
    async def silent(peer: Peer) -> None:
        await peer.reader.readexactly(1)
        await peer.closed()

    async with serving(silent) as server, client() as one:
        failure = failed(await one.fetch(item(f"https://h.test:{server.port}/"), order(deadline=time.time() + 0.2)))
        assert (failure.error, failure.requested) == (Fault.DEADLINE, False)
        await until(lambda: server.closed_by_client == 1 and one.connections == 0)


async def test_a_tls_handshake_that_stalls_is_named() -> None:
    async def silent(peer: Peer) -> None:
        await peer.closed()

    async with serving(silent) as server, client() as one:
        failure = failed(await one.fetch(item(f"https://h.test:{server.port}/"), order(terms=limits(first=0.1))))
        assert (failure.error, failure.requested) == (Fault.TLS_TIMEOUT, False)
        await until(lambda: one.connections == 0)


async def test_the_deadline_closes_what_is_under_way() -> None:
    async def half(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        await peer.closed()

    async def nothing(peer: Peer) -> None:
        await peer.request()
        await peer.closed()

    async with serving(half) as server, client() as one:
        answer = answered(await one.fetch(item(f"http://h.test:{server.port}/"), order(deadline=time.time() + 0.1)))
        assert (bytes(answer.body), answer.cut) == (b"hello", Fault.DEADLINE)
        await until(lambda: server.closed_by_client == 1)
    async with serving(nothing) as server, client() as one:
        failure = failed(await one.fetch(item(f"http://h.test:{server.port}/"), order(deadline=time.time() + 0.1)))
        assert (failure.error, failure.requested) == (Fault.DEADLINE, True)
        await until(lambda: server.closed_by_client == 1)


# TLS


async def test_tls_sends_the_name_and_records_the_fault() -> None:
    async with serving(hello, server_context()) as server, client() as one:
        answer = answered(await one.fetch(item(f"https://h.test:{server.port}/"), order()))
        assert (answer.status, answer.tls_fault) == (200, "self_signed")
        assert server.names == ["h.test"]


# RFC 6066, 3: literal IPv4 and IPv6 addresses are not permitted in "HostName".
async def test_tls_sends_no_name_for_an_address() -> None:
    async with serving(hello, server_context()) as server, client() as one:
        assert answered(await one.fetch(item(f"https://127.0.0.1:{server.port}/"), order("127.0.0.1"))).status == 200
        assert server.names == [None]


async def test_tls_to_a_plain_server_fails() -> None:
    async def plain(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await peer.closed()

    async with serving(plain) as server, client() as one:
        failure = failed(await one.fetch(item(f"https://h.test:{server.port}/"), order()))
        assert (failure.error, failure.requested) == (Fault.TLS_FAILED, False)
        await until(lambda: one.connections == 0)


async def test_tls_reset_in_the_handshake() -> None:
    async def rude(peer: Peer) -> None:
        await peer.reader.readexactly(1)
        peer.reset()

    async with serving(rude) as server, client() as one:
        failure = failed(await one.fetch(item(f"https://h.test:{server.port}/"), order()))
        assert (failure.error, failure.requested) == (Fault.TLS_FAILED, False)
        await until(lambda: one.connections == 0)


@pytest.mark.parametrize("host", ["a..b.test", ".test", "a" * 64 + ".test", "a_b.test"])
async def test_names_that_are_no_dns_names_are_requested_without_sni(host: str) -> None:
    async with serving(hello, server_context()) as server, client() as one:
        assert answered(await one.fetch(item(f"https://{host}:{server.port}/"), order(host))).status == 200
        assert server.names == [host if host == "a_b.test" else None]


# No descriptor is left over, whatever happens on the way.
async def test_sockets_are_closed_after_every_kind_of_failure() -> None:
    async def rude(peer: Peer) -> None:
        peer.reset()

    async with serving(rude) as server, client() as one:
        with socket.socket() as probe:
            before = probe.fileno()
        for url in (f"http://h.test:{server.port}/", f"https://h.test:{server.port}/", "http://h.test:1/"):
            for _ in range(20):
                assert isinstance(await one.fetch(item(url), order()), Failure)
        await until(lambda: one.connections == 0 and not server.busy)
        with socket.socket() as probe:
            assert probe.fileno() <= before + 2
