"""From a host's queue to an order: whose place it is, and what waits."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.crawl import QueueItem
from frontier.issue import in_turn


def item(n: int, lane: int) -> QueueItem:
    return QueueItem(lane, 0.0, n.to_bytes(16, "big"), False, True, f"/{n}", 0, 0, 0, 0, 0, 0.0, 0.0, "", "", b"", [])


# Five weighted lanes (design, section 5): the best go first, and no lower lane starves.
def test_of_a_full_order_each_lower_lane_gets_one_place() -> None:
    items = [item(n, 0) for n in range(20)] + [item(20 + n, 3) for n in range(20)] + [item(90, 4)]
    chosen = in_turn(items, 20)[:20]
    assert [one.lane for one in chosen] == [0] * 18 + [3, 4]
    assert chosen[:18] == items[:18]


def test_an_order_of_one_goes_to_the_best() -> None:
    assert in_turn([item(1, 0), item(2, 4)], 1)[0] == item(1, 0)


@given(st.lists(st.integers(0, 4), max_size=40), st.integers(1, 20))
def test_nothing_is_dropped_or_doubled(lanes: list[int], limit: int) -> None:
    items = [item(n, lane) for n, lane in enumerate(sorted(lanes))]
    turned = in_turn(items, limit)
    assert sorted(turned, key=lambda one: one.url_id) == items
    if limit >= 5:
        assert {one.lane for one in turned[:limit]} == set(lanes)
