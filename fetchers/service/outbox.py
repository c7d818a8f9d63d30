"""What a fetcher found, on its way to the log: by time, not by order (design, rule 6).

An outcome is sent only after its links to other partitions, its digests and answers to re-checks are acked; an order's end
only after all its outcomes. Each lane has an outbox, so that a slow hasher holds up media but not pages.
"""

import asyncio
from collections.abc import Awaitable, Callable
from random import uniform
from typing import Final

from contracts.errors import Unavailable
from contracts.messages import DigestRecord, Discovery, Message, OrderEnd, Outcome, OutcomeBatch, Recheck
from contracts.ports import Log
from contracts.topics import DIGESTS, OUTCOMES, RECHECKS, URLS

MOST: Final = 200
"""Outcomes of one message."""
UNACKED: Final = 256
"""Flushes that may wait for their acks before the next is made: one partition that does not ack must not hold up the others."""

OUTCOME_BYTES: Final = 1_500
LINK_BYTES: Final = 400
FRAME_BYTES: Final = 1_000
"""What one outcome, link, frame takes in memory, about."""

RETRY: Final = 0.2
RETRY_MOST: Final = 5.0
"""Seconds between tries to send what the log did not take."""


class Outbox:
    """One lane's outbox; `run` flushes it until `close`. `eased` is called when fewer outcomes wait."""

    def __init__(self, log: Log, flush: float, eased: Callable[[], None] = lambda: None) -> None:
        self._log = log
        self._flush = flush
        self._eased = eased
        self._event = asyncio.Event()
        self._closing = False
        self._outcomes: dict[int, list[Outcome]] = {}
        self._ends: dict[int, list[OrderEnd]] = {}
        self._before: dict[tuple[str, int], list[tuple[int, Message]]] = {}
        self._acked: list[Callable[[], None]] = []
        self._unacked: set[asyncio.Task[None]] = set()
        self._roads: dict[tuple[str, int], _Road] = {}
        self._gates: dict[int, asyncio.Lock] = {}
        self.waiting = 0
        self.held = 0
        """Bytes of memory, roughly, that all take that is not acked."""
        self._weight = 0

    def outcome(
        self,
        partition: int,
        outcome: Outcome,
        found: list[tuple[int, Discovery]],
        digest: DigestRecord | None,
        acked: Callable[[], None] | None,
        recheck: Recheck | None = None,
    ) -> None:
        """Queue an outcome with what must be acked before it; `acked` is called when all of it is."""
        self._outcomes.setdefault(partition, []).append(outcome)
        for other, discovery in found:
            self._before.setdefault((URLS, other), []).append((partition, discovery))
        if digest is not None:
            self._before.setdefault((DIGESTS, partition), []).append((partition, digest))
        if recheck is not None:
            self._before.setdefault((RECHECKS, 0), []).append((partition, recheck))
        if acked is not None:
            self._acked.append(acked)
        self.waiting += 1
        weight = _weight(outcome, found, digest)
        self.held += weight
        self._weight += weight
        self._event.set()

    def end(self, partition: int, end: OrderEnd) -> None:
        """Queue an order's end mark."""
        self._ends.setdefault(partition, []).append(end)
        self._event.set()

    async def run(self) -> None:
        """Flush by time until closed and empty."""
        while True:
            await self._event.wait()
            if not self._closing:
                await asyncio.sleep(self._flush)
            self._event.clear()
            await self._send()
            if self._closing and not self._event.is_set():
                break
        if self._unacked:
            await asyncio.wait(self._unacked)

    def close(self) -> None:
        """Flush what is there and end `run`."""
        self._closing = True
        self._event.set()

    def _deliver(self, topic: str, partition: int, messages: list[Message]) -> Awaitable[None]:
        """Done when the messages are acked. They are sent now; while the log is away, again and again, in their order: what
        follows in the same partition waits for them."""
        road = self._roads.setdefault((topic, partition), _Road())
        return road.go(self._log, topic, partition, messages)

    async def _send(self) -> None:
        outcomes, ends, first, acked = self._outcomes, self._ends, self._before, self._acked
        self._outcomes, self._ends, self._before, self._acked = {}, {}, {}, []
        weight, self._weight = self._weight, 0
        before = {
            place: asyncio.ensure_future(self._deliver(*place, [message for _, message in some]))
            for place, some in first.items()
        }
        sources: dict[int, list[asyncio.Future[None]]] = {}
        for place, some in first.items():
            for source in {source for source, _ in some}:
                sources.setdefault(source, []).append(before[place])
        passing: list[Awaitable[None]] = []
        for partition in outcomes.keys() | ends.keys():
            batch = outcomes.get(partition, [])
            messages: list[Message] = []
            for start in range(0, max(1, len(batch)), MOST):
                last = start + MOST >= len(batch)
                messages.append(OutcomeBatch(batch[start : start + MOST], ends.get(partition, []) if last else []))
            passing.append(
                asyncio.ensure_future(self._pass_on(partition, messages, sources.get(partition, []), len(batch)))
            )
        task = asyncio.ensure_future(self._after(passing, acked, weight))
        self._unacked.add(task)
        task.add_done_callback(self._unacked.discard)
        while len(self._unacked) > UNACKED:
            await asyncio.wait(self._unacked, return_when=asyncio.FIRST_COMPLETED)

    async def _pass_on(
        self, partition: int, messages: list[Message], before: list["asyncio.Future[None]"], count: int
    ) -> None:
        """One partition's outcomes, in their order, once all that goes before them is acked. Other partitions do not wait."""
        async with self._gates.setdefault(partition, asyncio.Lock()):
            if before:
                await asyncio.wait(before)
                for done in before:
                    done.result()
            ack = self._deliver(OUTCOMES, partition, messages)
            self.waiting -= count
            self._eased()
        await ack

    async def _after(self, passing: list[Awaitable[None]], callbacks: list[Callable[[], None]], weight: int) -> None:
        await asyncio.gather(*passing)
        for callback in callbacks:
            callback()
        self.held -= weight
        self._eased()


class _Road:
    """The way into one partition of a topic. What the log does not take is sent again and again; what comes meanwhile waits."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._behind = 0

    def go(self, log: Log, topic: str, partition: int, messages: list[Message]) -> Awaitable[None]:
        """Send now, unless something is still to be sent again."""
        ack = None if self._behind else log.send(topic, partition, messages)
        if ack is None:
            self._behind += 1
        return self._until_acked(ack, log, topic, partition, messages)

    async def _until_acked(
        self, ack: Awaitable[None] | None, log: Log, topic: str, partition: int, messages: list[Message]
    ) -> None:
        pause = 0.0
        if ack is not None:
            try:
                return await ack
            except Unavailable:
                pause = RETRY
                self._behind += 1
        try:
            async with self._turn:
                while True:
                    await asyncio.sleep(pause * uniform(0.5, 1.0))
                    try:
                        return await log.send(topic, partition, messages)
                    except Unavailable:
                        pause = min(2 * pause, RETRY_MOST) or RETRY
        finally:
            self._behind -= 1


def _weight(outcome: Outcome, found: list[tuple[int, Discovery]], digest: DigestRecord | None) -> int:
    """Bytes that an outcome takes in memory with all that travels with it, roughly."""
    discoveries = [*outcome.links, *(discovery for _, discovery in found)]
    links = sum(len(group.links) for discovery in discoveries for group in discovery.groups)
    frames = len(digest.media.frames) if digest is not None else 0
    return OUTCOME_BYTES + LINK_BYTES * links + FRAME_BYTES * frames + len(outcome.robots_body or b"")
