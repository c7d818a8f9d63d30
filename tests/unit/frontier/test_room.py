"""frontier.service.room: nothing waits in the log (design, rule 8)."""

from typing import Any

from backends.memory.log import MemoryLog
from contracts.settings import Settings
from contracts.topics import DIGESTS, ORDERS_MEDIA, ORDERS_PAGES, ORDERS_RECHECKS
from frontier.service.room import FIRST_GUESS, LEAST, MOST, Room

NOW = 1_800_000_000.0


class Lag(MemoryLog):
    """A log of which only the lags count."""

    def __init__(self) -> None:
        super().__init__()
        self.lags: dict[tuple[str, int], int] = {}

    def lag(self, topic: str, partition: int) -> int:
        return self.lags.get((topic, partition), 0)


def made() -> tuple[Lag, Room]:
    log = Lag()
    return log, Room(log, Settings())


def seconds(room: Room, log: Lag, started: int, *, count: int) -> dict[str, int]:
    """The room after so many seconds in which orders of pages were sent and `started` each second."""
    found: dict[str, int] = {}
    for n in range(1, count + 1):
        found = room.measured([0], {ORDERS_PAGES: n * started}, NOW + n)
    return found


def test_two_seconds_of_starts_are_room_enough() -> None:
    log, room = made()
    assert room.measured([0], {}, NOW)[ORDERS_PAGES] == FIRST_GUESS  # nothing was started: half of the guess
    assert seconds(room, log, 40, count=20)[ORDERS_PAGES] in (79, 80)
    assert seconds(made()[1], log, 1000, count=20)[ORDERS_PAGES] == MOST


def test_a_lane_that_nobody_reads_gets_few_orders_and_then_none() -> None:
    log, room = made()
    seconds(room, log, 0, count=20)
    assert room.measured([0], {}, NOW + 30)[ORDERS_PAGES] == LEAST
    log.lags[ORDERS_PAGES, 0] = LEAST
    assert room.measured([0], {ORDERS_PAGES: LEAST}, NOW + 31)[ORDERS_PAGES] == 0


def test_what_waits_in_partitions_of_others_is_not_ours_to_wait_for() -> None:
    log, room = made()
    log.lags[ORDERS_PAGES, 1] = 500
    assert room.measured([0], {}, NOW)[ORDERS_PAGES] > 0
    assert room.measured([0, 1], {}, NOW)[ORDERS_PAGES] < 0


def test_hashers_that_are_behind_hold_up_media_but_not_pages() -> None:
    log, room = made()
    behind: Any = Settings().kafka.digests_behind
    log.lags[DIGESTS, 0] = behind
    assert room.measured([0], {}, NOW)[ORDERS_MEDIA] > 0
    log.lags[DIGESTS, 0] = behind + 1
    found = room.measured([0], {}, NOW)
    assert found[ORDERS_MEDIA] == 0 and found[ORDERS_PAGES] > 0
    assert found[ORDERS_RECHECKS] > 0  # few of them lead to digests
