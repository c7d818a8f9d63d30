"""What comes back: outcomes and ends of orders, and the orders that never came back."""

from collections.abc import Container
from heapq import heappop
from typing import Final

from contracts.crawl import EXAMINED, PermitRelease, QueueItem, UrlState, UrlUpdate
from contracts.faults import Fault
from contracts.messages import LinkKind, OrderEnd, OrderKind, Outcome, OutcomeBatch, Result
from contracts.options import DAY
from contracts.refusals import Reason, refuse
from contracts.sites import address_group
from frontier import errands, rechecks
from frontier.admission import admit
from frontier.intake import in_our_time
from frontier.orders import REISSUE, delay_of
from frontier.outcomes import Effect, Treatment, Verdict, host_wait, judge, treatment
from frontier.politeness import moving_mean, retry_after, wait
from frontier.shard import Out, Shard
from frontier.workbench import Host

REASONS: Final = frozenset(map(str, Reason))
SHORTEST_TTL: Final = 10.0
"""Seconds that addresses count at least, or else looking up would never end in a request."""
REFUSED_TTL: Final = 60.0
"""Seconds that a host without an address we may connect to stays so."""
WAKE: Final = 4
"""Hosts that are woken when an order ends at their address."""
PAUSE: Final = 0.5
"""Least seconds after an order that came back without a request."""


def apply(shard: Shard, batch: OutcomeBatch, now: float, chance: float) -> None:
    """Apply outcomes, then the ends of their orders. What an order does not know (any more) is a duplicate, or too late.

    Links of a late one are taken all the same: its fetcher knows that they are acked and will not send them again.
    """
    if shard.settings.kafka.bootstrap:  # fetchers have clocks of their own
        batch = in_our_time(batch, now)
    for outcome in batch.outcomes:
        out = shard.out.get(outcome.order_id)
        if out is not None:
            shard.bench.hosts[out.lease.host].traps.page(outcome.fresh_media)
        shard.new_media = 0
        for found in outcome.links:
            admit(shard, found, now)
        if out is None or not _awaited(out, outcome):
            shard.totals["duplicate_outcomes"] += 1
            continue
        host = shard.bench.hosts[out.lease.host]
        _outcome(shard, host, out, outcome, now, (chance + outcome.url_id[0] / 256) % 1.0 if outcome.url_id else chance)
    for end in batch.ends:
        out = shard.out.pop(end.order_id, None)
        if out is not None:
            _end(shard, shard.bench.hosts[out.lease.host], out, end, now)


def _awaited(out: Out, outcome: Outcome) -> bool:
    """Whether an order still waits for this outcome."""
    if out.lease.kind in (OrderKind.RESOLVE, OrderKind.ROBOTS):
        first, out.done = not out.done, True
        return first
    return outcome.url_id in (out.rechecks if out.lease.kind is OrderKind.RECHECKS else out.items)


def _outcome(shard: Shard, host: Host, out: Out, outcome: Outcome, now: float, chance: float) -> None:
    row, politeness = host.row, shard.settings.politeness
    resolve = out.lease.kind is OrderKind.RESOLVE
    requested = outcome.result is not Result.NOT_REQUESTED
    if requested and not resolve:
        out.lasted = max(0.0, outcome.ended_at - outcome.started_at)
        row.mean = moving_mean(row.mean, out.lasted)
        shard.count(row.bucket, "requests")
        shard.count(row.bucket, "bytes", outcome.bytes_read)
        if outcome.retry_at > outcome.ended_at:
            row.next_at = max(row.next_at, retry_after(outcome.retry_at, outcome.ended_at, politeness))
    failed = _failure(outcome)
    if failed is not None:
        _host_failed(shard, host, out, failed, outcome, chance)
    elif requested and not resolve and outcome.result is not Result.REFUSED:
        row.errors, row.why = 0, ""
    if resolve:
        _resolved(shard, host, outcome)
        return
    if out.lease.kind is OrderKind.ROBOTS:
        if not out.adopted or errands.own(host, out, outcome):
            errands.returned(shard, host, out, outcome, now)
            rechecks.prepared(host, out, outcome.started_at)
            rechecks.unreachable(shard, host, now)
        return
    if out.lease.kind is OrderKind.RECHECKS:
        rechecks.returned(shard, host, out, outcome)
        return
    item = out.items.pop(outcome.url_id)
    for name, count in outcome.refused_links.items():
        if name in REASONS:
            shard.refuse(row.bucket, Reason(name), count)
        else:
            shard.totals["unexpected_messages"] += 1  # a newer fetcher's word
    if requested or outcome.error == Fault.BAD_URL:
        _settle(shard, host, item, outcome, judge(outcome, item, shard.settings, chance))
        return
    shard.issued -= 1
    row.due_at = min(row.due_at, item.due_at)
    if outcome.error == Fault.ADDRESS_MOVED:
        row.addresses_until = 0.0


