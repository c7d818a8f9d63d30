"""The crawl database behind `contracts.store.CrawlStore`: rows to structs and back, one named query per step."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import asyncpg

from backends.postgres.connection import close, translated
from backends.postgres.packing import packed
from backends.postgres.permits import grant
from backends.postgres.queries import load
from backends.postgres.rows import host_row, host_values, lease_of, lease_values, millis, queue_item, update_values
from contracts.crawl import (
    Claim,
    Committed,
    HostQueue,
    HostRow,
    Lease,
    NewUrl,
    OriginRow,
    Ownership,
    PartitionRow,
    PermitRelease,
    PermitRequest,
    Pick,
    QueueItem,
    QueueRow,
    SiteRow,
    Transaction,
    UrlUpdate,
)
from contracts.errors import Stale
from contracts.notes import Control

QUERIES = load(files("backends.postgres.crawl") / "queries")


RESTS = 30.0
"""Seconds within which a permit ends by itself, as one does that rests after its order: it is not worth taking for an orphan."""
REMEMBERED = 86400.0
"""Seconds that the name of a silent shard is kept."""


class PostgresCrawlStore:
    """One shard's connection: its steps are sequential, so that each transaction sees all before it."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", *, shared: bool = False) -> None:
        """`shared`: shards with clocks of their own use the same addresses, whose times are kept by the server's clock."""
        self._db = connection
        self._shared = shared

    async def _ahead(self, now: float) -> int:
        """Milliseconds by which the clock that addresses go by is ahead of the shard's, at `now`."""
        if not self._shared:
            return 0
        server: int = await self._db.fetchval(QUERIES["clock"])
        return server - millis(now)

    async def _many(self, name: str, rows: Sequence[Sequence[Any]]) -> list[asyncpg.Record]:
        """Run a query over rows turned into column arrays."""
        if not rows:
            return []
        found: list[asyncpg.Record] = await self._db.fetch(QUERIES[name], *map(list, zip(*rows, strict=True)))
        return found

    async def close(self) -> None:
        """Close the connection, however it is."""
        await close(self._db)

    @translated
    async def renew(self, owner: str, now: float, lease: float) -> Ownership:
        """Say that we live, hold on to what is ours, and see who holds what."""
        async with self._db.transaction():
            await self._db.execute(QUERIES["live"], owner, millis(now + lease))
            await self._db.execute(QUERIES["renew"], owner, millis(now + lease))
        rows = await self._db.fetch(QUERIES["ownership"])
        shards = await self._db.fetch(QUERIES["shards"], millis(now))
        return Ownership(
            [PartitionRow(number, holder, epoch, until / 1000) for number, holder, epoch, until in rows],
            [row[0] for row in shards],
        )

    @translated
    async def claim(self, owner: str, now: float, lease: float, partitions: Sequence[int]) -> list[Claim]:
        """Take those of these partitions that are ours or whose owner's lease has run out; epoch + 1."""
        async with self._db.transaction():
            rows = await self._db.fetch(QUERIES["claim"], owner, millis(now), millis(now + lease), list(partitions))
            if rows:
                soon = millis(now + RESTS) + await self._ahead(now)
                await self._db.execute(QUERIES["delete_orphan_permits"], owner, soon)
                await self._db.execute(QUERIES["forget_shards"], "", millis(now - REMEMBERED))
        return [Claim(*row) for row in sorted(rows)]

    @translated
    async def release(self, owner: str, partitions: Sequence[int], *, leaving: bool = False) -> None:
        """Give these partitions up; `leaving`: and count as a shard no more."""
        async with self._db.transaction():
            await self._db.execute(QUERIES["release"], owner, list(partitions))
            if leaving:
                await self._db.execute(QUERIES["forget_shards"], owner, 0)

    async def _beside(self, hosts: list[HostRow]) -> tuple[list[HostRow], list[OriginRow], list[SiteRow]]:
        origins = await self._many("load_origins", [(h.bucket, h.host_id) for h in hosts])
        sites = await self._many("load_sites", list({(h.bucket, h.site) for h in hosts}))
        return hosts, [OriginRow(*row) for row in origins], [SiteRow(*row) for row in sites]

    @translated
    async def load_hosts(
        self, keys: Sequence[tuple[int, int]], sites: Sequence[tuple[int, str]] = ()
    ) -> tuple[list[HostRow], list[OriginRow], list[SiteRow]]:
        """Hosts by (bucket, host_id), with their origins, and the sites they and `sites` name."""
        hosts, origins, known = await self._beside([host_row(row) for row in await self._many("load_hosts", keys)])
        more = await self._many("load_sites", list(set(sites) - {(s.bucket, s.site) for s in known}))
        return hosts, origins, known + [SiteRow(*row) for row in more]

    @translated
    async def load_due_hosts(
        self, partitions: Sequence[int], of: int, until: float, limit: int, after: float = -1.0
    ) -> tuple[list[HostRow], list[OriginRow], list[SiteRow]]:
        """Hosts of these partitions with something due after `after` and by `until`, the earliest first."""
        rows = await self._db.fetch(
            QUERIES["load_due_hosts"], list(partitions), of, millis(until), limit, millis(after)
        )
        return await self._beside([host_row(row) for row in rows])

    @translated
    async def load_queue(self, picks: Sequence[Pick], now: float) -> list[HostQueue]:
        """The due URLs of some hosts, in the order of the picks."""
        rows = await self._db.fetch(
            QUERIES["load_queue"],
            list(range(len(picks))),
            [p.bucket for p in picks],
            [p.host_id for p in picks],
            [p.limit for p in picks],
            millis(now),
        )
        items: list[list[QueueItem]] = [[] for _ in picks]
        next_due = [2**53] * len(picks)
        for n, after, *item in rows:
            if after is not None:
                next_due[n] = after
            if item[0] is not None and item[5] is not None:
                items[n].append(queue_item(item))
        return [HostQueue(p.bucket, p.host_id, items[n], next_due[n] / 1000) for n, p in enumerate(picks)]

    @translated
    async def load_items(self, rows: Sequence[QueueRow]) -> list[QueueItem]:
        """Queued URLs by their rows; those that are not known are missing."""
        return [
            queue_item(row)
            for row in await self._many("load_items", [(b, h, n, millis(d), u, m) for b, h, n, d, u, m in rows])
        ]

    @translated
    async def load_robots(self, keys: Sequence[tuple[int, int]]) -> list[OriginRow]:
        """The origins of some hosts, with their files."""
        return [OriginRow(*row) for row in await self._many("load_robots", keys)]

    @translated
    async def load_leases(self, partitions: Sequence[int]) -> list[Lease]:
        """Orders that are out."""
        return [lease_of(row) for row in await self._db.fetch(QUERIES["load_leases"], list(partitions))]

    @translated
    async def take_permits(
        self, requests: Sequence[PermitRequest], now: float, address_sites: int, most: int
    ) -> tuple[set[bytes], dict[str, float]]:
        """The order ids that were granted their address now, and for the others' addresses when to ask again."""
        async with self._db.transaction():
            ahead = await self._ahead(now)
            at = millis(now) + ahead
            rows = await self._db.fetch(QUERIES["lock_addresses"], sorted({r.address for r in requests}), at)
            if rows:
                await self._db.execute(QUERIES["delete_rested_permits"], [row[0] for row in rows], at)
            granted, later = grant([tuple(row) for row in rows], requests, at, address_sites, most)
            await self._many("insert_permits", [(r.address, r.order_id, millis(r.until) + ahead) for r in granted])
        return {r.order_id for r in granted}, {address: (at - ahead) / 1000 for address, at in later.items()}

    async def _addresses(self, sites: list[tuple[str, str]], releases: list[PermitRelease], now: float) -> None:
        """Sites found at addresses, permits handed back. Other shards do the same: rows are made and locked in one order."""
        found = {address for address, _ in sites}
        if found:
            await self._db.execute(QUERIES["add_addresses"], sorted(found))
        if touched := found | {r.address for r in releases}:
            await self._db.execute(QUERIES["lock_touched_addresses"], sorted(touched))
        await self._many("add_address_sites", sites)
        ahead = await self._ahead(now) if releases else 0
        await self._many("update_addresses", [(r.address, millis(r.next_at) + ahead) for r in releases])
        await self._many("delete_permits", [(r.address, r.order_id) for r in releases if not r.rests])
        await self._many(
            "rest_permits", [(r.address, r.order_id, millis(r.next_at) + ahead) for r in releases if r.rests]
        )
        for release in releases:
            if release.strain:
                await self._db.execute(
                    QUERIES["strain_addresses"], release.address, release.site, millis(release.next_at) + ahead
                )

    async def _insert(self, rows: list[NewUrl], table: str) -> tuple[list[QueueRow], list[NewUrl]]:
        """The places in the queue of the new URLs of one table, and the rows that told of URLs known by then."""
        if not rows:
            return [], []
        records = await self._db.fetch(QUERIES[f"insert_{table}"], *packed(rows))
        new = {record[0] for record in records}
        media = table == "media_urls"
        queue: list[QueueRow] = []
        known: list[NewUrl] = []
        for row in rows:
            if row[2] in new:
                new.remove(row[2])
                queue.append((row[0], row[1], row[10], row[11], row[2], media))
            else:
                known.append(row)
        return queue, known

    async def _queue_new(self, rows: list[QueueRow]) -> None:
        """Places of URLs that had no row until now, so that no place can be taken: a copy asks for no conflicts."""
        if rows:
            await self._db.copy_records_to_table(
                "queue",
                records=[(b, h, lane, millis(due), u, m) for b, h, lane, due, u, m in rows],
                columns=["bucket", "host_id", "lane", "due_at", "url_id", "media"],
            )

    async def _update(self, updates: list[UrlUpdate]) -> None:
        for media, name in ((False, "update_urls"), (True, "update_media_urls")):
            await self._many(
                name,
                [update_values(u) for u in updates if u.media is media],
            )

    @translated
    async def commit(self, transaction: Transaction) -> Committed:
        """Everything or nothing, behind the fences."""
        t = transaction
        async with self._db.transaction():
            rows = await self._many("fence", [tuple(getattr(f, n) for n in f.__struct_fields__) for f in t.fences])
            if len(rows) != len(t.fences):
                ours = {row[0] for row in rows}
                raise Stale(
                    f"partitions {[f.partition for f in t.fences if f.partition not in ours]} are not ours any more"
                )
            queue_pages, _ = await self._insert(t.urls, "urls")
            queue_media, known = await self._insert(t.media, "media_urls")
            await self._many("add_found_on", [(*row[:3], page) for row in known for page in row[8]])
            await self._update(t.updates)
            await self._many("move_media", t.moved)
            for media, name in ((False, "lose_urls"), (True, "lose_media_urls")):
                await self._many(name, [(r[0], r[1], r[4]) for r in t.lost if r[5] is media])
            await self._many("dequeue", [(b, h, lane, millis(due), u) for b, h, lane, due, u in t.dequeue])
            await self._queue_new(queue_pages + queue_media)
            await self._many("enqueue", [(b, h, lane, millis(due), u, m) for b, h, lane, due, u, m in t.enqueue])
            await self._many("delete_leases_of", [(ended,) for ended in t.ended])
            await self._leases(t.leases)
            await self._addresses(t.address_sites, t.releases, t.at)
            await self._origins(t.origins)
            await self._many("upsert_sites", [(s.bucket, s.site, s.urls, s.matches) for s in t.sites])
            await self._many("upsert_hosts", [host_values(h) for h in t.hosts])
            new_by_host: dict[int, int] = {}
            for row in (*queue_pages, *queue_media):
                new_by_host[row[1]] = new_by_host.get(row[1], 0) + 1
            counted = dict(t.counters)
            if t.fences:
                first = t.fences[0].partition
                counted[first, "state:0"] = counted.get((first, "state:0"), 0) + len(queue_pages) + len(queue_media)
            await self._many("count", [(p, name, value) for (p, name), value in sorted(counted.items()) if value])
        return Committed(new_by_host)

    async def _origins(self, origins: list[OriginRow]) -> None:
        """The newest state of each origin, with the newest body."""
        rows: dict[tuple[int, int, bool], tuple[bytes, bytes | None]] = {}
        for o in origins:
            key = (o.bucket, o.host_id, o.https)
            rows[key] = (o.state, o.body if o.body is not None else rows[key][1] if key in rows else None)
        await self._many("upsert_origins", [(*key, *values) for key, values in rows.items()])

    async def _leases(self, leases: list[Lease]) -> None:
        if not leases:
            return
        await self._db.executemany(
            QUERIES["insert_leases"],
            [lease_values(x) for x in leases],
        )

    @translated
    async def read_controls(self, after: int) -> tuple[int, list[Control]]:
        """Operators' words since a sequence number, and the newest number."""
        rows = await self._db.fetch(QUERIES["read_controls"], after)
        controls = [Control(r["verb"], r["target"], r["value"], r["why"], r["until"] / 1000) for r in rows]
        return (rows[-1]["seq"] if rows else after), controls
