"""Operators' words, as they bear on a fetcher's orders."""

import pytest

from contracts.messages import Limits, Order, OrderKind
from contracts.notes import Control
from crawlctl.roles.words import Words

NOW = 1_000.0
LIMITS = Limits(1, 1, 1.0, 1.0, 1)


def order(host: str, address: str = "192.0.2.7") -> Order:
    return Order(b"o" * 16, 0, 1, OrderKind.PAGES, host, address, NOW, NOW, NOW, 1.0, 1, "Pisaura/1.0", LIMITS, [])


@pytest.mark.parametrize(
    ("said", "unwanted"),
    [
        ([], False),
        ([Control("block", "h.test")], True),
        ([Control("block", "test")], True),
        ([Control("block", "192.0.2.0/24")], True),
        ([Control("pause", "h.test")], True),
        ([Control("pause", "h.test", until=NOW - 1)], False),
        ([Control("block", "h.test", until=NOW + 1)], True),
        ([Control("block", "h.test"), Control("unblock", "h.test")], False),
        ([Control("pause", "h.test"), Control("resume", "h.test")], False),
        ([Control("delay", "h.test", "10s"), Control("psl", "", "x")], False),
        ([Control("block", "other.test")], False),
    ],
)
def test_which_orders_are_unwanted(said: list[Control], unwanted: bool) -> None:
    words = Words(lambda: NOW)
    words.take(said)
    assert words.unwanted(order("h.test")) is unwanted
    assert words.unwanted(order("h.test:8080")) is unwanted
