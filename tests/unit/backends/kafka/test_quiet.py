"""Few lines of a driver that writes many."""

import logging

import pytest

from backends.kafka.quiet import LINES, SECONDS, Quiet, install


def record(line: int, text: str = "broker %s away") -> logging.LogRecord:
    return logging.LogRecord("aiokafka.conn", logging.WARNING, "conn.py", line, text, ("b1",), None)


def test_the_same_line_is_written_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    now = 100.0
    quiet = Quiet(lambda: now)
    for _ in range(5):
        quiet.emit(record(1))
    quiet.emit(record(2, "other %s"))
    assert caplog.messages == ["broker b1 away", "other b1"]
    now += SECONDS
    quiet.emit(record(1))
    quiet.emit(record(1))
    assert caplog.messages[2:] == ["broker b1 away (and 4 more like this)"]
    now += SECONDS
    quiet.emit(record(1))
    assert caplog.messages[3:] == ["broker b1 away (and 1 more like this)"]


def test_it_remembers_a_bounded_number_of_lines() -> None:
    quiet = Quiet(lambda: 0.0)
    for line in range(3 * LINES):
        quiet.emit(record(line))
    assert len(quiet._seen) <= LINES


def test_the_driver_writes_through_it_only() -> None:
    """Looked at with a handler of our own: pytest's are on every logger that does not propagate."""
    seen: list[str] = []

    class Seen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())

    handler, driver = Seen(), logging.getLogger("aiokafka")
    level = driver.level
    logging.getLogger().addHandler(handler)
    driver.setLevel(logging.NOTSET)  # a verb that was run in this process may have hushed it
    try:
        install()
        install()
        for _ in range(3):
            logging.getLogger("aiokafka.consumer.fetcher").error("a line of this test only")
            logging.getLogger("aiokafka.consumer.fetcher").info("not this one")
    finally:
        logging.getLogger().removeHandler(handler)
        driver.setLevel(level)
    assert seen == ["a line of this test only"]
