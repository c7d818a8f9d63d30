"""The driver's consumer, kept alive: it is started in the background, and anew whenever it fails.

It has at most one answer of each broker in memory, so what is read ahead is bounded. What is lost or cannot be read is counted
and said, never raised: whoever reads sees an empty log.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import CorruptRecordException, KafkaError, OffsetOutOfRangeError, UnsupportedCodecError
from msgspec import Struct

from backends.backoff import BackOff
from backends.kafka.connection import STARTING, begin, end, group_name, options, refused, topic_name
from contracts.cluster import Kafka
from contracts.options import MIB

log = logging.getLogger(__name__)

SESSION: Final = 10.0
"""Seconds after which a group gives the partitions of a silent member to others."""
AGAIN: Final = 0.2
"""Seconds before a client that failed is followed by another."""
SLICE: Final = 8
"""Records taken from the driver at once."""
DAMAGE: Final = (CorruptRecordException, UnsupportedCodecError)
"""What the driver says of batches that cannot be read."""
DAMAGED: Final = 10.0
"""Seconds that it is said after it was met last; it is met again and again."""
FRESH: Final = 5.0
"""Seconds within which brokers must have answered for every partition for a reader without records to be well."""


class Feed(Struct, frozen=True):
    """What to read: `offsets` of assigned partitions, or as a member of `group` what it gives us of `topics`; without either all
    of the `topics`."""

    topics: tuple[str, ...]
    group: str = ""
    offsets: Mapping[tuple[str, int], int] | None = None


class Source:
    """Records as brokers give them. `position` is where to go on in assigned partitions after a new start, `lost` counts
    records that were gone before they were read."""

    def __init__(self, settings: Kafka, process: str, feed: Feed) -> None:
        self._settings = settings
        self._options = options(settings, process)
        self._feed = feed
        self._share = settings.ahead // 4
        self._names = [topic_name(settings, topic) for topic in feed.topics]
        self.position: dict[TopicPartition, int] = {}
        self.client: Any = None
        self._anew: dict[TopicPartition, str] = {}
        self._damaged = (0.0, "")
        self.lost = 0
        self.closed = False
        self.started = asyncio.Event()
        self._starting = asyncio.get_running_loop().create_task(self._start(), name=f"log {feed.group or feed.topics}")

    def troubles(self) -> list[str]:
        """What is not read any more, and why."""
        until, damaged = self._damaged
        return [*self._anew.values(), *([damaged] if asyncio.get_running_loop().time() < until else [])]

    def assignment(self) -> Any:
        """The driver's present assignment, None while it has none or is getting another. Another object is another assignment,
        even of the same partitions."""
        if self.client is None or self.closed:
            return None
        subscription = self.client._subscription.subscription
        if subscription is None or subscription.assignment is None or subscription._reassignment_in_progress:
            return None
        return subscription.assignment if subscription.assignment.active else None

    def behind(self) -> bool:
        """Whether there is something to read, or brokers have not told for long."""
        assignment = self.assignment()
        if assignment is None:
            return True
        now = time.time()
        for place in assignment.tps:
            state = assignment.state_value(place)
            if place in self._anew:
                continue
            if not state.has_valid_position or state.timestamp is None or now - state.timestamp / 1000 > FRESH:
                return True
            if state.highwater is not None and state.highwater > state.position:
                return True
        return False

    async def read(self, limit: int, until: float) -> tuple[Any, list[ConsumerRecord]]:
        """Up to `limit` records, waiting for the first until the loop's time `until`, and the assignment that they are of."""
        loop = asyncio.get_running_loop()
        while not self.closed and limit > 0:
            client = self.client
            if client is None:
                await self.started.wait()
                continue
            left = max(0.0, until - loop.time())
            try:
                assignment, records = await self._some(client, limit, left)
            except OffsetOutOfRangeError as error:
                for place, offset in error.args[0].items():
                    await self._out_of_range(client, place, offset)
                continue
            except Exception as error:  # a client that gave up, or a batch that cannot be read: of whatever library
                if isinstance(error, KafkaError) and type(error) not in DAMAGE:
                    self._restart(client, error)
                else:
                    said = (
                        f"a batch of [{'], ['.join(self._names)}] cannot be read: {str(error) or type(error).__name__}"
                    )
                    self._damaged = (loop.time() + DAMAGED, f"{said}; see the brokers' disks")
                    log.error("%s", said)
                    await asyncio.sleep(min(1.0, left))
                continue
            if client._fetcher.error_future.done() and not self.closed:
                self._restart(client, RuntimeError("its fetching ended"))
            if records or left < 0.002:
                return assignment, records
        return None, []

    async def _some(self, client: Any, limit: int, timeout: float) -> tuple[Any, list[ConsumerRecord]]:
        """No more bytes than we may have; a few records at a time, since nobody knows how long they are."""
        found: list[ConsumerRecord] = []
        size, assignment = 0, None
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
            now = self.assignment()  # the driver has just looked whether they are of the present one
            if now is not assignment:
                assignment, size = now, 0
                found.clear()
            for place, records in batches.items():
                found += records
                size += sum(len(record.value or b"") for record in records)
                if place in client._fetcher._records:
                    client._fetcher._records.move_to_end(place)  # the next begin with another partition
        return assignment, found

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
        if self.client is not client or place not in client.assignment():
            return
        if offset < first:
            log.warning(
                "[%s] %d: %d records were gone before they were read; see its retention", *place, first - offset
            )
            self.lost += first - offset
            client.seek(place, first)
        elif offset > last:
            client.pause(place)
            self._anew[place] = (
                f"[{place.topic}] {place.partition} ends at {last}, but was read up to {offset}: it was made anew; stop the"
                " shards, set its offsets in the table partitions to 0 and start them"
            )
            log.error("%s", self._anew[place])
        else:
            client.seek(place, offset)

    def assign(self, position: Mapping[TopicPartition, int]) -> None:
        """Read exactly these partitions, from these offsets on."""
        self.position = dict(position)
        self._anew.clear()
        if self.client is not None:
            self._seek(self.client)

    def _seek(self, client: Any) -> None:
        client.assign(list(self.position))
        for place, offset in self.position.items():
            client.seek(place, offset)

    # -- the client -------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        """Make a client and connect it, as often as it takes."""
        backoff = BackOff()
        while not self.closed:
            client = self._make()
            try:
                await begin(client, None if self._feed.group else STARTING)
                client._fetcher._prefetch_backoff = 3600.0  # no second answer of a broker while the first is not read
                if self._feed.offsets is not None:
                    self._seek(client)
            except (KafkaError, OSError, TimeoutError) as error:
                log.warning("reading the log waits: %s", refused(error, self._settings))
                await _stop(client)
                await backoff.pause()
                continue
            except BaseException:
                await _stop(client)
                raise
            self.client = client
            self.started.set()
            return

    def _make(self) -> Any:
        group = group_name(self._settings, self._feed.group, self._feed.topics) if self._feed.group else None
        given = self._options | {
            "group_id": group,
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
        return AIOKafkaConsumer(*([] if self._feed.offsets is not None else self._names), **given)

    def _restart(self, client: Any, error: Exception) -> None:
        """Give a client up and start another."""
        if self.client is not client or self.closed:
            return
        log.warning("a reader of the log starts anew: %s", str(error) or type(error).__name__)
        self.client = None
        self.started.clear()
        self._starting = asyncio.get_running_loop().create_task(self._again(client))

    async def _again(self, client: Any) -> None:
        await _stop(client)
        await asyncio.sleep(AGAIN)
        await self._start()

    async def close(self) -> None:
        """Leave, in bounded time."""
        self.closed = True
        self.started.set()
        self._starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._starting
        client, self.client = self.client, None
        if client is not None:
            await _stop(client)


async def _stop(client: Any) -> None:
    await asyncio.sleep(0.01)  # its fetching swallows a cancellation that comes while it changes partitions
    await end(client, client._fetcher, client._coordinator)
