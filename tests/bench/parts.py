"""Where the CPU of the crawling process goes, by part: its stack is looked at every millisecond of CPU time."""

import signal
from collections import Counter
from types import FrameType
from typing import Final

EVERY: Final = 0.001

PARTS: Final = (
    ("/fetchers/textkey", "visible text and its similarity key"),
    ("/fetchers/pages", "extraction and joining"),
    ("/fetchers/recent", "extraction and joining"),
    ("/contracts/join", "extraction and joining"),
    ("/fetchers/client/", "requests and responses"),
    ("/fetchers/request", "requests and responses"),
    ("/fetchers/decoding", "requests and responses"),
    ("/aiohttp/", "requests and responses"),
    ("/fetchers/service/", "orders, outcomes, outbox"),
    ("/fetchers/outcome", "orders, outcomes, outbox"),
    ("/fetchers/", "extraction and joining"),
    ("/frontier/traps", "endless spaces"),
    ("/frontier/shapes", "endless spaces"),
    ("/frontier/yields", "endless spaces"),
    ("/frontier/issue", "issue: queue, robots, orders, permits"),
    ("/frontier/orders", "issue: queue, robots, orders, permits"),
    ("/frontier/errands", "issue: queue, robots, orders, permits"),
    ("/frontier/robots", "issue: queue, robots, orders, permits"),
    ("/frontier/workbench", "issue: queue, robots, orders, permits"),
    ("/frontier/", "admission and results"),
    ("/asyncpg/", "Postgres driver and store"),
    ("/backends/postgres/", "Postgres driver and store"),
    ("/backends/memory/", "log"),
    ("/hasher/", "hasher, seeds, lists, controls"),
    ("/crawlctl/", "hasher, seeds, lists, controls"),
)
"""Part of a path -> what it is counted for; the first that fits the innermost frame that any fits.

A look comes after the C function that was under way, so neighbours are told apart only roughly: a page's tree is freed
on the way from extraction to joining, which are one part here.
"""
LOOP: Final = "event loop, sockets, tasks"


def part_of(frame: FrameType | None) -> str:
    """The part that a stack belongs to."""
    while frame is not None:
        name = frame.f_code.co_filename
        for path, part in PARTS:
            if path in name:
                return part
        frame = frame.f_back
    return LOOP


class Sampler:
    """Counts looks by part between `start` and `stop`. For the main thread of a process of its own."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def start(self) -> None:
        """Begin to look."""
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def stop(self) -> dict[str, float]:
        """Share of each part, the largest first."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        whole = max(1, self.seen.total())
        return {part: count / whole for part, count in self.seen.most_common()}

    def _look(self, number: int, frame: FrameType | None) -> None:
        self.seen[part_of(frame)] += 1
