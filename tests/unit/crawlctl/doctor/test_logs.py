"""What is judged of Kafka without one; the rest is in tests/integration/doctor."""

import pytest

from backends.kafka.brokers import About, Group
from backends.kafka.wanted import Difference
from contracts.cluster import Kafka
from contracts.notes import Heartbeat
from crawlctl.doctor.findings import Verdict
from crawlctl.doctor.logs import (
    judge_addresses,
    judge_brokers,
    judge_letters,
    judge_processes,
    judge_readers,
    judge_topics,
)


@pytest.mark.parametrize(
    ("complaints", "verdict"),
    [
        ({"a:1": "", "b:1": ""}, Verdict.OK),
        ({"a:1": "", "b:1": "no answer within 3 s"}, Verdict.WARNING),
        ({"a:1": "Connection refused"}, Verdict.FAILED),
    ],
)
def test_addresses(complaints: dict[str, str], verdict: Verdict) -> None:
    assert judge_addresses("kafka addresses", complaints).verdict is verdict


@pytest.mark.parametrize(
    ("brokers", "modern", "replication", "verdict", "said"),
    [
        (3, True, 3, Verdict.OK, "3 brokers of Kafka 4.0 or later, without TLS, without login"),
        (2, True, 3, Verdict.FAILED, "kafka.replication = 3"),
        (1, True, 3, Verdict.FAILED, "nothing can be written"),
        (3, False, 3, Verdict.WARNING, "older than Kafka 4.0"),
        (3, True, 1, Verdict.WARNING, "a lost disk"),
    ],
)
def test_brokers(brokers: int, modern: bool, replication: int, verdict: Verdict, said: str) -> None:
    settings = Kafka(replication=replication, min_insync=min(2, replication))
    found = judge_brokers("kafka", About(brokers, modern, {}), settings)
    assert found.verdict is verdict
    assert said in found.found


def test_the_login_is_named_and_its_password_is_not() -> None:
    settings = Kafka(sasl="SCRAM-SHA-512", username="pisaura", password="topsecret", tls=True)
    found = judge_brokers("kafka", About(3, True, {}), settings).found
    assert "with TLS, logged in as pisaura by SCRAM-SHA-512" in found
    assert "topsecret" not in found


def test_topics() -> None:
    assert judge_topics("topics", [], 17).verdict is Verdict.OK
    missing = Difference("urls", "missing", "", "", True, "create it")
    fixed = Difference("digests", "partitions", "128", "8", False, "set it")
    assert judge_topics("topics", [missing], 17).todo == "run `crawlctl topics create`"
    both = judge_topics("topics", [missing, fixed], 17)
    assert both.verdict is Verdict.FAILED
    assert "1 are missing (urls); 1 differences (digests: partitions is 8, not 128)" in both.found
    assert "crawlctl topics check" in both.todo


@pytest.mark.parametrize(
    ("group", "verdict", "said"),
    [
        (
            Group("orders.pages", "Stable", 3, 40),
            Verdict.OK,
            "[orders.pages] is read by fetchers (3), 40 records behind",
        ),
        (Group("orders.pages", "Dead", 0, 0), Verdict.WARNING, "nobody reads [orders.pages]"),
        (Group("matches", "Empty", 0, 7), Verdict.FAILED, "7 records in [matches], which nobody reads"),
        (Group("digests", "Stable", 1, 2001), Verdict.WARNING, "ordered slowly"),
        (Group("digests", "Stable", 9, 0), Verdict.WARNING, "have no partition"),
        (Group("digests", "PreparingRebalance", 1, 0), Verdict.WARNING, "PreparingRebalance"),
    ],
)
def test_readers(group: Group, verdict: Verdict, said: str) -> None:
    (found,) = judge_readers("readers", [group], {"digests": 8}, 2000)
    assert found.verdict is verdict
    assert said in found.found


def test_a_lane_that_fetchers_do_not_read_yet() -> None:
    groups = [Group("orders.pages", "Stable", 3, 0), Group("orders.rechecks", "Dead", 0, 0)]
    assert [one.verdict for one in judge_readers("readers", groups, {}, 2000)] == [Verdict.OK, Verdict.OK]


def test_dead_letters() -> None:
    assert judge_letters("dead letters", {"urls": 0}).verdict is Verdict.OK
    assert judge_letters("dead letters", {"urls": 2, "digests": 0}).found == "2 of [urls]"


def beat(role: str = "fetcher", process: str = "a-1", skew: float = 0.0, waits_for: str = "") -> Heartbeat:
    return Heartbeat(role, process, "a", 1.0, 2.0, skew, {}, waits_for)


def test_processes() -> None:
    (well,) = judge_processes("processes", [beat(), beat(), beat("frontier")], 2.0, "")
    assert (well.verdict, well.found) == (Verdict.OK, "2 fetcher, 1 frontier; none waits")
    assert judge_processes("processes", [], 2.0, "")[0].verdict is Verdict.WARNING
    assert judge_processes("processes", [], 2.0, "the brokers are away")[0].found == "the brokers are away"
    off, waits = judge_processes("processes", [beat(skew=-3.5), beat(waits_for="postgres: away")], 2.0, "")
    assert (off.verdict, waits.verdict) == (Verdict.FAILED, Verdict.WARNING)
    assert "a-1 by -3.5 s" in off.found
    assert "fetcher a-1: postgres: away" in waits.found


def test_many_processes_are_summed_up() -> None:
    (found,) = judge_processes("processes", [beat(waits_for="x" * 50) for _ in range(1000)], 2.0, "")
    assert "and 995 more" in found.found
    assert len(found.found) < 1000
