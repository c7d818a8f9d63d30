"""robots.txt on its way: when it is needed, what its answer means, and the errands that its redirects become (design, rule 10)."""

from enum import Enum
from typing import Final

from msgspec.structs import replace

from contracts.crawl import FAR, OriginRow
from contracts.errands import RobotsErrand
from contracts.faults import Fault
from contracts.messages import (
    Discovery,
    Link,
    LinkGroup,
    LinkKind,
    OrderItem,
    OrderKind,
    Outcome,
    Purpose,
    Result,
)
from contracts.refusals import Reason, Refusal
from contracts.sites import bucket_of
from contracts.topics import URLS
from contracts.urls import origin_of, parse, ref, robots_of, url_id
from frontier.admission import admit
from frontier.orders import Draft, address_for, draft
from frontier.politeness import retry_after
from frontier.robots import FIRST_RETRY, Mode, after_fetch, decide, encode
from frontier.shard import Out, Shard
from frontier.workbench import Host

ANSWER_WITHIN: Final = 300.0
"""Seconds that an origin waits for the answer to its redirected robots.txt before it counts as unreachable."""


RELOAD: Final = 0.2
"""Seconds until rules that had to make room in memory are looked for again."""
LOST_MOST: Final = 3
"""Orders for a robots.txt that may be lost before it counts as unreachable."""


PASSING: Final = frozenset(fault.value for fault in Fault)


class Need(Enum):
    """What an origin's robots.txt calls for before a URL of it may be issued."""

    NOTHING = 0
    FETCH = 1
    WAIT = 2


def robots_needed(shard: Shard, host: Host, https: bool, now: float) -> tuple[Need, float]:
    """Whether the origin's robots.txt must be fetched first, until when to wait for it, or until when it counts."""
    until = host.robots_wait.get(https, 0.0)
    if until > now:
        return Need.WAIT, until
    if until:
        learn(shard, host, https, 0, "robots_redirect_unanswered", b"", now)
    state = host.robots.get(https)
    if state is None or state.refresh_at <= now:
        return Need.FETCH, now
    if state.kind is Mode.DISALLOW_ALL:
        return Need.WAIT, state.refresh_at
    if state.kind is Mode.RULES and (host.row.host, https) not in shard.rules:
        return Need.WAIT, now + RELOAD
    return Need.NOTHING, state.expires_at


def verdict(shard: Shard, host: Host, https: bool, path: str) -> Refusal | None:
    """What the origin's robots.txt says about a path; its rules must be in memory."""
    state = host.robots[https]
    rules = shard.rules.get(host.row.host, https) if state.kind is Mode.RULES else None
    return decide(state, rules, path, shard.settings.politeness.max_crawl_delay)


def rules_missing(shard: Shard, host: Host) -> bool:
    """Whether the files of the host's origins must be loaded before its queue can be judged."""
    return any(
        state.kind is Mode.RULES and (host.row.host, https) not in shard.rules for https, state in host.robots.items()
    )


def learn(
    shard: Shard, host: Host, https: bool, status: int, error: str, body: bytes, now: float, retry_at: float = 0.0
) -> None:
    """An origin's robots.txt was answered, by itself or at the end of its redirects."""
    row = host.row
    host.robots_wait.pop(https, None)
    if not error:
        host.robots_lost.pop(https, None)
    # What may pass by itself is soon asked again, as a page would be; what we refuse ourselves is not.
    soon = shard.settings.politeness.backoff if status or error in PASSING else FIRST_RETRY
    state = after_fetch(host.robots.get(https), status, error, body, now, retry_at, soon)
    file, state = state.body, replace(state, body=None)
    host.robots[https] = state
    stored = None if file is None else file or b"\n"
    shard.tx.origins.append(OriginRow(row.bucket, row.host_id, https, encode(state), stored))
    shard.count(row.bucket, f"robots:{state.kind.value}")
    if state.kind is Mode.DISALLOW_ALL:
        shard.refuse(row.bucket, Reason.ROBOTS_UNREACHABLE)
        row.why = f"{Reason.ROBOTS_UNREACHABLE}: {state.why}"
    if file is not None:
        rules = shard.rules.put(row.host, https, file)
        _sitemaps(shard, host, https, rules.sitemaps, now)
    row.crawl_delay = _crawl_delay(shard, host)
    shard.bench.touch(host)


def _crawl_delay(shard: Shard, host: Host) -> float:
    """Politeness belongs to the host: the longest that its origins ask for, as far as they are in memory.

    One above the limit refuses its own origin, and must not hide what the other one asks for.
    """
    asked: list[float] = []
    for https, state in host.robots.items():
        if state.kind is Mode.RULES:
            rules = shard.rules.get(host.row.host, https)
            asked.append(host.row.crawl_delay if rules is None else rules.crawl_delay or 0.0)
    most = shard.settings.politeness.max_crawl_delay
    return max([delay for delay in asked if delay <= most] or asked, default=0.0)


def lost(shard: Shard, host: Host, https: bool, now: float) -> None:
    """An order for the origin's robots.txt never came back; a file that kills whoever fetches it is not asked for on and on."""
    host.robots_lost[https] = host.robots_lost.get(https, 0) + 1
    if host.robots_lost[https] >= LOST_MOST:
        learn(shard, host, https, 0, Reason.POISON.value, b"", now)


