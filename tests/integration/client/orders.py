"""Orders and clients for tests against loopback servers."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from contracts.messages import Limits, LinkKind, Order, OrderItem, OrderKind
from contracts.settings import Addresses, Caps
from fetchers.client import Client
from fetchers.request import Proxy
from fetchers.response import Failure, Response

AGENT = "Pisaura/1.0 (+https://hotline.example/bot)"
MIB = 1 << 20


def limits(
    body: int = MIB, header: int = 16_384, total: float = 20.0, first: float = 10.0, rate: int = 0, expansion: int = 100
) -> Limits:
    return Limits(body, header, total, first, rate, expansion)


def item(url: str, kind: LinkKind = LinkKind.PAGE, etag: str = "", last_modified: str = "") -> OrderItem:
    return OrderItem(url, b"u" * 16, kind, etag=etag, last_modified=last_modified)


def order(
    host: str = "h.test",
    address: str = "127.0.0.1",
    terms: Limits | None = None,
    deadline: float | None = None,
    route: str = "direct",
) -> Order:
    now = time.time()
    return Order(
        b"o" * 16,
        0,
        1,
        OrderKind.PAGES,
        host,
        address,
        now,
        now + 15,
        now + 30 if deadline is None else deadline,
        0.0,
        1,
        AGENT,
        terms or limits(),
        [],
        route=route,
    )


@asynccontextmanager
async def client(
    *,
    allow: tuple[str, ...] = ("127.0.0.0/8", "::1/128"),
    deny: tuple[str, ...] = (),
    nameservers: tuple[str, ...] = (),
    connections: int = 512,
    clock: Callable[[], float] = time.time,
    idle_seconds: float = 15.0,
    rate_window: float = 10.0,
    routes: Mapping[str, Proxy] | None = None,
) -> AsyncIterator[Client]:
    settings = Addresses(allow=list(allow), deny=list(deny), nameservers=list(nameservers))
    one = Client(
        settings,
        Caps(connections=connections),
        clock=clock,
        idle_seconds=idle_seconds,
        rate_window=rate_window,
        routes=routes,
    )
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


def answered(answer: Response | Failure) -> Response:
    assert isinstance(answer, Response), answer
    return answer


def failed(answer: Response | Failure) -> Failure:
    assert isinstance(answer, Failure), answer
    return answer
