"""Re-checks of media: errands of their host, which wait in memory, go before discovery and leave no row (docs/domain.md, section 3).

Whoever asked asks again after a while, so that what is lost with a process is lost for that while only. The frontier answers
itself where nobody may be asked, and where too many wait already.
"""

import re
from typing import Final

from msgspec.structs import replace

from contracts.crawl import FAR
from contracts.errands import UNREQUESTABLE, RecheckErrand
from contracts.faults import Fault
from contracts.messages import Discovery, LinkKind, OrderItem, OrderKind, Outcome, Recheck, Result
from contracts.refusals import Reason, Refusal
from contracts.topics import RECHECKS
from contracts.urls import origin_of
from frontier.errands import Need, robots_needed, verdict
from frontier.orders import MOMENT, Draft, address_for, delay_of, draft, limits_of, robots_draft
from frontier.politeness import order_size
from frontier.robots import Mode
from frontier.shard import Out, Shard
from frontier.workbench import Asked, Host

WAITING_MOST: Final = 100_000
"""Re-checks that wait in one shard at most, some 600 bytes each; of one host as many as other errands (limits.errands)."""
LOST_MOST: Final = 3
"""Orders that may be lost with a re-check before it is answered as poison; after the first it travels alone."""

PREPARES: Final = RecheckErrand(b"")
"""Marks orders for what must be known before a re-check."""
_OURS: Final = frozenset({"too_late", "recalled", Fault.DEADLINE, Fault.STOPPED, Fault.BUSY, Fault.ADDRESS_MOVED})
"""Why nothing was requested, where the host's politeness has no part in it: what that costs is lateness."""
_STRONG: Final = re.compile(r'"[!#-~]*"')


def receive(shard: Shard, found: Discovery, now: float) -> None:
    """A re-check is asked for, of a host on the workbench: it waits for its turn, or is answered at once.

    One of a URL that waits already takes its place: its asker has given the other up.
    """
    errand = found.recheck
    if errand is None or len(found.groups) != 1 or len(found.groups[0].links) != 1:
        shard.totals["unexpected_messages"] += 1
        return
    group = found.groups[0]
    link, host = group.links[0], shard.bench.hosts[group.host]
    shard.totals["rechecks_asked"] += 1
    no = shard.policy.host_verdict(host.row.host, host.row.site, now, host.row.addresses) or host.refusal
    if no is None and isinstance(path := shard.policy.path_verdict(link.path), Refusal):
        no = path
    if no is not None:
        answer(shard, errand, no.reason, now)
        return
    known = host.rechecks.get(link.url_id)
    full = len(host.rechecks) >= shard.settings.limits.errands or shard.rechecks >= WAITING_MOST
    if known is None and full:
        answer(shard, errand, Fault.BUSY, now)
        return
    shard.rechecks += known is None
    host.behind = host.behind if host.rechecks else 0.0
    host.rechecks[link.url_id] = Asked(link.path, link.url_id, group.https, errand, known.lost if known else 0)
    host.hold = 0.0
    shard.bench.schedule(host)


def answer(shard: Shard, errand: RecheckErrand, error: str, now: float) -> None:
    """Tell the asker why nobody is asked."""
    shard.totals["rechecks_refused"] += 1
    told = Recheck(errand.ticket, now, now, error=str(error), route=errand.route)
    shard.messages.append((RECHECKS, 0, told))


def turn_away(shard: Shard, host: Host, error: str, now: float) -> None:
    """Re-checks that wait for a host which may not or cannot be asked are over."""
    for asked in _taken(shard, host, list(host.rechecks)):
        answer(shard, asked.errand, error, now)


def prepare(host: Host, made: Draft, now: float) -> Draft:
    """An order for what must be known before re-checks can be asked: how late it is makes them late."""
    made.out.free_at = _free_at(host, min(asked.errand.due_at for asked in host.rechecks.values()), now)
    return made


def prepared(host: Host, out: Out, started_at: float) -> None:
    """Such an order led to a request, from whose end politeness counts anew."""
    if out.free_at and host.rechecks:
        host.behind = max(0.0, started_at - out.free_at)


