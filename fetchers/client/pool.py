"""Connections of one client: at most `cap` open, the idle ones kept for a while for the same host at the same address."""

import asyncio
from collections import deque

from fetchers.client.connection import Connection, Key


class Pool:
    """Counts connections that are open or being opened. One that is wanted and not free waits its turn; idle ones make room."""

    def __init__(self, loop: asyncio.AbstractEventLoop, cap: int, idle_seconds: float) -> None:
        self._loop, self._cap, self._idle_seconds = loop, cap, idle_seconds
        self._open = 0
        self._all: set[Connection] = set()
        self._idle: dict[Key, list[Connection]] = {}
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None

    @property
    def open(self) -> int:
        """Connections open or being opened, idle ones included."""
        return self._open

    def take(self, key: Key) -> Connection | None:
        """An idle connection that can be written to, the one used last."""
        kept = self._idle.get(key)
        while kept:
            connection = kept.pop()
            if not kept:
                del self._idle[key]
            if connection.usable:
                return connection
        return None

    def keep(self, connection: Connection) -> None:
        """Take back a connection whose exchange is over and which can have another."""
        connection.idle_since = self._loop.time()
        self._idle.setdefault(connection.key, []).append(connection)
        if self._waiters:
            self._evict()
        elif self._sweeper is None:
            self._sweeper = self._loop.call_later(self._idle_seconds, self._sweep)

    async def slot(self, *, first: bool = False) -> None:
        """Wait for the right to open a connection, `first` before all others; `opened` or `free` must follow."""
        waited = False
        # Nobody else overtakes: who comes while others wait waits behind them.
        while self._cap and (self._open >= self._cap or (self._waiters and not waited)):
            self._evict()
            waiter = self._loop.create_future()
            (self._waiters.appendleft if first else self._waiters.append)(waiter)
            try:
                await waiter
            except BaseException:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                elif not waiter.cancelled():
                    self._next()  # the turn was ours and is not used
                raise
            waited = True
        self._open += 1

    def opened(self, connection: Connection) -> None:
        """The slot belongs to this connection now, until it is lost."""
        self._all.add(connection)

    def free(self) -> None:
        """The slot was not used."""
        self._open -= 1
        self._next()

    def lost(self, connection: Connection) -> None:
        """A connection's socket is closed (called by it)."""
        kept = self._idle.get(connection.key)
        if kept is not None and connection in kept:
            kept.remove(connection)
            if not kept:
                del self._idle[connection.key]
        if connection in self._all:
            self._all.remove(connection)
            self.free()

    def close(self, why: str) -> None:
        """End every exchange with `why` and close every socket."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connection in list(self._all):
            connection.fail(why)

    def _next(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _evict(self) -> None:
        """Close the connection that has been idle longest, near enough: the first of the first key."""
        for kept in self._idle.values():
            kept[0].abort()
            return

    def _sweep(self) -> None:
        self._sweeper = None
        oldest = self._loop.time() - self._idle_seconds
        for kept in list(self._idle.values()):
            for connection in list(kept):
                if connection.idle_since <= oldest:
                    connection.abort()
        if self._idle:
            self._sweeper = self._loop.call_later(max(self._idle_seconds / 4, 0.05), self._sweep)
