"""Witnesses are believed only if they also speak up."""

import random
from itertools import islice
from typing import Any

import pytest

from contracts.messages import Limits, LinkKind, Order, OrderItem, OrderKind
from tests.chaos import witness
from tests.cluster.chaos import BROKER, DATABASE, JOIN, KILL, LONG, PAUSE, incidents
from tests.cluster.cluster import Cluster
from tests.fakeweb.log import Entry
from tests.postgres import Database

LIMITS = Limits(1, 1, 1.0, 1.0, 1, 1)


def order(issued_at: float, deadline: float, *paths: str) -> Order:
    items = [OrderItem(f"http://a.test{path}", path.encode(), LinkKind.PAGE) for path in paths]
    return Order(
        b"", 0, 1, OrderKind.PAGES, "a.test", "127.0.0.1", issued_at, issued_at + 3, deadline, 0.2, 1, "", LIMITS, items
    )


def request(path: str, at: float) -> Entry:
    return Entry(at, at, "127.0.0.1", 80, "http", "a.test", path, "GET", 1)


ORDERS = [order(10, 20, "/1", "/2"), order(30, 40, "/2")]


@pytest.mark.parametrize(
    ("requests", "found"),
    [
        ([("/1", 12), ("/2", 19.9), ("/2", 39.9)], ([], [], {})),
        ([("/1", 20.2)], ([], [], {})),
        ([("/1", 21)], ([], [("http://a.test/1", 1)], {})),
        ([("/2", 41)], ([], [("http://a.test/2", 1)], {})),
        ([("/1", 12), ("/1", 13)], ([], [], {"http://a.test/1": (2, 1)})),
        ([("/1", 9)], (["http://a.test/1"], [], {})),
        ([("/3", 12)], (["http://a.test/3"], [], {})),
    ],
)
def test_every_request_needs_an_order_whose_time_it_is(requests: list[tuple[str, float]], found: Any) -> None:
    assert witness.by_order([request(path, at) for path, at in requests], ORDERS, 0.25) == found


class Here:
    """A database, as a cluster's services have it."""

    def __init__(self, database: Database) -> None:
        self.services = self
        self._database = database

    def dsn(self, _name: str, role: str = "pisaura_admin") -> str:
        return self._database.dsn(role)

    query = Cluster.query


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("owner = 'you', epoch = 6", 0),
        ("owner = ''", 0),
        ("urls_offset = 8, outcomes_offset = 9", 0),
        ("owner = 'you'", 1),
        ("epoch = 4", 1),
        ("urls_offset = 6", 1),
        ("outcomes_offset = 6", 1),
    ],
)
async def test_a_partition_that_went_back_is_told(crawl_database: Database, change: str, told: int) -> None:
    here: Any = Here(crawl_database)
    await here.query("INSERT INTO partitions VALUES (0, 'me', 5, 0, 7, 7)")
    await witness.watch(here)
    await here.query(f"UPDATE partitions SET {change}")
    assert len(await witness.backwards(here)) == told


def test_a_turn_has_something_for_everybody_and_comes_from_its_seed() -> None:
    names = ["fetcher1", "fetcher2", "fetcher3", "frontier1", "frontier2", "hasher1"]
    first = list(islice(incidents(random.Random(1), names), 9))
    assert first == list(islice(incidents(random.Random(1), names), 9))
    assert sorted(each.whom for each in first) == sorted([*names, BROKER, DATABASE, "frontier"])
    assert [each.whom for each in first if each.what == JOIN] == ["frontier"]
    kinds = [(each.whom[:7], each.what, each.seconds == LONG) for each in first]
    assert ("fetcher", PAUSE, True) in kinds and ("fetcher", KILL, False) in kinds and ("frontie", KILL, False) in kinds