def turn_away(shard: Shard, host: Host, refusal: Refusal) -> None:
    """The errands that wait for a host which may not be asked are over."""
    while host.errands:
        errand = host.errands.popleft().robots
        if errand is not None:
            answer(shard, errand, 0, refusal.reason.value, b"")


def _sitemaps(shard: Shard, host: Host, https: bool, found: list[str], now: float) -> None:
    """Sitemaps that a robots.txt names travel as found URLs."""
    base = robots_of(https, host.row.host)
    parent = ref(host.row.bucket, host.row.host_id, url_id(base))
    for raw in found[: shard.settings.limits.robots_sitemaps]:
        url = parse(raw, base, max_bytes=shard.settings.limits.url_bytes)
        if isinstance(url, Refusal):
            shard.refuse(host.row.bucket, url)
            continue
        bucket = bucket_of(url.host)
        group = LinkGroup(url.https, url.host, bucket, [Link(url.path, url_id(url.text), LinkKind.SITEMAP)])
        found_one = Discovery(Purpose.LINK, parent, 1, now, [group])
        if url.host == host.row.host:
            admit(shard, found_one, now)  # in this transaction: a kill right after it loses none
        else:
            shard.messages.append((URLS, shard.partition(bucket), found_one))


def draft_errand(shard: Shard, host: Host, now: float) -> Draft:
    """The order for the next robots.txt that this host is asked for on another origin's behalf."""
    errand = host.errands.popleft()
    group = errand.groups[0]
    link = group.links[0]
    url = origin_of(group.https, group.host) + link.path
    item = OrderItem(url, link.url_id, LinkKind.ROBOTS, hops=errand.hops)
    made = draft(shard, host, OrderKind.ROBOTS, [], now, address_for(shard, host), [item], errand.robots)
    made.out.errand = errand
    return made


def receive(shard: Shard, host: Host, found: Discovery, now: float) -> None:
    """An errand for this host, or the answer to one of its own."""
    errand = found.robots
    assert errand is not None
    if found.purpose is Purpose.ROBOTS:
        if not found.groups[0].links:
            shard.totals["unexpected_messages"] += 1
            return
        no = shard.policy.host_verdict(host.row.host, host.row.site, now, host.row.addresses) or host.refusal
        if no is not None:
            answer(shard, errand, 0, no.reason.value, b"")
        elif len(host.errands) < shard.settings.limits.errands:
            host.errands.append(found)
            host.hold = 0.0
        return
    learn(shard, host, errand.origin.startswith("https:"), errand.status, errand.error, errand.body, now)
    host.hold = 0.0
    if host.row.due_at < FAR:
        host.row.due_at = min(host.row.due_at, now)


def answer(shard: Shard, errand: RobotsErrand, status: int, error: str, body: bytes) -> None:
    """Send the end of an errand back to the origin that it is for."""
    scheme, _, name = errand.origin.partition("://")
    group = LinkGroup(scheme == "https", name, errand.reply_to, [])
    reply = replace(errand, status=status, error=error, body=body)
    message = Discovery(Purpose.ROBOTS_ANSWER, b"", 0, 0.0, [group], robots=reply)
    shard.messages.append((URLS, shard.partition(errand.reply_to), message))


def own(host: Host, out: Out, outcome: Outcome) -> bool:
    """Whether an adopted order was for the robots.txt of one of the host's own origins, which `out` then says: its answer counts,
    and the host is not asked again before its delay is known."""
    for https in (False, True):
        if outcome.url_id == url_id(robots_of(https, host.row.host)):
            out.https = https
            return True
    return False


def returned(shard: Shard, host: Host, out: Out, outcome: Outcome, now: float) -> None:
    """The outcome of a robots.txt order, the host's own or another's errand."""
    hops = out.errand.hops if out.errand else 0
    errand = out.errand.robots if out.errand else None
    status, error = outcome.status, outcome.error
    if outcome.result is Result.NOT_REQUESTED:
        if out.errand:
            host.errands.appendleft(out.errand)
        return
    if outcome.result is Result.REDIRECT and hops < shard.settings.limits.robots_redirects:
        url = parse(outcome.location, max_bytes=shard.settings.limits.url_bytes)
        if not isinstance(url, Refusal):
            errand = errand or RobotsErrand(origin_of(out.https, host.row.host), host.row.bucket)
            bucket = bucket_of(url.host)
            group = LinkGroup(url.https, url.host, bucket, [Link(url.path, url_id(url.text), LinkKind.ROBOTS)])
            message = Discovery(Purpose.ROBOTS, b"", 0, now, [group], hops + 1, robots=errand)
            shard.messages.append((URLS, shard.partition(bucket), message))
            if out.errand is None:
                host.robots_wait[out.https] = now + ANSWER_WITHIN
            return
        status, error = 0, url.reason.value
    if outcome.result in (Result.FAILED, Result.REFUSED):
        status = 0
        error = error or Fault.BAD_HTTP.value
    body = outcome.robots_body or b""
    if errand is not None:
        answer(shard, errand, status, error, body)
    else:
        learn(shard, host, out.https, status, error, body, now, _retry_at(shard, outcome))


def _retry_at(shard: Shard, outcome: Outcome) -> float:
    """When the server said that it may be asked again; 0.0 if it did not."""
    if outcome.retry_at <= outcome.ended_at:
        return 0.0
    return retry_after(outcome.retry_at, outcome.ended_at, shard.settings.politeness)
