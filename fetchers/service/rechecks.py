"""A medium looked at again: asked conditionally, compared by its first 64 KiB, read whole only if it differs (docs/domain.md, 3).

What comes of it are facts for whoever asked, sealed like a sighting; nothing here judges, and no body leaves this memory.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

from multidict import CIMultiDictProxy

from contracts.errands import UNREQUESTABLE, RecheckErrand
from contracts.hashes import HEAD, Hashes
from contracts.messages import DigestRecord, Order, OrderItem, Outcome, Recheck, Result
from contracts.seal import Sealer
from contracts.urls import url_id
from fetchers.outcome import location_of, outcome_of
from fetchers.pages import Found, redirect
from fetchers.response import ENOUGH, Failure, Response
from fetchers.service.media import Media
from fetchers.sniff import HEAD_BYTES, sniff

WITHIN: Final = (("1s", 1.0), ("10s", 10.0), ("1m", 60.0), ("10m", 600.0))
"""Classes of lateness: from when politeness allowed a request to its start."""
LONGER: Final = "longer"
ERROR: Final = "error"
ANSWERS: Final = ("unchanged", "media", "moved", "other", ERROR)
"""Kinds of answers: as it was, another medium, a redirect, anything else that a server says, nothing usable."""


class Compared(Hashes):
    """A sink that compares what comes with what was there before. `enough` tells the client when that, or the type, says all."""

    def __init__(
        self, errand: RecheckErrand, sealer: Sealer, held: Callable[[int], None] = lambda octets: None
    ) -> None:
        super().__init__(held)
        self.errand, self._sealer = errand, sealer
        self._begun = bytearray()
        self._same: bool | None = None

    def __call__(self, chunk: bytes) -> None:
        """The next decoded bytes."""
        if self.size < HEAD:
            self._begun += memoryview(chunk)[: HEAD - self.size]
        super().__call__(chunk)

    def enough(self, status: int, headers: CIMultiDictProxy[str]) -> bool:
        """Whether nothing more need be read: it is as it was, or is no picture or video."""
        if self.size < HEAD or self._same is not None or not 200 <= status < 300:
            return False
        length = None if headers.get("Content-Encoding") else headers.get("Content-Length")
        told = int(length) if length is not None and length.isdecimal() and len(length) < 20 else None
        self._same = self._as_before() and told in (None, self.errand.size)
        return self._same or not sniff(bytes(self._begun), headers.get("Content-Type", "")).is_media

    def unchanged(self) -> bool:
        """Whether what came, as a whole or as far as it was read, is as it was."""
        if self._same is None:
            self._same = self._as_before() and self.size == self.errand.size
        return self._same

    def _as_before(self) -> bool:
        head = self._sealer.content_key(self.digests()[3])
        return bool(self.errand.head_key) and head == self.errand.head_key


class Settled(NamedTuple):
    """What one request led to: for the frontier, for the hasher, for whoever asked (None: it is not answered yet)."""

    outcome: Outcome
    found: Found
    record: DigestRecord | None
    recheck: Recheck | None


class Rechecks:
    """Makes of a server's answer what travels on. `counts` has answers by kind, and how late their requests were."""

    def __init__(self, media: Media, sealer: Sealer, counts: Counter[str], partitions: int, url_bytes: int) -> None:
        self._media, self._sealer, self._counts = media, sealer, counts
        self._partitions, self._url_bytes = partitions, url_bytes

    def compared(self, errand: RecheckErrand, held: Callable[[int], None]) -> Compared:
        """A sink for one answer; `held` is told how many bytes came."""
        return Compared(errand, self._sealer, held)

    async def settle(
        self, order: Order, item: OrderItem, answer: Response | Failure, compared: Compared, free_at: float
    ) -> Settled:
        """All that follows from an answer. `free_at` is from when on the order let its request be made."""
        found, record, location, media_type = Found(), None, "", ""
        unchanged = False
        if isinstance(answer, Failure):
            outcome = outcome_of(order, item, answer)
            if outcome.result is Result.NOT_REQUESTED and outcome.error not in UNREQUESTABLE:
                return Settled(outcome, found, None, None)
        elif location := location_of(answer) if 300 <= answer.status < 400 and answer.status != 304 else "":
            found, location = redirect(
                item, order.host, location, answer.ended_at, order.partition, self._partitions, self._url_bytes
            )
            outcome = outcome_of(order, item, answer, location=location, links=found.own, refused_links=found.refused)
            location = location if found.own or found.others else ""
        elif not 200 <= answer.status < 300:
            outcome = outcome_of(order, item, answer)
            unchanged = outcome.result is Result.NOT_MODIFIED
        else:
            answer.cut = "" if answer.cut == ENOUGH else answer.cut
            sniffed = sniff(bytes(answer.body[:HEAD_BYTES]), answer.headers.get("Content-Type", ""))
            media_type = sniffed.media_type
            unchanged = not answer.cut and compared.unchanged()
            outcome = outcome_of(order, item, answer, media_type=media_type, is_media=unchanged or sniffed.is_media)
            if sniffed.is_media and not unchanged and outcome.result is Result.FETCHED:
                record = await self._media.record(item.url, item.url_id, media_type, answer, compared)
        self._count(outcome, unchanged, record, location)
        errand = compared.errand
        recheck = Recheck(
            ticket=errand.ticket,
            started_at=answer.started_at,
            ended_at=answer.ended_at,
            place=self._sealer.place(item.url_id),
            status=outcome.status,
            error=str(outcome.error),
            unchanged=unchanged,
            media_type=media_type,
            record=record,
            moved_to=self._sealer.seal(location) if location else b"",
            moved_place=self._sealer.place(url_id(location)) if location else b"",
            route=errand.route,
            free_at=max(free_at, errand.due_at),
        )
        self._late(answer, recheck.free_at)
        return Settled(outcome, found, record, recheck)

    def _count(self, outcome: Outcome, unchanged: bool, record: DigestRecord | None, location: str) -> None:
        facts = (unchanged, record is not None, bool(location), not outcome.error)
        kind = next((name for name, fact in zip(ANSWERS, facts, strict=False) if fact), ERROR)
        self._counts[f"recheck:{kind}"] += 1

    def _late(self, answer: Response | Failure, free_at: float) -> None:
        if isinstance(answer, Response) or answer.requested:
            late = answer.started_at - free_at
            self._counts[f"late:{next((name for name, most in WITHIN if late <= most), LONGER)}"] += 1
