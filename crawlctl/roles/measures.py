"""The metrics of each part (`contracts.metrics`), for whoever runs it: a role's process its own, the embedded mode all."""

from collections.abc import Iterator, Mapping
from typing import Final

from contracts.caserows import NOTICE_STATES
from contracts.cases import CaseState, Presence
from contracts.crawl import UrlState
from contracts.lists import FLOOD
from contracts.metrics import Sample
from fetchers.service import Fetcher
from fetchers.service.rechecks import ANSWERS, LONGER, WITHIN
from frontier.machine import Machine
from hasher.service import HasherService
from notices.service import ALERTS, NoticesService

COUNTED: Final = {
    "requests": "pisaura_requests_total",
    "pages": "pisaura_pages_total",
    "media": "pisaura_media_total",
    "bytes": "pisaura_received_bytes_total",
    "orders_lost": "pisaura_orders_lost_total",
}
HELD_FOR: Final = (FLOOD,)
CASE_FIGURES: Final = {
    "tells": "pisaura_tells_waiting",
    "outbox_age": "pisaura_outbox_age_seconds",
    "lookups": "pisaura_lookups_waiting",
    "recheck_age": "pisaura_case_recheck_age_seconds",
}
LABELLED: Final = {
    "refused": "pisaura_refusals_total",
    "error": "pisaura_errors_total",
    "robots": "pisaura_robots_total",
}


def kept(counters: Mapping[str, int], counted_at: float) -> Iterator[Sample]:
    """What is kept in Postgres, as it was read at `counted_at` (unix seconds)."""
    yield "pisaura_counters_timestamp_seconds", (), counted_at
    for name, metric in COUNTED.items():
        yield metric, (), counters.get(name, 0)
    for state in UrlState:
        yield "pisaura_urls", (state.name.lower(),), counters.get(f"state:{state.value}", 0)
    for name, value in counters.items():
        group, colon, label = name.partition(":")
        if colon and group in LABELLED:
            yield LABELLED[group], (label,), value


def serving(machine: Machine | None, now: float) -> Iterator[Sample]:
    """A frontier shard; None while it serves nothing."""
    yield "pisaura_frontier_ready", (), float(machine is not None)
    if machine is not None:
        shard = machine.shard
        yield "pisaura_partitions", (), len(shard.epochs)
        yield "pisaura_queue_urls", (), shard.queued_urls
        yield "pisaura_hosts_loaded", (), len(shard.bench.hosts)
        yield "pisaura_hosts_due", (), shard.bench.due(now)
        yield "pisaura_orders_out", (), len(shard.out)
        yield "pisaura_rechecks_waiting", (), shard.rechecks
        yield "pisaura_rechecks_asked_total", (), shard.totals["rechecks_asked"]
        yield "pisaura_rechecks_refused_total", (), shard.totals["rechecks_refused"]


def fetching(fetcher: Fetcher) -> Iterator[Sample]:
    """A fetcher."""
    met, repeated = fetcher.repeats
    yield "pisaura_fetcher_orders", (), fetcher.out
    yield "pisaura_connections", (), fetcher.connections
    yield "pisaura_links_met_total", (), met
    yield "pisaura_links_repeated_total", (), repeated
    for name in ("orders_late", "orders_dropped", "internal_errors"):
        yield f"pisaura_{name}_total", (), fetcher.counts[name]
    for answer in ANSWERS:
        yield "pisaura_rechecks_answered_total", (answer,), fetcher.counts[f"recheck:{answer}"]
    for lateness in (*(name for name, _ in WITHIN), LONGER):
        yield "pisaura_rechecks_started_total", (lateness,), fetcher.counts[f"late:{lateness}"]


def matching(hasher: HasherService) -> Iterator[Sample]:
    """A hasher."""
    for strength in ("exact", "near", "held"):
        yield "pisaura_matches_total", (strength,), hasher.counts[strength]
    yield "pisaura_sightings_total", (), hasher.counts["sightings"]
    yield "pisaura_retro_matches_total", (), hasher.counts["retro"]
    yield "pisaura_index_digests", (), len(hasher.index)
    yield "pisaura_index_age_seconds", (), hasher.index_age
    yield "pisaura_index_changes_total", (), hasher.index_changes


def noticing(service: NoticesService) -> Iterator[Sample]:
    """The notices role."""
    for reason in HELD_FOR:
        yield "pisaura_entries_held_total", (reason,), service.held[reason]
    figures = service.figures
    for state in CaseState:
        yield "pisaura_cases", (state.value,), figures.get(f"cases:{state.value}", 0)
    for notice in NOTICE_STATES:
        yield "pisaura_notices", (notice,), figures.get(f"notices:{notice}", 0)
    for recheck in ("due", "asked", "waiting", "late"):
        yield "pisaura_case_rechecks", (recheck,), figures.get(f"rechecks:{recheck}", 0)
    for name, metric in CASE_FIGURES.items():
        yield metric, (), figures.get(name, 0)
    for presence in Presence:
        yield "pisaura_recheck_verdicts_total", (presence.value,), service.judging.counts[presence.value]
    yield "pisaura_recheck_covers_total", (), service.checking.counts["covers"]
    for alert in ALERTS:
        yield "pisaura_case_alerts_total", (alert,), service.cases.alerts[alert]
