"""A closed world of servers, and a fetcher's client to it. Every request is recorded at the true time: the judge's evidence.

`ModelClient` keeps the promises of `fetchers.client.fetch`: the deadline counts in the step that writes the request, and at the
deadline the socket is closed.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from multidict import CIMultiDict, CIMultiDictProxy

from contracts.faults import Fault
from contracts.messages import LinkKind, Order, OrderItem
from fetchers.response import Failure, Resolution, Response
from tests.simulation.loop import Process, Scheduler

PICTURE: Final = b"\x89PNG\r\n\x1a\n" + bytes(24)
RULES: Final = "User-agent: *\nDisallow: /private\n"
ROBOTS: Final = ("/robots.txt", "/robots-of-others.txt")
STALL: Final = 60.0


@dataclass
class Page:
    """What a path answers when nothing goes wrong: links (absolute or not) and pictures, or where it redirects to, or a status."""

    links: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    redirect: str = ""
    status: int = 200
    picture: bool = False

    def body(self, url: str) -> bytes:
        """The page as it is sent; its text is its own, so that no two pages look alike."""
        if self.picture:
            return PICTURE + url.encode()
        links = "".join(f'<a href="{link}">to</a>' for link in self.links)
        shown = "".join(f'<img src="{picture}">' for picture in self.pictures)
        words = " ".join(f"{url}-{n}" for n in range(4))
        return f"<html><body><p>{words}</p>{links}{shown}</body></html>".encode()


@dataclass
class Site:
    """One host. `robots` is its file, or empty for none; `robots_at` is where that of another redirects to."""

    host: str
    addresses: list[str]
    pages: dict[str, Page] = field(default_factory=dict)
    robots: str = RULES
    robots_at: str = ""
    crawl_delay: float = 0.0


@dataclass
class Exchange:
    """One request as the server saw it. `until`: when the connection closes unless its client closes it sooner."""

    process: Process
    order: Order
    url: str
    start: float
    until: float
    status: int = 0
    closed: bool = False
    read: bool = False
    known: bool = False


class Web:
    """All servers. `trouble` is the chance that an answer is a bad one."""

    def __init__(self, scheduler: Scheduler, sites: list[Site], latency: Callable[[], float]) -> None:
        self.scheduler, self.latency = scheduler, latency
        self.sites = {site.host: site for site in sites}
        self.trouble = 0.0
        self.exchanges: list[Exchange] = []

    def page(self, url: str) -> Page:
        """What a URL answers when nothing goes wrong."""
        host, _, path = url.partition("://")[2].partition("/")
        site = self.sites[host]
        if path == "robots.txt" and site.robots_at:
            return Page(redirect=site.robots_at)
        return site.pages.get("/" + path) or Page(status=404)

    def answer(self, exchange: Exchange) -> tuple[int, dict[str, str], bytes]:
        """Status (0: none), headers and body."""
        chance, url = self.scheduler.chance, exchange.url
        if chance.random() < self.trouble:
            kind = chance.choice(["503", "503", "429", "500", "reset", "reset", "stall"])
            if kind == "stall":
                exchange.until = exchange.start + STALL
            if kind in ("reset", "stall"):
                return 0, {}, b""
            later = chance.random() < 0.5 and kind != "500"
            return int(kind), {"Retry-After": str(chance.randint(1, 6))} if later else {}, b""
        site = self.sites[url.partition("://")[2].partition("/")[0]]
        page = self.page(url)
        if page.redirect:
            return 302, {"Location": page.redirect}, b""
        if url.endswith(ROBOTS):
            return (200, {"Content-Type": "text/plain"}, site.robots.encode()) if site.robots else (404, {}, b"")
        if page.status != 200:
            return page.status, {}, b""
        if page.picture and exchange.known:
            return 304, {}, b""
        kind = "image/png" if page.picture else "text/html; charset=utf-8"
        return 200, {"Content-Type": kind}, page.body(url)

    def died(self, process: Process) -> None:
        """The connections of a process that was killed are closed."""
        for exchange in self.exchanges:
            if exchange.process is process and not exchange.closed:
                exchange.until, exchange.closed = min(exchange.until, self.scheduler.time()), True


class ModelClient:
    """Requests of one fetcher process."""

    connections = 0

    def __init__(self, web: Web, process: Process) -> None:
        self.web, self.process = web, process
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """What is under way ends."""
        self._stopping.set()

    async def resolve(self, host: str) -> Resolution:
        chance, web = self.web.scheduler.chance, self.web
        await asyncio.sleep(web.latency())
        if chance.random() < web.trouble / 2:
            return Resolution([], error=Fault.DNS_TIMEOUT)
        return Resolution(list(web.sites[host].addresses), ttl=chance.uniform(20.0, 600.0))

    async def fetch(
        self, item: OrderItem, order: Order, *, sink: Callable[[bytes], None] | None = None, enough: object = None
    ) -> Response | Failure:
        web, clock, scheduler = self.web, self.process.clock, self.web.scheduler
        now = clock()
        if not self.may_write(now, order):
            return Failure(Fault.DEADLINE, "", now, now, False)
        begun = scheduler.time()
        connecting = web.latency()
        if await self._wait(connecting):
            return Failure(Fault.STOPPED, "", now, clock(), False)
        if scheduler.chance.random() < web.trouble / 4:
            return Failure(Fault.CONNECT_TIMEOUT, "", now, clock(), False)
        started = clock()
        if not self.may_write(started, order):
            return Failure(Fault.DEADLINE, "", started, started, False)
        exchange = Exchange(self.process, order, item.url, scheduler.time(), scheduler.time() + web.latency())
        exchange.known = bool(item.etag)
        web.exchanges.append(exchange)
        scheduler.note(self.process.name, f"requests {item.url} of {order.order_id.hex()[:8]}")
        exchange.status, headers, body = web.answer(exchange)
        ends_by = min(begun + order.limits.total_seconds, exchange.start + order.deadline - started)
        stopped = await self._wait(min(exchange.until, ends_by) - scheduler.time())
        whole = not stopped and scheduler.time() >= exchange.until
        if not whole:
            exchange.until = min(exchange.until, scheduler.time())
        exchange.closed = True
        ended = clock()
        if stopped:
            return Failure(Fault.STOPPED, "", started, ended, True)
        if not whole:
            fault = Fault.DEADLINE if ended >= order.deadline else Fault.TOTAL_TIMEOUT
            return Failure(fault, "", started, ended, True)
        if not exchange.status:
            return Failure(Fault.RESET, "", started, ended, True)
        exchange.read = True
        if sink is not None and exchange.status == 200 and item.kind is LinkKind.MEDIA:
            sink(body)
        fields = CIMultiDictProxy(CIMultiDict(headers))
        return Response(exchange.status, fields, body, len(body), "", started, ended, order.address)

    def may_write(self, now: float, order: Order) -> bool:
        """Design, rule 7: asked before the connection is opened, and in the step that writes the request."""
        return now < order.deadline

    async def _wait(self, seconds: float) -> bool:
        """Wait; True if the client was stopped meanwhile."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True
