"""A medium looked at again, over the wire (docs/domain.md, section 3): what is asked, how much is read, and what is told."""

import asyncio
import gzip
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.errands import RecheckErrand
from contracts.faults import Fault
from contracts.location import opened_place
from contracts.messages import DigestRecord, Discovery, LinkKind, Order, OrderItem, OrderKind, Outcome, Recheck, Result
from contracts.refusals import Reason
from contracts.seal import Opener, Sealer, new_keys
from contracts.settings import Settings
from contracts.topics import LANES
from contracts.urls import url_id
from fetchers.client import Client
from fetchers.recent import Recent
from fetchers.request import Proxy
from fetchers.service.items import Items
from fetchers.service.media import Media
from fetchers.service.order import Run
from fetchers.service.rechecks import Rechecks
from tests.fakeweb.tls import server_context
from tests.integration.client.loopback import Handler, Loopback, Peer, serving, until
from tests.integration.client.orders import client, limits
from tests.integration.client.orders import order as any_order
from tests.unit.fetchers.service.test_media import Counting

KEYS = new_keys()
SEALER = Sealer(KEYS.public, KEYS.place_key)
MEDIUM = b"\x89PNG\r\n\x1a\n" + Random(1).randbytes(1 << 20)
"""1 MiB that begins as a picture does."""
SMALL = MEDIUM[:30_000]
TICKET = b"t" * 16


def errand(medium: bytes = MEDIUM, **more: Any) -> RecheckErrand:
    head = SEALER.content_key(hashlib.sha256(medium[:65_536]).digest())
    return RecheckErrand(TICKET, head_key=head, size=len(medium), **more)


def answer(body: bytes, *fields: str, status: str = "200 OK", length: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status}", *fields, *([f"Content-Length: {len(body)}"] if length else ["Connection: close"])]
    return "\r\n".join([*lines, "", ""]).encode() + body


def says(*parts: bytes) -> Handler:
    """A server that always answers the same."""

    async def handle(peer: Peer) -> None:
        while await peer.request():
            await peer.send(*parts)

    return handle


