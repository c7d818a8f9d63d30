"""Matches and answers to re-checks from the log to the notices role's service, and its word to the frontier: at which hosts there
were matches, all that it ever learns of them."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from contracts.messages import HostMatched, Match, Message, Recheck
from contracts.ports import Log, Record, Unreadable
from contracts.sites import bucket_of, partition_of
from contracts.topics import MATCHES, NOTICES, RECHECKS, URLS
from crawlctl.roles.taker import Taker


class Takes(Protocol):
    """What takes matches: the notices role's service."""

    async def handle(self, matches: Sequence[Match]) -> list[str]:
        """Deal with matches; the hosts of those that count."""

    async def answered(self, answers: Sequence[Recheck]) -> None:
        """Deal with answers to re-checks."""


def feedback(bus: Log, service: Takes, partitions: int) -> Taker:
    """The loop from matches to rows and holds, then to the shards of their hosts."""

    async def tell(records: Sequence[Record]) -> None:
        by_partition: dict[int, list[HostMatched]] = {}
        for host in await service.handle([record.message for record in records if isinstance(record.message, Match)]):
            bucket = bucket_of(host)
            by_partition.setdefault(partition_of(bucket, partitions), []).append(HostMatched(host, bucket))
        await _park(bus, records, Match, "match")
        await asyncio.gather(*(bus.send(URLS, partition, told) for partition, told in by_partition.items()))

    return Taker(bus, NOTICES, MATCHES, tell)


def answers(bus: Log, service: Takes) -> Taker:
    """The loop from answers to re-checks to cases."""

    async def deal(records: Sequence[Record]) -> None:
        await service.answered([record.message for record in records if isinstance(record.message, Recheck)])
        await _park(bus, records, Recheck, "answer to a re-check")

    return Taker(bus, NOTICES, RECHECKS, deal)


async def _park(bus: Log, records: Sequence[Record], wanted: type[Message], name: str) -> None:
    """What does not belong there is put aside."""
    for record in records:
        if not isinstance(record.message, (wanted, Unreadable)):
            await bus.park(record, f"a {type(record.message).__name__} is no {name}")
