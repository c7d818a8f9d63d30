"""How many orders each lane may take: nothing waits in the log (design, rule 8)."""

from collections.abc import Sequence
from typing import Final

from contracts.ports import Log
from contracts.settings import Settings
from contracts.topics import DIGESTS, ORDERS_MEDIA, ORDERS_PAGES, ORDERS_RECHECKS

LANES: Final = (ORDERS_PAGES, ORDERS_MEDIA, ORDERS_RECHECKS)
FIRST_GUESS: Final = 25.0
"""Starts a second that a lane is taken to make before any were measured."""
LEAST: Final = 4
MOST: Final = 200


class Room:
    """Measures how fast orders are started, by what leaves the log's lanes."""

    def __init__(self, bus: Log, settings: Settings) -> None:
        self._bus = bus
        self._behind = settings.kafka.digests_behind
        self._starts = dict.fromkeys(LANES, FIRST_GUESS)
        self._sent = dict.fromkeys(LANES, 0)
        self._lag = dict.fromkeys(LANES, 0)
        self._at = 0.0

    def measured(self, ours: Sequence[int], sent: dict[str, int], now: float) -> dict[str, int]:
        """Two seconds of each lane's measured starts, 4 to 200, less those not started; `sent` counts orders since ever.

        Of our own partitions only: what others put into theirs is not ours to wait for. No media while hashers are behind.
        """
        lag = {lane: sum(self._bus.lag(lane, p) for p in ours) for lane in LANES}
        if now - self._at >= 1.0:
            for lane in LANES:
                started = sent.get(lane, 0) - self._sent[lane] - (lag[lane] - self._lag[lane])
                rate = max(0.0, started / max(1.0, min(now - self._at, 5.0)))
                self._starts[lane] += (rate - self._starts[lane]) / 2
            self._sent, self._lag, self._at = {lane: sent.get(lane, 0) for lane in LANES}, lag, now
        room = {lane: int(min(MOST, max(LEAST, 2 * self._starts[lane]))) - lag[lane] for lane in LANES}
        if sum(self._bus.lag(DIGESTS, p) for p in ours) > self._behind:
            room[ORDERS_MEDIA] = 0
        return room
