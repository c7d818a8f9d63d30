"""Tells the frontier at which hosts there were matches: all that it ever learns of them. Only who may open places can do it."""

import asyncio
import logging
from collections.abc import Sequence

from contracts.errors import Corrupt
from contracts.messages import HostMatched, Match
from contracts.ports import Log, Record, Unreadable
from contracts.refusals import Refusal
from contracts.seal import Opener
from contracts.sites import bucket_of, partition_of
from contracts.topics import MATCHES, NOTICES, URLS
from contracts.urls import parse
from crawlctl.roles.taker import Taker

log = logging.getLogger(__name__)


def feedback(bus: Log, opener: Opener, partitions: int) -> Taker:
    """The loop from matches to the shards of their hosts."""

    async def tell(records: Sequence[Record]) -> None:
        by_partition: dict[int, list[HostMatched]] = {}
        for record in records:
            if isinstance(record.message, Match):
                if host := host_of(record.message, opener):
                    bucket = bucket_of(host)
                    by_partition.setdefault(partition_of(bucket, partitions), []).append(HostMatched(host, bucket))
            elif not isinstance(record.message, Unreadable):
                await bus.park(record, f"a {type(record.message).__name__} is no match")
        await asyncio.gather(*(bus.send(URLS, partition, told) for partition, told in by_partition.items()))

    return Taker(bus, NOTICES, MATCHES, tell)


def host_of(match: Match, opener: Opener) -> str:
    """The host of a match; empty if its place cannot be opened: sealed to other keys, say, which is no reason to end a crawl."""
    try:
        url = parse(opener.open(match.sealed))
    except Corrupt as error:
        log.warning("a match tells of no host: %s", error)
        return ""
    return "" if isinstance(url, Refusal) else url.host
