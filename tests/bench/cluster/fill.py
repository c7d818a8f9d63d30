"""Fills a crawl database with millions of known URLs, as years of crawling would have left them.

Heap rows of one host lie far apart, ten URLs a place, since a page shows some ten new URLs at a time; indexes are built over
them at the end, with leaves two thirds full, as they are when hashes arrive in no order. Everything is vacuumed.
"""

from collections.abc import Iterator
from typing import Final

import asyncpg

from backends.postgres.crawl_setup import settle
from backends.postgres.databases import ADMIN, ensure_doors, ensure_schema
from backends.postgres.supervisor import Supervisor
from contracts.crawl import Lane, UrlState
from contracts.messages import LinkKind
from contracts.options import DAY
from contracts.settings import Budgets, Traps
from contracts.sites import bucket_of, frozen_site
from contracts.urls import host_id
from frontier.robots import after_fetch, encode
from frontier.traps import HostTraps
from tests.bench.cluster.world import BIG, PAGES, Shape, address_of, name_of, page_path

RANGES: Final = 64
TOGETHER: Final = 10
"""URLs of a host that lie side by side."""
ROBOTS: Final = (
    b"User-agent: *\nDisallow: /search\nDisallow: /cart\nDisallow: /*?session=\nAllow: /\n" + b"# " + b"-" * 200
)
PAGE_ID: Final = "decode(md5(h.host || ' ' || k), 'hex')"
PAGE_PATH: Final = "'/topics/' || k % 23 || '/story-' || k || '.html?ref=list&v=' || k % 7"
PARENT: Final = "int2send(h.bucket) || int8send(h.host_id) || decode(md5(h.host || ' ' || k / 10), 'hex')"
KEYS: Final = {
    "urls": "bucket, host_id, url_id",
    "media_urls": "bucket, host_id, url_id",
    "queue": "bucket, host_id, lane, due_at, url_id",
}

URLS = f"""
INSERT INTO urls (bucket, host_id, found_at, fetched_at, interval_s, size, status, depth, state, kind, hops, https, url_id, path,
    found_on, etag, content_key)
SELECT h.bucket, h.host_id, $1::bigint, CASE WHEN k % 10 < 7 THEN $1::bigint + k ELSE 0 END, CASE WHEN k % 10 < 7 THEN 604800 ELSE 0 END, 30000,
    CASE WHEN k % 10 < 7 THEN 200 ELSE 0 END, 3, CASE WHEN k % 10 < 7 THEN {UrlState.FETCHED:d} ELSE {UrlState.QUEUED:d} END,
    {LinkKind.PAGE:d}, 0, true, {PAGE_ID}, {PAGE_PATH}, ARRAY[{PARENT}],
    CASE WHEN k % 10 < 3 THEN '"' || md5(k::text) || '"' ELSE '' END,
    CASE WHEN k % 10 < 7 THEN decode(md5(k::text), 'hex') ELSE '' END
FROM fill h CROSS JOIN LATERAL generate_series($2::integer, least($3::integer, h.pages - 1)) k
"""
MEDIA = f"""
INSERT INTO media_urls (bucket, host_id, found_at, fetched_at, interval_s, size, status, depth, state, kind, hops, https, url_id,
    path, found_on, content_key)
SELECT h.bucket, h.host_id, $1::bigint, $1::bigint + k, 7776000, 60000, 200, 4, {UrlState.FETCHED:d}, {LinkKind.MEDIA:d}, 0, true,
    decode(md5(h.host || ' m' || k), 'hex'), '/pictures/2024/photo-' || k || '.jpg', ARRAY[{PARENT}, {PARENT}],
    decode(md5('m' || k), 'hex')
FROM fill h CROSS JOIN LATERAL generate_series($2::integer, least($3::integer, h.media - 1)) k
"""
QUEUE = f"""
INSERT INTO queue (due_at, host_id, bucket, lane, media, url_id)
SELECT CASE WHEN k < h.due THEN $1::bigint - h.due + k ELSE h.later + k * 60000 END, h.host_id, h.bucket, {Lane.REST:d}, false, {PAGE_ID}
FROM fill h CROSS JOIN LATERAL generate_series($2::integer, least($3::integer, h.pages - 1)) k
"""
HOSTS = f"""
INSERT INTO hosts (bucket, host_id, host, site, found_at, next_at, due_at, lane, queued, urls, fetched, mean, addresses,
    addresses_until, traps, delay)
SELECT bucket, host_id, host, site, $1::bigint, 0, CASE WHEN due > 0 THEN $1::bigint - due ELSE later END, {Lane.REST:d}, pages, pages + media,
    pages * 7 / 10, 0.1, ARRAY[address], $1::bigint + 86400000, $2, delay FROM fill
"""
BESIDE = (
    "INSERT INTO sites (bucket, site, urls) SELECT bucket, site, pages + media FROM fill",
    "INSERT INTO addresses (address, sites) SELECT address, count(*) FROM fill GROUP BY 1",
    "INSERT INTO address_sites (address, site) SELECT address, site FROM fill",
    "INSERT INTO seeds (url, added_at, taken_at) SELECT 'https://' || host || '/', 1, 1 FROM fill",
    """INSERT INTO counters (partition, name, value) SELECT bucket * 8 / 4096, 'state:0', sum(pages * 3 / 10) FROM fill GROUP BY 1
    UNION ALL SELECT bucket * 8 / 4096, 'state:1', sum(pages * 7 / 10 + media) FROM fill GROUP BY 1
    UNION ALL SELECT bucket * 8 / 4096, 'pages', sum(pages * 7 / 10) FROM fill GROUP BY 1""",
)
COLUMNS: Final = (
    "bucket", "host_id", "host", "site", "address", "pages", "media", "due", "later", "delay",
)  # fmt: skip
TABLE = """
CREATE TEMP TABLE fill (bucket smallint, host_id bigint, host text, site text, address text, pages integer, media integer,
    due integer, later bigint, delay real)
"""


