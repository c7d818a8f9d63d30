"""Rows of the crawl database to the frontier's structs and back. Tables keep milliseconds, structs seconds."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from contracts.crawl import HostRow, Lease, QueueItem, UrlUpdate
from contracts.messages import OrderKind


def millis(seconds: float) -> int:
    """Unix seconds as the tables keep them."""
    return round(seconds * 1000)


def text(words: str) -> str:
    """Words that may quote what came from the web, as Postgres can keep them."""
    return words.replace("\0", "\ufffd").encode("utf-8", "replace").decode() if not words.isprintable() else words


def host_row(row: asyncpg.Record) -> HostRow:
    """A row of `hosts` as the frontier knows it."""
    return HostRow(
        bucket=row["bucket"],
        host_id=row["host_id"],
        host=row["host"],
        site=row["site"],
        found_at=row["found_at"] / 1000,
        next_at=row["next_at"] / 1000,
        due_at=row["due_at"] / 1000,
        lane=row["lane"],
        queued=row["queued"],
        urls=row["urls"],
        fetched=row["fetched"],
        errors=row["errors"],
        why=row["why"],
        mean=row["mean"],
        delay=row["delay"],
        crawl_delay=row["crawl_delay"],
        paused_until=row["paused_until"] / 1000,
        paused_why=row["paused_why"],
        addresses=list(row["addresses"]),
        addresses_until=row["addresses_until"] / 1000,
        matches=row["matches"],
        traps=row["traps"],
    )


def queue_item(row: Sequence[Any]) -> QueueItem:
    """lane, due_at, url_id, media and the columns of a URL."""
    lane, due, url_id, media, https, path, kind, depth, hops, tries, lost, fetched, interval, *rest = row
    return QueueItem(
        lane, due / 1000, url_id, media, https, path, kind, depth, hops, tries, lost, fetched / 1000, float(interval), *rest
    )  # fmt: skip


def host_values(h: HostRow) -> tuple[Any, ...]:
    """A host as `upsert_hosts` takes it."""
    return (
        h.bucket,
        h.host_id,
        h.host,
        h.site,
        millis(h.found_at),
        millis(h.next_at),
        millis(h.due_at),
        h.lane,
        h.queued,
        h.urls,
        h.fetched,
        h.errors,
        text(h.why),
        h.mean,
        h.delay,
        millis(h.paused_until),
        h.paused_why,
        " ".join(h.addresses),
        millis(h.addresses_until),
        h.matches,
        h.traps,
        h.crawl_delay,
    )


def lease_of(row: asyncpg.Record) -> Lease:
    """A row of `leases`."""
    keys = zip(row["lanes"], row["dues"], row["url_ids"], row["medias"], strict=True)
    return Lease(
        order_id=row["order_id"],
        partition=row["partition"],
        epoch=row["epoch"],
        bucket=row["bucket"],
        host_id=row["host_id"],
        host=row["host"],
        kind=OrderKind(row["kind"]),
        address=row["address"],
        issued_at=row["issued_at"] / 1000,
        deadline=row["deadline"] / 1000,
        keys=[(row["bucket"], row["host_id"], lane, due / 1000, url_id, media) for lane, due, url_id, media in keys],
    )


def lease_values(x: Lease) -> tuple[Any, ...]:
    """A lease as `insert_leases` takes it."""
    return (
        x.order_id,
        x.partition,
        x.epoch,
        x.bucket,
        x.host_id,
        x.host,
        x.kind,
        x.address,
        millis(x.issued_at),
        millis(x.deadline),
        [k[2] for k in x.keys],
        [millis(k[3]) for k in x.keys],
        [k[4] for k in x.keys],
        [k[5] for k in x.keys],
    )


def update_values(u: UrlUpdate) -> tuple[Any, ...]:
    """What became of a URL, as `update_urls` and its twin take it."""
    return (
        u.bucket,
        u.host_id,
        u.url_id,
        u.state,
        u.status,
        u.tries,
        millis(u.fetched_at),
        min(round(u.interval), 2**31 - 1),
        u.etag,
        u.last_modified,
        u.content_key,
        min(u.size, 2**31 - 1),
        text(u.why),
    )
