"""Who takes part in a crawl, from the rows of partitions and from heartbeats."""

from contracts.crawl import Ownership, PartitionRow
from contracts.notes import Heartbeat
from crawlctl.members import RATES, partitions, processes, rates

NOW = 1_800_000_000.0


def beat(process: str, at: float, role: str = "frontier", **counts: float) -> Heartbeat:
    return Heartbeat(role, process, "a", NOW - 60, at, 0.0, counts)


def test_only_leases_that_last_count_as_held() -> None:
    rows = [
        PartitionRow(0, "one", 3, NOW + 5), PartitionRow(1, "one", 1, NOW), PartitionRow(2, "two", 1, NOW - 0.1),
        PartitionRow(3, "", 0, 0.0), PartitionRow(4, "old", 1, NOW + 1),
    ]  # fmt: skip
    found = partitions(Ownership(rows, ["new", "one"]), NOW)
    assert found == {
        "all": 5, "held": 3,
        "shards": [{"shard": "new", "partitions": 0}, {"shard": "old", "partitions": 1}, {"shard": "one", "partitions": 2}],
    }  # fmt: skip
    assert partitions(Ownership([], []), NOW) == {"all": 0, "held": 0, "shards": []}


def test_the_last_word_of_each_process_counts() -> None:
    leaving = Heartbeat("hasher", "h", "a", NOW, NOW + 2, leaving=True)
    said = [beat("b", NOW + 2, pages=2), beat("b", NOW, pages=1), beat("a", NOW), beat("h", NOW, "hasher"), leaving]
    assert [(one["process"], one["counts"]) for one in processes(said)] == [("a", {}), ("b", {"pages": 2})]


def test_rates_are_counted_once_and_never_below_nothing() -> None:
    said = [
        beat("a", NOW + 2, pages=30, requests=40), beat("a", NOW, pages=10, requests=0),
        beat("b", NOW, pages=0), beat("b", NOW + 4, pages=4, media=8),
        beat("f", NOW, "fetcher", pages=0, bytes=0), beat("f", NOW + 2, "fetcher", pages=34, bytes=100),
        beat("once", NOW, pages=1_000), beat("odd", NOW, pages=9), beat("odd", NOW + 1, pages=0),
    ]  # fmt: skip
    assert rates(said) == {"requests": 20.0, "pages": 11.0, "media": 2.0, "bytes": 50.0}
    assert rates([]) == dict.fromkeys(RATES, 0.0) == rates(said[:1])
