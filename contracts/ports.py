"""What the roles need from outside, as protocols. `backends/` implements them; `crawlctl/wiring` puts them together.

The log's contract, held by one conformance suite for every backend:

* Messages of one (topic, partition) arrive in the order sent, at least once, with increasing offsets.
* A producer's ack means that the message outlives the process that sent it. The in-memory log has no disk, so there an
  ack means that the consumer has committed the message.
* Messages of one `send` may travel as one record: they then have one offset, are handed out together and count as one.
* Frontier shards `assign` partitions from the offsets of their fenced row; fetchers and hashers share the partitions of a
  topic in a group. `commit` answers whether the commit was certainly accepted: only then may an order start (design, rule 3).
* `poll` and `commit` never raise for a log that is away: they wait and answer nothing, or False. Only `send` and `park`
  fail, with Unavailable.
* What cannot be read is parked in the topic's dead letters before it is handed out as `Unreadable`, so that readers step
  over it and it blocks nothing.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from msgspec import Struct

from contracts.messages import MediaDigests, Message

T = TypeVar("T")


class Unreadable(Struct, frozen=True, gc=False):
    """Stands for a message that cannot be decoded and was parked; `why` says what is wrong with it."""

    why: str


class Record(Struct, frozen=True, gc=False):
    """A message with its place in the log."""

    topic: str
    partition: int
    offset: int
    message: Message | Unreadable


Offsets = Mapping[tuple[str, int], int]
"""(topic, partition) -> the next offset to read."""


def offsets_after(records: Iterable[Record]) -> dict[tuple[str, int], int]:
    """How far each (topic, partition) is read after these records, which are in their order."""
    return {(record.topic, record.partition): record.offset + 1 for record in records}


class Producer(Protocol):
    """Sends messages."""

    def send(self, topic: str, partition: int, messages: Sequence[Message]) -> Awaitable[None]:
        """Hand over messages for one partition; the result is done when they are acked and fails with Unavailable."""


class Consumer(Protocol):
    """Reads messages of the partitions it was assigned or that its group gave it."""

    async def poll(self, limit: int, timeout: float) -> list[Record]:
        """Up to `limit` records, waiting at most `timeout` seconds for the first one; what shares an offset is not torn apart."""

    async def commit(self, offsets: Offsets) -> bool:
        """Mark everything below `offsets` as done. False: refused or unclear, so nothing may follow from it."""

    async def reassign(self, offsets: Offsets) -> None:
        """Read exactly these partitions from now on, from these offsets; only for a consumer made by `assign`."""

    async def close(self) -> None:
        """Leave; what was not committed goes to another consumer."""


class Log(Producer, Protocol):
    """A log: producers, consumers and what is waiting."""

    def assign(self, offsets: Offsets) -> Consumer:
        """A consumer of exactly these partitions, from these offsets on."""

    def join(self, group: str, topics: Sequence[str]) -> Consumer:
        """A member of a consumer group."""

    def park(self, record: Record, why: str) -> Awaitable[None]:
        """Put a message that its reader cannot handle among the topic's dead letters; done when that is acked."""

    def lag(self, topic: str, partition: int) -> int:
        """Records sent but not committed by their consumers, as far as is known: it may be a second old."""


class Digester(Protocol):
    """Digests media in isolated processes (design, rule 11)."""

    async def digest(self, data: bytes | bytearray | memoryview, media_type: str) -> MediaDigests:
        """PDQ of the decoded frames, or a named reason. Never raises for what the bytes are."""


class Worker(Protocol):
    """Runs pure functions in another process that may be killed: what hostile input could crash or hang."""

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """The result of `work(*arguments)`, both picklable. WorkerLost if it crashed or took too long."""


class Suspect(Protocol):
    """Remembers across a crash which URL was being parsed in our own process."""

    def mark(self, url_id: bytes) -> None:
        """This one is being parsed now."""

    def clear(self) -> None:
        """It did us no harm."""


class Clock(Protocol):
    """Unix time in seconds."""

    def __call__(self) -> float: ...
