"""From a host whose turn it is to an order: what it is asked for next, and what it is not."""

from typing import Final

from contracts.crawl import FAR, HostQueue, Lane, Pick, QueueItem, UrlState, UrlUpdate
from contracts.messages import LinkKind, OrderKind
from contracts.refusals import Reason, Refusal, refuse
from contracts.sites import address_group
from contracts.topics import LANES, ORDERS_PAGES, ORDERS_RECHECKS
from frontier import errands, rechecks
from frontier.orders import (
    MOMENT,
    Draft,
    address_for,
    delay_of,
    draft,
    has_room,
    limits_of,
    resolve_draft,
    robots_draft,
)
from frontier.politeness import order_size
from frontier.shard import Shard
from frontier.workbench import Host

LOST_MOST: Final = 3
"""Orders that may be lost with a URL before it is refused as poison; after the first it travels alone."""
LOOK_AGAIN: Final = 3600.0
"""Seconds until a host that policy refuses is looked at again; an operator's word wakes it at once."""


def pick(host: Host, shard: Shard, now: float, room: dict[str, int]) -> Pick | Draft | None:
    """What to do with a host whose turn it is: look into its queue, a draft that needs none, or nothing now."""
    row = host.row
    refusal = shard.policy.host_verdict(row.host, row.site, now, row.addresses)
    if refusal is not None:
        row.why, host.hold = str(refusal), now + LOOK_AGAIN
        errands.turn_away(shard, host, refusal)
        rechecks.turn_away(shard, host, refusal.reason, now)
        return None
    lost = row.addresses_until <= now or not (row.addresses or host.refusal)
    if not lost:
        if row.addresses and (until := shard.blocked.get(group := address_group(address_for(shard, host)), 0.0)) > now:
            shard.wait_for(group, host, until, now)
            return None
        if host.rechecks:  # before discovery, and before what others ask of this host
            if errands.rules_missing(shard, host):
                return Pick(row.bucket, row.host_id, 1)
            made = rechecks.compose(shard, host, now)
            if made is not None:
                room[ORDERS_RECHECKS] -= 1
            return made
        if not host.errands or host.refusal is not None or host.orders:
            size = order_size(delay_of(shard, host), row.mean, shard.settings.limits)
            return Pick(row.bucket, row.host_id, size + sum(len(shard.out[order_id].items) for order_id in host.orders))
    if host.orders:  # more than one may be out for media only; the rest waits until they have ended
        host.hold = now + MOMENT
        return None
    if lost and host.rechecks:
        host.refusal = None
        room[ORDERS_RECHECKS] -= 1
        return rechecks.prepare(host, resolve_draft(shard, host, now, rechecks.PREPARES), now)
    if not has_room(host, room, now):
        return None
    room[ORDERS_PAGES] -= 1
    if lost:
        host.refusal = None
        return resolve_draft(shard, host, now)
    return errands.draft_errand(shard, host, now)


def in_turn(items: list[QueueItem], limit: int) -> list[QueueItem]:
    """Items by lane, best first; of a full order each lower lane that waits gets one place, so that none starves."""
    if len(items) <= limit or limit < 2:
        return items
    firsts = {item.lane: item for item in reversed(items)}
    lower = [firsts[lane] for lane in sorted(firsts)[1:]][: limit - 1]
    kept = {item.url_id for item in lower}
    best = [item for item in items if item.url_id not in kept]
    head = best[: limit - len(lower)] + lower
    return head + best[limit - len(lower) :]