def rows(shape: Shape, now: float) -> Iterator[tuple[object, ...]]:
    """A row of `fill` for each host, by bucket and id as the tables have them."""
    hosts = sorted((bucket_of(name), host_id(name), name, number) for number, name in _names(shape))
    for bucket, identity, name, number in hosts:
        big = name == BIG
        pages, media = (shape.big, 0) if big else shape.counts(number)
        due = pages if big else shape.due if number < shape.active else 0
        later = round((now + DAY + identity % (80 * DAY)) * 1000)
        delay = 3600.0 if big else -1.0
        yield bucket, identity, name, frozen_site(name), address_of(number), pages, media, due, later, delay


def _names(shape: Shape) -> Iterator[tuple[int, str]]:
    yield from ((number, name_of(number)) for number in range(shape.hosts))
    if shape.big:
        yield shape.hosts + 1, BIG


async def prepare(server: Supervisor, partitions: int, ranges: int = RANGES) -> None:
    """An empty crawl database with as many table ranges as a large cluster has."""
    await ensure_doors(server)
    await ensure_schema(server, "crawl", ranges)
    await ensure_schema(server, "vault")
    admin = await asyncpg.connect(server.dsn("crawl", ADMIN))
    try:
        await settle(admin, partitions)
    finally:
        await admin.close()


async def fill(dsn: str, shape: Shape, now: float) -> None:
    """Fill the database, as its owner."""
    admin = await asyncpg.connect(dsn, server_settings={"maintenance_work_mem": "1GB", "work_mem": "64MB"})
    try:
        await admin.execute(TABLE)
        await admin.copy_records_to_table("fill", records=rows(shape, now), columns=COLUMNS)
        async with admin.transaction():
            for table in KEYS:
                await admin.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey")
        async with admin.transaction():
            await admin.execute(f"TRUNCATE {', '.join(KEYS)}")  # made in the same transaction, rows need no WAL
            at = round(now * 1000)
            most = await admin.fetchval("SELECT max(greatest(pages, media)) FROM fill")
            first = 0
            while first < most:
                together = TOGETHER if first < 2_000 else 1_000_000
                for statement in (URLS, MEDIA, QUEUE):
                    await admin.execute(statement, at, first, first + together - 1)
                first += together
            for table, columns in KEYS.items():
                await admin.execute(
                    f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({columns}) WITH (fillfactor = 68)"
                )
        async with admin.transaction():
            await admin.execute(HOSTS, at, _traps())
            state = encode(after_fetch(None, 200, "", b"x", now))
            for statement in BESIDE:
                await admin.execute(statement)
            await admin.execute("INSERT INTO origins SELECT bucket, host_id, true, $1, $2 FROM fill", state, ROBOTS)
            if shape.big:
                await admin.execute(
                    "INSERT INTO controls (verb, target, value, why, added_at) VALUES ('delay', $1, '3600', 'asked for', 1)",
                    BIG,
                )
        await admin.execute("VACUUM (ANALYZE)")
    finally:
        await admin.close()


def _traps() -> bytes:
    """What is remembered of the paths of an ordinary host."""
    traps, settings, budgets = HostTraps(), Traps(), Budgets()
    for number in range(PAGES):
        traps.page(fresh=True)
        for found in range(TOGETHER):
            traps.check(page_path(number * TOGETHER + found), LinkKind.PAGE, 1.7e9, settings, budgets)
        traps.observe(page_path(number), 0, settings, fresh=True)
    return traps.to_bytes()
