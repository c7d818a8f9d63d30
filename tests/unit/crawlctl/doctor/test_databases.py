"""What is judged of a database without one; the rest is in tests/integration/doctor."""

import pytest

from backends.postgres.inspection import Held
from crawlctl.doctor.databases import judge_count, judge_offsets, judge_owners, judge_suffixes, judge_version
from crawlctl.doctor.findings import Verdict


@pytest.mark.parametrize(
    ("version", "verdict"),
    [(180006, Verdict.OK), (150020, Verdict.OK), (140001, Verdict.FAILED), (190000, Verdict.WARNING)],
)
def test_versions(version: int, verdict: Verdict) -> None:
    assert judge_version("crawl", version).verdict is verdict


def test_a_crawl_that_never_ran() -> None:
    assert judge_count("partitions", "", 0, 4).verdict is Verdict.WARNING
    assert judge_suffixes("suffix list", "", "ab").verdict is Verdict.WARNING


NOW, LEASE = 1000.0, 10.0


def held(partition: int, owner: str = "a", until: float = NOW + 8, urls: int = 5, outcomes: int = 5) -> Held:
    return Held(partition, owner, 3, until, urls, outcomes)


@pytest.mark.parametrize(
    ("rows", "shards", "verdict", "said"),
    [
        ([held(0), held(1, "b")], {"a": NOW + 8, "b": NOW + 8}, Verdict.OK, "held by 2 shards (a: 1, b: 1)"),
        ([held(0), held(1, "", 0)], {"a": NOW + 8}, Verdict.FAILED, "1 of 2 are held by nobody (1)"),
        ([held(0), held(1, "b", NOW - 1)], {"a": NOW + 8}, Verdict.WARNING, "1 of 2"),
        ([held(0), held(1, "b", NOW - 30)], {"a": NOW + 8}, Verdict.FAILED, "1 of 2"),
        ([held(0, "b", NOW - 30)], {"b": NOW - 30}, Verdict.WARNING, "no frontier process is alive"),
        (
            [held(n, "", 0) for n in range(99)],
            {"a": NOW},
            Verdict.FAILED,
            "99 of 99 are held by nobody (0, 1, 2, 3, 4, 5, 6, 7, ...)",
        ),
    ],
)
def test_who_holds_the_partitions(rows: list[Held], shards: dict[str, float], verdict: Verdict, said: str) -> None:
    found = judge_owners("owners", rows, shards, NOW, LEASE)
    assert found.verdict is verdict
    assert said in found.found


def test_offsets_within_their_topics() -> None:
    ranges = {("urls", 0): (0, 9), ("outcomes", 0): (5, 5)}
    assert judge_offsets("offsets", [held(0)], ranges, "urls", "outcomes").verdict is Verdict.OK
    assert judge_offsets("offsets", [held(0)], {}, "urls", "outcomes").verdict is Verdict.WARNING


def test_a_topic_that_was_made_anew() -> None:
    ranges = {("urls", 0): (0, 0), ("outcomes", 0): (0, 5)}
    found = judge_offsets("offsets", [held(0)], ranges, "urls", "outcomes")
    assert found.verdict is Verdict.FAILED
    assert "made anew (urls/0: read up to 5, ends at 0)" in found.found
    assert "UPDATE partitions SET urls_offset = 0 WHERE partition IN (0)" in found.todo


def test_retention_was_quicker_than_the_frontier() -> None:
    ranges = {("urls", 0): (0, 9), ("outcomes", 0): (7, 9)}
    found = judge_offsets("offsets", [held(0)], ranges, "urls", "outcomes")
    assert found.verdict is Verdict.WARNING
    assert "before the beginning" in found.found
    assert "UPDATE" not in found.todo


def test_many_offsets_are_summed_up() -> None:
    ranges = {(topic, number): (0, 0) for number in range(128) for topic in ("urls", "outcomes")}
    found = judge_offsets("offsets", [held(number) for number in range(128)], ranges, "urls", "outcomes")
    assert "256 lie beyond" in found.found
    assert "and 248 more" in found.found
    assert "127" in found.todo  # the statement is whole
    assert len(found.found) + len(found.todo) < 3000
