"""Counts what a process sends to the log and takes from it, batch by batch: for the table of who did how much, and to see
whether a process still gets on."""

from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from typing import Final

from contracts.messages import DigestRecord, HostMatched, Match, Message, Order, OutcomeBatch, Recheck, Result
from contracts.ports import Consumer, Log, Offsets, Record

NAMES: Final[Mapping[type, str]] = {
    Order: "orders",
    DigestRecord: "sightings",
    Match: "matches",
    HostMatched: "hosts_matched",
    Recheck: "rechecks",
}


def count(messages: Sequence[object], counts: Counter[str]) -> None:
    """Add what these messages tell to the counts: orders, sightings, matches; outcomes with requests, pages, media, bytes."""
    for message in messages:
        if isinstance(message, OutcomeBatch):
            counts["orders_ended"] += len(message.ends)
            counts["outcomes"] += len(message.outcomes)
            for outcome in message.outcomes:
                counts["bytes"] += outcome.bytes_read
                if outcome.result is not Result.NOT_REQUESTED and outcome.url_id:
                    counts["requests"] += 1
                if outcome.result is Result.FETCHED and outcome.robots_body is None and outcome.url_id:
                    counts["media" if outcome.is_media else "pages"] += 1
        elif name := NAMES.get(type(message)):
            counts[name] += 1


class Tally:
    """A log that counts. `sent` and `taken` by `count`; `moves` grows with whatever goes through, `looks` with every poll."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.sent: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.moves = 0
        self.looks = 0

    def send(self, topic: str, partition: int, messages: Sequence[Message]) -> Awaitable[None]:
        """As `Log.send`."""
        self.moves += 1
        count(messages, self.sent)
        return self._log.send(topic, partition, messages)

    def assign(self, offsets: Offsets) -> Consumer:
        """As `Log.assign`."""
        return _Reader(self._log.assign(offsets), self)

    def join(self, group: str, topics: Sequence[str]) -> Consumer:
        """As `Log.join`."""
        return _Reader(self._log.join(group, topics), self)

    def park(self, record: Record, why: str) -> Awaitable[None]:
        """As `Log.park`."""
        return self._log.park(record, why)

    def lag(self, topic: str, partition: int) -> int:
        """As `Log.lag`."""
        return self._log.lag(topic, partition)


class _Reader:
    """A consumer that counts."""

    def __init__(self, consumer: Consumer, tally: Tally) -> None:
        self._consumer = consumer
        self._tally = tally

    async def poll(self, limit: int, timeout: float) -> list[Record]:
        """As `Consumer.poll`."""
        records = await self._consumer.poll(limit, timeout)
        self._tally.looks += 1
        if records:
            self._tally.moves += 1
            count([record.message for record in records], self._tally.taken)
        return records

    async def commit(self, offsets: Offsets) -> bool:
        """As `Consumer.commit`."""
        return await self._consumer.commit(offsets)

    async def reassign(self, offsets: Offsets) -> None:
        """As `Consumer.reassign`."""
        await self._consumer.reassign(offsets)

    async def close(self) -> None:
        """As `Consumer.close`."""
        await self._consumer.close()