def _failure(outcome: Outcome) -> Treatment | None:
    """The table's row if the outcome is an error of its host; a plain "no" (404) is an answer like any other."""
    if outcome.result not in (Result.FAILED, Result.HTTP_ERROR):
        return None
    row = treatment(outcome)
    return row if row.again or row.effect is not Effect.NONE else None


def _host_failed(shard: Shard, host: Host, out: Out, row: Treatment, outcome: Outcome, chance: float) -> None:
    host.row.errors += 1
    shard.count(host.row.bucket, f"error:{outcome.error or outcome.status}")
    until = host_wait(row, outcome, host.row.errors, shard.settings.politeness, chance)
    if until > host.row.next_at:
        host.row.next_at = until
    if until:
        host.row.why = outcome.error or f"HTTP {outcome.status}"
    out.strain = out.strain or row.strain


def _resolved(shard: Shard, host: Host, outcome: Outcome) -> None:
    row = host.row
    if outcome.result is Result.FETCHED and outcome.addresses:
        row.addresses, row.addresses_until = outcome.addresses, outcome.ended_at + max(outcome.ttl, SHORTEST_TTL)
        host.refusal = None
        shard.tx.address_sites.extend((group, row.site) for group in sorted({*map(address_group, outcome.addresses)}))
    elif outcome.result is Result.REFUSED:
        host.refusal = refuse(Reason(outcome.error), outcome.detail)
        row.addresses, row.addresses_until = [], outcome.ended_at + max(outcome.ttl, REFUSED_TTL)
        row.why = str(host.refusal)
        errands.turn_away(shard, host, host.refusal)
        rechecks.turn_away(shard, host, host.refusal.reason, outcome.ended_at)
    elif outcome.result is Result.FAILED:
        rechecks.turn_away(shard, host, outcome.error or Fault.DNS_FAILURE, outcome.ended_at)


def _settle(shard: Shard, host: Host, item: QueueItem, outcome: Outcome, verdict: Verdict) -> None:
    """Write a URL's new state, and its next place in the queue."""
    row = host.row
    tx = shard.tx
    if verdict.state is not UrlState.QUEUED:
        row.fetched += 1
        kind = "media" if outcome.is_media else "pages"
        shard.count(row.bucket, kind)
        shard.count(row.bucket, f"{EXAMINED}:{int(outcome.ended_at // DAY)}:{kind}")
    if verdict.refusal is not None:
        shard.refuse(row.bucket, verdict.refusal)
    if verdict.state != item.state:
        shard.count(row.bucket, f"state:{item.state}", -1)
        shard.count(row.bucket, f"state:{int(verdict.state)}")
    keep = outcome.result is Result.NOT_MODIFIED or verdict.state is UrlState.QUEUED
    fetched_at = item.fetched_at if verdict.state is UrlState.QUEUED else outcome.ended_at
    tx.updates.append(
        UrlUpdate(
            row.bucket,
            row.host_id,
            item.url_id,
            item.media,
            verdict.state,
            outcome.status,
            verdict.tries,
            fetched_at,
            verdict.interval,
            item.etag if keep else outcome.etag,
            item.last_modified if keep else outcome.last_modified,
            item.content_key if keep else outcome.content_key,
            outcome.bytes_read,
            verdict.why,
        )
    )
    media = item.media
    if outcome.is_media and not media:
        tx.moved.append((row.bucket, row.host_id, item.url_id))
        media = True
    tx.dequeue.append((row.bucket, row.host_id, item.lane, item.due_at, item.url_id))
    if host.most > 1:
        shard.unsettled[row.host] = host  # its queue must not be read before this is committed
    if verdict.due_at is None:
        row.queued -= 1
        shard.queued_urls -= 1
    else:
        tx.enqueue.append((row.bucket, row.host_id, item.lane, verdict.due_at, item.url_id, media))
        row.due_at = min(row.due_at, verdict.due_at)
    if outcome.result is Result.FETCHED and item.kind == LinkKind.PAGE and not outcome.is_media:
        host.traps.observe(
            item.path, outcome.text_key, shard.settings.traps, _showed_new(shard, outcome), again=item.fetched_at > 0.0
        )


