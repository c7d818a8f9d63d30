"""The line of an import: entries, entries a second, bytes, errors, time left; one that rewrites itself on a terminal, one every
half a minute elsewhere."""

import sys
import time
from typing import Final, Protocol

from crawlctl.output import one_line
from crawlctl.units import write_seconds

EVERY: Final = 0.2
PLAIN_EVERY: Final = 30.0
"""Seconds between two lines, on a terminal and elsewhere."""


class Report(Protocol):
    """What an import says of itself. `size` in bytes, 0 where the source does not say how much there is."""

    @property
    def list_name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def entries(self) -> int: ...
    @property
    def bad(self) -> dict[str, int]: ...


def line(report: Report, seconds: float) -> str:
    """How far an import is after so many seconds."""
    seconds = max(0.001, seconds)
    parts = [
        f"{report.list_name}:",
        f"{report.entries} entries",
        f"{report.entries / seconds:.0f}/s",
        f"{report.bytes_read / 1e6:.1f} MB",
        f"errors {sum(report.bad.values())}",
    ]
    if report.size and report.bytes_read:
        done = min(1.0, report.bytes_read / report.size)
        left = seconds * (1 - done) / done
        parts.insert(1, f"{100 * done:.1f} %")
        parts.append(f"{write_seconds(round(left))} left")
    return one_line("  ".join(parts))


class ImportLine:
    """Shows an import as it goes on; `done` takes the line away."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._live = quiet, sys.stderr.isatty()
        self._began = self._shown = time.monotonic()
        self._width = 0

    def __call__(self, report: Report) -> None:
        """Show how far it is."""
        now = time.monotonic()
        if self._quiet or now - self._shown < (EVERY if self._live else PLAIN_EVERY):
            return
        self._shown = now
        text = line(report, now - self._began)
        if self._live:
            sys.stderr.write("\r" + text.ljust(self._width))
            self._width = max(self._width, len(text))
        else:
            sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def done(self) -> None:
        """Make room for what is said at the end."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            self._width = 0
