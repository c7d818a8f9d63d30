"""No query of a shard or an operator costs more because more URLs are known: plans and buffers at 10,000 and 1,000,000 rows.

Statements run as a shard runs them (`HOT_PATH`: generic plans) or as an operator's verb does, in transactions that are rolled
back.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import asyncpg
import pytest

from backends.postgres.connection import HOT_PATH
from backends.postgres.crawl_store import QUERIES
from backends.postgres.operator import HOST_URLS
from backends.postgres.operator import QUERIES as OPERATORS
from tests.postgres import Database, Server

NOW = 1_800_000_000_000
PER_HOST = 100
BATCH = 50
FILL = """
INSERT INTO {table} (bucket, host_id, found_at, depth, kind, hops, https, url_id, path, found_on)
SELECT (n / {per}) % 4096, n / {per}, {now}, 1, 0, 0, true, decode(md5(n::text), 'hex'), '/some/longer/path/' || n, '{{}}'
FROM generate_series({first}, {last}) n"""
QUEUE = """
INSERT INTO queue (bucket, host_id, lane, due_at, media, url_id)
SELECT (n / {per}) % 4096, n / {per}, n % 5, {now} - n % 1000, n % 10 >= 7, decode(md5(n::text), 'hex')
FROM generate_series({first}, {last}) n WHERE n % 10 < 8"""
HOSTS = """
INSERT INTO hosts (bucket, host_id, host, site, found_at, due_at, lane, queued)
SELECT n % 4096, n, 'h' || n, 's' || n, {now}, {now} - 1000000 + n, 4, 5 FROM generate_series({first}, {last}) n"""
BESIDE = """
INSERT INTO sites (bucket, site) SELECT n % 4096, 's' || n FROM generate_series({first}, {last}) n;
INSERT INTO origins (bucket, host_id, https, state, body) SELECT n % 4096, n, true, 'x', 'y' FROM generate_series({first}, {last}) n;
INSERT INTO addresses (address, sites) SELECT 'a' || n, 1 FROM generate_series({first}, {last}) n;
INSERT INTO address_sites (address, site) SELECT 'a' || n, 's' || n FROM generate_series({first}, {last}) n;
INSERT INTO seeds (url, added_at, taken_at) SELECT 'http://s' || n || '/', {now}, 1 FROM generate_series({first}, {last}) n"""


def literal(value: Any) -> str:
    """A value as a quoted literal of unknown type; the query's own cast decides."""
    if isinstance(value, list):
        inner = ",".join(
            "NULL" if each is None else '"' + text(each).replace("\\", "\\\\").replace('"', '\\"') + '"'
            for each in value
        )
        return "'{" + inner.replace("'", "''") + "}'"
    return "'" + text(value).replace("'", "''") + "'"


