"""From found links to queued URLs: who is refused, who gets a row, and in which lane it waits."""

from contracts.crawl import Lane, NewUrl
from contracts.messages import Discovery, LinkGroup, LinkKind, Purpose
from contracts.refusals import Refusal
from contracts.urls import origin_of, url_id
from frontier.shard import Shard
from frontier.workbench import Host

FRESH: int = 20
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
    row = host.row
    settings, chain = shard.settings, found.chain
    found_on = found.found_on or ([found.parent] if found.parent else [])
    due = now
    before, first_due, best, candidates = row.queued, row.due_at, row.lane, 0
    media_rows: list[NewUrl] = []
    for link in group.links:
        identity, path = link.url_id, link.path
        if not chain and identity in shard.seen and link.kind is not LinkKind.MEDIA:
            continue
        verdict = shard.policy.path_verdict(path, link.flags)
        if isinstance(verdict, Refusal):
            shard.refuse(row.bucket, verdict)
            continue
        if verdict != path:
            path = verdict
            identity = url_id(origin_of(group.https, group.host) + path)
        if chain and (refusal := shard.policy.loop_verdict(identity, chain)):
            shard.refuse(row.bucket, refusal)
            continue
        known = identity in shard.seen
        if not known:
            refusal = _budget(shard, host) or host.traps.check(path, link.kind, now, settings.traps, settings.budgets)
            if refusal is not None:
                shard.refuse(row.bucket, refusal)
                continue
            shard.seen.add(identity)
            if link.kind is LinkKind.MEDIA:
                shard.new_media += 1
            if chain:
                shard.remember_chain(identity, chain)
        elif link.kind is not LinkKind.MEDIA:
            continue
        lane = lane_of(host, found.purpose, link.kind)
        new = (
            row.bucket, row.host_id, identity, group.https, path, int(link.kind), found.depth, found.hops, found_on,
            found.found_at, int(lane), due,
        )  # fmt: skip
        if link.kind is LinkKind.MEDIA:
            media_rows.append(new)
        else:
            shard.tx.urls.append(new)
        if not known:
            candidates += 1
            row.urls += 1
            host.site.urls += 1
            best = min(best, lane)
            first_due = min(first_due, due)
    shard.tx.media.extend(media_rows)
    if not candidates:
        return
    # Counted as if all were new, so that a crash right after the commit leaves no host that looks empty.
    row.queued += candidates
    shard.queued_urls += candidates
    shard.candidates[group.host] = shard.candidates.get(group.host, 0) + candidates
    sooner = before == 0 or first_due < row.due_at or best < row.lane
    row.due_at, row.lane = (first_due, best) if before == 0 else (min(first_due, row.due_at), min(best, row.lane))
    shard.bench.touch(host, soft=not sooner)


def _budget(shard: Shard, host: Host) -> Refusal | None:
    """The budgets of host, site and the whole queue."""
    return shard.policy.budget_verdict(host.row.urls, host.site.urls, shard.queued_urls)


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
