"""From found links to queued URLs: who is refused, who gets a row, and in which lane it waits."""

from typing import Final

from contracts.crawl import Lane
from contracts.messages import Discovery, LinkGroup, LinkKind, Purpose
from contracts.refusals import Refusal
from contracts.urls import origin_of, url_id
from frontier.shard import Shard
from frontier.workbench import Host

_PAGE: Final = LinkKind.PAGE
_MEDIA: Final = LinkKind.MEDIA
FRESH: Final = 20
"""A host counts as fresh until so many of its URLs were fetched."""


def lane_of(host: Host, purpose: Purpose, kind: LinkKind) -> Lane:
    """Seeds first, then media near earlier matches, sites with earlier matches, fresh hosts, the rest."""
    if purpose is Purpose.SEED:
        return Lane.SEEDS
    if host.row.matches and kind is LinkKind.MEDIA:
        return Lane.NEAR_MATCH
    if host.site.matches:
        return Lane.MATCHED_SITE
    return Lane.FRESH_HOST if host.row.fetched < FRESH else Lane.REST


def admit(shard: Shard, found: Discovery, now: float) -> None:
    """Judge the links of one discovery, whose hosts are all on the workbench, and queue those that pass."""
    for group in found.groups:
        host = shard.bench.hosts[group.host]
        refusal = shard.policy.host_verdict(group.host, host.row.site, now)
        if refusal is None:
            refusal = shard.policy.hops_verdict(found.depth, found.hops)
        if refusal is not None:
            shard.refuse(host.row.bucket, refusal, len(group.links))
            continue
        _admit_group(shard, found, group, host, now)


def _admit_group(shard: Shard, found: Discovery, group: LinkGroup, host: Host, now: float) -> None:
    # The hottest loop of the frontier, some twenty links a page: what is the same for all of them is worked out once.
    row, site, traps, seen, chain = host.row, host.site, host.traps, shard.seen, found.chain
    settings, policy, pages = shard.settings, shard.policy, shard.tx.urls
    bucket, host_id, https, depth, hops, found_at = (
        row.bucket, row.host_id, group.https, found.depth, found.hops, found.found_at,
    )  # fmt: skip
    found_on = found.found_on or ([found.parent] if found.parent else [])
    due = now
    lane, media_lane = int(lane_of(host, found.purpose, _PAGE)), int(lane_of(host, found.purpose, _MEDIA))
    before, best, candidates = row.queued, int(row.lane), 0
    for link in group.links:
        identity, path, kind = link.url_id, link.path, link.kind
        media = kind is _MEDIA
        if not media and not chain and identity in seen:
            continue
        verdict = policy.path_verdict(path, link.flags)
        if isinstance(verdict, Refusal):
            shard.refuse(bucket, verdict)
            continue
        if verdict != path:
            path = verdict
            identity = url_id(origin_of(https, group.host) + path)
        if chain and (refusal := policy.loop_verdict(identity, chain)):
            shard.refuse(bucket, refusal)
            continue
        known = identity in seen
        if not known:
            refusal = policy.budget_verdict(row.urls, site.urls, shard.queued_urls + candidates) or traps.check(
                path, kind, now, settings.traps, settings.budgets
            )
            if refusal is not None:
                shard.refuse(bucket, refusal)
                continue
            seen.add(identity)
            if chain:
                shard.remember_chain(identity, chain)
            candidates += 1
            row.urls += 1
            site.urls += 1
            best = min(best, media_lane if media else lane)
        elif not media:
            continue
        if media:
            shard.new_media += 0 if known else 1
            shard.tx.media.append(
                (bucket, host_id, identity, https, path, _MEDIA.value, depth, hops, found_on, found_at, media_lane, due)
            )
        else:
            pages.append(
                (bucket, host_id, identity, https, path, int(kind), depth, hops, found_on, found_at, lane, due)
            )
    if not candidates:
        return
    # Counted as if all were new, so that a crash right after the commit leaves no host that looks empty.
    row.queued += candidates
    shard.queued_urls += candidates
    shard.candidates[group.host] = shard.candidates.get(group.host, 0) + candidates
    sooner = before == 0 or due < row.due_at or best < row.lane
    row.due_at, row.lane = min(due, row.due_at), best
    shard.bench.touch(host, soft=not sooner)


def committed(shard: Shard, new_by_host: dict[int, int]) -> None:
    """Take back what was counted as new but was known, and give the hosts their turn. What was taken back is written soon."""
    for name, candidates in shard.candidates.items():
        host = shard.bench.hosts.get(name)
        if host is None:
            continue
        known = candidates - new_by_host.get(host.row.host_id, 0)
        host.row.queued -= known
        host.row.urls -= known
        host.site.urls -= known
        shard.queued_urls -= known
        if known:
            shard.bench.touch(host, soft=True)
        shard.bench.schedule(host)
    shard.candidates = {}
