"""What operators ask of the crawl database: seeds, controls, counters, hosts, and the life of one URL. Never a count of rows."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.crawl_store import QUERIES as SHARDS
from backends.postgres.queries import load
from backends.postgres.rows import host_row, millis
from contracts.crawl import HostRow, Ownership, PartitionRow
from contracts.notes import Control
from contracts.sites import bucket_of
from contracts.urls import host_id, origin_of, unref

QUERIES = load(files("backends.postgres.crawl") / "operator")
HOST_URLS: Final = 100_000
"""URLs of one host that are read for one answer: as many as `budgets.host_urls` lets in unless it is raised."""
CLERK_LOCK = 0x7069735F636C6B  # "pis_clk"
CONTROLS_LOCK = 0x7069735F63746C  # "pis_ctl"


class OperatorStore:
    """Reads and writes of people's commands, over one connection."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._db = connection

    @translated
    async def add_seeds(self, urls: Sequence[str], now: float) -> int:
        """Seeds for the next or the running crawl; how many were new."""
        rows = await self._db.fetch(QUERIES["add_seeds"], list(urls), millis(now))
        return len(rows)

    @translated
    async def add_tips(self, source: str, urls: Sequence[str], quota: int, now: float) -> tuple[int, int]:
        """Tips of a source as seeds, at most `quota` a day; (how many were taken, how many of them were new). What was taken
        before is new no more, and counts against the quota all the same."""
        day = int(now // 86_400)
        async with self._db.transaction():
            used = await self._db.fetchval(QUERIES["tips_of"], source, day)
            taken = list(urls[: max(0, quota - used)])
            await self._db.execute(QUERIES["count_tips"], source, day, len(taken))
            new = len(await self._db.fetch(QUERIES["add_seeds"], taken, millis(now)))
        return len(taken), new

    @translated
    async def new_seeds(self, limit: int) -> list[tuple[int, str]]:
        """(number, URL) of seeds that no frontier has taken."""
        return [(row[0], row[1]) for row in await self._db.fetch(QUERIES["new_seeds"], limit)]

    @translated
    async def seeds_taken(self, seqs: Sequence[int], refused: dict[int, str], now: float) -> None:
        """These are taken; some were refused, with their reasons."""
        why = [refused.get(seq, "") for seq in seqs]
        await self._db.execute(QUERIES["seeds_taken"], list(seqs), why, millis(now))

    @translated
    async def clerk_turn(self) -> bool:
        """Whether this connection alone is the clerk's, of all processes of a cluster; from then on until it is closed."""
        return bool(await self._db.fetchval(QUERIES["clerk_turn"], CLERK_LOCK))

    @translated
    async def counters(self) -> dict[str, int]:
        """All counters, summed over partitions."""
        return {row[0]: row[1] for row in await self._db.fetch(QUERIES["counters"])}

    @translated
    async def found_on(self, keys: Sequence[tuple[int, int, bytes]]) -> dict[bytes, list[bytes]]:
        """The references of the pages that embed or link some URLs, by url_id."""
        if not keys:
            return {}
        rows = await self._db.fetch(QUERIES["found_on"], *map(list, zip(*keys, strict=True)))
        return {row[0]: list(row[1]) for row in rows}

    @translated
    async def locations(self, references: Sequence[bytes]) -> dict[bytes, str]:
        """The URLs behind 26-byte references; unknown ones are missing."""
        if not references:
            return {}
        parts = [unref(reference) for reference in references]
        rows = await self._db.fetch(
            QUERIES["locations"],
            list(range(len(parts))),
            [p[0] for p in parts],
            [p[1] for p in parts],
            [p[2] for p in parts],
        )
        return {references[n]: origin_of(https, host) + path for n, https, host, path in rows}

    @translated
    async def loopback(self, hosts: Sequence[str]) -> set[str]:
        """Those of some hosts that have only loopback addresses."""
        rows = await self._db.fetch(QUERIES["loopback"], [bucket_of(h) for h in hosts], [host_id(h) for h in hosts])
        return {row[0] for row in rows}

    @translated
    async def url_row(self, bucket: int, host: int, identity: bytes) -> dict[str, Any] | None:
        """All that is known of one URL; `as_kind` tells which table has it. None if nothing is."""
        row = await self._db.fetchrow(QUERIES["url_row"], bucket, host, identity)
        return dict(row) if row else None

    @translated
    async def redirect_to(self, bucket: int, host: int, url: str) -> dict[str, Any] | None:
        """A URL of this host that redirected to `url` when it was fetched last, as `url_row` has it.

        Nothing indexes this: of a host with more than `HOST_URLS` URLs not all are looked at.
        """
        row = await self._db.fetchrow(QUERIES["redirect_to"], bucket, host, f"to {url}", HOST_URLS)
        return dict(row) if row else None

    @translated
    async def queue_of(self, bucket: int, host: int, identity: bytes) -> tuple[int, float] | None:
        """(lane, due_at) of a URL in the queue."""
        row = await self._db.fetchrow(QUERIES["queue_of"], bucket, host, identity)
        return (row["lane"], row["due_at"] / 1000) if row else None

    @translated
    async def hosts(self, pattern: str, after: tuple[int, int], last_bucket: int, limit: int) -> list[HostRow]:
        """Hosts whose name matches a LIKE pattern, by (bucket, host_id), after a key, up to a bucket."""
        rows = await self._db.fetch(QUERIES["hosts_page"], pattern, *after, last_bucket, limit)
        return [host_row(row) for row in rows]

    @translated
    async def control(self, control: Control, now: float) -> None:
        """Say a word; running crawls hear it within about a second.

        A host's row repeats its pause, so that nobody loads it before. A newer word voids that, or else a host that is in
        no memory would sleep through its `resume`.
        """
        c = control
        async with self._db.transaction():
            await self._db.execute(QUERIES["lock_controls"], CONTROLS_LOCK)
            await self._db.fetch(QUERIES["set_control"], c.verb, c.target, c.value, c.why, millis(c.until), millis(now))
            if c.verb in ("pause", "resume"):
                await self._db.execute(QUERIES["unpause"], c.target)

    @translated
    async def controls(self) -> list[tuple[float, Control]]:
        """(when, word), in the order given."""
        return [
            (row["added_at"] / 1000, Control(row["verb"], row["target"], row["value"], row["why"], row["until"] / 1000))
            for row in await self._db.fetch(QUERIES["controls"])
        ]

    @translated
    async def seeds(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Seeds by number: seq, url, added_at, taken_at (milliseconds; 0: not taken) and why one was refused."""
        return [dict(row) for row in await self._db.fetch(QUERIES["seeds_page"], after, limit)]

    @translated
    async def seed(self, url: str) -> dict[str, Any] | None:
        """The seed of this very URL, as in `seeds`."""
        row = await self._db.fetchrow(QUERIES["seed_of"], url)
        return dict(row) if row else None

    @translated
    async def turns(self, most: int) -> list[dict[str, Any]]:
        """The `most` hosts with something queued whose turns come first. Times are milliseconds."""
        return [dict(row) for row in await self._db.fetch(QUERIES["turns"], most)]

    @translated
    async def orders_out(self) -> dict[str, tuple[int, int, float]]:
        """Orders that are out by kind: how many, of how many URLs, and when the first of them was issued."""
        return {row[0]: (row[1], row[2], row[3] / 1000) for row in await self._db.fetch(QUERIES["orders_out"])}

    @translated
    async def ownership(self, now: float) -> Ownership:
        """Who holds which partition, and the shards that live."""
        rows = await self._db.fetch(SHARDS["ownership"])
        living = await self._db.fetch(SHARDS["shards"], millis(now))
        return Ownership(
            [PartitionRow(row[0], row[1], row[2], row[3] / 1000) for row in rows], [row[0] for row in living]
        )

    @translated
    async def leases_of(self, bucket: int, host: int) -> list[dict[str, Any]]:
        """The orders of one host that are out: kind, address, issued_at, deadline (milliseconds), url_ids."""
        return [dict(row) for row in await self._db.fetch(QUERIES["leases_of"], bucket, host)]

    @translated
    async def addresses_of(self, groups: Sequence[str]) -> list[dict[str, Any]]:
        """Permits of some server addresses (units of permits): sites, permits, orders, next_at, strained_until."""
        return [dict(row) for row in await self._db.fetch(QUERIES["addresses_of"], list(groups))]

    @translated
    async def soonest(self, limit: int) -> list[dict[str, Any]]:
        """The hosts whose turn comes next."""
        return [dict(row) for row in await self._db.fetch(QUERIES["soonest"], limit)]

    @translated
    async def put_fact(self, name: str, value: str) -> None:
        """Keep a fact about the state."""
        await self._db.execute(QUERIES["put_fact"], name, value)

    @translated
    async def fact(self, name: str) -> str | None:
        """A fact about the state."""
        value: str | None = await self._db.fetchval(QUERIES["fact"], name)
        return value