def text(value: Any) -> str:
    return (
        "\\x" + value.hex()
        if isinstance(value, bytes)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


def md5(n: int) -> bytes:
    import hashlib

    return hashlib.md5(str(n).encode(), usedforsecurity=False).digest()


def queries() -> dict[str, list[Any]]:
    """Each hot query with a batch of arguments: known rows of several hosts, and new ones."""
    ns = [n * 173 % 9_000 // 10 * 10 + 1 for n in range(BATCH)]
    hosts = [n // PER_HOST for n in ns]
    buckets = [host % 4096 for host in hosts]
    ids, new = [md5(n) for n in ns], [md5(-1 - n) for n in ns]
    lanes, dues = [n % 5 for n in ns], [NOW - n % 1000 for n in ns]
    names, sites = [f"h{h}" for h in hosts], [f"s{h}" for h in hosts]
    some = list(range(10))
    flags, zeros, words = [True] * BATCH, [0] * BATCH, [""] * BATCH
    keys = [buckets, hosts, ids]
    insert = [buckets, hosts, flags, zeros, zeros, zeros, [b""] * BATCH, [NOW] * BATCH, new, ["/path"] * BATCH]
    update = [*keys, zeros, zeros, zeros, zeros, zeros, words, words, [b""] * BATCH, zeros, words]
    addresses, orders = [f"a{h}" for h in some], [md5(h) for h in some]
    one_host = [some, some]
    return {
        "insert_urls": insert,
        "insert_media_urls": insert,
        "update_urls": update,
        "update_media_urls": update,
        "move_media": keys,
        "lose_urls": keys,
        "lose_media_urls": keys,
        "add_found_on": [*keys, [b"p" * 26] * BATCH],
        "dequeue": [buckets, hosts, lanes, dues, ids],
        "enqueue": [buckets, hosts, lanes, dues, new, flags],
        "load_queue": [some, some, some, [20] * 10, NOW],
        "load_items": [buckets, hosts, lanes, dues, ids, [False] * BATCH],
        "load_hosts": one_host,
        "load_origins": one_host,
        "load_robots": one_host,
        "load_sites": [some, sites[:10]],
        "load_due_hosts": [[0], 1, NOW, 50, -1000],
        "upsert_hosts": [
            some, some, names[:10], sites[:10], *[[NOW] * 10] * 3, *[[0] * 10] * 5, [""] * 10, [0] * 10, [0] * 10,
            [0] * 10, [""] * 10, [""] * 10, [0] * 10, [0] * 10, [b""] * 10, [0] * 10,
        ],
        "upsert_sites": [some, sites[:10], some, some],
        "upsert_origins": [some, some, [True] * 10, [b"x"] * 10, [b"y"] * 10],
        "add_address_sites": [addresses, [f"new{h}" for h in some]],
        "lock_addresses": [addresses, NOW],
        "insert_permits": [addresses, orders, [NOW] * 10],
        "delete_permits": [addresses, orders],
        "rest_permits": [addresses, orders, [NOW] * 10],
        "delete_rested_permits": [addresses, NOW],
        "update_addresses": [addresses, [NOW] * 10],
        "strain_addresses": ["a1", "s1", NOW],
        "insert_leases": [md5(0), 0, 1, 0, 0, "h", "pages", "a", NOW, NOW, [0], [0], [md5(1)], [False]],
        "delete_leases_of": [orders],
        "load_leases": [[0]],
        "fence": [[0], [1], [0], [0], [0], [0]],
        "count": [[0], ["requests"], [1]],
        "lock_touched_addresses": [addresses],
        "add_addresses": [[f"new{h}" for h in some]],
        "claim": ["me", NOW, NOW, [0]],
        "clock": [],
        "renew": ["me", NOW],
        "release": ["me", [0]],
        "live": ["me", NOW],
        "shards": [NOW],
        "ownership": [],
        "forget_shards": ["me", 0],
        "delete_orphan_permits": ["me", 2**40],
        "read_controls": [0],
    }  # fmt: skip


def operators() -> dict[str, list[Any]]:
    """Each query of an operator's verb with arguments: a page of hosts, URLs of many hosts, URLs of one host."""
    ns = [n * 173 % 9_000 // 10 * 10 + 1 for n in range(BATCH)]
    hosts = [n // PER_HOST for n in ns]
    buckets, ids = [host % 4096 for host in hosts], [md5(n) for n in ns]
    one = [0, 0, md5(1)]
    return {
        "add_seeds": [["http://s1/", "http://new/"], NOW],
        "tips_of": ["form", 20_000],
        "count_tips": ["form", 20_000, 3],
        "addresses_of": [["a1", "a2"]],
        "clerk_turn": [7],
        "controls": [],
        "counters": [],
        "fact": ["partitions"],
        "found_on": [buckets, hosts, ids],
        "hosts_page": ["%", 0, -1, 4095, 50],
        "leases_of": [0, 0],
        "locations": [list(range(BATCH)), buckets, hosts, ids],
        "loopback": [buckets, hosts],
        "lock_controls": [7],
        "new_seeds": [50],
        "orders_out": [],
        "put_fact": ["live", "x"],
        "queue_of": one,
        "redirect_to": [0, 0, "to nowhere", HOST_URLS],
        "seed_of": ["http://s1/"],
        "seeds_page": [5, 50],
        "seeds_taken": [[1, 2], ["", ""], NOW],
        "set_control": ["pause", "h1", "", "", 0, NOW],
        "soonest": [5],
        "turns": [50],
        "unpause": ["h1"],
        "url_row": one,
    }


SMALL: Final = {"partitions", "controls", "leases", "address_orders", "shards", "counters", "facts"}
"""Tables with a row per partition, shard, operator's word, counter or order that is out; they may be read whole."""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


async def fill(dsn: str, first: int, last: int) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for table, condition in (("urls", " WHERE n % 10 < 7"), ("media_urls", " WHERE n % 10 >= 7")):
            await connection.execute(
                FILL.format(table=table, per=PER_HOST, now=NOW, first=first, last=last) + condition
            )
        await connection.execute(QUEUE.format(per=PER_HOST, now=NOW, first=first, last=last))
        hosts = {"now": NOW, "first": first // PER_HOST, "last": last // PER_HOST}
        await connection.execute(HOSTS.format(**hosts))
        await connection.execute(BESIDE.format(**hosts))
        await connection.execute("INSERT INTO partitions (partition) VALUES (0) ON CONFLICT DO NOTHING")
    finally:
        await connection.close()


async def analyze(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def measure(dsn: str) -> dict[str, tuple[int, set[str]]]:
    """Query -> (buffers touched, big tables that were read whole)."""
    hot = await measured(dsn, HOT_PATH, QUERIES, queries())
    return {**hot, **await measured(dsn, {}, OPERATORS, operators())}


async def measured(
    dsn: str, settings: dict[str, str], texts: dict[str, str], given: dict[str, list[Any]]
) -> dict[str, tuple[int, set[str]]]:
    connection = await asyncpg.connect(dsn, server_settings=dict(settings))
    found: dict[str, tuple[int, set[str]]] = {}
    try:
        for name, arguments in given.items():
            await connection.execute(f"PREPARE q AS {texts[name]}")
            values = f"({', '.join(map(literal, arguments))})" if arguments else ""
            buffers = 0
            for _ in range(2):  # the first one also reads catalogues
                transaction = connection.transaction()
                await transaction.start()
                raw = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE q{values}")
                await transaction.rollback()
                plan = json.loads(raw)[0]["Plan"]
                buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
            whole = {
                str(node["Relation Name"])
                for node in nodes(plan)
                if node["Node Type"] in ("Seq Scan", "Bitmap Heap Scan")
            }
            found[name] = (buffers, whole)
            await connection.execute("DEALLOCATE q")
    finally:
        await connection.close()
    return found


@pytest.mark.timeout(120)
def test_no_query_grows_with_the_number_of_known_urls(postgres_server: Server, crawl_database: Database) -> None:
    dsn = crawl_database.dsn()
    run = postgres_server.run
    run(fill(dsn, 0, 9_999))
    run(analyze(dsn))
    few = run(measure(dsn))
    run(fill(dsn, 10_000, 999_999))
    run(analyze(dsn))
    many = run(measure(dsn))
    assert set(few) == set(QUERIES) | set(OPERATORS), "a query without a plan: add it"
    for name, (buffers, whole) in many.items():
        assert not whole - SMALL, f"{name} reads {whole} whole"
        assert buffers <= 2 * few[name][0] + (20 if name in QUERIES else 3 * BATCH), (
            f"{name}: {few[name][0]} buffers at 10,000 URLs, {buffers} at 1,000,000"
        )