def compose(shard: Shard, host: Host, now: float) -> Draft | None:
    """The next order for re-checks of a host that has its addresses, or for the robots.txt that must be known before it.

    Those that robots.txt forbids are answered. None: nothing can be asked now; the host is held if something waits still.
    """
    limit = order_size(delay_of(shard, host), host.row.mean, shard.settings.limits)
    total = limits_of(shard.settings.limits, OrderKind.RECHECKS).total_seconds
    chosen: list[Asked] = []
    waits = expires = FAR
    for asked in list(host.rechecks.values()):
        need, until = robots_needed(shard, host, asked.https, now)
        if need is Need.FETCH and chosen:
            continue
        if need is Need.FETCH:
            if not host.orders:
                return prepare(host, robots_draft(shard, host, asked.https, now, PREPARES), now)
            waits = min(waits, now + MOMENT)
            continue
        no = _forbidden(shard, host, asked, need)
        if no is not None:
            _taken(shard, host, [asked.url_id])
            answer(shard, asked.errand, no, now)
        elif need is Need.WAIT or until <= now + total:
            waits = min(waits, until)
        elif not (chosen and (asked.lost or chosen[0].lost)):
            chosen.append(asked)
            expires = min(expires, until)
            if len(chosen) >= limit:
                break
    if not chosen:
        if host.rechecks:
            host.hold = waits
        return None
    items = [_item(host, asked, now) for asked in chosen]
    made = draft(shard, host, OrderKind.RECHECKS, [], now, address_for(shard, host), items, until=expires)
    host.behind = 0.0 if len(items) == len(host.rechecks) else host.behind
    made.out.rechecks = {asked.url_id: asked for asked in _taken(shard, host, [asked.url_id for asked in chosen])}
    return made


def _forbidden(shard: Shard, host: Host, asked: Asked, need: Need) -> str | None:
    """Why this one may not be asked, as far as that is known now."""
    if asked.lost >= LOST_MOST:
        return Reason.POISON
    if need is Need.WAIT:
        state = host.robots.get(asked.https)
        unreachable = asked.https not in host.robots_wait and state is not None and state.kind is Mode.DISALLOW_ALL
        return Reason.ROBOTS_UNREACHABLE if unreachable else None
    no = verdict(shard, host, asked.https, asked.path)
    return no.reason if no is not None else None


def _item(host: Host, asked: Asked, now: float) -> OrderItem:
    """What a fetcher is asked for. Weak validators prove nothing, and Last-Modified is one."""
    errand, row = asked.errand, host.row
    asked.free_at = asked.free_at or _free_at(host, errand.due_at, now)
    etag = errand.etag if _STRONG.fullmatch(errand.etag) else ""
    return OrderItem(
        origin_of(asked.https, row.host) + asked.path, asked.url_id, LinkKind.MEDIA, etag=etag, referer=errand.referer,
        recheck=replace(errand, due_at=asked.free_at),
    )  # fmt: skip


def _free_at(host: Host, due_at: float, now: float) -> float:
    """From when on politeness allows a request that is due at `due_at`, less what was lost before its robots.txt was known."""
    row = host.row
    polite = max(row.next_at, row.paused_until, host.quiet_until, min(now, host.denied_until))
    return max(due_at, polite - host.behind)


def unreachable(shard: Shard, host: Host, now: float) -> None:
    """After an answer to a request for a robots.txt: those that must not be asked without it are not kept for its next try."""
    for asked in [one for one in host.rechecks.values() if one.https in host.robots]:
        if host.robots[asked.https].kind is Mode.DISALLOW_ALL and asked.https not in host.robots_wait:
            _taken(shard, host, [asked.url_id])
            answer(shard, asked.errand, Reason.ROBOTS_UNREACHABLE, now)


def returned(shard: Shard, host: Host, out: Out, outcome: Outcome) -> None:
    """The outcome of one of an order: its fetcher has answered it, unless nothing was requested."""
    asked = out.rechecks.pop(outcome.url_id)
    if outcome.result is not Result.NOT_REQUESTED or outcome.error in UNREQUESTABLE:
        return
    if outcome.error not in _OURS:
        asked.free_at = 0.0  # politeness stopped the order: it counts anew
    _put_back(shard, host, {asked.url_id: asked})
    if outcome.error == Fault.ADDRESS_MOVED:
        host.row.addresses_until = 0.0


def put_back(shard: Shard, host: Host, out: Out, *, lost: bool = False, denied: bool = False) -> None:
    """What an order leaves undone goes first among those of its host; what may have done harm (`lost`) goes last.

    `denied` ones had no permit for their address: politeness did not allow them yet.
    """
    for asked in out.rechecks.values():
        asked.lost += lost
        asked.free_at = 0.0 if denied else asked.free_at
    _put_back(shard, host, out.rechecks, last=lost)
    out.rechecks = {}


def _put_back(shard: Shard, host: Host, these: dict[bytes, Asked], *, last: bool = False) -> None:
    """What was asked anew meanwhile stays as it was asked."""
    before = len(host.rechecks)
    newer = {url_id: asked for url_id, asked in these.items() if url_id not in host.rechecks}
    host.rechecks = {**host.rechecks, **newer} if last else {**newer, **host.rechecks}
    shard.rechecks += len(host.rechecks) - before


def _taken(shard: Shard, host: Host, url_ids: list[bytes]) -> list[Asked]:
    shard.rechecks -= len(url_ids)
    return [host.rechecks.pop(url_id) for url_id in url_ids]
