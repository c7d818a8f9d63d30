"""Matches from the log to the notices role's service, and its word to the frontier: at which hosts there were matches, all that
it ever learns of them."""

import asyncio
from collections.abc import Sequence

from contracts.messages import HostMatched, Match
from contracts.ports import Log, Record, Unreadable
from contracts.sites import bucket_of, partition_of
from contracts.topics import MATCHES, NOTICES, URLS
from crawlctl.roles.taker import Taker
from notices.service import NoticesService


def feedback(bus: Log, service: NoticesService, partitions: int) -> Taker:
    """The loop from matches to rows and holds, then to the shards of their hosts."""

    async def tell(records: Sequence[Record]) -> None:
        by_partition: dict[int, list[HostMatched]] = {}
        for host in await service.handle([record.message for record in records if isinstance(record.message, Match)]):
            bucket = bucket_of(host)
            by_partition.setdefault(partition_of(bucket, partitions), []).append(HostMatched(host, bucket))
        for record in records:
            if not isinstance(record.message, (Match, Unreadable)):
                await bus.park(record, f"a {type(record.message).__name__} is no match")
        await asyncio.gather(*(bus.send(URLS, partition, told) for partition, told in by_partition.items()))

    return Taker(bus, NOTICES, MATCHES, tell)
