"""One item of an order: its request, what the answer is, and what of it travels on. Media never leaves this memory."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from contracts.errands import RecheckErrand
from contracts.errors import WorkerLost, kind_and_place
from contracts.faults import Fault
from contracts.hashes import Hashes
from contracts.messages import DigestRecord, LinkKind, Order, OrderItem, OrderKind, Outcome, Result
from contracts.ports import Clock, Suspect, Worker
from contracts.settings import Settings
from contracts.topics import lane_of
from fetchers.client.fetch import Client
from fetchers.links import Extraction, extract
from fetchers.outcome import location_of, not_requested, outcome_of, resolved, verdict
from fetchers.pages import Found, content_key, links, redirect
from fetchers.recent import Recent
from fetchers.response import Failure, Response
from fetchers.service.media import Media
from fetchers.service.order import Run
from fetchers.service.outbox import Outbox
from fetchers.service.rechecks import Rechecks
from fetchers.service.turns import Turns
from fetchers.sniff import HEAD_BYTES, sniff

log = logging.getLogger(__name__)

SVG: Final = "image/svg+xml"
"""A picture that may show others, so its links are read as a page's are."""
LARGE_PAGE: Final = 262_144
"""Pages above so many bytes are parsed in a worker process."""
PAGES_A_ROUND: Final = 8
"""Pages that are parsed in one round of the loop, about half a millisecond each."""
LINK_HEADERS: Final = ("Link", "Refresh", "Content-Location", "X-Robots-Tag")
"""Headers that say something about a page's links."""


class Items:
    """Makes requests and puts their outcomes into the outbox of their lane. `held`: bytes of media in memory; `eased` is
    called when some of them are gone."""

    def __init__(
        self,
        settings: Settings,
        boxes: Mapping[str, Outbox],
        client: Client,
        media: Media,
        rechecks: Rechecks,
        recent: Recent,
        parser: Worker,
        clock: Clock,
        partitions: int,
        counts: Counter[str],
        eased: Callable[[], None],
        suspect: Suspect | None,
    ) -> None:
        self._settings = settings
        self._boxes = boxes
        self._client = client
        self._media = media
        self._rechecks = rechecks
        self._recent = recent
        self._parser = parser
        self._clock = clock
        self._partitions = partitions
        self._eased = eased
        self._suspect = suspect
        self._turns = Turns(PAGES_A_ROUND)
        self.counts = counts
        self.held = 0

    def _box(self, order: Order) -> Outbox:
        return self._boxes[lane_of(order)]

    def skip(self, order: Order, item: OrderItem, why: str) -> None:
        """Hand back an item that no request was made for."""
        self._box(order).outcome(order.partition, not_requested(order, item, why, self._clock()), [], None, None)

    async def fetch(self, run: Run, item: OrderItem) -> Outcome:
        """Make one request and queue what came of it. A fault of our own costs this item, not the order."""
        order = run.order
        try:
            return await self._request(run, order, item)
        except Exception as error:
            log.error("an item could not be handled: %s", kind_and_place(error))
            self.counts["internal_errors"] += 1
            now = self._clock()
            outcome = Outcome(order.order_id, item.url_id, Result.FAILED, now, now, error="parser_crashed")
            self._box(order).outcome(order.partition, outcome, [], None, None)
            return outcome

    async def _request(self, run: Run, order: Order, item: OrderItem) -> Outcome:
        if order.kind is OrderKind.RESOLVE:
            started = self._clock()
            outcome = resolved(order, b"", await self._client.resolve(order.host), started, self._clock())
            self._box(order).outcome(order.partition, outcome, [], None, None)
            return outcome
        if order.kind is OrderKind.RECHECKS and item.recheck is not None:
            return await self._looked_again(run, order, item, item.recheck)
        hashes = Hashes(self._hold) if order.kind is OrderKind.MEDIA else None
        try:
            answer = await self._client.fetch(item, order, sink=hashes)
            if isinstance(answer, Failure) and answer.error == Fault.RESET_IDLE:
                answer = await self._repeated(run, item, answer, sink=hashes)
            return await self._settled(order, item, answer, hashes)
        finally:
            if hashes is not None:
                self._hold(-hashes.size)

    async def _looked_again(self, run: Run, order: Order, item: OrderItem, errand: RecheckErrand) -> Outcome:
        """One re-check: its answer goes to whoever asked before the frontier hears that it was given."""
        free_at, compared = run.free_at, self._rechecks.compared(errand, self._hold)
        try:
            answer = await self._client.fetch(item, order, sink=compared, enough=compared.enough)
            if isinstance(answer, Failure) and answer.error == Fault.RESET_IDLE:
                answer = await self._repeated(run, item, answer, sink=compared, enough=compared.enough)
            outcome, found, record, recheck = await self._rechecks.settle(order, item, answer, compared, free_at)
            self._box(order).outcome(order.partition, outcome, found.others, record, None, recheck)
            return outcome
        finally:
            self._hold(-compared.size)

    async def _repeated(self, run: Run, item: OrderItem, first: Failure, **how: Any) -> Response | Failure:
        """A kept connection was closed as we wrote, and nothing came: once more, politely. A request it was all the same."""
        if not await run.may_repeat(first.started_at, first.ended_at):
            return first
        second = await self._client.fetch(item, run.order, **how)
        return first if isinstance(second, Failure) and not second.requested else second

    def _hold(self, octets: int) -> None:
        """Count media bytes in memory; orders for more wait while there are too many."""
        self.held += octets
        if octets < 0:
            self._eased()

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
