"""Reads records: of assigned partitions from given offsets, of those that a group gives us, or of a whole topic.

A client of the driver is started in the background, and anew whenever it fails: callers see an empty log meanwhile. It has at
most one answer of each broker in memory, so what is read ahead is bounded. `Feed` says what a client is to read; what becomes of
a record is decided by the one who reads.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import CorruptRecordException, KafkaError, OffsetOutOfRangeError
from aiokafka.structs import OffsetAndMetadata
from msgspec import Struct

from backends.kafka.connection import REQUEST, bounded, group_name, options, refused, topic_name
from contracts.messages import Message
from contracts.ports import Offsets, Record, Unreadable
from contracts.settings import MIB, Kafka

log = logging.getLogger(__name__)

COMMIT: Final = 5.0
"""Seconds that a commit may take; after that it is unclear."""
SESSION: Final = 10.0
"""Seconds after which a group gives the partitions of a silent member to others."""
AGAIN: Final = (0.2, 5.0)
"""Seconds between two starts of a client, first and most."""
ITERATED: Final = 500
"""Records that `async for` gives at once."""
SLICE: Final = 8
"""Records taken from the driver at once."""
LOOK: Final = 1.0
"""Seconds between two looks at whether there is something to read."""
FRESH: Final = 5.0
"""Seconds within which brokers must have answered for every partition for a reader without records to be well."""

Opened = Callable[[ConsumerRecord], Awaitable[list[Record]]]
"""What becomes of a record as it was read. It may wait and raise Unavailable: then it is asked again, before all others."""


class Feed(Struct, frozen=True):
    """What to read: `offsets` of assigned partitions, or as a member of `group` what it gives us of `topics`; without either all
    of the `topics`."""

    topics: tuple[str, ...]
    group: str = ""
    offsets: Mapping[tuple[str, int], int] | None = None


class KafkaConsumer:
    """One reader. `trouble` says why it reads nothing of some partition any more, `lost` counts records that were gone before it
    read them."""

    def __init__(self, settings: Kafka, process: str, feed: Feed, opened: Opened) -> None:
        self._settings = settings
        self._options = options(settings, process)
        self._feed = feed
        self._opened = opened
        self._share = settings.ahead // 4
        self._topics = {topic_name(settings, topic): topic for topic in feed.topics}
        self._position = dict(feed.offsets or {})
        self._handed: dict[TopicPartition, int] = {}
        self._assignment: Any = None
        self._raw: deque[ConsumerRecord] = deque()
        self._client: Any = None
        self._started = asyncio.Event()
        self._closed = False
        self._polled = self._progress = self._looked = asyncio.get_running_loop().time()
        self._troubles: dict[TopicPartition, str] = {}
        self.committed: dict[tuple[str, int], int] = dict(self._position)
        self.lost = 0
        self._starting = asyncio.get_running_loop().create_task(self._start(), name=f"log {feed.group or feed.topics}")

    @property
    def trouble(self) -> str:
        """Why something is not read, empty if all is."""
        return "; ".join(self._troubles.values())

    @property
    def closed(self) -> bool:
        """Whether it has left."""
        return self._closed

    @property
    def ready(self) -> bool:
        """Whether it is connected and has been given its partitions."""
        return self._started.is_set() and self._current() is not None

    def stalled(self) -> float:
        """Seconds, up to the last poll, without a record while there was something to read or brokers did not say."""
        return 0.0 if self._closed else max(0.0, self._polled - self._progress)

    # -- polling ----------------------------------------------------------------------------------------------------

    async def poll(self, limit: int, timeout: float) -> list[Record]:
        """Records of up to `limit` offsets; waits up to `timeout` seconds for the first. Never raises for a log that is away."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        records: list[Record] = []
        try:
            if not self._raw or self._moved():
                async with asyncio.timeout_at(until):
                    await self._started.wait()
                    self._raw.extend(await self._read(limit, until))
            if not self._moved():
                await self._open(limit, records, until)
        except TimeoutError:
            pass
        self._note(bool(records))
        return records

    async def __aiter__(self) -> AsyncIterator[list[Message | Unreadable]]:
        """What comes, for ever."""
        while not self._closed:
            if records := await self.poll(ITERATED, 1.0):
                yield [record.message for record in records]

    async def _read(self, limit: int, until: float) -> list[ConsumerRecord]:
        """Wait for the driver's records."""
        loop = asyncio.get_running_loop()
        while not self._closed and limit > 0:
            client = self._client
            if client is None:
                await self._started.wait()
                continue
            left = max(0.0, until - loop.time())
            try:
                records = await self._some(client, limit, left)
            except OffsetOutOfRangeError as error:
                for place, offset in error.args[0].items():
                    await self._out_of_range(client, place, offset)
                continue
            except CorruptRecordException as error:
                self._damaged(error)
                await asyncio.sleep(min(1.0, left))
                continue
            except KafkaError as error:
                if not self._closed:
                    self._restart(client, error)
                continue
            except Exception as error:  # compression that cannot be undone, of whatever library
                self._damaged(error)
                await asyncio.sleep(min(1.0, left))
                continue
            if client._fetcher.error_future.done() and not self._closed:
                self._restart(client, RuntimeError("its fetching ended"))
            if records or left < 0.002:
                return records
        return []

    async def _some(self, client: Any, limit: int, timeout: float) -> list[ConsumerRecord]:
        """Up to `limit` records, but no more bytes than we may have; a few at a time, since nobody knows how long they are."""
        found: list[ConsumerRecord] = []
        size = 0
        while size < self._share and len(found) < limit:
            most = min(SLICE, limit - len(found))
            try:
                batches = await client.getmany(timeout_ms=0 if found else int(timeout * 1000), max_records=most)
            except Exception:
                if found:  # it comes again
                    break
                raise
            if not batches:
                break
            if not found:
                self._moved()  # these are of the present assignment: the driver has just looked
            for place, records in batches.items():
                found += records
                size += sum(len(record.value or b"") for record in records)
                if place in client._fetcher._records:
                    client._fetcher._records.move_to_end(place)  # the next begin with another partition
        return found

    def _damaged(self, error: Exception) -> None:
        what = f"a batch of [{'], ['.join(self._topics)}] cannot be read: {str(error) or type(error).__name__}"
        log.error("%s", what)
        self._troubles[TopicPartition("", -1)] = f"{what}; see the brokers' disks"

    async def _open(self, limit: int, records: list[Record], until: float) -> None:
        """Turn what was read into records for the caller, in order."""
        count = 0
        while self._raw and count < limit and not self._closed:
            raw = self._raw[0]
            try:
                found = await self._opened(raw)
            except Exception as error:
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
            self._position[self._topics[raw.topic], raw.partition] = raw.offset + 1
            self._handed[TopicPartition(raw.topic, raw.partition)] = raw.offset + 1

    def _note(self, some: bool) -> None:
        """Remember whether there was progress, for the watchdog."""
        now = asyncio.get_running_loop().time()
        if some or (now - self._looked >= LOOK and not self._behind()):
            self._progress = now
        if now - self._looked >= LOOK:
            self._looked = now
        self._polled = now

    def _behind(self) -> bool:
        """Whether there is something to read, or brokers have not told for long."""
        assignment = self._current()
        if assignment is None:
            return True
        now = time.time()
        for place in assignment.tps:
            state = assignment.state_value(place)
            if place in self._troubles:
                continue
            if not state.has_valid_position or state.timestamp is None or now - state.timestamp / 1000 > FRESH:
                return True
            if state.highwater is not None and state.highwater > state.position:
                return True
        return False

    # -- whose partitions -------------------------------------------------------------------------------------------

    def _current(self) -> Any:
        """The driver's present assignment, None while it has none or is getting another."""
        if self._client is None or self._closed:
            return None
        subscription = self._client._subscription.subscription
        if subscription is None or subscription.assignment is None or subscription._reassignment_in_progress:
            return None
        return subscription.assignment if subscription.assignment.active else None

    def _moved(self) -> bool:
        """Whether partitions moved since records were read: then those are forgotten, for others may have them now."""
        current = self._current()
        if current is not None and current is self._assignment:
            return False
        self._assignment = current
        self._raw.clear()
        self._handed.clear()
        return True

    async def commit(self, offsets: Offsets) -> bool:
        """Whether everything below the offsets is certainly done. Only what was handed out since partitions last moved can be:
        the rest was or will be handed out again."""
        places = {TopicPartition(topic_name(self._settings, t), p): offset for (t, p), offset in offsets.items()}
        if self._closed:
            return False
        if not self._feed.group:
            if not all(place in self._position for place in offsets):
                return False
            self.committed.update(offsets)
            return True
        if not places:
            return True
        try:
            async with asyncio.timeout(COMMIT):
                while True:
                    client, assignment = self._client, self._current()
                    if assignment is None or assignment is not self._assignment:
                        return False
                    if not all(self._handed.get(place, -1) >= offset for place, offset in places.items()):
                        return False
                    if client._coordinator.generation < 0:
                        return False
                    # The driver's own commit tries again under whatever generation it is in by then: it would commit for
                    # partitions that are another's. This one is made of the generation that was just looked at.
                    try:
                        await client._coordinator._do_commit_offsets(assignment, _driver(places))
                        self.committed.update(offsets)
                        return True
                    except KafkaError as error:
                        if not error.retriable:
                            log.info("a commit was refused: %s", str(error) or type(error).__name__)
                            return False
                    await asyncio.sleep(0.1)
        except (TimeoutError, OSError):
            return False

    async def reassign(self, offsets: Offsets) -> None:
        """Read exactly these partitions from now on, from these offsets."""
        assert not self._feed.group, "a member of a group reads what the group gives it"
        self._topics = {topic_name(self._settings, topic): topic for topic, _ in offsets}
        self._position = dict(offsets)
        self.committed = dict(offsets)
        self._troubles.clear()
        self._raw.clear()
        if self._client is not None:
            self._seek(self._client)

    def _seek(self, client: Any) -> None:
        places = {TopicPartition(topic_name(self._settings, t), p): offset for (t, p), offset in self._position.items()}
        client.assign(list(places))
        for place, offset in places.items():
            client.seek(place, offset)

    async def _out_of_range(self, client: Any, place: TopicPartition, offset: int) -> None:
        """Below what is kept: go on at its beginning. Above its end: the topic was made anew, and whose offsets these are is
        not for us to guess."""
        try:
            first = (await client.beginning_offsets([place]))[place]
            last = (await client.end_offsets([place]))[place]
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("[%s] %d: %s", *place, refused(error, self._settings))
            await asyncio.sleep(0.2)
            return
        if self._client is not client or place not in client.assignment():
            return
        if offset < first:
            log.warning(
                "[%s] %d: %d records were gone before they were read; see its retention", *place, first - offset
            )
            self.lost += first - offset
            client.seek(place, first)
        elif offset > last:
            client.pause(place)
            self._troubles[place] = (
                f"[{place.topic}] {place.partition} ends at {last}, but was read up to {offset}: it was made anew; stop the"
                " shards, set its offsets in the table partitions to 0 and start them"
            )
            log.error("%s", self._troubles[place])
        else:
            client.seek(place, offset)

    # -- the client -------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        """Make a client and connect it, as often as it takes."""
        pause = AGAIN[0]
        while not self._closed:
            client = self._make()
            try:
                async with asyncio.timeout(None if self._feed.group else REQUEST):
                    await client.start()
                client._fetcher._prefetch_backoff = 3600.0  # no second answer of a broker while the first is not read
                if self._feed.offsets is not None:
                    self._seek(client)
            except (KafkaError, OSError, TimeoutError) as error:
                log.warning("reading the log waits: %s", refused(error, self._settings))
                await bounded(_stop(client))
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(AGAIN[1], 2 * pause)
                continue
            except BaseException:
                await bounded(_stop(client))
                raise
            self._client = client
            self._started.set()
            return

    def _make(self) -> Any:
        given = self._options | {
            "group_id": group_name(self._settings, self._feed.group, self._feed.topics) if self._feed.group else None,
            "enable_auto_commit": False,
            "auto_offset_reset": "none" if self._feed.offsets is not None else "earliest",
            "fetch_max_bytes": self._share,
            "max_partition_fetch_bytes": min(self._share, MIB),
            "session_timeout_ms": int(SESSION * 1000),
            "heartbeat_interval_ms": 1000,
            # A member whose owner is full stays one: for the driver it would leave the group after this time without polls.
            "max_poll_interval_ms": 2**31 - 1,
            "partition_assignment_strategy": (RoundRobinPartitionAssignor,),
        }
        names = [] if self._feed.offsets is not None else list(self._topics)
        return AIOKafkaConsumer(*names, **given)

    def _restart(self, client: Any, error: Exception) -> None:
        """Give a client up and start another."""
        if self._client is not client:
            return
        log.warning("a reader of the log starts anew: %s", str(error) or type(error).__name__)
        self._client = None
        self._started.clear()
        self._starting = asyncio.get_running_loop().create_task(self._again(client))

    async def _again(self, client: Any) -> None:
        await _stop(client)
        await asyncio.sleep(AGAIN[0])
        await self._start()

    async def close(self) -> None:
        """Leave, in bounded time; what was not committed goes to another."""
        if self._closed:
            return
        self._closed = True
        self._started.set()
        self._starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._starting
        client, self._client = self._client, None
        self._raw.clear()
        if client is not None:
            await _stop(client)


def _driver(places: Mapping[TopicPartition, int]) -> Any:
    return {place: OffsetAndMetadata(offset, "") for place, offset in places.items()}


async def _stop(client: Any) -> None:
    """Stop a client of the driver; if that takes too long, by its parts."""
    await asyncio.sleep(0.01)  # its fetching swallows a cancellation that comes while it changes partitions
    if await bounded(client.stop()):
        return
    if client._fetcher is not None:
        await bounded(client._fetcher.close(), 1.0)
    if client._coordinator is not None:
        await bounded(client._coordinator.close(), 1.0)
    await bounded(client._client.close(), 1.0)