class Told:
    """What was put into the outbox."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.rechecks: list[Recheck] = []
        self.digests: list[DigestRecord] = []
        self.found: list[Discovery] = []

    def outcome(
        self,
        partition: int,
        outcome: Outcome,
        found: list[Any],
        digest: DigestRecord | None,
        acked: Any,
        recheck: Recheck | None = None,
    ) -> None:
        self.outcomes.append(outcome)
        self.found += [*outcome.links, *(discovery for _, discovery in found)]
        self.digests += [digest] if digest else []
        self.rechecks += [recheck] if recheck else []


class Bench:
    """One item of an order of re-checks, through a real client."""

    def __init__(self, one: Client) -> None:
        self.told, self.counts, self.digester = Told(), Counter[str](), Counting()
        media = Media(self.digester, SEALER)
        boxes: Any = dict.fromkeys(LANES.values(), self.told)
        nobody: Any = None
        self.items = Items(
            Settings(), boxes, one, media, Rechecks(media, SEALER, self.counts, 1, 2048), Recent(), nobody, time.time, 1,
            self.counts, lambda: None, None,
        )  # fmt: skip

    async def look(self, url: str, what: RecheckErrand | None = None, **more: Any) -> Outcome:
        wanted = what or errand()
        item = OrderItem(
            url, url_id(url), LinkKind.MEDIA, etag=more.pop("etag", ""), referer=wanted.referer, recheck=wanted
        )
        order: Order = replace(any_order(terms=limits(body=4 << 20)), kind=OrderKind.RECHECKS, items=[item], **more)
        run = Run(order, time.time, self.items.fetch, self.items.skip)
        run.free_at = more.get("not_before", 0.0)
        outcome = await self.items.fetch(run, item)
        assert self.items.held == 0
        return outcome

    @property
    def recheck(self) -> Recheck:
        (one,) = self.told.rechecks
        assert one.ticket == TICKET
        return one


@asynccontextmanager
async def looking(handler: Handler, **how: Any) -> AsyncIterator[tuple[Bench, Loopback, str]]:
    tls = how.pop("tls", None)
    async with serving(handler, tls) as server, client(**how) as one:
        yield Bench(one), server, f"http{'s' if tls else ''}://h.test:{server.port}/i.png"


# -- what is asked ------------------------------------------------------------------------------------------------------


async def test_what_a_request_says() -> None:
    """ "Conditional GET with `Cache-Control: no-cache` ... HEAD decides nothing. The Referer of the page is sent"."""
    async with looking(says(answer(b"", 'ETag: "v1"', status="304 Not Modified"))) as (bench, server, url):
        await bench.look(url, errand(referer="http://b.test/page"), etag='"v1"')
        (head,) = server.requests
        assert head.startswith(b"GET /i.png HTTP/1.1\r\n") and b"If-Modified-Since" not in head
        for line in (b"Cache-Control: no-cache", b"Referer: http://b.test/page", b'If-None-Match: "v1"'):
            assert b"\r\n" + line + b"\r\n" in head


async def test_other_requests_do_not_ask_past_caches() -> None:
    async with serving(says(answer(b"x"))) as server, client() as one:
        await one.fetch(OrderItem(f"http://h.test:{server.port}/", b"u" * 16, LinkKind.MEDIA), any_order())
        assert b"Cache-Control" not in server.requests[0]


# -- what is unchanged --------------------------------------------------------------------------------------------------


async def test_304_to_a_strong_validator_is_unchanged() -> None:
    """ "304 by strong ETag = present"."""
    async with looking(says(answer(b"", status="304 Not Modified"))) as (bench, _, url):
        outcome = await bench.look(url, etag='"v1"')
        assert outcome.result is Result.NOT_MODIFIED
        assert (bench.recheck.unchanged, bench.recheck.status, bench.recheck.record) == (True, 304, None)
        assert bench.counts["recheck:unchanged"] == 1


async def test_304_that_nobody_asked_for_is_nothing() -> None:
    async with looking(says(answer(b"", status="304 Not Modified"))) as (bench, _, url):
        await bench.look(url)
        assert (bench.recheck.unchanged, bench.recheck.error) == (False, Fault.BAD_HTTP)


async def test_the_same_beginning_ends_the_download() -> None:
    """ "Abuse is not downloaded again needlessly: ... the first 64 KiB and compare"."""
    sent = 0

    async def slow(peer: Peer) -> None:
        nonlocal sent
        await peer.request()
        head = answer(MEDIUM, "Content-Type: image/png")
        with suppress(ConnectionError):
            for at in range(0, len(head), 16_384):
                await peer.send(head[at : at + 16_384])
                sent = at
                if at > 131_072:
                    await peer.closed()
                    return

    async with looking(slow) as (bench, server, url):
        outcome = await bench.look(url)
        await until(lambda: server.closed_by_client == 1)
        assert sent < len(MEDIUM) // 2 and outcome.bytes_read < len(MEDIUM) // 2
        assert (bench.recheck.unchanged, bench.recheck.status, bench.recheck.media_type) == (True, 200, "image/png")
        assert (bench.told.digests, bench.digester.calls, outcome.result, outcome.cut) == ([], 0, Result.FETCHED, "")


async def test_a_small_medium_is_compared_whole() -> None:
    async with looking(says(answer(SMALL))) as (bench, _, url):
        await bench.look(url, errand(SMALL))
        assert bench.recheck.unchanged and bench.told.digests == []


async def test_a_length_that_nobody_tells_is_not_held_against_it() -> None:
    async def closing(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer(MEDIUM, length=False))

    async with looking(closing) as (bench, _, url):
        await bench.look(url)
        assert bench.recheck.unchanged


async def test_the_length_of_a_coding_is_not_that_of_the_medium() -> None:
    async with looking(says(answer(gzip.compress(MEDIUM), "Content-Encoding: gzip"))) as (bench, _, url):
        await bench.look(url)
        assert bench.recheck.unchanged


# -- what differs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [MEDIUM + b"more", MEDIUM[:-1], b"\xff\xd8\xff" + MEDIUM, SMALL])
async def test_what_differs_is_read_whole_and_is_a_sighting(other: bytes) -> None:
    """ "only on a difference the whole and its digests"; a length that is told differs, too."""
    async with looking(says(answer(other))) as (bench, _, url):
        await bench.look(url)
        record = bench.recheck.record
        assert record is not None and bench.told.digests == [record]
        assert (record.sha256, record.size) == (hashlib.sha256(other).digest(), len(other))
        assert opened_place(Opener(KEYS.secret).open(record.sealed)) == (url, "127.0.0.1")
        assert (bench.recheck.unchanged, bench.recheck.error, bench.recheck.place) == (
            False,
            "",
            SEALER.place(url_id(url)),
        )
        assert bench.counts["recheck:media"] == 1


async def test_without_a_key_nothing_is_unchanged() -> None:
    async with looking(says(answer(MEDIUM))) as (bench, _, url):
        await bench.look(url, RecheckErrand(TICKET, size=len(MEDIUM)))
        assert not bench.recheck.unchanged and bench.recheck.record is not None


async def test_a_medium_that_is_cut_is_no_medium() -> None:
    async def cutting(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer(b"\x89PNG\r\n\x1a\n" + bytes(500_000))[:300_000])

    async with looking(cutting) as (bench, _, url):
        await bench.look(url)
        assert (bench.recheck.error, bench.recheck.record, bench.told.digests) == (Fault.RESET, None, [])


async def test_a_medium_that_is_too_large_is_no_medium() -> None:
    async with looking(says(answer(b"\x89PNG\r\n\x1a\n" + bytes(5 << 20)))) as (bench, _, url):
        await bench.look(url)
        assert (bench.recheck.error, bench.recheck.record) == (Reason.TOO_LARGE, None)


async def test_a_page_in_its_place_is_told_by_type_and_not_read_on() -> None:
    """ "unknown (HTML for media ...)"."""
    page = b"<html><body>" + b"<p>gone</p>" * 100_000
    async with looking(says(answer(page, "Content-Type: text/html"))) as (bench, _, url):
        outcome = await bench.look(url)
        told = bench.recheck
        assert (told.status, told.media_type, told.unchanged, told.record, told.error) == (
            200,
            "text/html",
            False,
            None,
            "",
        )
        assert outcome.bytes_read < len(page) and bench.told.found == [] and bench.counts["recheck:other"] == 1


@pytest.mark.parametrize(
    "status", ["404 Not Found", "410 Gone", "403 Forbidden", "429 Too Many Requests", "451 No", "503 No"]
)
async def test_a_status_is_told_as_it_is(status: str) -> None:
    async with looking(says(answer(MEDIUM[:1000], "Retry-After: 7", status=status))) as (bench, _, url):
        outcome = await bench.look(url)
        assert (bench.recheck.status, bench.recheck.error, bench.recheck.record) == (int(status[:3]), "", None)
        assert outcome.result is Result.HTTP_ERROR and outcome.retry_at > time.time()


async def test_a_redirect_is_a_place_of_its_own_and_is_crawled() -> None:
    """ "moved (redirect: a new place)": sealed for who asked, a found URL for the crawl."""
    async with looking(says(answer(b"", "Location: /new.png", status="302 Found"))) as (bench, server, url):
        await bench.look(url)
        to = f"http://h.test:{server.port}/new.png"
        assert Opener(KEYS.secret).open(bench.recheck.moved_to) == to
        assert bench.recheck.moved_place == SEALER.place(url_id(to))
        assert [link.path for found in bench.told.found for group in found.groups for link in group.links] == [
            "/new.png"
        ]
        assert bench.counts["recheck:moved"] == 1


async def test_a_redirect_to_nowhere_is_none() -> None:
    async with looking(says(answer(b"", "Location: ftp://h.test/x", status="302 Found"))) as (bench, _, url):
        await bench.look(url)
        assert (bench.recheck.moved_to, bench.recheck.moved_place, bench.recheck.status) == (b"", b"", 302)


async def test_a_server_that_does_not_answer_is_named() -> None:
    async with looking(says(b"")) as (bench, _, url):
        pass
    async with client() as one:
        bench = Bench(one)
        await bench.look(url)
        assert (bench.recheck.error, bench.recheck.status) == (Fault.CONNECT_REFUSED, 0)
        assert bench.counts["recheck:error"] == 1 and not any(name.startswith("late:") for name in bench.counts)


async def test_what_was_not_requested_is_not_answered() -> None:
    """It goes back to the frontier, and out again."""
    async with looking(says(answer(SMALL))) as (bench, _, url):
        outcome = await bench.look(url, deadline=time.time() - 1.0)
        assert (outcome.result, outcome.error, bench.told.rechecks) == (Result.NOT_REQUESTED, Fault.DEADLINE, [])


async def test_lateness_counts_from_when_politeness_allowed() -> None:
    async with looking(says(answer(SMALL))) as (bench, _, url):
        now = time.time()
        await bench.look(url, errand(due_at=now - 30.0), not_before=now - 20.0)
        assert bench.recheck.free_at == now - 20.0 and bench.counts["late:1m"] == 1


# -- other routes -------------------------------------------------------------------------------------------------------


async def passing(peer: Peer) -> None:
    """An HTTP proxy that understands CONNECT."""
    head = await peer.request()
    where = head.split(b" ")[1].decode()
    host, _, port = where.rpartition(":")
    reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    await peer.send(b"HTTP/1.1 200 Connection established\r\nVia: here\r\n\r\n")

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
        sink.close()

    await asyncio.gather(pump(peer.reader, writer), pump(reader, peer.writer))


@pytest.mark.parametrize("tls", [False, True])
async def test_a_route_goes_through_its_proxy_to_exactly_the_permitted_address(tls: bool) -> None:
    context = server_context() if tls else None
    async with (
        serving(passing) as proxy,
        serving(says(answer(MEDIUM)), context) as server,
        client(routes={"far": Proxy("localhost", proxy.port)}) as one,
    ):
        bench = Bench(one)
        url = f"http{'s' if tls else ''}://h.test:{server.port}/i.png"
        await bench.look(url, errand(route="far"))
        assert (bench.recheck.unchanged, bench.recheck.route) == (True, "far")
        assert proxy.requests == [
            f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
        ]
        assert b"\r\nHost: h.test:%d\r\n" % server.port in server.requests[0]


async def test_connections_of_different_routes_are_kept_apart() -> None:
    async with (
        serving(passing) as proxy,
        serving(says(answer(SMALL))) as server,
        client(routes={"far": Proxy("127.0.0.1", proxy.port)}) as one,
    ):
        for route in ("direct", "far", "direct", "far"):
            bench = Bench(one)
            await bench.look(f"http://h.test:{server.port}/i.png", errand(SMALL, route=route))
            assert bench.recheck.unchanged
        assert (server.connections, proxy.connections, len(server.requests)) == (2, 1, 4)


async def test_an_unknown_route_is_answered() -> None:
    async with looking(says(answer(SMALL))) as (bench, server, url):
        outcome = await bench.look(url, errand(route="nowhere"))
        assert (outcome.result, outcome.error) == (Result.NOT_REQUESTED, Fault.BAD_ROUTE)
        assert (bench.recheck.error, server.connections) == (Fault.BAD_ROUTE, 0)


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 502 Bad Gateway\r\n\r\n", b"SSH-2.0-x\r\n\r\n", b"", b"x" * 9_000, b"HTTP/1.1 2xx\r\n\r\n"]
)
async def test_a_proxy_that_does_not_let_us_through_is_not_the_hosts_fault(said: bytes) -> None:
    async def refusing(peer: Peer) -> None:
        await peer.request()
        await peer.send(said)

    async with serving(refusing) as proxy, client(routes={"far": Proxy("127.0.0.1", proxy.port)}) as one:
        bench = Bench(one)
        outcome = await bench.look("http://h.test/i.png", errand(route="far"))
        assert (outcome.result, outcome.error, bench.recheck.error) == (
            Result.NOT_REQUESTED, Fault.BAD_ROUTE, Fault.BAD_ROUTE,
        )  # fmt: skip
        assert one.connections == 0


async def test_a_proxy_that_is_away_is_not_the_hosts_fault() -> None:
    async with serving(passing) as proxy:
        pass
    async with client(routes={"far": Proxy("127.0.0.1", proxy.port)}) as one:
        bench = Bench(one)
        assert (await bench.look("http://h.test/i.png", errand(route="far"))).error == Fault.BAD_ROUTE


async def test_the_address_guard_holds_on_every_route() -> None:
    async with serving(passing) as proxy, client(allow=(), routes={"far": Proxy("127.0.0.1", proxy.port)}) as one:
        bench = Bench(one)
        outcome = await bench.look("http://h.test/i.png", errand(route="far"))
        assert outcome.error in (Reason.ADDRESS_DENIED, Reason.ADDRESS_NOT_GLOBAL) and proxy.connections == 0


async def test_rechecks_do_not_wait_behind_others_for_a_connection() -> None:
    """Discovery that has all connections never delays them: the next one that is free is theirs."""
    held = asyncio.Event()
    order: list[bytes] = []

    async def handle(peer: Peer) -> None:
        while head := await peer.request():
            order.append(head.split(b" ")[1])
            if not held.is_set():
                await held.wait()
            await peer.send(answer(SMALL, "Connection: close"))
            return

    async with looking(handle, connections=1) as (bench, _, url):
        one = bench.items._client
        page = any_order()
        base = url.removesuffix("i.png")
        tasks = [
            asyncio.create_task(one.fetch(OrderItem(f"{base}{n}", b"u" * 16, LinkKind.PAGE), page)) for n in range(3)
        ]
        await until(lambda: len(order) == 1)
        tasks.append(asyncio.create_task(bench.look(url, errand(SMALL))))  # type: ignore[arg-type]
        await until(lambda: len(one._pool._waiters) == 3)  # type: ignore[union-attr]
        held.set()
        await asyncio.gather(*tasks)
        assert order == [b"/0", b"/i.png", b"/1", b"/2"]
