"""From a host whose turn it is to an order: what it is asked for next, and what it is not."""

from typing import Final

from contracts.crawl import FAR, HostQueue, Pick, QueueItem, UrlState, UrlUpdate
from contracts.messages import OrderKind
from contracts.refusals import Reason, Refusal, refuse
from contracts.topics import LANES
from frontier import errands
from frontier.orders import Draft, address_for, delay_of, draft, resolve_draft, robots_draft
from frontier.politeness import order_size
from frontier.shard import Shard
from frontier.workbench import Host

LOST_MOST: Final = 3
"""Orders that may be lost with a URL before it is refused as poison; after the first it travels alone."""


def pick(host: Host, shard: Shard, now: float, room: dict[str, int]) -> Pick | Draft | None:
    """What to do with a host whose turn it is: look into its queue, a draft that needs none, or nothing now."""
    row = host.row
    refusal = shard.policy.host_verdict(row.host, row.site, now, row.addresses)
    if refusal is not None:
        row.why, host.hold = str(refusal), now + 60.0
        return None
    if row.addresses_until <= now:
        host.refusal = None
        return resolve_draft(shard, host, now)
    if host.errands and host.refusal is None:
        return errands.draft_errand(shard, host, now)
    size = order_size(delay_of(shard, host), row.mean, shard.settings.limits)
    return Pick(row.bucket, row.host_id, size)


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
    row.due_at = now if len(queue.items) >= limit else queue.next_due
    if not queue.items:
        if queue.next_due >= FAR:
            shard.queued_urls -= row.queued
            row.queued = 0
            shard.bench.touch(host, soft=True)
        return None
    row.lane = queue.items[0].lane
    items: list[QueueItem] = []
    kind = None
    waits = FAR
    for item in in_turn(queue.items, limit):
        refusal = host.refusal or (
            refuse(Reason.POISON, f"{item.lost} orders with it were lost") if item.lost >= LOST_MOST else None
        )
        if refusal is None:
            need, until = errands.robots_needed(shard, host, item.https, now)
            if need is errands.Need.FETCH:
                row.due_at = now
                return robots_draft(shard, host, item.https, now)
            if need is errands.Need.WAIT:
                row.due_at, waits = now, min(waits, until)
                continue
            refusal = errands.verdict(shard, host, item.https, item.path)
        if refusal is not None:
            refuse_item(shard, host, item, refusal, now)
            continue
        wanted = OrderKind.MEDIA if item.media else OrderKind.PAGES
        if kind is None and room.get(LANES[wanted], 0) > 0:
            kind = wanted
        if wanted is not kind or len(items) >= limit or (items and (item.lost or items[0].lost)):
            row.due_at = now
            continue
        items.append(item)
    if not items or kind is None:
        if waits < FAR and host.robots_wait:
            host.hold = waits  # until the errand's answer comes
        elif waits < FAR:
            row.next_at = max(row.next_at, waits)
            shard.bench.touch(host, soft=True)
        elif kind is not None or row.due_at <= now:
            host.hold = now + 0.2
        return None
    if shard.pages_left is not None:
        items = items[: max(0, shard.pages_left - shard.issued)]
        if not items:
            host.hold = FAR
            return None
    return draft(shard, host, kind, items, now, address_for(host))


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
