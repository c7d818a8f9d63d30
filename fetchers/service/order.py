"""One order from its start to its end mark: item after item, politely, by the stop rules that it carries (design, rules 1 and 7)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from contracts.faults import Fault
from contracts.messages import Order, OrderEnd, OrderItem, OrderKind, Outcome, Result
from contracts.ports import Clock

CONNECTION_FAULTS: Final = frozenset(
    {
        Fault.CONNECT_REFUSED,
        Fault.CONNECT_TIMEOUT,
        Fault.CONNECT_FAILED,
        Fault.TLS_FAILED,
        Fault.TLS_TIMEOUT,
        Fault.RESET,
    }
)
STOP_STATUS: Final = frozenset({429, 503})
RECALLED: Final = "recalled"


class Run:
    """An order under way. `fetch` makes one item's request and hands its outcome on; `skip` hands on what was not requested."""

    def __init__(
        self,
        order: Order,
        clock: Clock,
        fetch: Callable[["Run", OrderItem], Awaitable[Outcome]],
        skip: Callable[[Order, OrderItem, str], None],
    ) -> None:
        self.order = order
        self._clock = clock
        self._fetch = fetch
        self._skip = skip
        self._start_until = order.deadline - order.limits.total_seconds
        self._halt = asyncio.Event()
        self._why = ""
        self._failures = 0
        self.requests = 0
        self.ended_at = 0.0
        self.free_at = 0.0
        """From when on the order's pauses let the request be made that is about to begin."""

    def stop(self, why: str) -> None:
        """Request nothing more; what is under way ends by itself."""
        if not self._why:
            self._why = why
        self._halt.set()

    async def run(self) -> OrderEnd:
        """Work through the items; the end mark tells how many requests there were and when the last one ended."""
        items = iter(self.order.items)
        if self.order.parallel > 1:
            await asyncio.gather(*(self._work(items) for _ in range(self.order.parallel)))
        else:
            await self._work(items)
        for item in items:
            self._skip(self.order, item, self._why)
        return OrderEnd(
            self.order.order_id, self.order.host, self.order.address, self.ended_at, self.requests, self._why or "done"
        )

    async def _work(self, items: Iterator[OrderItem]) -> None:
        at = self.order.not_before
        for item in items:
            if not await self._wait_until(at):
                self._skip(self.order, item, self._why)
                return
            self.free_at = at
            outcome = await self._fetch(self, item)
            if outcome.result is Result.NOT_REQUESTED:
                self.stop(outcome.error)
                continue
            if self.order.kind is not OrderKind.RESOLVE:
                self.requests += 1
                self.ended_at = max(self.ended_at, outcome.ended_at)
            self._judge(outcome)
            at = self._turn_after(outcome.started_at, outcome.ended_at)

    def _turn_after(self, started_at: float, ended_at: float) -> float:
        """When the next request may start after one that was made from `started_at` to `ended_at`."""
        slow = min(self.order.slow_factor * (ended_at - started_at), self.order.max_delay)
        return ended_at + max(self.order.delay, slow)

    async def may_repeat(self, started_at: float, ended_at: float) -> bool:
        """Wait for the turn of a second request for the same item; False if there is none: recalled, stopping or too late."""
        return await self._wait_until(self._turn_after(started_at, ended_at))

    async def _wait_until(self, at: float) -> bool:
        """Wait for a request's turn; False if there will be none."""
        if self._why:
            return False
        now = self._clock()
        if max(at, now) > self._start_until:
            self.stop(Fault.DEADLINE)
            return False
        while (rest := at - self._clock()) > 0:
            try:
                async with asyncio.timeout(rest):
                    await self._halt.wait()
                return False
            except TimeoutError:
                continue
        return not self._why

    def _judge(self, outcome: Outcome) -> None:
        """The stop rules: 429, 503, any Retry-After, two connection faults."""
        if outcome.status in STOP_STATUS or outcome.retry_at:
            self.stop(f"status {outcome.status}" if outcome.status in STOP_STATUS else "retry_after")
        elif outcome.error in CONNECTION_FAULTS:
            self._failures += 1
            if self._failures >= 2:
                self.stop(outcome.error)
