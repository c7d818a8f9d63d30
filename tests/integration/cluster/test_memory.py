"""However much waits in the log, and however much one host has queued: memory stays within what settings say."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Final

import psutil
import pytest

from contracts.codec import encode_all
from contracts.crawl import Lane, UrlState
from contracts.messages import (
    DigestRecord,
    Discovery,
    FrameDigest,
    Limits,
    Link,
    LinkGroup,
    LinkKind,
    Match,
    MediaDigests,
    Message,
    Order,
    OrderItem,
    OrderKind,
    Purpose,
)
from contracts.options import MIB
from contracts.sites import bucket_of, partition_of
from contracts.topics import DIGESTS, MATCHES, ORDERS_PAGES, TOPICS, URLS
from contracts.urls import url_id
from tests.cluster.cluster import PARTITIONS, Cluster
from tests.cluster.processes import RoleProcess
from tests.cluster.services import Own
from tests.integration.cluster.conftest import AHEAD, UNSENT
from tests.integration.cluster.records import log_of, sending
from tests.integration.cluster.sites import Sites

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="package")]
BACKLOG: Final = 8 * AHEAD
RECORD: Final = 256 * 1024
OBJECTS: Final = 6
"""How much more memory a message takes than it has bytes, at the most."""
BOUND: Final = OBJECTS * AHEAD // 2 + UNSENT + 16 * MIB
"""Bytes above those of an idle process: what is read ahead, half of it as messages, what is not sent, and what a transaction needs."""
MORE: Final = {"notices": 16 * MIB}
"""Besides: the statements of its connections, and cases that a batch of matches opens."""
FLOOD: Final = "flood.test"


def noise(number: int, octets: int) -> bytes:
    """Bytes that no compression makes smaller."""
    return random.Random(number).randbytes(octets)


def links(number: int) -> list[Message]:
    """Many links to one host."""
    paths = [f"/{noise(number << 16 | n, 40).hex()}" for n in range(RECORD // 100)]
    found = [Link(path, url_id(f"http://{FLOOD}{path}")) for path in paths]
    return [Discovery(Purpose.LINK, b"", 1, time.time(), [LinkGroup(False, FLOOD, bucket_of(FLOOD), found)])]


def sightings(number: int) -> list[Message]:
    """Pictures of several frames."""
    made: list[Message] = []
    for n in range(RECORD // 2500):
        digest = noise(number << 16 | n, 256)
        frames = [FrameDigest([digest[8 * turn :][:32] for turn in range(8)], 10 + each) for each in range(8)]
        media = MediaDigests("image/gif", 640, 480, frames)
        made.append(DigestRecord(digest[:32], b"sealed", digest[:32], digest[:20], digest[:16], 9, 1e9, media))
    return made


def order(number: int) -> list[Message]:
    """An order whose time is over."""
    host = "late.test"
    urls = [f"http://{host}/{noise(number << 8 | n, 600).hex()}" for n in range(20)]
    items = [OrderItem(url, url_id(url), LinkKind.PAGE) for url in urls]
    limits = Limits(1, 1, 1.0, 1.0, 1)
    return [
        Order(noise(number, 16), 0, 1, OrderKind.PAGES, host, "127.0.0.1", 1.0, 2.0, 3.0, 1.0, 1, "x", limits, items)
    ]


def matches(number: int) -> list[Message]:
    """Matches at places that were sealed for somebody else."""
    digests = [noise(number << 16 | n, 32) for n in range(RECORD // 5000)]
    return [Match(one, one, one * 150, 1, "sha256", 0, 0, False, 1e9) for one in digests]


BACKLOGS: Final[dict[str, tuple[str, Callable[[int], list[Message]]]]] = {
    "frontier": (URLS, links), "fetcher": (ORDERS_PAGES, order), "hasher": (DIGESTS, sightings), "notices": (MATCHES, matches)
}  # fmt: skip


async def fill(services: Own, topic: str, make: Callable[[int], list[Message]]) -> dict[int, int]:
    """Put a backlog into the partitions of a topic; the offset after the last record of each."""
    partitions = [partition_of(bucket_of(FLOOD), PARTITIONS)] if topic == URLS else range(PARTITIONS)
    size, number, ends = 0, 0, {}
    async with sending(services) as producer:
        while size < BACKLOG:
            value = encode_all(make(number))
            partition = partitions[number % len(partitions)] if TOPICS[topic].partitioned else 0
            entry = producer.put(topic, partition, value)
            await entry.future
            size, number, ends[partition] = size + len(value), number + 1, entry.offset + 1
    return ends


def memory(process: RoleProcess) -> int:
    """Bytes in memory that are its own."""
    found = psutil.Process(process.pid).memory_info()
    return int(found.rss - found.shared)


@pytest.mark.parametrize("role", list(BACKLOGS))
async def test_a_backlog_is_worked_off_within_bounds(cluster: Cluster, services: Own, role: str) -> None:
    topic, make = BACKLOGS[role]
    process, *others = cluster.of(role)
    if role == "frontier":
        others += cluster.of("fetcher")
    await cluster.stop(*(other.name for other in (process, *others)))
    await cluster.start(process.name)
    await cluster.until_shared()
    base = most = memory(process)
    process.pause()
    ends = await fill(services, topic, make)
    async with log_of(services) as log:

        async def left() -> int:
            if topic != URLS:
                return sum(log.lag(topic, partition) for partition in ends)
            rows = await cluster.query("SELECT partition, urls_offset AS at FROM partitions")
            return sum(max(0, ends.get(row["partition"], 0) - row["at"]) for row in rows)

        async def waits() -> bool:
            return await left() >= len(ends)

        await cluster.until(waits, "a backlog")
        process.resume()

        async def worked_off() -> bool:
            nonlocal most
            until = time.monotonic() + 0.4
            while time.monotonic() < until:
                most = max(most, memory(process))
                await asyncio.sleep(0.02)
            return not await left()

        await cluster.until(worked_off, "the backlog to be worked off")
    if role == "frontier":
        await forget(cluster, FLOOD)
    assert most - base < BOUND + MORE.get(role, 0), f"{(most - base) / MIB:.0f} MiB more than idle"


BIG: Final = 300_000
"""URLs that one host has queued."""
OF_A_HOST: Final = 12 * MIB
"""Bytes by which two shards may differ after the same work: 40 for each of those URLs."""
ROWS: Final = (
    f"""INSERT INTO urls (bucket, host_id, found_at, fetched_at, interval_s, size, status, depth, state, kind, hops, https, url_id, path,
    found_on, etag, content_key) SELECT bucket, host_id, 1, 0, 0, 0, 0, 1, {UrlState.QUEUED:d}, {LinkKind.PAGE:d}, 0, false,
    decode(md5(k::text), 'hex'), '/' || k, '{{}}', '', '' FROM hosts, generate_series(1, {BIG}) k WHERE host = $1""",
    f"""INSERT INTO queue (due_at, host_id, bucket, lane, media, url_id)
    SELECT 1, host_id, bucket, {Lane.REST:d}, false, decode(md5(k::text), 'hex') FROM hosts, generate_series(1, {BIG}) k WHERE host = $1""",
    f"UPDATE hosts SET queued = queued + {BIG}, urls = urls + {BIG}, due_at = 1 WHERE host = $1",
)


async def crawled(cluster: Cluster, name: str) -> int:
    """The memory of fresh shards after they have crawled some sites."""
    shards = cluster.of("frontier")
    await cluster.start(*(process.name for process in shards if not process.alive))
    await cluster.until_shared()
    sites = Sites(cluster, name, 8, 12)
    await sites.seed()

    async def done() -> bool:
        return not sites.missing()

    await cluster.until(done, f"the sites of {name}")
    return sum(memory(process) for process in shards)


async def test_a_host_with_very_many_urls_costs_no_memory_and_slows_nobody(cluster: Cluster) -> None:
    shards = [process.name for process in cluster.of("frontier")]
    await cluster.stop(*shards)
    without = await crawled(cluster, "small")
    big = Sites(cluster, "big", 1, 1, crawl_delay=10.0)
    await big.seed()
    await big.until_requested(1)  # its robots.txt
    await cluster.stop(*shards)
    for sql in ROWS:
        await cluster.query(sql, *big.names)
    more = await crawled(cluster, "beside")
    assert more - without < OF_A_HOST, f"{(more - without) / MIB:.0f} MiB more"
    (row,) = await cluster.query("SELECT queued FROM hosts WHERE host = $1", *big.names)
    assert row["queued"] > BIG - 10
    await big.until_requested(2)  # it has its turn like all others
    await forget(cluster, *big.names)


async def forget(cluster: Cluster, host: str) -> None:
    """Take all queued URLs of a host out of the cluster, as if there had been none. Shards are stopped for it."""
    await cluster.stop(*(process.name for process in cluster.of("frontier") if process.alive))
    await cluster.query("DELETE FROM leases WHERE host LIKE $1 || '%'", host)
    for table in ("queue", "urls"):
        await cluster.query(
            f"DELETE FROM {table} USING hosts h WHERE {table}.host_id = h.host_id AND h.host LIKE $1 || '%'", host
        )
    await cluster.query("DELETE FROM hosts WHERE host LIKE $1 || '%'", host)
