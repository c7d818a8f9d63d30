"""The fetcher: takes orders, makes their requests, hands back outcomes, links and digests. It decides nothing.

`order` runs one order, `media` digests in memory, `outbox` sends what came of it, `turns` spreads bursts; here they are put
together.
"""

import asyncio
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from contracts.errors import WorkerLost
from contracts.faults import Fault
from contracts.messages import Control, DigestRecord, LinkKind, Order, OrderItem, OrderKind, Outcome, Result
from contracts.ports import Clock, Consumer, Digester, Log, Record, Suspect, Worker
from contracts.seal import Sealer
from contracts.settings import Settings
from contracts.topics import ORDERS_MEDIA, ORDERS_PAGES
from fetchers.client.fetch import Client
from fetchers.links import Extraction, extract
from fetchers.outcome import location_of, not_requested, outcome_of, resolved, verdict
from fetchers.pages import Found, content_key, links, redirect
from fetchers.recent import Recent
from fetchers.response import Failure, Response
from fetchers.service.media import Hashes, Media
from fetchers.service.order import RECALLED, Run
from fetchers.service.outbox import Outbox
from fetchers.service.turns import Turns
from fetchers.sniff import HEAD_BYTES, sniff

log = logging.getLogger(__name__)

GROUP: Final = "fetchers"
SVG: Final = "image/svg+xml"
"""A picture that may show others, so its links are read as a page's are."""
LARGE_PAGE: Final = 262_144
"""Pages above so many bytes are parsed in a worker process."""
PAGES_A_ROUND: Final = 8
"""Pages that are parsed in one round of the loop, about half a millisecond each."""
POLL_SECONDS: Final = 0.5
HAND_BACK: Final = 500
MEDIA_SHARE: Final = 4
"""One in so many of the orders at a time may be media."""


