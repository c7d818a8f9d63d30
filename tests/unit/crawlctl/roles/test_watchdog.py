"""A process that does not get on ends itself; one that has nothing to do, or waits for others, does not."""

from crawlctl.roles.watchdog import Watchdog


def test_work_without_progress() -> None:
    dog = Watchdog(300.0)
    assert dog.look(7, True, 0.0, False, 0.0) == ""
    assert dog.look(7, True, 0.0, False, 300.0) == ""
    assert (
        dog.look(7, True, 0.0, False, 301.0) == "there is work, all services answer, and yet nothing was done for 301 s"
    )
    assert dog.look(8, True, 0.0, False, 302.0) == ""
    assert dog.look(8, True, 0.0, False, 602.0) == ""


def test_without_work_no_progress_is_needed() -> None:
    dog = Watchdog(300.0)
    assert [dog.look(7, False, 0.0, False, now) for now in (0.0, 1000.0)] == ["", ""]
    assert dog.look(7, True, 0.0, False, 1299.0) == ""


def test_time_without_a_service_does_not_count() -> None:
    dog = Watchdog(300.0)
    dog.look(7, True, 0.0, False, 0.0)
    assert dog.look(7, True, 900.0, True, 900.0) == ""
    assert dog.look(7, True, 901.0, False, 901.0) == ""
    assert dog.look(7, True, 1200.0, False, 1200.0) == ""
    assert "nothing was done" in dog.look(7, True, 1201.0, False, 1201.0)


def test_a_reader_that_gets_nothing_while_there_is_something() -> None:
    dog = Watchdog(300.0)
    assert dog.look(7, False, 299.0, False, 1000.0) == ""
    assert dog.look(7, False, 301.0, False, 1002.0) == (
        "there is something to read, the brokers answer, and yet nothing came for 301 s"
    )
