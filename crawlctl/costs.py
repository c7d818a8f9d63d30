"""What one of each thing costs: a page, a picture, a known URL; and what one process, server or link does. `sizing` adds it up.

Each figure says where it comes from: measured (docs/performance.md tells how and where), derived from what was measured, or
assumed, of the web or of machines. Who measures again changes numbers here and nowhere else.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple

MEASURED: Final = "measured"
DERIVED: Final = "derived"
ASSUMED: Final = "assumed"


def cost(value: float, unit: str, source: str, doc: str) -> Any:
    """A figure with its unit, where it comes from and what it is."""
    return field(default=value, metadata={"unit": unit, "source": source, "doc": doc})


@dataclass(frozen=True)
class Costs:
    """What one of each costs, and what one machine, process or link does."""

    # CPU
    fetcher_page: float = cost(630e-6, "CPU seconds", DERIVED, "a page in a fetcher: request over HTTPS, links, text")
    fetcher_image: float = cost(
        380e-6, "CPU seconds", DERIVED, "a picture in a fetcher: request, three digests of bytes"
    )
    decode: float = cost(1 / 286, "CPU seconds", MEASURED, "a 1-megapixel JPEG in a digest worker")
    frontier_fetched: float = cost(43e-6, "CPU seconds", DERIVED, "order and outcome of a URL in a frontier shard")
    frontier_new: float = cost(16e-6, "CPU seconds", DERIVED, "admission of a new URL in a frontier shard")
    hasher_image: float = cost(
        580e-6, "CPU seconds", MEASURED, "a picture looked up among ten million known PDQ digests"
    )
    cluster_cpu_ratio: float = cost(
        1.25, "1", MEASURED, "CPU of fetchers and shards over Kafka, to that in one process"
    )
    busy: float = cost(0.7, "1", ASSUMED, "share of a core up to which a process is loaded")
    # what is found
    new_urls: float = cost(
        10.2, "URLs", MEASURED, "URLs on a page that nobody knew, pictures aside, while a crawl grows"
    )
    kept_urls: float = cost(1.0, "URLs", DERIVED, "the same once the queue is full: as many come in as are fetched")
    # Kafka
    page_records: float = cost(
        2.0, "records", DERIVED, "records of a page but its order: a share of a bundle of outcomes, links elsewhere"
    )
    page_bytes: float = cost(
        800,
        "bytes",
        DERIVED,
        "their bytes and the order's, compressed: 345 where paths are short and links stay at home",
    )
    image_records: float = cost(0.1, "records", DERIVED, "records of a picture but its order: shares of two bundles")
    image_bytes: float = cost(800, "bytes", DERIVED, "their bytes: its sighting (671), order and outcome")
    # Postgres, database "crawl"
    fetched_rows: float = cost(4.0, "rows", MEASURED, "rows written for a fetched URL")
    fetched_wal: float = cost(1_200, "bytes", DERIVED, "WAL of them")
    fetched_cpu: float = cost(26e-6, "CPU seconds", DERIVED, "Postgres' CPU for them")
    new_rows: float = cost(2.0, "rows", MEASURED, "rows written for a new URL")
    new_wal: float = cost(811, "bytes", MEASURED, "WAL of them")
    new_cpu: float = cost(11.5e-6, "CPU seconds", MEASURED, "Postgres' CPU for them")
    url_disk: float = cost(311, "bytes", MEASURED, "a known URL with its index")
    url_index: float = cost(74, "bytes", MEASURED, "its index, which should fit into memory")
    queue_disk: float = cost(171, "bytes", MEASURED, "a queued URL with its index")
    queue_days: float = cost(7, "days", DERIVED, "fetching that the queue holds at most (design, section 5)")
    # Postgres, database "vault"
    sighting_rows: float = cost(2.0, "rows", MEASURED, "rows written for a picture")
    sighting_wal: float = cost(1_840, "bytes", MEASURED, "WAL of them")
    sighting_cpu: float = cost(39e-6, "CPU seconds", MEASURED, "Postgres' CPU for them")
    sighting_disk: float = cost(1_190, "bytes", MEASURED, "a picture and where it was seen, with their indexes")
    sighting_index: float = cost(340, "bytes", MEASURED, "their indexes, which should fit into memory")
    # one server
    postgres_cores: float = cost(16, "cores", ASSUMED, "cores that one Postgres can be given")
    postgres_wal: float = cost(
        100e6, "bytes/s", ASSUMED, "WAL that one Postgres writes, replicates and archives for days"
    )
    postgres_memory: float = cost(256e9, "bytes", ASSUMED, "memory for indexes that one Postgres can be given")
    checkpoint: float = cost(1_800, "seconds", ASSUMED, "time between two checkpoints")
    full_page: float = cost(4_096, "bytes", ASSUMED, "WAL of a block's first change after a checkpoint, compressed")
    broker_bytes: float = cost(50e6, "bytes/s", ASSUMED, "what one broker writes for days, copies of others included")
    broker_records: float = cost(50_000, "records/s", ASSUMED, "records that one broker writes in small batches")
    # the web
    page_size: float = cost(30_000, "bytes", ASSUMED, "a page on the wire")
    image_size: float = cost(60_000, "bytes", ASSUMED, "a picture on the wire")
    request: float = cost(0.5, "seconds", ASSUMED, "duration of a request")
    address: float = cost(300, "seconds", ASSUMED, "time that a resolved address holds")
    order_urls: float = cost(10, "URLs", ASSUMED, "URLs of an order: up to 20 in its 30 seconds")
    # memory
    fetcher_memory: float = cost(1.2e9, "bytes", ASSUMED, "a fetcher with its buffers, digest workers aside")
    worker_memory: float = cost(150e6, "bytes", ASSUMED, "a digest worker")
    frontier_memory: float = cost(1e9, "bytes", ASSUMED, "a frontier shard, hosts aside")
    host_memory: float = cost(20_000, "bytes", MEASURED, "a host in memory, its paths full of queries")
    hasher_memory: float = cost(
        1.7e9, "bytes", DERIVED, "a hasher with ten million known digests, sharing its index with nobody"
    )


COSTS: Final = Costs()


class Figure(NamedTuple):
    """A row of the table for people."""

    name: str
    value: float
    unit: str
    source: str
    doc: str


def figures(costs: Costs = COSTS) -> list[Figure]:
    """All figures in their order."""
    return [Figure(each.name, getattr(costs, each.name), **each.metadata) for each in fields(costs)]
