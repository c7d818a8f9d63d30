"""The live line of a crawl: one that rewrites itself on a terminal, one every few seconds elsewhere."""

import sys
import time
from typing import Final, NamedTuple, TextIO

from frontier.machine import Machine

PLAIN_EVERY: Final = 5.0


class Figures(NamedTuple):
    """What the line shows: totals of the crawl, and how much there is to do now."""

    pages: int
    media: int
    queue: int
    orders: int
    hosts: int
    due: int
    matches: int
    refused: int


def figures(machine: Machine, matches: int) -> Figures:
    """Those of the one shard of a crawl in one process."""
    shard = machine.shard
    refused = sum(count for name, count in shard.totals.items() if name.startswith("refused:"))
    return Figures(
        shard.totals["pages"], shard.totals["media"], shard.queued_urls, len(shard.out), len(shard.bench.hosts),
        shard.bench.due(time.time()), matches, refused,
    )  # fmt: skip


class Progress:
    """Shows figures; `done` ends the line."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._shown_at = 0.0
        self._width = 0
        self._last = (time.monotonic(), 0)
        self.rate = 0.0

    def wanted(self) -> bool:
        """Whether it is time for the line."""
        return time.monotonic() - self._shown_at >= (0.2 if self._live else PLAIN_EVERY)

    def show(self, found: Figures) -> None:
        """Print the line."""
        now = time.monotonic()
        fetched = found.pages + found.media
        since, before = self._last
        if now - since >= 1.0:
            self.rate = (fetched - before) / (now - since)
            self._last = (now, fetched)
        line = (
            f"{self.rate:7.1f} pages/s  {found.pages} pages  {found.media} media  queue {found.queue}  "
            f"orders out {found.orders}  hosts {found.hosts}  due {found.due}  "
            f"matches {found.matches}  refused {found.refused}"
        )
        self._shown_at = now
        if self._live:
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def done(self) -> None:
        """Leave the line standing."""
        if self._live and self._shown_at:
            self._stream.write("\n")
            self._stream.flush()
