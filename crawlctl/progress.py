"""The live line of a crawl: one that rewrites itself on a terminal, one every few seconds elsewhere."""

import sys
import time
from typing import Final, TextIO

from frontier.machine import Machine

PLAIN_EVERY: Final = 5.0


class Progress:
    """Shows what `Snapshot` holds; `done` ends the line."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._shown_at = 0.0
        self._width = 0
        self._last = (time.monotonic(), 0)
        self.rate = 0.0

    def show(self, machine: Machine | None, matches: int, *, force: bool = False) -> None:
        """Print the line if it is time."""
        now = time.monotonic()
        if machine is None or (not force and now - self._shown_at < (0.2 if self._live else PLAIN_EVERY)):
            return
        totals = machine.shard.totals
        fetched = totals["pages"] + totals["media"]
        since, before = self._last
        if now - since >= 1.0:
            self.rate = (fetched - before) / (now - since)
            self._last = (now, fetched)
        refused = sum(count for name, count in totals.items() if name.startswith("refused:"))
        line = (
            f"{self.rate:7.1f} pages/s  {totals['pages']} pages  {totals['media']} media  queue {machine.shard.queued_urls}  "
            f"orders out {len(machine.shard.out)}  hosts {len(machine.shard.bench.hosts)}  due {machine.shard.bench.due(time.time())}  "
            f"matches {matches}  refused {refused}"
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
