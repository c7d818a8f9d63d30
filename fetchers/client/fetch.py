"""One item of an order in, a `Response` or a `Failure` out. Nothing is repeated, no redirect is followed.

The request goes to exactly `order.address`: it is never looked up again, only held to the guard once more.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import hdrs
from multidict import CIMultiDictProxy

from contracts.faults import Cut, Fault
from contracts.messages import LinkKind, Order, OrderItem
from contracts.settings import Addresses, Caps
from fetchers.addresses import Guard
from fetchers.client.connection import Connection, Key, Terms
from fetchers.client.pool import Pool
from fetchers.client.reach import address_of, connect_fault, family_of, tunnel
from fetchers.client.resolve import Resolver
from fetchers.client.tls import crawler_context, tls_fault
from fetchers.decoding import Body, Sink, codings_of
from fetchers.request import DIRECT, Authority, Proxy, authority_of, request_head, route_of, target_of
from fetchers.response import ENOUGH, Failure, Resolution, Response

IDLE_SECONDS: Final = 15.0
"""How long a connection is kept without a request: most servers close theirs after 5 to 75 s."""
TICK: Final = 0.01
"""Seconds by which the loop's timers may go off before the clock of deadlines has come that far: two clocks, in milliseconds."""
RATE_WINDOW: Final = 10.0
"""Seconds within which `min_bytes_per_second` must be kept up, again and again (issue: minimum rate after 10 s)."""
ERROR_BODY: Final = 262_144
"""Most bytes read of a body that is no page: redirects and errors."""

Enough = Callable[[int, CIMultiDictProxy[str]], bool]
"""Asked with status and header, after each piece of a body, whether no more is wanted."""


