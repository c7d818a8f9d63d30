"""What arrived for a shard: slices of it, and the large robots.txt files in it."""

from contracts.messages import Discovery, Message, OutcomeBatch, Purpose, Result, RobotsErrand
from contracts.ports import Record
from contracts.topics import OUTCOMES, URLS
from frontier.intake import LARGE_ROBOTS, SLICE, large_robots, outcomes_in, slices
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
