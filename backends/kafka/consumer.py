"""Reads messages: of assigned partitions from given offsets, of those that a group gives us, or of a whole topic.

Only what was handed out since partitions last moved can be committed: what was handed out before may be another's now, and is
handed out again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from backends.kafka.connection import topic_name
from backends.kafka.source import Feed, Source
from contracts.cluster import Kafka
from contracts.errors import Unavailable
from contracts.ports import Offsets, Record

log = logging.getLogger(__name__)

COMMIT: Final = 5.0
"""Seconds that a commit may take; after that it is unclear."""
LOOK: Final = 1.0
"""Seconds between two looks at whether there is something to read."""

Opened = Callable[[ConsumerRecord], Awaitable[list[Record]]]
"""What becomes of a record as it was read. It may wait and raise Unavailable: then it is asked again, before all others."""


class KafkaConsumer:
    """One reader. `committed` is how far it has committed."""

    def __init__(self, settings: Kafka, process: str, feed: Feed, opened: Opened) -> None:
        self._settings = settings
        self._group = feed.group
        self._opened = opened
        self._source = Source(settings, process, feed)
        self._handed: dict[TopicPartition, int] = {}
        self._assignment: Any = None
        self._raw: deque[ConsumerRecord] = deque()
        self._polled = self._progress = self._looked = asyncio.get_running_loop().time()
        self.committed = dict(feed.offsets or {})
        if feed.offsets is not None:
            self._source.assign(self._places(feed.offsets))

    @property
    def trouble(self) -> str:
        """Why something is not read any more, empty if all is."""
        return "; ".join(self._source.troubles())

    @property
    def lost(self) -> int:
        """Records that were gone before they were read."""
        return self._source.lost

    @property
    def closed(self) -> bool:
        """Whether it has left."""
        return self._source.closed

    @property
    def ready(self) -> bool:
        """Whether it is connected and has been given its partitions."""
        return self._source.assignment() is not None

    def stalled(self) -> float:
        """Seconds, up to the last poll, without a record while there was something to read or brokers did not say."""
        return 0.0 if self.closed else max(0.0, self._polled - self._progress)

    async def poll(self, limit: int, timeout: float) -> list[Record]:
        """Messages of up to `limit` records; waits up to `timeout` seconds for the first. Never raises for a log that is away."""
        until = asyncio.get_running_loop().time() + timeout
        records: list[Record] = []
        try:
            if not self._raw or self._moved():
                async with asyncio.timeout_at(until):
                    await self._source.started.wait()
                    assignment, raws = await self._source.read(limit, until)
                if raws:
                    self._moved()
                    if assignment is self._assignment:
                        self._raw.extend(raws)
            if not self._moved():
                await self._open(limit, records, until)
        except TimeoutError:
            pass
        self._note(bool(records))
        return records

    async def _open(self, limit: int, records: list[Record], until: float) -> None:
        """Turn what was read into records for the caller, in order."""
        count = 0
        while self._raw and count < limit:
            raw = self._raw[0]
            try:
                found = await self._opened(raw)
            except Unavailable as error:
                if not records:
                    log.warning("[%s] %d waits at offset %d: %s", raw.topic, raw.partition, raw.offset, error)
                    await asyncio.sleep(max(0.0, min(0.2, until - asyncio.get_running_loop().time())))
                return
            if self._moved():
                records.clear()
                return
            self._raw.popleft()
            records.extend(found)
            count += 1
            place = TopicPartition(raw.topic, raw.partition)
            self._handed[place] = raw.offset + 1
            if not self._group:
                self._source.position[place] = raw.offset + 1

    def _note(self, some: bool) -> None:
        """Remember whether there was progress, for the watchdog."""
        now = asyncio.get_running_loop().time()
        if some or (now - self._looked >= LOOK and not self._source.behind()):
            self._progress = now
        if now - self._looked >= LOOK:
            self._looked = now
        self._polled = now

    def _moved(self) -> bool:
        """Whether partitions moved since records were read: then those are forgotten, for others may have them now."""
        current = self._source.assignment()
        if current is not None and current is self._assignment:
            return False
        self._assignment = current
        self._raw.clear()
        self._handed.clear()
        return True

    async def commit(self, offsets: Offsets) -> bool:
        """Whether everything below the offsets is certainly done. Without a group nobody but `lag` hears of it."""
        if self.closed:
            return False
        places = self._places(offsets)
        if not self._group:
            done = all(place in self._source.position for place in places)
        else:
            try:
                async with asyncio.timeout(COMMIT):
                    done = await self._commit(places)
            except (TimeoutError, OSError):
                done = False
        if done:
            self.committed.update(offsets)
        return done

    async def _commit(self, places: dict[TopicPartition, int]) -> bool:
        while places:
            source = self._source
            if source.assignment() is None or source.assignment() is not self._assignment:
                return False
            if not all(self._handed.get(place, -1) >= offset for place, offset in places.items()):
                return False
            coordinator = source.client._coordinator
            if coordinator.generation < 0:
                return False
            # The driver's own commit tries again under whatever generation it is in by then: it would commit for partitions
            # that are another's. This request is made of the generation that was just looked at.
            try:
                said = {place: OffsetAndMetadata(offset, "") for place, offset in places.items()}
                await coordinator._do_commit_offsets(self._assignment, said)
                return True
            except KafkaError as error:
                if not error.retriable:
                    log.info("a commit was refused: %s", str(error) or type(error).__name__)
                    return False
            await asyncio.sleep(0.1)
        return True

    async def reassign(self, offsets: Offsets) -> None:
        """Read exactly these partitions from now on, from these offsets."""
        assert not self._group, "a member of a group reads what the group gives it"
        self.committed = dict(offsets)
        self._raw.clear()
        self._source.assign(self._places(offsets))

    def _places(self, offsets: Offsets) -> dict[TopicPartition, int]:
        return {TopicPartition(topic_name(self._settings, t), p): offset for (t, p), offset in offsets.items()}

    async def close(self) -> None:
        """Leave, in bounded time; what was not committed goes to another."""
        if not self.closed:
            self._raw.clear()
            await self._source.close()
