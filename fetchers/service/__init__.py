"""The fetcher: takes orders, makes their requests, hands back outcomes, links and digests. It decides nothing.

`order` runs one order, `items` makes its requests and reads what comes, `media` digests in memory, `rechecks` compares with
what was there before, `outbox` sends what came of it, `turns` spreads bursts, `single` fetches one URL for a provider; here they are put together.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from contracts.errors import Unavailable
from contracts.faults import Fault
from contracts.messages import Order
from contracts.ports import Clock, Consumer, Digester, Log, Record, Suspect, Unreadable, Worker, offsets_after
from contracts.seal import Sealer
from contracts.settings import Settings
from contracts.topics import FETCHERS, ORDERS_MEDIA, ORDERS_PAGES, ORDERS_RECHECKS
from fetchers.client.fetch import Client
from fetchers.recent import Recent
from fetchers.request import routes_of
from fetchers.service.items import Items
from fetchers.service.media import Media
from fetchers.service.order import RECALLED, Run
from fetchers.service.outbox import Outbox
from fetchers.service.rechecks import Rechecks

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.5
HAND_BACK: Final = 500
WAITING_MOST: Final = 2_000
"""Outcomes of a lane that may wait for acks of what goes before them; above, no more orders are taken."""
SHARE: Final = {ORDERS_MEDIA: 4, ORDERS_RECHECKS: 2}
"""Beside the orders of pages, by lane: one in so many are worked on at a time."""
ROOM: Final = {ORDERS_MEDIA: 1, ORDERS_RECHECKS: 2}
"""By lane, above how many times `workers.buffers` of media in memory it takes no orders: re-checks have room left."""

Unwanted = Callable[[Order], bool]


def _all_wanted(order: Order) -> bool:
    return False


class Fetcher:
    """One fetcher process' work. `parser` runs the parsing of large pages in another process; `flush` is the longest time that an
    outcome waits for company (None: that of one machine)."""

    def __init__(
        self,
        settings: Settings,
        bus: Log,
        digester: Digester,
        sealer: Sealer,
        parser: Worker,
        clock: Clock,
        partitions: int,
        suspect: Suspect | None = None,
        flush: float | None = None,
    ) -> None:
        self._settings = settings
        self._bus = bus
        self._clock = clock
        routes = routes_of(settings.rechecks.routes)
        self._client = Client(settings.addresses, settings.caps, clock=clock, routes=routes)
        self._recent = Recent()
        self._free = {lane: asyncio.Event() for lane in (ORDERS_PAGES, *ROOM)}
        flush = settings.workers.flush if flush is None else flush
        self._boxes = {lane: Outbox(bus, flush, free.set) for lane, free in self._free.items()}
        self._runs: dict[str, set[Run]] = {lane: set() for lane in self._boxes}
        self._tasks: set[asyncio.Task[None]] = set()
        orders = settings.workers.orders
        self._most = {ORDERS_PAGES: orders, **{lane: max(4, orders // share) for lane, share in SHARE.items()}}
        self._takers: list[asyncio.Task[None]] = []
        self._senders: list[asyncio.Task[None]] = []
        self._stopping = False
        self._last = False
        self._unwanted: Unwanted = _all_wanted
        self.counts: Counter[str] = Counter()
        media = Media(digester, sealer)
        rechecks = Rechecks(media, sealer, self.counts, partitions, settings.limits.url_bytes)
        self.items = Items(
            settings, self._boxes, self._client, media, rechecks, self._recent, parser, clock, partitions, self.counts,
            self._ease, suspect,
        )  # fmt: skip

    @property
    def connections(self) -> int:
        """Connections open now."""
        return self._client.connections

    @property
    def repeats(self) -> tuple[int, int]:
        """Links met, and those of them that were dropped as met lately."""
        return self._recent.met, self._recent.dropped

    @property
    def out(self) -> int:
        """Orders being worked on, and outcomes not sent."""
        return sum(map(len, self._runs.values())) + sum(box.waiting for box in self._boxes.values())

    def failed(self) -> BaseException | None:
        """The error that ended one of the loops, if one did: nothing would come out of this fetcher any more."""
        for task in (*self._takers, *self._senders):
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                return error
        return None

    async def start(self) -> None:
        """Join the group and begin to take orders."""
        await self._client.start()
        for lane in self._boxes:
            consumer = self._bus.join(FETCHERS, [lane])
            self._takers.append(asyncio.create_task(self._take(lane, consumer), name=f"take {lane}"))
            self._senders.append(asyncio.create_task(self._boxes[lane].run(), name=f"send {lane}"))

    async def stop(self, grace: float, *, last: bool = False) -> None:
        """Take no more, let requests in flight end within `grace` seconds, hand back the rest, send everything.

        `last`: nobody else takes orders, so those that nobody has begun are handed back, too.
        """
        self._stopping, self._last = True, last
        for runs in self._runs.values():
            for run in runs:
                run.stop(Fault.STOPPED)
        for event in self._free.values():
            event.set()
        await asyncio.wait(self._takers, timeout=2 * POLL_SECONDS)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        await self._client.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)
        for box in self._boxes.values():
            box.close()
        _, late = await asyncio.wait([*self._takers, *self._senders], timeout=3.0)
        for task in late:
            task.cancel()

    def recall(self, unwanted: Unwanted) -> None:
        """Operators' words: orders of which `unwanted` is true get no further request, those that come later none at all."""
        self._unwanted = unwanted
        for runs in self._runs.values():
            for run in runs:
                if unwanted(run.order):
                    run.stop(RECALLED)

    # -- taking orders ----------------------------------------------------------------------------------------------

    async def _take(self, lane: str, consumer: Consumer) -> None:
        runs, event = self._runs[lane], self._free[lane]
        while not self._stopping:
            room = self._most[lane] - len(runs)
            if room <= 0 or self._laden(lane):
                event.clear()
                await event.wait()
                continue
            await self._begin_all(lane, consumer, await consumer.poll(room, POLL_SECONDS))
        while self._last and (records := await consumer.poll(HAND_BACK, 0.0)):
            await self._begin_all(lane, consumer, records)
        await consumer.close()

    def _laden(self, lane: str) -> bool:
        """Whether more orders would only make memory fuller: their outcomes could not be sent, or there is no room for media."""
        box = self._boxes[lane]
        if box.waiting >= WAITING_MOST or box.held >= self._settings.workers.unsent:
            return True
        return lane in ROOM and self.items.held > ROOM[lane] * self._settings.workers.buffers

    def _ease(self) -> None:
        """Some of the media in memory are gone."""
        for lane in ROOM:
            self._free[lane].set()

    async def _begin_all(self, lane: str, consumer: Consumer, records: Sequence[Record]) -> None:
        """Begin orders, but only if they are committed first: at most once (design, rule 3)."""
        last = offsets_after(records)
        if records and not await consumer.commit(last):
            self.counts["orders_dropped"] += len(records)
            return
        for record in records:
            if isinstance(record.message, Order):
                self._begin(lane, record.message)
        for record in records:
            if not isinstance(record.message, (Order, Unreadable)):
                await self._park(record)

    async def _park(self, record: Record) -> None:
        """Set aside what is no order; while the log is away, it is only told."""
        why = f"a {type(record.message).__name__} is no order"
        try:
            await self._bus.park(record, why)
        except Unavailable as error:
            log.warning(
                "[%s] %d at %d: %s, and is not kept: %s", record.topic, record.partition, record.offset, why, error
            )

    def _begin(self, lane: str, order: Order) -> None:
        if self._clock() > order.start_by:
            self.counts["orders_late"] += 1
        run = Run(order, self._clock, self.items.fetch, self.items.skip)
        if self._stopping:
            run.stop(Fault.STOPPED)
        elif self._unwanted(order):
            run.stop(RECALLED)
        self._runs[lane].add(run)
        task = asyncio.create_task(self._work(lane, run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: str, run: Run) -> None:
        order = run.order
        try:
            if self._clock() > order.start_by:
                run.stop("too_late")
            end = await run.run()
        finally:
            self._runs[lane].discard(run)
            self._free[lane].set()
        self._boxes[lane].end(order.partition, end)
