"""Seeds on their way into the crawl: they travel as found URLs and are taken once that is acked."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from backends.postgres.operator import OperatorStore
from contracts.messages import Discovery, Link, LinkGroup, LinkKind, Purpose
from contracts.ports import Clock, Producer
from contracts.refusals import Refusal
from contracts.sites import bucket_of, partition_of
from contracts.topics import URLS
from contracts.urls import parse, url_id

EVERY: Final = 1.0
"""Seconds between two looks for new seeds."""
TOGETHER: Final = 1_000
PAGE: Final = 10_000


class SeedFeeder:
    """Sends new seeds to the shards of their buckets. `url_bytes`: the longest URL that is fetched."""

    def __init__(self, bus: Producer, partitions: int, url_bytes: int, clock: Clock) -> None:
        self._bus = bus
        self._partitions = partitions
        self._url_bytes = url_bytes
        self._clock = clock

    async def feed(self, store: OperatorStore) -> None:
        """Send what is new and mark it as taken; Unavailable if the log or the database is away."""
        while seeds := await store.new_seeds(TOGETHER):
            await self._send(store, seeds)

    async def _send(self, store: OperatorStore, seeds: Sequence[tuple[int, str]]) -> None:
        by_partition: dict[int, list[LinkGroup]] = {}
        refused: dict[int, str] = {}
        for seq, text in seeds:
            url = parse(text, max_bytes=self._url_bytes)
            if isinstance(url, Refusal):
                refused[seq] = str(url)
                continue
            bucket = bucket_of(url.host)
            group = LinkGroup(url.https, url.host, bucket, [Link(url.path, url_id(url.text), LinkKind.PAGE)])
            by_partition.setdefault(partition_of(bucket, self._partitions), []).append(group)
        now = self._clock()
        await asyncio.gather(
            *(
                self._bus.send(URLS, partition, [Discovery(Purpose.SEED, b"", 0, now, groups)])
                for partition, groups in by_partition.items()
            )
        )
        await store.seeds_taken([seq for seq, _ in seeds], refused, now)


async def stored_seeds(operator: OperatorStore) -> AsyncIterator[str]:
    """All seeds that the crawl was ever given."""
    after = 0
    while page := await operator.seeds(after, PAGE):
        for row in page:
            yield row["url"]
        after = page[-1]["seq"]
