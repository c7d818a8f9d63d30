"""contracts.guards: when a sync is not believed."""

import pytest

from contracts.guards import multiplies_match_rate, takes_back_too_much


# Domain, section 1: "any sync that [...] deletes more than 1 % of a list".
@pytest.mark.parametrize(
    ("deleted", "carried", "too_much"),
    [
        (0, 0, False),
        (0, 100, False),
        (1, 100, False),
        (2, 100, True),
        (1, 99, True),
        (1, 0, True),
        (10**5, 10**7, False),
    ],
)
def test_deletions(deleted: int, carried: int, too_much: bool) -> None:
    assert takes_back_too_much(deleted, carried, 0.01) is too_much


# Domain, section 1: "any sync that multiplies the match rate by ten".
@pytest.mark.parametrize(
    ("new", "earlier", "multiplies"),
    [
        (20, 0, False),
        (21, 0, True),
        (21, 2, True),
        (21, 3, False),
        (90, 10, True),
        (89, 10, False),
        (10**6, 10**6, False),
    ],
)
def test_match_rate(new: int, earlier: int, multiplies: bool) -> None:
    assert multiplies_match_rate(new, earlier, 10.0, 20) is multiplies
