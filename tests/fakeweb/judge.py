"""The log against the truth: pure functions that list what a crawler did wrong. Empty lists mean none."""

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from tests.fakeweb.log import Entry
from tests.fakeweb.truth import Fate, Truth

SITES_A_PERMIT = 8
"""Sites on one server address that share a permit (design, rule 9)."""


class Violation(NamedTuple):
    """What was broken by which request, and by how much (seconds, or requests at a time)."""

    rule: str
    subject: str
    url: str
    amount: float
    at: float


class Coverage(NamedTuple):
    """URLs never requested, requested without reason, and requested more often than once (with counts)."""

    missing: set[str]
    unexpected: set[str]
    twice: dict[str, int]


def _requests(log: Iterable[Entry]) -> list[Entry]:
    return sorted((entry for entry in log if entry.method), key=lambda entry: entry.arrival)


def _end(entry: Entry) -> float:
    return entry.ended or float("inf")


def _slots(entries: list[Entry], permits: int, delays: dict[str, float], delay: float) -> Iterable[tuple[Entry, float]]:
    """Requests that came too early for `permits` slots, each free again a delay after its request has ended, and by how much.

    Giving every request the slot that is free first breaks the rule as rarely as any other choice.
    """
    free = [float("-inf")] * permits
    heapq.heapify(free)
    for entry in entries:
        ready = heapq.heappop(free)
        if ready > entry.arrival:
            yield entry, ready - entry.arrival
        heapq.heappush(free, _end(entry) + max(delay, delays.get(entry.host, 0.0)))


def politeness_violations(
    log: Iterable[Entry], truth: Truth, delay: float, tolerance: float = 0.005, parallel: int = 1
) -> list[Violation]:
    """Requests that came sooner than `delay` seconds (or the host's crawl-delay) after the end of the one before.

    Judged per host, and per server address with as many permits as the sites on it allow. `tolerance` in seconds is
    for the clock and the way of the bytes. Crawl-delays bind the host only, so addresses are judged by `delay`.
    """
    by_host: dict[str, list[Entry]] = defaultdict(list)
    by_address: dict[str, list[Entry]] = defaultdict(list)
    for entry in _requests(log):
        by_host[entry.host].append(entry)
        by_address[entry.address].append(entry)
    delays = {name: host.crawl_delay for name, host in truth.hosts.items()}
    found = []
    for host, entries in by_host.items():
        for entry, early in _slots(entries, parallel, delays, delay):
            if early > tolerance:
                found.append(Violation("host delay", host, entry.url, early, entry.arrival))
    for address, entries in by_address.items():
        for entry, early in _slots(entries, permits(truth, address) * parallel, {}, delay):
            if early > tolerance:
                found.append(Violation("address delay", address, entry.url, early, entry.arrival))
    return found