def _showed_new(shard: Shard, outcome: Outcome) -> bool:
    """Whether a page showed new media: of our own links we know it, a fetcher may have forgotten the logo of all pages."""
    return shard.new_media > 0 or outcome.far_media


def _end(shard: Shard, host: Host, out: Out, end: OrderEnd, now: float) -> None:
    """An order is over: the host's and the address's next turn are counted from the end of its last request."""
    row = host.row
    host.orders.discard(end.order_id)
    for item in out.items.values():
        row.due_at = min(row.due_at, item.due_at)
    rechecks.put_back(shard, host, out)
    delay = delay_of(shard, host)
    if end.requests:
        row.next_at = max(row.next_at, end.ended_at + wait(delay, out.lasted, shard.settings.politeness))
    elif out.lease.kind is not OrderKind.RESOLVE:
        row.next_at = max(row.next_at, now + PAUSE)
    shard.unsettled[row.host] = host
    _release(shard, out, end.ended_at + delay if end.requests else now, now)
    shard.tx.ended.append(end.order_id)
    shard.bench.touch(host)
    shard.bench.schedule(host)


def _release(shard: Shard, out: Out, next_at: float, now: float) -> None:
    if not out.group:
        return
    site = shard.bench.hosts[out.lease.host].row.site
    shard.tx.releases.append(PermitRelease(out.group, out.lease.order_id, next_at, site, out.strain, next_at > now))
    shard.blocked.pop(out.group, None)
    waiters = shard.address_waiters.get(out.group, {})
    for name in list(waiters)[:WAKE]:
        del waiters[name]
        if (waiting := shard.bench.hosts.get(name)) is not None:
            waiting.hold = next_at
            shard.unsettled[name] = waiting
            shard.bench.schedule(waiting)
    if not waiters:
        shard.address_waiters.pop(out.group, None)


def expire(shard: Shard, now: float, unbegun: Container[bytes] = frozenset()) -> None:
    """Orders that never came back: their URLs go out again, alone, and after three losses not any more. What was in an order that
    nobody can have begun is under no suspicion."""
    while shard.deadlines and shard.deadlines[0][0] + REISSUE <= now:
        _, order_id = heappop(shard.deadlines)
        out = shard.out.pop(order_id, None)
        if out is not None:
            lose(shard, out, now, frozenset() if order_id in unbegun else None)


def lose(shard: Shard, out: Out, now: float, suspects: frozenset[bytes] | None = None) -> None:
    """One lost order. Its URLs are under suspicion of having caused it; if it is known which could have, only those."""
    host = shard.bench.hosts[out.lease.host]
    shard.count(host.row.bucket, "orders_lost")
    shard.issued -= len(out.items)
    shard.tx.lost.extend(
        key for key in out.lease.keys if key[4] in out.items and (suspects is None or key[4] in suspects)
    )
    shard.tx.ended.append(out.lease.order_id)
    host.orders.discard(out.lease.order_id)
    if out.lease.kind is OrderKind.RECHECKS:
        rechecks.put_back(shard, host, out, lost=suspects is None)
    else:
        host.row.due_at = now
    delay = delay_of(shard, host)
    host.row.next_at = max(host.row.next_at, now + delay)
    if out.errand is not None and out.errand.robots is not None and not out.done:
        errands.answer(shard, out.errand.robots, 0, "order_lost", b"")
    elif out.lease.kind is OrderKind.ROBOTS and not out.done and not out.adopted and suspects is None:
        errands.lost(shard, host, out.https, now)
    shard.unsettled[host.row.host] = host
    _release(shard, out, now + delay, now)
    shard.bench.touch(host)
    shard.bench.schedule(host)