def compose(host: Host, queue: HostQueue, limit: int, shard: Shard, now: float, room: dict[str, int]) -> Draft | None:
    """Turn what a host has due into an order; refuse what robots.txt or the past forbids."""
    row = host.row
    if host.rechecks:
        return rechecks.compose(shard, host, now) if room.get(ORDERS_RECHECKS, 0) > 0 else None
    if host.orders:
        out = {url_id for order_id in host.orders for url_id in shard.out[order_id].items}
        limit -= len(out)
        free = [item for item in queue.items if item.url_id not in out]
        if not all(item.media for item in free[:limit]):
            host.hold = now + MOMENT
            return None
        queue = HostQueue(queue.bucket, queue.host_id, free[:limit], queue.next_due)
    # What this very step admitted is not in the queue that was loaded.
    next_due = min(now, queue.next_due) if row.host in shard.candidates else queue.next_due
    row.due_at = now if len(queue.items) >= limit else next_due
    if not queue.items:
        if row.due_at >= FAR:
            shard.queued_urls -= row.queued
            row.queued = 0
        shard.bench.touch(host, soft=True)
        return None
    row.lane = queue.items[0].lane
    items: list[QueueItem] = []
    waiting: list[QueueItem] = []
    kind = None
    waits = expires = FAR
    for item in in_turn(queue.items, limit):
        refusal = host.refusal or (
            refuse(Reason.POISON, f"{item.lost} orders with it were lost") if item.lost >= LOST_MOST else None
        )
        wanted = OrderKind.MEDIA if item.media else OrderKind.PAGES
        until = FAR
        if refusal is None:
            need, until = errands.robots_needed(shard, host, item.https, now)
            if need is errands.Need.FETCH:
                row.due_at = now
                if host.orders:
                    host.hold = now + MOMENT
                    return None
                return robots_draft(shard, host, item.https, now) if has_room(host, room, now) else None
            if need is errands.Need.WAIT or until <= now + limits_of(shard.settings.limits, wanted).total_seconds:
                waits = min(waits, until)
                waiting.append(item)
                continue
            refusal = errands.verdict(shard, host, item.https, item.path) or _worn(shard, host, item)
        if refusal is not None:
            refuse_item(shard, host, item, refusal, now)
            continue
        if kind is None and room.get(LANES[wanted], 0) > 0:
            kind = wanted
        if wanted is not kind or len(items) >= limit or (items and (item.lost or items[0].lost)):
            row.due_at = now
            continue
        items.append(item)
        expires = min(expires, until)
    if not items or kind is None:
        _wait(shard, host, waiting, waits, len(queue.items) >= limit, now)
        return None
    row.due_at = min(row.due_at, waits)
    if shard.pages_left is not None and len(items) > (left := max(0, shard.pages_left - shard.issued)):
        items, row.due_at = items[:left], now
        if not items:
            host.hold = now + MOMENT
            return None
    shard.issued += len(items)
    return draft(shard, host, kind, items, now, address_for(shard, host), until=expires)


def _worn(shard: Shard, host: Host, item: QueueItem) -> Refusal | None:
    """Of an endless space most is queued before it shows; seeds, and pages that were fetched before, are fetched all the same."""
    if item.kind != LinkKind.PAGE or item.media or item.fetched_at > 0.0 or item.lane == Lane.SEEDS:
        return None
    return host.traps.worn(item.path, shard.settings.traps)


def _wait(shard: Shard, host: Host, waiting: list[QueueItem], waits: float, full: bool, now: float) -> None:
    """Nothing of a host can be issued now. `waiting` ones wait for robots.txt until `waits`; `full`: others may be behind them."""
    row = host.row
    if waits < FAR and host.robots_wait:
        row.due_at, host.hold = now, waits  # until the errand's answer comes
    elif waits < FAR and full and row.due_at <= now:
        for item in waiting:
            shard.tx.dequeue.append((row.bucket, row.host_id, item.lane, item.due_at, item.url_id))
            shard.tx.enqueue.append((row.bucket, row.host_id, item.lane, waits, item.url_id, item.media))
    else:
        row.due_at = min(row.due_at, waits)
        if row.due_at <= now:
            host.hold = now + MOMENT
    shard.bench.touch(host, soft=True)


def refuse_item(shard: Shard, host: Host, item: QueueItem, refusal: Refusal, now: float) -> None:
    """A queued URL is refused by name; it is looked at again much later."""
    row, recrawl = host.row, shard.settings.recrawl
    shard.refuse(row.bucket, refusal)
    shard.count(row.bucket, f"state:{int(item.state)}", -1)
    shard.count(row.bucket, f"state:{int(UrlState.REFUSED)}")
    shard.tx.updates.append(
        UrlUpdate(
            row.bucket,
            row.host_id,
            item.url_id,
            item.media,
            UrlState.REFUSED,
            0,
            item.tries,
            item.fetched_at,
            recrawl.first,
            item.etag,
            item.last_modified,
            item.content_key,
            0,
            str(refusal),
        )
    )
    shard.tx.dequeue.append((row.bucket, row.host_id, item.lane, item.due_at, item.url_id))
    if recrawl.enabled and refusal.reason is not Reason.POISON:
        due = now + recrawl.first
        shard.tx.enqueue.append((row.bucket, row.host_id, item.lane, due, item.url_id, item.media))
        row.due_at = min(row.due_at, due)
    else:
        row.queued -= 1
        shard.queued_urls -= 1
    shard.bench.touch(host, soft=True)