def permits(truth: Truth, address: str) -> int:
    """Requests at a time that a server address bears: 1 up to 8 sites, one more for every 8 above, at most 64."""
    sites = {host.site for host in truth.hosts.values() if address in host.addresses}
    return max(1, min(64, -(-len(sites) // SITES_A_PERMIT)))


def parallelism_violations(
    log: Iterable[Entry], truth: Truth, parallel: int = 1, tolerance: float = 0.005
) -> list[Violation]:
    """Moments at which more requests to a host, or to a server address, were under way than allowed."""
    lanes: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in _requests(log):
        lanes[("host", entry.host)].append(entry)
        lanes[("address", entry.address)].append(entry)
    found = []
    for (rule, subject), entries in lanes.items():
        allowed = parallel * (permits(truth, subject) if rule == "address" else 1)
        under_way: list[float] = []
        for entry in entries:
            while under_way and under_way[0] <= entry.arrival + tolerance:
                heapq.heappop(under_way)
            heapq.heappush(under_way, _end(entry))
            if len(under_way) > allowed:
                found.append(Violation(f"{rule} parallel", subject, entry.url, len(under_way), entry.arrival))
    return found


def robots_violations(log: Iterable[Entry], truth: Truth) -> list[Violation]:
    """Requests that robots.txt forbids, and requests to an origin before its robots.txt was there.

    An origin's robots.txt is there when the last URL of its redirects has been answered.
    """
    answered: dict[str, float] = {}
    entries = _requests(log)
    for entry in entries:
        answered[entry.url] = min(answered.get(entry.url, float("inf")), _end(entry))
    is_robots = {url for origin in truth.origins.values() for url in origin.robots}
    forbids = {
        name: re.compile("|".join(f"(?:{each})" for each in origin.forbids))
        for name, origin in truth.origins.items()
        if origin.forbids
    }
    found = []
    for entry in entries:
        if entry.url in is_robots or entry.path == "/robots.txt":
            continue
        name = f"{entry.scheme}://{entry.host}"
        told = truth.urls.get(entry.url)
        pattern = forbids.get(name)
        if (told is not None and told.fate is Fate.FORBIDDEN) or (pattern is not None and pattern.match(entry.path)):
            found.append(Violation("robots", name, entry.url, 0.0, entry.arrival))
        origin = truth.origins.get(name)
        ready = max((answered.get(url, float("inf")) for url in origin.robots), default=0.0) if origin else float("inf")
        if ready > entry.arrival:
            found.append(Violation("robots first", name, entry.url, ready - entry.arrival, entry.arrival))
    return found


def guard_violations(log: Iterable[Entry], truth: Truth) -> list[Violation]:
    """Connections to a denied address, and requests for a host at an address that it does not have."""
    found = []
    for entry in log:
        if any(entry.address.startswith(prefix) for prefix in truth.denied):  # a connection is enough
            found.append(Violation("denied address", entry.address, entry.url, 0.0, entry.arrival))
        elif entry.method and entry.host in truth.hosts and entry.address not in truth.hosts[entry.host].addresses:
            found.append(Violation("wrong address", entry.address, entry.url, 0.0, entry.arrival))
    return found


def retry_after_violations(log: Iterable[Entry], tolerance: float = 0.005) -> list[Violation]:
    """Requests to a host before the time that its Retry-After named (`Entry.retry_at`, CLOCK_MONOTONIC)."""
    until: dict[str, float] = {}
    found = []
    for entry in _requests(log):
        early = until.get(entry.host, 0.0) - entry.arrival
        if early > tolerance:
            found.append(Violation("retry-after", entry.host, entry.url, early, entry.arrival))
        if entry.retry_at:
            until[entry.host] = max(until.get(entry.host, 0.0), entry.retry_at)
    return found


def budget_violations(log: Iterable[Entry], truth: Truth) -> list[Violation]:
    """Hosts whose endless spaces cost more requests than their budget."""
    counts = Counter(entry.host for entry in _requests(log))
    return [
        Violation("budget", host, "", counts[host] - told.budget, 0.0)
        for host, told in truth.hosts.items()
        if told.budget and counts[host] > told.budget
    ]


def coverage(log: Iterable[Entry], truth: Truth) -> Coverage:
    """What was requested against what a perfect crawler requests in one crawl.

    Re-checks of media (`Cache-Control: no-cache`) are none of the crawl's. `twice` leaves out URLs whose faults or whose role
    (robots.txt reached by several redirects) explain repeats, and endless spaces.
    """
    counts = Counter(entry.url for entry in _requests(log) if not entry.recheck)
    missing = truth.expected_urls() - counts.keys()
    allowed = {url for url, told in truth.urls.items() if told.fate in (Fate.FETCH, Fate.OPTIONAL)}
    trapped = {name for name, host in truth.hosts.items() if host.budget}
    unexpected = {url for url in counts.keys() - allowed if url.split("/", 3)[2] not in trapped}
    twice = {
        url: count for url, count in counts.items() if count > 1 and url in truth.urls and not truth.urls[url].many
    }
    return Coverage(missing, unexpected, twice)


def missing_by_form(missing: Iterable[str], truth: Truth) -> dict[str, list[str]]:
    """Missing URLs by the form of link that leads to them."""
    forms: dict[str, list[str]] = defaultdict(list)
    for url in sorted(missing):
        forms[truth.urls[url].form].append(url)
    return dict(forms)
