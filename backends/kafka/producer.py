"""Sends records: at once into a queue for each partition, from there in batches of which one at a time is on its way.

So order is kept whatever fails, and what comes while a batch is on its way is the next batch. The driver's idempotent producer
tries again for as long as it takes; who waits is told after `PATIENCE` that a record did not get through. It may still get
through then: whoever sends it again sends it twice.
"""

import asyncio
import logging
from collections import deque
from itertools import islice
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError
from aiokafka.producer.message_accumulator import BatchBuilder

from backends.backoff import BackOff
from backends.kafka.connection import begin, end, options, refused
from contracts.cluster import Kafka
from contracts.errors import Unavailable, kind_and_place
from contracts.options import KIB, MIB

log = logging.getLogger(__name__)

PATIENCE: Final = 30.0
"""Seconds that a record may wait for its ack."""
BATCH: Final = MIB
"""Bytes of a batch before compression; a larger record is a batch of its own."""
COMPRESSED: Final = 4 * KIB
"""Bytes from which a batch is compressed: below it saves a sixth, and takes longer than all the rest (50 us with zstd)."""
LARGEST: Final = 8 * MIB
"""Most bytes of a batch, as every topic is told (max.message.bytes)."""
FEW: Final = 20
"""Records of a small batch."""
HANDED: Final = 48 * MIB
"""Most bytes on their way at a time: a request goes to one broker with batches of many partitions, and brokers refuse one of
100 MiB (socket.request.max.bytes)."""


class Entry:
    """A record on its way. Where it came to lie, and the broker's time in ms if the topic bears that, is known with its ack."""

    __slots__ = ("future", "key", "offset", "since", "timestamp", "value")

    def __init__(self, value: bytes, key: bytes | None, since: float, future: "asyncio.Future[None]") -> None:
        self.value = value
        self.key = key
        self.since = since
        self.future = future
        self.offset = -1
        self.timestamp = -1

    def fail(self, error: Unavailable) -> None:
        """It did not get through, or nobody knows whether it did. It is no fault if nobody asks."""
        if not self.future.done():
            self.future.set_exception(error)
            self.future.exception()


Place = tuple[str, int]
"""A topic's name at the brokers and a partition."""


