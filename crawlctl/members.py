"""Who takes part in a crawl: the shards with their partitions, and the processes by what they said of themselves last."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from contracts.crawl import Ownership
from contracts.notes import Heartbeat
from crawlctl.times import iso

RATES: Final = ("requests", "pages", "media", "bytes")
COUNTED_BY: Final = {"requests": "frontier", "pages": "frontier", "media": "frontier", "bytes": "fetcher"}
"""The role whose heartbeats count it: others may count the same under the same name."""


def partitions(ownership: Ownership, now: float) -> dict[str, Any]:
    """How many partitions there are, how many of them a living shard holds, and which shard how many."""
    held = Counter(row.owner for row in ownership.partitions if row.owner and row.lease_until >= now)
    shards = sorted({*ownership.shards, *held})
    return {
        "all": len(ownership.partitions),
        "held": held.total(),
        "shards": [{"shard": shard, "partitions": held[shard]} for shard in shards],
    }


def present(beats: Iterable[Heartbeat]) -> list[Heartbeat]:
    """The last word of each process that has not left, by role and name."""
    last = {beat.process: beat for beat in sorted(beats, key=lambda beat: beat.sent_at)}
    there = [beat for beat in last.values() if not beat.leaving]
    return sorted(there, key=lambda beat: (beat.role, beat.process))


def processes(beats: Iterable[Heartbeat]) -> list[dict[str, Any]]:
    """Those who are `present`, for people and programs."""
    return [
        {
            "role": beat.role, "process": beat.process, "host": beat.host, "started_at": iso(beat.started_at),
            "at": iso(beat.sent_at), "skew": round(beat.skew, 3), "waits_for": beat.waits_for, "counts": beat.counts,
        }
        for beat in present(beats)
    ]  # fmt: skip


def rates(beats: Sequence[Heartbeat]) -> dict[str, float]:
    """What all processes together did a second, between the first and the last word of each; 0 for what nobody says twice."""
    spoken: dict[str, list[Heartbeat]] = {}
    for beat in sorted(beats, key=lambda beat: beat.sent_at):
        spoken.setdefault(beat.process, []).append(beat)
    found = dict.fromkeys(RATES, 0.0)
    for said in spoken.values():
        first, last = said[0], said[-1]
        seconds = last.sent_at - first.sent_at
        for name in RATES:
            if seconds > 0 and last.role == COUNTED_BY[name]:
                found[name] += max(0.0, last.counts.get(name, 0.0) - first.counts.get(name, 0.0)) / seconds
    return {name: round(rate, 2) for name, rate in found.items()}
