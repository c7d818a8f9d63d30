"""A fetcher that fetches nothing: each order is answered at once, as pages full of links would have answered it.

Of a page's twenty links twelve are its host's own, two of them new; six lead to other hosts that are at work, two to any host of
the whole web that the database knows. So a bigger database is the only difference between two runs.
"""

import itertools
import random
import time
from typing import Final

from contracts.messages import (
    Discovery,
    Link,
    LinkGroup,
    Order,
    OrderEnd,
    OrderItem,
    Outcome,
    OutcomeBatch,
    Purpose,
    Result,
)
from contracts.ports import Log
from contracts.sites import bucket_of, partition_of
from contracts.topics import FETCHERS, ORDERS_MEDIA, ORDERS_PAGES, OUTCOMES, URLS
from contracts.urls import host_id, ref
from tests.bench.cluster.world import BIG, Shape, known_numbers, name_of, number_of, page_link

OWN_KNOWN: Final = 10
OWN_NEW: Final = 2
BUSY_HOSTS: Final = 2
BUSY_LINKS: Final = 3
BATCH: Final = 100
TOOK: Final = 0.2


class Stub:
    """Counts `orders`, `urls` answered (one outcome each), `links` sent, and its own `cpu` seconds."""

    def __init__(self, bus: Log, shape: Shape, partitions: int) -> None:
        self._bus = bus
        self._shape = shape
        self._partitions = partitions
        self._chance = random.Random(f"stub {shape.known}")
        self._new: dict[str, int] = {}
        self._seed = itertools.count(1)
        self.orders = self.urls = self.links = self.big = 0
        self.cpu = 0.0

    async def run(self) -> None:
        """Answer orders for ever."""
        consumer = self._bus.join(FETCHERS, [ORDERS_PAGES, ORDERS_MEDIA])
        while True:
            records = await consumer.poll(BATCH, 0.5)
            begun = time.thread_time()
            if records:
                # Nothing below yields to the loop: what it costs is ours, not the frontier's.
                await consumer.commit({(r.topic, r.partition): r.offset + 1 for r in records})
                self._answer([r.message for r in records if isinstance(r.message, Order)])
            self.cpu += time.thread_time() - begun

    def _answer(self, orders: list[Order]) -> None:
        now = time.time()
        batches: dict[int, OutcomeBatch] = {}
        found: dict[int, list[Discovery]] = {}
        for order in orders:
            batch = batches.setdefault(order.partition, OutcomeBatch([], []))
            batch.outcomes.extend(self._outcome(order, item, now, found) for item in order.items)
            batch.ends.append(OrderEnd(order.order_id, order.host, order.address, now, len(order.items)))
            self.orders += 1
            self.urls += len(order.items)
            self.big += len(order.items) if order.host == BIG else 0
        for partition, discoveries in found.items():
            self._bus.send(URLS, partition, discoveries)
        for partition, batch in batches.items():
            self._bus.send(OUTCOMES, partition, [batch])

    def _outcome(self, order: Order, item: OrderItem, now: float, found: dict[int, list[Discovery]]) -> Outcome:
        host = order.host
        parent = ref(bucket_of(host), host_id(host), item.url_id)
        own: list[Discovery] = []
        for name, links in self._found(host):
            bucket = bucket_of(name)
            self.links += len(links)
            discovery = Discovery(Purpose.LINK, parent, item.depth + 1, now, [LinkGroup(True, name, bucket, links)])
            partition = partition_of(bucket, self._partitions)
            (own if partition == order.partition else found.setdefault(partition, [])).append(discovery)
        return Outcome(
            order.order_id, item.url_id, Result.FETCHED, now - TOOK, now, 200, bytes_read=30_000, media_type="text/html",
            content_key=item.url_id, links=own, fresh_media=True,
        )  # fmt: skip

    def _found(self, host: str) -> list[tuple[str, list[Link]]]:
        shape, chance = self._shape, self._chance
        pages = shape.big if host == BIG else shape.counts(number_of(host))[0]
        first = self._new.setdefault(host, pages)
        self._new[host] += OWN_NEW
        numbers = [*known_numbers(next(self._seed), pages, OWN_KNOWN), *range(first, first + OWN_NEW)]
        groups = [(host, [page_link(host, number) for number in numbers])]
        for count, of in (*((BUSY_LINKS, shape.active),) * BUSY_HOSTS, (shape.far, shape.hosts)):
            number = chance.randrange(of)
            links = known_numbers(chance.randrange(1_000), shape.counts(number)[0], count) if count else ()
            if count:
                groups.append((name_of(number), [page_link(name_of(number), n) for n in links]))
        return groups