class Client:
    """Requests of one fetcher process.

    `clock` gives unix seconds for deadlines and the times of answers; all time limits run on the loop's clock.
    """

    def __init__(
        self,
        addresses: Addresses,
        caps: Caps,
        *,
        guard: Guard | None = None,
        clock: Callable[[], float] = time.time,
        idle_seconds: float = IDLE_SECONDS,
        rate_window: float = RATE_WINDOW,
        routes: Mapping[str, Proxy] | None = None,
    ) -> None:
        self.guard = guard or Guard(addresses.allow, addresses.deny)
        self._resolver = Resolver(self.guard, addresses)
        self._clock, self._caps = clock, caps
        self._idle_seconds, self._rate_window = idle_seconds, rate_window
        self._routes: Mapping[str, Proxy | None] = {**(routes or {}), DIRECT: None}
        self._tls = crawler_context()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pool: Pool | None = None
        self._connecting: set[asyncio.Timeout] = set()

    async def start(self) -> None:
        """Begin on the running loop. Raises ValueError for name servers that cannot be read."""
        self._loop = asyncio.get_running_loop()
        self._pool = Pool(self._loop, self._caps.connections, self._idle_seconds)
        self._resolver.start()

    async def stop(self) -> None:
        """Close every socket; what is under way ends as `Fault.STOPPED`."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close(Fault.STOPPED)
            for limit in [one for one in self._connecting if not one.expired()]:
                limit.reschedule(asyncio.get_running_loop().time())
        await self._resolver.stop()

    @property
    def connections(self) -> int:
        """Connections open or being opened, idle ones included."""
        return self._pool.open if self._pool is not None else 0

    async def resolve(self, host: str) -> Resolution:
        """The addresses of a host that the guard lets pass, or why there are none."""
        return await self._resolver.resolve(host)

    async def fetch(
        self, item: OrderItem, order: Order, *, sink: Sink | None = None, enough: Enough | None = None
    ) -> Response | Failure:
        """Request one item within the order's limits and deadline. `sink` gets the decoded body as it comes; the download is
        broken off when `enough` of status and header says so."""
        loop, pool, now = self._loop, self._pool, self._clock()
        if loop is None or pool is None:
            return _not_requested(Fault.STOPPED, now)
        refusal = self.guard.check(order.address)
        if refusal is not None:
            return _not_requested(refusal.reason, now, refusal.evidence)
        target = target_of(item.url)
        authority = None if target is None else authority_of(target.authority, target.https)
        if target is None or authority is None:
            return _not_requested(Fault.BAD_URL, now)
        if (route := route_of(item, order)) not in self._routes:
            return _not_requested(Fault.BAD_ROUTE, now, "not among rechecks.routes of this fetcher")
        if now >= order.deadline:
            return _not_requested(Fault.DEADLINE, now)
        head = request_head(item, order, target)
        limits, begun = order.limits, loop.time()
        deadline_by, total_by = begun + order.deadline - now, begun + limits.total_seconds
        key = (target.https, target.authority, order.address, route)
        connection = pool.take(key)
        reused = connection is not None
        if connection is None:
            connect_by = min(deadline_by, total_by, begun + limits.first_byte_seconds)
            urgent = item.recheck is not None
            opened = await self._connect(loop, pool, key, authority, connect_by, order.deadline, urgent)
            if isinstance(opened, Failure):
                return opened
            connection = opened
        # Design, rule 7: the deadline counts in the step that writes the request, after connect and TLS.
        started = self._clock()
        if self._pool is not pool:
            connection.abort()
            return _not_requested(Fault.STOPPED, started)
        if started >= order.deadline:
            pool.keep(connection)
            return Failure(Fault.DEADLINE, "", started, started, False, tls_fault=connection.tls_fault)
        first_by = loop.time() + limits.first_byte_seconds
        terms = Terms(
            limits.header_bytes, deadline_by, total_by, first_by, limits.min_bytes_per_second, self._rate_window
        )
        connection.send(head, terms)
        answered = False
        try:
            answer = await self._exchange(connection, item, order, started, reused, sink, enough)
            answered = True
        finally:
            if connection.finish():
                if answered and self._pool is pool:
                    pool.keep(connection)
                else:
                    connection.abort()
        answer.ended_at = self._clock()
        return answer

    async def _exchange(
        self,
        connection: Connection,
        item: OrderItem,
        order: Order,
        started: float,
        reused: bool,
        sink: Sink | None,
        enough: Enough | None,
    ) -> Response | Failure:
        """From the written request to the last byte that is wanted. `ended_at` is the caller's to set."""
        while connection.message is None and not connection.error:
            await connection.wait()
        message = connection.message
        if message is None:
            idle = reused and connection.error == Fault.RESET and not connection.received
            error = Fault.RESET_IDLE if idle else connection.error
            return Failure(error, "", started, 0.0, True, connection.received, connection.tls_fault)
        headers, limits = message.headers, order.limits
        limit = limits.body_bytes if message.code < 300 else min(limits.body_bytes, ERROR_BODY)
        cut = detail = ""
        codings: tuple[str, ...] | None = ()
        if hdrs.CONTENT_ENCODING in headers:
            codings = codings_of(headers.getall(hdrs.CONTENT_ENCODING))
            if codings is None:
                cut, detail = Fault.BAD_ENCODING, "an unknown content coding, or too many"
        body = Body(codings or (), limit, limits.expansion, sink)
        if item.kind == LinkKind.MEDIA and message.code < 300 and _announced(headers.get(hdrs.CONTENT_LENGTH)) > limit:
            cut = cut or Cut.BODY_BYTES
        # Chunked framing and trailers are no body, but may not go on for ever either.
        wire_limit = limits.header_bytes + 2 * limit + ERROR_BODY
        while not cut:
            data = connection.read()
            if data and not body.feed(data):
                cut = body.cut
            elif data and enough is not None and enough(message.code, headers):
                cut = ENOUGH
            elif connection.error:
                cut = connection.error
            elif connection.complete:
                body.finish()
                # Nobody asked for a part (RFC 9110, 15.3.7): this is not the whole.
                cut = body.cut or (Cut.TRUNCATED if message.code == 206 else "")
                break
            elif connection.received > wire_limit:
                cut = Cut.BODY_BYTES
            else:
                await connection.wait()
        return Response(
            status=message.code,
            headers=headers,
            body=body.body,
            wire_bytes=connection.received,
            cut=cut,
            started_at=started,
            ended_at=0.0,
            address=order.address,
            tls_fault=connection.tls_fault,
            detail=detail,
        )

    async def _connect(
        self,
        loop: asyncio.AbstractEventLoop,
        pool: Pool,
        key: Key,
        authority: Authority,
        by: float,
        deadline: float,
        urgent: bool,
    ) -> Connection | Failure:
        """A new connection to exactly the address of `key`, within a slot of the pool, TLS done. Nothing is requested."""
        begun = self._clock()
        https, _, address, route = key
        proxy = self._routes[route]
        connection = Connection(loop, key, pool)
        sock: socket.socket | None = None
        slot = False
        step = Fault.BUSY
        limit = asyncio.timeout_at(by)
        try:
            async with limit:
                self._connecting.add(limit)
                await pool.slot(first=urgent)
                slot, step = True, Fault.CONNECT_TIMEOUT if proxy is None else Fault.BAD_ROUTE
                to = (address, authority.port) if proxy is None else await address_of(loop, proxy)
                sock = socket.socket(family_of(to[0]), socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await loop.sock_connect(sock, to)
                if proxy is not None:
                    await tunnel(loop, sock, address, authority.port)
                    step = Fault.CONNECT_TIMEOUT
                if https:
                    step = Fault.TLS_TIMEOUT
                context = self._tls if https else None
                name = authority.sni if https else None
                await loop.create_connection(lambda: connection, sock=sock, ssl=context, server_hostname=name)
        except BaseException as error:
            if connection.transport is not None:
                pool.opened(connection)
                connection.abort()
            else:
                if sock is not None:
                    sock.close()
                if slot:
                    pool.free()
            if not isinstance(error, OSError | ValueError):
                raise
            ended = self._clock()
            if self._pool is not pool:
                return _not_requested(Fault.STOPPED, ended)
            if isinstance(error, TimeoutError) and ended >= deadline - TICK:
                return _not_requested(Fault.DEADLINE, ended)
            fault, detail = connect_fault(error, step)
            return Failure(fault, detail, begun, ended, False)
        finally:
            self._connecting.discard(limit)
        if connection.transport is None:
            pool.free()
            return Failure(Fault.RESET, "closed as it was opened", begun, self._clock(), False)
        pool.opened(connection)
        if https:
            connection.tls_fault = tls_fault(connection.transport, authority.name, self._clock())
        return connection


def _not_requested(error: str, now: float, detail: str = "") -> Failure:
    return Failure(error, detail, now, now, False)


def _announced(length: str | None) -> int:
    """Content-Length as a number, 0 if there is none; the parser has refused whatever is not one."""
    return int(length) if length is not None and length.isdecimal() and len(length) < 20 else 0
