"""Seeds on their way into the crawl: they travel as found URLs and are taken once that is acked."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

from backends.backoff import BackOff
from backends.postgres.operator import OperatorStore
from contracts.errors import Unavailable
from contracts.messages import Discovery, Link, LinkGroup, LinkKind, Purpose
from contracts.ports import Clock, Producer
from contracts.refusals import Refusal
from contracts.sites import bucket_of, partition_of
from contracts.topics import URLS
from contracts.urls import parse, url_id

log = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between two looks for new seeds."""
TOGETHER: Final = 1_000
PAGE: Final = 10_000


class _Sent(NamedTuple):
    """Seeds that are acked, and those that are refused; `at` in unix seconds."""

    seqs: list[int]
    refused: dict[int, str]
    at: float


class SeedFeeder:
    """Sends new seeds to the shards of their buckets. `url_bytes`: the longest URL that is fetched."""

    def __init__(self, bus: Producer, partitions: int, url_bytes: int, clock: Clock) -> None:
        self._bus = bus
        self._partitions = partitions
        self._url_bytes = url_bytes
        self._clock = clock
        self._sending: asyncio.Task[_Sent] | None = None

    async def feed(self, store: OperatorStore) -> None:
        """Send all that is new and mark it as taken; Unavailable if the log or the database is away."""
        while seeds := await store.new_seeds(TOGETHER):
            await store.seeds_taken(*await self._send(seeds))

    async def step(self, store: OperatorStore) -> None:
        """Mark what got through as taken and send some more, without waiting for the log; Unavailable if the database is away."""
        if self._sending is not None:
            if not self._sending.done():
                return
            sent, self._sending = self._sending.result(), None
            await store.seeds_taken(*sent)
        if seeds := await store.new_seeds(TOGETHER):
            self._sending = asyncio.create_task(self._get_through(seeds))

    def drop(self) -> None:
        """Wait for no ack any more: what was not marked is sent again, by whoever is next."""
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    async def _get_through(self, seeds: Sequence[tuple[int, str]]) -> _Sent:
        backoff = BackOff()
        while True:
            try:
                return await self._send(seeds)
            except Unavailable as error:
                log.warning("seeds wait: %s", error)
                await backoff.pause()

    async def _send(self, seeds: Sequence[tuple[int, str]]) -> _Sent:
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
        return _Sent([seq for seq, _ in seeds], refused, now)


async def stored_seeds(operator: OperatorStore) -> AsyncIterator[str]:
    """All seeds that the crawl was ever given."""
    after = 0
    while page := await operator.seeds(after, PAGE):
        for row in page:
            yield row["url"]
        after = page[-1]["seq"]
