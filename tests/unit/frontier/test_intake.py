"""What arrived for a shard: slices of it, and the large robots.txt files in it."""

from contracts.errands import RobotsErrand
from contracts.messages import (
    Discovery,
    Message,
    OrderEnd,
    Outcome,
    OutcomeBatch,
    Purpose,
    Result,
)
from contracts.ports import Record
from contracts.topics import OUTCOMES, URLS
from frontier.intake import LARGE_ROBOTS, SLICE, in_our_time, large_robots, outcomes_in, slices
from tests.unit.frontier.playbook import SETTINGS, Play


def test_slices_keep_order_and_ends() -> None:
    play = Play(SETTINGS)
    order = play.open(*(f"http://a.test/{n}" for n in range(20)))
    outcomes = [play.outcome(order, n % 20) for n in range(50)]
    batch = OutcomeBatch(outcomes, [play.mark(order, 50)])
    records = [Record(OUTCOMES, 0, n, batch) for n in range(2)]
    parts = slices(records)
    flat = [message for part in parts for _, _, message in part]
    assert [one for message in flat if isinstance(message, OutcomeBatch) for one in message.outcomes] == outcomes * 2
    ends = [bool(message.ends) for message in flat if isinstance(message, OutcomeBatch)]
    assert sum(ends) == 2 and ends[-1]
    assert all(sum(len(m.outcomes) for _, _, m in part if isinstance(m, OutcomeBatch)) <= SLICE for part in parts)
    assert slices([]) == [[]]
    assert outcomes_in(records) == 100


def test_large_robots_are_found_wherever_they_come_from() -> None:
    large, small = b"#" * (LARGE_ROBOTS + 1), b"#" * LARGE_ROBOTS
    play = Play(SETTINGS)
    order = play.open("http://a.test/")
    outcomes = [play.outcome(order, 0, Result.FETCHED, robots_body=body) for body in (large, small, None)]
    answers = [
        Discovery(Purpose.ROBOTS_ANSWER, b"", 0, 0.0, [], robots=RobotsErrand("http://b.test", 0, 200, "", body))
        for body in (small, large + b"2")
    ]
    messages: list[Message] = [OutcomeBatch(outcomes, []), *answers, Discovery(Purpose.LINK, b"", 0, 0.0, [])]
    records = [Record(URLS if isinstance(message, Discovery) else OUTCOMES, 0, 0, message) for message in messages]
    assert large_robots(records) == [large, large + b"2"]


def test_times_of_another_clock_are_moved_as_if_the_newest_were_now() -> None:
    outcomes = [
        Outcome(b"o", b"1", Result.FETCHED, 100.0, 100.5),
        Outcome(b"o", b"2", Result.HTTP_ERROR, 101.5, 102.0, status=503, retry_at=112.0),
    ]
    ends = [OrderEnd(b"o", "a.test", "192.0.2.1", 102.0, 2), OrderEnd(b"p", "b.test", "192.0.2.1", 0.0, 0)]
    moved = in_our_time(OutcomeBatch(outcomes, ends), 5000.0)
    assert [(o.started_at, o.ended_at, o.retry_at) for o in moved.outcomes] == [
        (4998.0, 4998.5, 0.0), (4999.5, 5000.0, 5010.0),
    ]  # fmt: skip
    assert [end.ended_at for end in moved.ends] == [5000.0, 0.0]
    empty = OutcomeBatch([], [ends[1]])
    assert in_our_time(empty, 5000.0) is empty