class Fetcher:
    """One fetcher process' work. `parser` runs the parsing of large pages in another process."""

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
    ) -> None:
        self._settings = settings
        self._bus = bus
        self._parser = parser
        self._suspect = suspect
        self._clock = clock
        self._partitions = partitions
        self._media = Media(digester, sealer)
        self._client = Client(settings.addresses, settings.caps, clock=clock)
        self._recent = Recent()
        self._turns = Turns(PAGES_A_ROUND)
        self._boxes = {lane: Outbox(bus, settings.workers.flush) for lane in (ORDERS_PAGES, ORDERS_MEDIA)}
        self._runs: dict[str, set[Run]] = {lane: set() for lane in self._boxes}
        self._tasks: set[asyncio.Task[None]] = set()
        self._free = {lane: asyncio.Event() for lane in self._boxes}
        self._most = {
            ORDERS_PAGES: settings.workers.orders,
            ORDERS_MEDIA: max(4, settings.workers.orders // MEDIA_SHARE),
        }
        self._takers: list[asyncio.Task[None]] = []
        self._senders: list[asyncio.Task[None]] = []
        self._stopping = False
        self._last = False
        self._buffered = 0
        self.counts: Counter[str] = Counter()

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

    async def start(self) -> None:
        """Join the group and begin to take orders."""
        await self._client.start()
        for lane in self._boxes:
            consumer = self._bus.join(GROUP, [lane])
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

    def control(self, controls: Sequence[Control]) -> None:
        """Operators' words: a paused or opted-out host gets no further request."""
        targets = {control.target for control in controls if control.verb in ("pause", "block")}
        for runs in self._runs.values():
            for run in runs:
                name = run.order.host.rpartition(":")[0] or run.order.host
                if targets & {run.order.host, name, run.order.address}:
                    run.stop(RECALLED)

    # -- taking orders ----------------------------------------------------------------------------------------------

    async def _take(self, lane: str, consumer: Consumer) -> None:
        runs, event = self._runs[lane], self._free[lane]
        while not self._stopping:
            room = self._most[lane] - len(runs)
            if room <= 0 or (lane == ORDERS_MEDIA and self._buffered > self._settings.workers.buffers):
                event.clear()
                await event.wait()
                continue
            await self._begin_all(lane, consumer, await consumer.poll(room, POLL_SECONDS))
        while self._last and (records := await consumer.poll(HAND_BACK, 0.0)):
            await self._begin_all(lane, consumer, records)
        await consumer.close()

    async def _begin_all(self, lane: str, consumer: Consumer, records: Sequence[Record]) -> None:
        """Begin orders, but only if they are committed first: at most once (design, rule 3)."""
        last = {(record.topic, record.partition): record.offset + 1 for record in records}
        if records and not await consumer.commit(last):
            self.counts["orders_dropped"] += len(records)
            return
        for record in records:
            if isinstance(record.message, Order):
                self._begin(lane, record.message)

    def _begin(self, lane: str, order: Order) -> None:
        if self._clock() > order.start_by:
            self.counts["orders_late"] += 1
        run = Run(order, self._clock, self._fetch, self._skip)
        if self._stopping:
            run.stop(Fault.STOPPED)
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

    def _box(self, order: Order) -> Outbox:
        return self._boxes[ORDERS_MEDIA if order.kind is OrderKind.MEDIA else ORDERS_PAGES]

    def _skip(self, order: Order, item: OrderItem, why: str) -> None:
        self._box(order).outcome(order.partition, not_requested(order, item, why, self._clock()), [], None, None)

    # -- one request ------------------------------------------------------------------------------------------------

    async def _fetch(self, order: Order, item: OrderItem) -> Outcome:
        """Make one request and queue what came of it. A fault of our own costs this item, not the order."""
        try:
            return await self._request(order, item)
        except Exception as error:
            # A library's words may hold a URL or what a server sent: only the kind of error and its place are told.
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.error("an item could not be handled: %s at %s:%s", type(error).__name__, place.name, place.lineno)
            self.counts["internal_errors"] += 1
            now = self._clock()
            outcome = Outcome(order.order_id, item.url_id, Result.FAILED, now, now, error="parser_crashed")
            self._box(order).outcome(order.partition, outcome, [], None, None)
            return outcome

    async def _request(self, order: Order, item: OrderItem) -> Outcome:
        if order.kind is OrderKind.RESOLVE:
            started = self._clock()
            outcome = resolved(order, b"", await self._client.resolve(order.host), started, self._clock())
            self._box(order).outcome(order.partition, outcome, [], None, None)
            return outcome
        hashes = Hashes(self._held) if order.kind is OrderKind.MEDIA else None
        try:
            answer = await self._client.fetch(item, order, sink=hashes)
            if isinstance(answer, Failure) and answer.error == Fault.RESET_IDLE:
                await asyncio.sleep(order.delay)
                answer = await self._client.fetch(item, order, sink=hashes)  # nothing of the first answer came
            return await self._settled(order, item, answer, hashes)
        finally:
            if hashes is not None:
                self._held(-hashes.size)

    def _held(self, octets: int) -> None:
        """Count media bytes in memory; orders for more wait while there are too many."""
        self._buffered += octets
        if octets < 0:
            self._free[ORDERS_MEDIA].set()

    async def _settled(
        self, order: Order, item: OrderItem, answer: Response | Failure, hashes: Hashes | None
    ) -> Outcome:
        if isinstance(answer, Failure):
            outcome = outcome_of(order, item, answer)
            self._box(order).outcome(order.partition, outcome, [], None, None)
            return outcome
        return await self._answered(order, item, answer, hashes)

    async def _answered(self, order: Order, item: OrderItem, answer: Response, hashes: Hashes | None) -> Outcome:
        limits = self._settings.limits
        if location := location_of(answer) if 300 <= answer.status < 400 and answer.status != 304 else "":
            found, text = redirect(
                item, order.host, location, answer.ended_at, order.partition, self._partitions, limits.url_bytes
            )
            if item.kind is LinkKind.ROBOTS:
                found = Found()
            return self._send(
                order,
                outcome_of(order, item, answer, location=text, links=found.own, refused_links=found.refused),
                found,
            )
        if item.kind is LinkKind.ROBOTS:
            body = bytes(answer.body) if 200 <= answer.status < 300 else None
            return self._send(order, outcome_of(order, item, answer, robots_body=body), Found())
        if not 200 <= answer.status < 300:
            return self._send(order, outcome_of(order, item, answer), Found())
        sniffed = sniff(bytes(answer.body[:HEAD_BYTES]), answer.headers.get("Content-Type", ""))
        if sniffed.is_media:
            return await self._seen(order, item, answer, sniffed.media_type, hashes)
        return await self._page(order, item, answer, sniffed.media_type)

    async def _seen(
        self, order: Order, item: OrderItem, answer: Response, media_type: str, hashes: Hashes | None
    ) -> Outcome:
        result, _ = verdict(item, answer, True)
        if result is not Result.FETCHED:
            return self._send(order, outcome_of(order, item, answer, media_type=media_type, is_media=True), Found())
        if hashes is None:
            hashes = Hashes()
            hashes(bytes(answer.body))
        record = await self._media.record(item.url, item.url_id, media_type, answer, hashes)
        found = Found()
        if media_type == SVG and (extraction := await self._extract(item, answer)) is not None:
            found = self._links(order, item, answer, extraction)
        outcome = outcome_of(
            order, item, answer, media_type=media_type, is_media=True, links=found.own, refused_links=found.refused,
            content_key=self._media.content_key(record.sha256),
        )  # fmt: skip
        self.counts["media"] += 1
        return self._send(order, outcome, found, record)

    async def _page(self, order: Order, item: OrderItem, answer: Response, media_type: str) -> Outcome:
        await self._turns.take()
        extraction = await self._extract(item, answer)
        if extraction is None:
            now = answer.ended_at
            outcome = Outcome(
                order.order_id, item.url_id, Result.FAILED, answer.started_at, now, error="parser_crashed",
                bytes_read=answer.wire_bytes,
            )  # fmt: skip
            self._box(order).outcome(order.partition, outcome, [], None, None)
            return outcome
        found = self._links(order, item, answer, extraction)
        outcome = outcome_of(
            order, item, answer, media_type=media_type, content_key=content_key(answer.body),
            text_key=extraction.text_key, links=found.own, refused_links=found.refused, fresh_media=bool(found.media),
            far_media=found.far_media,
        )  # fmt: skip
        if item.depth >= self._settings.limits.depth:
            found.plain, found.media = [], []  # refused for their depth; a page nearer to a seed may link them too
        self.counts["pages"] += 1
        return self._send(order, outcome, found)

    def _links(self, order: Order, item: OrderItem, answer: Response, extraction: Extraction) -> Found:
        return links(
            item, order.host, extraction.base, extraction.raws, self._recent, answer.ended_at, order.partition,
            self._partitions, self._settings.limits.url_bytes,
        )  # fmt: skip

    async def _extract(self, item: OrderItem, answer: Response) -> Extraction | None:
        """The links of a page; None if the parser crashed or hung on it. Large pages are parsed in another process."""
        headers = [
            (name, value) for name in LINK_HEADERS if name in answer.headers for value in answer.headers.getall(name)
        ]
        declared, limits = answer.headers.get("Content-Type", ""), self._settings.limits
        if len(answer.body) <= LARGE_PAGE:
            if self._suspect is None:
                return extract(answer.body, item.url, declared, headers, limits)
            self._suspect.mark(item.url_id)
            extraction = extract(answer.body, item.url, declared, headers, limits)
            self._suspect.clear()
            return extraction
        try:
            return await self._parser.run(extract, bytes(answer.body), item.url, declared, headers, limits)
        except WorkerLost as error:
            log.warning("a page's parser was lost: %s", error)
            return None

    def _send(self, order: Order, outcome: Outcome, found: Found, record: DigestRecord | None = None) -> Outcome:
        acked: Callable[[], None] | None = None
        if found.plain or found.media:
            recent = self._recent

            def acked() -> None:
                recent.learn(found.directory, found.plain, found.media)

        self._box(order).outcome(order.partition, outcome, found.others, record, acked)
        return outcome


LINK_HEADERS: Final = ("Link", "Refresh", "Content-Location", "X-Robots-Tag")
"""Headers that say something about a page's links."""