class Producer:
    """Sends to all partitions. `waiting` tells how many records of each are not acked, `firsts` and `ends` the offsets
    of the first acked and after the last."""

    def __init__(self, settings: Kafka, process: str) -> None:
        self._settings = settings
        self._options = options(settings, process) | {
            "acks": "all",
            "enable_idempotence": True,
            "compression_type": None if settings.compression == "none" else settings.compression,
            "max_batch_size": BATCH,
            "max_request_size": LARGEST,
        }
        self._client: Any = None
        self._connecting = asyncio.Lock()
        self._queues: dict[Place, deque[Entry]] = {}
        self._pumps: dict[Place, asyncio.Task[None]] = {}
        self._stops: set[asyncio.Task[None]] = set()
        self._handed = 0
        self._eased = asyncio.Event()
        self._closed = False
        self.unsent = 0
        self.waiting: dict[Place, int] = {}
        self.ends: dict[Place, int] = {}
        self.firsts: dict[Place, int] = {}

    async def start(self) -> None:
        """Connect. Unavailable, with the reason, if the brokers are."""
        await self._connected()

    def put(self, topic: str, partition: int, value: bytes, key: bytes | None = None) -> Entry:
        """Queue a record. Its future is done when it is acked; it fails with Unavailable."""
        loop = asyncio.get_running_loop()
        place = (topic, partition)
        entry = Entry(value, key, loop.time(), loop.create_future())
        if self._closed:
            entry.fail(Unavailable("the log is closed"))
            return entry
        if self.unsent + len(value) > 2 * self._settings.unsent and self.unsent:
            entry.fail(Unavailable(f"{self.unsent} bytes wait to be sent (kafka.unsent): send less, or wait for acks"))
            return entry
        self.unsent += len(value)
        self.waiting[place] = self.waiting.get(place, 0) + 1
        queue = self._queues.setdefault(place, deque())
        queue.append(entry)
        pump = self._pumps.get(place)
        if pump is None or pump.done():
            self._pumps[place] = loop.create_task(self._pump(place, queue))
        return entry

    async def close(self, grace: float = 5.0) -> None:
        """Send what is queued within `grace` seconds, then stop. What is left fails."""
        if self._pumps and not self._closed:
            await asyncio.wait(list(self._pumps.values()), timeout=grace)
        self._closed = True
        pumps = list(self._pumps.values())
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for place in list(self._queues):
            self._end(place, list(self._queues.pop(place)), Unavailable("the log was closed before this was sent"))
        if self._client is not None:
            self._retire(self._client)
            self._client = None
        if self._stops:
            await asyncio.wait(self._stops)

    # -- one partition ----------------------------------------------------------------------------------------------

    async def _pump(self, place: Place, queue: deque[Entry]) -> None:
        """Send a partition's records until none waits."""
        backoff = BackOff(2.0)
        try:
            if self._settings.linger:
                await asyncio.sleep(self._settings.linger)
            while queue:
                until = queue[0].since + PATIENCE
                try:
                    async with asyncio.timeout_at(until):
                        await self._send_some(place, queue)
                    backoff.reset()
                except (KafkaError, OSError, TimeoutError, Unavailable) as error:
                    ours = error if isinstance(error, Unavailable) else refused(error, self._settings)
                    if asyncio.get_running_loop().time() >= until:
                        what = f"nothing was acked by [{place[0]}] {place[1]} for {PATIENCE:.0f} s: {ours}"
                        self._end(place, list(queue), Unavailable(what))  # all: what comes after may not overtake
                        queue.clear()
                    else:
                        await backoff.pause()
        except Exception as error:  # a fault of ours or of the driver: this partition must not stand still for it
            log.exception("sending to [%s] %d failed", *place)
            self._end(place, list(queue), Unavailable(f"sending failed: {kind_and_place(error)}"))
            queue.clear()
        finally:
            if not queue:
                self._queues.pop(place, None)
            self._pumps.pop(place, None)

    async def _send_some(self, place: Place, queue: deque[Entry]) -> None:
        """Send a batch and wait for its ack. It stays queued until then, so that whatever happens is said to its owners."""
        topic, partition = place
        client = self._client or await self._connected()
        if partition not in await client.partitions_for(topic):
            raise Unavailable(f"[{topic}] has no partition {partition}; see `crawlctl topics check`")
        while self._handed >= min(self._settings.unsent, HANDED):
            self._eased.clear()
            await self._eased.wait()
        small = sum(len(entry.value) for entry in islice(queue, FEW)) < COMPRESSED and len(queue) <= FEW
        batch, count, size = BatchBuilder(BATCH, 0) if small else client.create_batch(), 0, 0
        for entry in queue:
            if batch.append(timestamp=None, key=entry.key, value=entry.value) is None:
                break
            count, size = count + 1, size + len(entry.value)
        batch.close()
        self._handed += size
        try:
            future = await client.send_batch(batch, topic, partition=partition)
            future.add_done_callback(_heard)
            placed = await asyncio.shield(future)
        except KafkaTimeoutError:
            raise
        except KafkaError as error:  # its numbers are missing now, so the brokers would refuse all that follows
            self._give_up(client)
            if not error.retriable:
                entries = [queue.popleft() for _ in range(count)]
                self._end(place, entries, refused(error, self._settings))
            return
        finally:
            self._handed -= size
            self._eased.set()
        entries = [queue.popleft() for _ in range(count)]
        for index, entry in enumerate(entries):
            entry.offset, entry.timestamp = placed.offset + index, placed.timestamp
        if placed.offset >= 0:
            self.firsts.setdefault(place, placed.offset)
            self.ends[place] = placed.offset + count
        self._end(place, entries)

    def _end(self, place: Place, entries: list[Entry], error: Unavailable | None = None) -> None:
        for entry in entries:
            self.unsent -= len(entry.value)
            if error is not None:
                entry.fail(error)
            elif not entry.future.done():
                entry.future.set_result(None)
        left = self.waiting.get(place, 0) - len(entries)
        if left > 0:
            self.waiting[place] = left
        else:
            self.waiting.pop(place, None)

    # -- the client -------------------------------------------------------------------------------------------------

    async def _connected(self) -> Any:
        async with self._connecting:
            if self._client is None:
                client = AIOKafkaProducer(**self._options)
                try:
                    await begin(client)
                except (KafkaError, OSError, TimeoutError) as error:
                    self._retire(client)
                    raise refused(error, self._settings) from error
                except BaseException:
                    self._retire(client)
                    raise
                self._client = client
            return self._client

    def _give_up(self, client: Any) -> None:
        """Go on with a new one."""
        if self._client is client:
            log.warning("the producer of the log starts anew")
            self._client = None
            self._retire(client)

    def _retire(self, client: Any) -> None:
        task = asyncio.get_running_loop().create_task(end(client, client._sender))
        self._stops.add(task)
        task.add_done_callback(self._stops.discard)


def _heard(future: "asyncio.Future[Any]") -> None:
    """Nobody may be waiting any more: then a failure is no fault of the program."""
    if not future.cancelled():
        future.exception()
