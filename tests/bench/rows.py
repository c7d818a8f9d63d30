"""Bytes and Postgres work per known URL, in the real tables with their indexes, through the store's own insert."""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from backends.postgres.connection import connect
from backends.postgres.crawl_store import PostgresCrawlStore
from contracts.crawl import Lane, NewUrl, Transaction
from contracts.messages import LinkKind
from contracts.sites import bucket_of
from contracts.urls import host_id, ref
from crawlctl.state import State
from tests.bench import cpu, sizes
from tests.fakeweb.bench import path_of

BATCH = 1_000
SIZE = """
SELECT regexp_replace(c.relname, '_\\d+$', '') AS name, sum(pg_total_relation_size(c.oid))::float8 AS bytes
FROM pg_class c WHERE c.relkind = 'r' AND c.relname ~ '^(urls|media_urls|queue)_\\d+$' GROUP BY 1
"""


def new_urls(hosts: int, count: int) -> Iterator[NewUrl]:
    """Pages of as many hosts as they are found: a few of each host at a time."""
    names = [f"bench{number:03}.test" for number in range(hosts)]
    keys = [(name, bucket_of(name), host_id(name)) for name in names]
    for at in range(count):
        name, bucket, host = keys[at // 9 % hosts]
        path = path_of(at // 9 // hosts * 9 + at % 9 + 1).replace("&amp;", "&")
        identity = hashlib.blake2b(f"http://{name}{path}".encode(), digest_size=16).digest()
        parent = ref(bucket, host, hashlib.blake2b(f"{at // 9}".encode(), digest_size=16).digest())
        yield bucket, host, identity, False, path, LinkKind.PAGE, 3, 0, [parent], 1.7e9, Lane.REST, 1.7e9


async def measure(hosts: int, count: int) -> dict[str, float]:
    """Bytes per URL of `urls` and of `queue`, and the server's CPU seconds per URL."""
    with tempfile.TemporaryDirectory(prefix="pisaura-bench-") as folder:
        async with State(Path(folder) / "state", sizes.settings(""), exclusive=True, create=True) as state:
            store = PostgresCrawlStore(await connect(state.server.dsn("crawl", "pisaura_frontier"), hot=True))
            used = cpu.seconds(cpu.family(state.server.pid).values())
            for rows in _batches(new_urls(hosts, count)):
                await store.commit(Transaction(urls=rows))
            used = cpu.seconds(cpu.family(state.server.pid).values()) - used
            await store.close()
            admin = await asyncpg.connect(state.server.dsn("crawl", "postgres"))
            tables = {row["name"]: row["bytes"] / count for row in await admin.fetch(SIZE)}
            await admin.close()
    return {"urls": tables["urls"], "queue": tables["queue"], "cpu": used / count}


def _batches(rows: Iterator[NewUrl]) -> Iterator[list[NewUrl]]:
    batch: list[NewUrl] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
