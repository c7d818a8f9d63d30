"""Keeps the driver's log lines few: while brokers are away it writes hundreds a second."""

import logging
import time
from collections.abc import Callable
from typing import Final

SECONDS: Final = 10.0
"""How often the same line is written at most."""
LINES: Final = 200
"""Different lines that are remembered."""


class Quiet(logging.Handler):
    """Hands on each kind of line once in `SECONDS`, and says how many were left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._clock = clock
        self._seen: dict[tuple[str, int], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Hand on the first of its kind."""
        kind = (record.pathname, record.lineno)
        now = self._clock()
        since, left_out = self._seen.get(kind, (now - SECONDS, 0))
        if now - since < SECONDS:
            self._seen[kind] = (since, left_out + 1)
            return
        if len(self._seen) >= LINES:
            self._seen.clear()
        self._seen[kind] = (now, 0)
        if left_out:
            record.msg, record.args = f"{record.getMessage()} (and {left_out} more like this)", None
        logging.getLogger().handle(record)


def install() -> None:
    """Once for the process: the driver's loggers hand on through `Quiet` only."""
    driver = logging.getLogger("aiokafka")
    if not any(isinstance(handler, Quiet) for handler in driver.handlers):
        driver.addHandler(Quiet())
        driver.propagate = False
