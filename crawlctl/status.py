"""The state of a crawl as one object, from counters and bounded reads: nothing here grows with the number of URLs."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from contracts.crawl import FAR, UrlState
from contracts.notes import Heartbeat
from crawlctl import members
from crawlctl.access import LIVE_FACT, LIVE_STALE, Access, runner
from crawlctl.hoststate import BACKING_OFF, DONE, PAUSED, STATES, host_state
from crawlctl.times import iso
from frontier.controls import Controls

HOSTS: Final = 10_000
"""Hosts looked at, those first whose turns come first."""
REASONS: Final = 20
"""Reasons listed of hosts that back off, and of paused ones."""
MATCHES: Final = 100_000
"""Verdicts counted at most."""

KEYS: Final = {
    "at": "when this was read (times are ISO 8601, UTC)",
    "state": "the folder; of a cluster host:port/database",
    "running": "whether `crawlctl run` runs on it now; in a cluster whether a frontier shard lives",
    "process": "its process id; null if none runs, and in a cluster",
    "partitions": "all, held (by shards that live), shards: shard, partitions",
    "processes": "of a cluster, as far as they were heard: role, process, host, started_at, at, skew (seconds), waits_for, "
    "counts (since its start), age (seconds since it was heard, by the brokers' clock)",
    "live": "what `crawlctl run` says of itself, `null` if none runs: at, started_at, orders_out, queue, hosts_loaded, "
    "connections, digests_pending, loop_lag (seconds), waits_for",
    "rates": "requests, pages, media and bytes a second over the last 10 s; 0 if nothing runs",
    "urls": "known URLs by state: queued, fetched, redirect, gone, failed, refused",
    "totals": "since the state was made: requests, pages, media, bytes, orders_lost",
    "hosts": "hosts with something queued by state: due, waiting, backing_off, later, paused, opted_out; `looked_at` of "
    "them were read, `complete` tells whether these were all",
    "backing_off": "why hosts back off, or are paused: state, why, hosts, next (when the first of them may go on)",
    "next_turn": "when the next host's turn comes; null if nothing is queued",
    "orders": "orders that are out by kind: orders, urls",
    "refusals": "refusals by reason, since the state was made",
    "errors": "failed requests by error or HTTP status, since the state was made",
    "robots": "answers to robots.txt requests: rules, allow_all, disallow_all",
    "matches": "verdicts (a medium and an entry): exact, near; `more` if there are more than are counted; `entries` of all lists; "
    "null without postgres.vault",
}  # fmt: skip
"""The keys of `status --json`, and what they mean."""


async def status(access: Access, now: float, processes: Sequence[Heartbeat] = ()) -> dict[str, Any]:
    """An object with the keys of `KEYS`. `processes`: what a cluster's processes said of themselves in the last seconds; rates
    need two words of each."""
    operator = access.operator
    counters = await operator.counters()
    words = Controls()
    words.take([word for _, word in await operator.controls()])
    ownership = await operator.ownership(now)
    process = runner(access.folder) if access.folder is not None else None
    live = _live(await operator.fact(LIVE_FACT), now) if process is not None else None
    counted = await (await access.vault()).counts_up_to(MATCHES) if access.has_vault else None
    return {
        "at": iso(now),
        "state": access.place,
        "running": process is not None if access.folder is not None else bool(ownership.shards),
        "process": process,
        "partitions": members.partitions(ownership, now),
        "processes": members.processes(processes),
        "live": live,
        "rates": (live or {}).get("rates") or members.rates(processes),
        "urls": {state.name.lower(): counters.get(f"state:{state.value}", 0) for state in UrlState},
        "totals": {name: counters.get(name, 0) for name in ("requests", "pages", "media", "bytes", "orders_lost")},
        **_hosts(await operator.turns(HOSTS), words, now),
        "orders": {
            kind: {"orders": orders, "urls": urls} for kind, (orders, urls, _) in (await operator.orders_out()).items()
        },
        "refusals": _group(counters, "refused"),
        "errors": _group(counters, "error"),
        "robots": _group(counters, "robots"),
        "matches": counted and {name: counted[name] for name in ("exact", "near", "more", "entries")},
    }


def _group(counters: Mapping[str, int], group: str) -> dict[str, int]:
    """Counters of a group by their labels, the largest first."""
    found = {name.partition(":")[2]: count for name, count in counters.items() if name.startswith(f"{group}:")}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _live(fact: str | None, now: float) -> dict[str, Any] | None:
    """The fact of a crawl that runs, if it is news."""
    found = json.loads(fact) if fact else None
    if not isinstance(found, dict) or not found.get("running") or abs(now - found["at"]) > LIVE_STALE:
        return None
    return {**found, "at": iso(found["at"]), "started_at": iso(found["started_at"])}


def _hosts(rows: list[dict[str, Any]], words: Controls, now: float) -> dict[str, Any]:
    states: Counter[str] = Counter({state: 0 for state in STATES if state != DONE})
    whys: dict[tuple[str, str], list[float]] = {}
    first = FAR
    for row in rows:
        state, why, until = host_state(
            words, row["host"], row["addresses"], now,
            queued=row["queued"], next_at=row["next_at"] / 1000, due_at=row["due_at"] / 1000,
            errors=row["errors"], why=row["why"],
        )  # fmt: skip
        states[state] += 1
        if until < FAR:
            first = min(first, max(until, now))
        if state in (BACKING_OFF, PAUSED):
            whys.setdefault((state, why), []).append(until)
    listed = sorted(whys.items(), key=lambda item: (-len(item[1]), item[0]))[:REASONS]
    return {
        "hosts": {**states, "looked_at": len(rows), "complete": len(rows) < HOSTS},
        "backing_off": [
            {"state": state, "why": why, "hosts": len(ends), "next": iso(min(ends))} for (state, why), ends in listed
        ],
        "next_turn": iso(first),
    }
