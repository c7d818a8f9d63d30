"""Every metric: its name, type, unit, help and labels, in one table. `docs/metrics.md`, dashboards and alerts are made of it.

Names follow Prometheus (https://prometheus.io/docs/practices/naming/): prefix, base units, `_total` for what only grows.
Labels come from closed tables of ours (`Reason`, `Fault`, HTTP statuses, states): no location, host, list or digest ever.
What says "since the state was made" is kept in Postgres and survives restarts; the rest counts from the process' start.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct


class Kind(StrEnum):
    """What Prometheus calls the type."""

    COUNTER = "counter"
    GAUGE = "gauge"


class Metric(Struct, frozen=True):
    """A row of the table. `unit` is what one step of the value means."""

    name: str
    kind: Kind
    unit: str
    help: str
    labels: tuple[str, ...] = ()


Sample = tuple[str, tuple[str, ...], float]
"""A metric's name, the values of its labels in the order of the table, and its value."""


class Measured(Protocol):
    """Whatever can be asked for its metrics."""

    def samples(self) -> Iterable[Sample]:
        """All that is known now. Must not wait for anything."""


_COUNTER: Final = Kind.COUNTER
_GAUGE: Final = Kind.GAUGE

METRICS: Final = (
    # what became of URLs, since the state was made
    Metric("pisaura_urls", _GAUGE, "URLs", "Known URLs by state.", ("state",)),
    Metric("pisaura_requests_total", _COUNTER, "requests", "Requests made, robots.txt included, since the state was made."),
    Metric("pisaura_pages_total", _COUNTER, "URLs", "URLs that were settled and are no media, since the state was made."),
    Metric("pisaura_media_total", _COUNTER, "URLs", "URLs that were settled as pictures or videos, since the state was made."),
    Metric("pisaura_received_bytes_total", _COUNTER, "bytes", "Bytes received in answers, since the state was made."),
    Metric("pisaura_refusals_total", _COUNTER, "URLs", "Refusals by reason, since the state was made.", ("reason",)),
    Metric(
        "pisaura_errors_total",
        _COUNTER,
        "requests",
        "Requests that failed, by error or HTTP status, since the state was made.",
        ("error",),
    ),
    Metric(
        "pisaura_robots_total",
        _COUNTER,
        "files",
        "Answers to requests for robots.txt by what they mean, since the state was made.",
        ("meaning",),
    ),
    Metric("pisaura_orders_lost_total", _COUNTER, "orders", "Orders that never came back, since the state was made."),
    Metric(
        "pisaura_counters_timestamp_seconds",
        _GAUGE,
        "seconds",
        "Unix time when the figures kept in Postgres were read last.",
    ),
    # the frontier
    Metric("pisaura_frontier_ready", _GAUGE, "1", "1 while the frontier serves its partitions, 0 while it waits for them."),
    Metric("pisaura_partitions", _GAUGE, "partitions", "Partitions served by this process."),
    Metric("pisaura_queue_urls", _GAUGE, "URLs", "URLs in the queues of the hosts in memory, those to be fetched again included."),
    Metric("pisaura_hosts_loaded", _GAUGE, "hosts", "Hosts in memory."),
    Metric("pisaura_hosts_due", _GAUGE, "hosts", "Hosts whose turn has come and that wait for an order."),
    Metric("pisaura_orders_out", _GAUGE, "orders", "Orders issued and not ended."),
    Metric("pisaura_rechecks_waiting", _GAUGE, "re-checks", "Re-checks that wait for their host's turn."),
    Metric("pisaura_rechecks_asked_total", _COUNTER, "re-checks", "Re-checks that the frontier was asked for."),
    Metric("pisaura_rechecks_refused_total", _COUNTER, "re-checks", "Re-checks that the frontier answered itself: nobody may be asked."),
    Metric("pisaura_log_messages", _GAUGE, "messages", "Messages in the log that nobody has finished with.", ("topic",)),
    # the fetcher
    Metric("pisaura_fetcher_orders", _GAUGE, "orders", "Orders being worked on, and outcomes not sent."),
    Metric("pisaura_connections", _GAUGE, "connections", "Connections open."),
    Metric("pisaura_links_met_total", _COUNTER, "links", "Links met on pages."),
    Metric("pisaura_links_repeated_total", _COUNTER, "links", "Links dropped because they were met lately."),
    Metric("pisaura_orders_late_total", _COUNTER, "orders", "Orders that were taken too late to be started."),
    Metric("pisaura_orders_dropped_total", _COUNTER, "orders", "Orders dropped because taking them was not confirmed."),
    Metric(
        "pisaura_rechecks_answered_total",
        _COUNTER,
        "re-checks",
        "Answers of servers to re-checks: unchanged, media (another), moved, other, error.",
        ("answer",),
    ),
    Metric(
        "pisaura_rechecks_started_total",
        _COUNTER,
        "re-checks",
        "Requests for re-checks by how late they began, counted from when politeness allowed them.",
        ("lateness",),
    ),
    Metric("pisaura_internal_errors_total", _COUNTER, "requests", "Requests lost to a fault of our own."),
    # digests and matches
    Metric("pisaura_digests_total", _COUNTER, "media", "Media digested, by outcome: ok, or why not.", ("outcome",)),
    Metric("pisaura_digests_pending", _GAUGE, "media", "Media waiting or being decoded."),
    Metric("pisaura_digest_workers", _GAUGE, "processes", "Digest workers that run."),
    Metric("pisaura_digest_worker_starts_total", _COUNTER, "processes", "Digest workers started."),
    Metric("pisaura_sightings_total", _COUNTER, "media", "Media handed to matching, once per place."),
    Metric("pisaura_matches_total", _COUNTER, "matches", "Matches by strength: exact, near, held.", ("strength",)),
    Metric("pisaura_retro_matches_total", _COUNTER, "matches", "Matches of earlier media with entries added later."),
    Metric("pisaura_entries_held_total", _COUNTER, "entries", "Entries held by the notices role, by reason.", ("reason",)),
    Metric("pisaura_index_digests", _GAUGE, "digests", "Known digests that are looked up."),
    Metric("pisaura_index_age_seconds", _GAUGE, "seconds", "Time since the known digests were last seen to be those of the vault."),
    Metric("pisaura_index_changes_total", _COUNTER, "entries", "Changes of known entries that were taken over."),
    # what providers ask
    Metric("pisaura_shield_answers_total", _COUNTER, "answers", "Answers to providers by what they said: exact, near, none.", ("answer",)),
    Metric("pisaura_shield_refusals_total", _COUNTER, "questions", "Questions of providers that were not answered, by HTTP status.", ("status",)),
    Metric("pisaura_shield_suspensions_total", _COUNTER, "keys", "Keys that have circled an entry and hear of no near matches since."),
    Metric("pisaura_shield_questions", _GAUGE, "questions", "Questions of providers being answered."),
    Metric("pisaura_shield_index_digests", _GAUGE, "digests", "Known digests that providers are answered by."),
    Metric("pisaura_shield_index_age_seconds", _GAUGE, "seconds", "Time since those were last seen to be the vault's."),
    Metric("pisaura_shield_opinions_total", _COUNTER, "opinions", "Opinions of providers that were handed on to people."),
    # cases
    Metric("pisaura_cases", _GAUGE, "cases", "Cases by state.", ("state",)),
    Metric("pisaura_notices", _GAUGE, "notices", "Notices by state; written: by a dry run.", ("state",)),
    Metric("pisaura_tells_waiting", _GAUGE, "places", "Places of which somebody is to be told and that are in no notice yet."),
    Metric("pisaura_outbox_age_seconds", _GAUGE, "seconds", "Age of the oldest notice that is not handed over yet."),
    Metric("pisaura_lookups_waiting", _GAUGE, "cases", "Cases whose recipients are to be looked up."),
    Metric("pisaura_case_rechecks", _GAUGE, "re-checks", "Re-checks of cases: due, asked, waiting for room at their host, late.", ("state",)),
    Metric("pisaura_case_recheck_age_seconds", _GAUGE, "seconds", "Time since the re-check was due that is due longest and not asked for."),
    Metric("pisaura_recheck_verdicts_total", _COUNTER, "answers", "Answers to re-checks by what they say of the medium.", ("answer",)),
    Metric("pisaura_recheck_covers_total", _COUNTER, "re-checks", "Re-checks of media without a match, asked for to cover the others."),
    Metric("pisaura_case_alerts_total", _COUNTER, "alerts", "What people must look at, by reason.", ("reason",)),
    # what people should be told of
    Metric("pisaura_case_age_seconds", _GAUGE, "seconds", "Time since the oldest case was opened that waits for us, by state.", ("state",)),
    Metric("pisaura_lookups_failing", _GAUGE, "cases", "Cases whose recipients could not be looked up three times or more."),
    Metric("pisaura_tell_age_seconds", _GAUGE, "seconds", "Time since the notice was due that is due longest and not made."),
    Metric("pisaura_retractions_late", _GAUGE, "retractions", "Retractions that should have been handed over by now."),
    Metric("pisaura_sends_live", _GAUGE, "1", "1 if senders are set that reach others, 0 for a dry run."),
    Metric("pisaura_sending", _GAUGE, "1", "1 while two people have switched sending on."),
    Metric("pisaura_case_keys_missing", _GAUGE, "cases", "Open cases without their key: what is known of their places cannot be read."),
    Metric("pisaura_retention_timestamp_seconds", _GAUGE, "seconds", "Unix time when retention began last; 0 for not within a week."),
    Metric("pisaura_audit_anchor_timestamp_seconds", _GAUGE, "seconds", "Unix time when the end of the audit was exported last; 0 for not yet."),
    # the process
    Metric("pisaura_ready", _GAUGE, "1", "1 while a role's process serves, 0 while it waits for something; /readyz says for what."),
    Metric("pisaura_clock_skew_seconds", _GAUGE, "seconds", "By how much the clock is ahead of the brokers', as measured last."),
    Metric("pisaura_heartbeat_age_seconds", _GAUGE, "seconds", "Time since a heartbeat of this process was acked."),
    Metric("pisaura_unsent_bytes", _GAUGE, "bytes", "Messages that wait to be acked by the brokers."),
    Metric("pisaura_dead_letters_total", _COUNTER, "messages", "Messages that this process could not handle and has parked."),
    Metric("pisaura_records_missed_total", _COUNTER, "records", "Records that the brokers had dropped before they were read."),
    Metric("pisaura_loop_lag_seconds", _GAUGE, "seconds", "Longest delay of the event loop in the last seconds."),
)  # fmt: skip
"""In the order of a URL's road."""

BY_NAME: Final = {metric.name: metric for metric in METRICS}
