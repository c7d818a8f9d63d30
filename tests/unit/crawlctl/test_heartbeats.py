"""What processes said of themselves, as people see it."""

from contracts.cluster import Kafka
from contracts.notes import Heartbeat
from contracts.settings import Settings
from crawlctl.heartbeats import Heard, latest, lines, with_ages
from crawlctl.members import processes

NOW = 1_800_000_000.0
BEATS = [
    Heartbeat("fetcher", "a-1-00", "a", NOW - 120, NOW - 4, 0.5, {"pages": 10.0}),
    Heartbeat("frontier", "b-2-00", "b", NOW - 3600, NOW - 3, -0.25, {}, "postgres: it does not answer"),
    Heartbeat("fetcher", "a-1-00", "a", NOW - 120, NOW - 2, 0.25, {"pages": 12.0, "bytes": 5.5}),
    Heartbeat("hasher", "c-3-00", "c", NOW - 60, NOW - 2, 0.0, {}, leaving=True),
]
HEARD = Heard(BEATS, {"a-1-00": NOW - 2.04, "b-2-00": NOW - 3, "c-3-00": NOW})


def test_a_table_of_those_who_are_there() -> None:
    rows = with_ages(processes(BEATS), HEARD, NOW)
    assert [(row["process"], row["age"]) for row in rows] == [("a-1-00", 2.0), ("b-2-00", 3.0)]
    assert lines(rows, HEARD, NOW) == [
        "role      process  up  heard   skew     counts",
        "fetcher   a-1-00   2m  2s ago  +0.250s  5.5 bytes  12 pages",
        "frontier  b-2-00   1h  3s ago  -0.250s  waits: postgres: it does not answer",
    ]


def test_hostile_words_stay_on_their_line() -> None:
    beat = Heartbeat("fetcher", "a\n\x1b[31m", "a", NOW, NOW, 0.0, {"x\ny": 1.0}, "line\nend")
    heard = Heard([beat], {})
    assert len(lines(with_ages(processes([beat]), heard, NOW), heard, NOW)) == 2
    assert all(line.isprintable() for line in lines(with_ages(processes([beat]), heard, NOW), heard, NOW))


def test_nobody_is_there() -> None:
    assert lines([], Heard([], {}), NOW) == []


async def test_brokers_that_are_away_are_a_note() -> None:
    heard = await latest(Settings(kafka=Kafka(bootstrap="127.0.0.1:1")))
    assert heard.beats == []
    assert "no broker answers at 127.0.0.1:1" in heard.note


async def test_without_brokers_there_is_a_note() -> None:
    assert "kafka.bootstrap is not set" in (await latest(Settings())).note
