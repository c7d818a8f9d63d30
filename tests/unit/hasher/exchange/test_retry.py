"""hasher.exchange.retry: one table, chance in every pause, and what a source asks for is never cut short."""

import pytest

from hasher.exchange.retry import LONGEST, TABLE, Trouble, pause


@pytest.mark.parametrize("trouble", list(Trouble))
def test_pauses_grow_and_end(trouble: Trouble) -> None:
    rule = TABLE[trouble]
    pauses = [pause(trouble, tries, 0.0, 1.0) for tries in range(1, rule.tries + 1)]
    waited = [seconds for seconds in pauses if seconds is not None]
    assert pauses[-1] is None and len(waited) == rule.tries - 1
    assert waited == sorted(waited) and waited[0] == rule.first and waited[-1] <= rule.longest
    assert pause(trouble, 1, 0.0, 0.0) == rule.first / 2


def test_retry_after_is_obeyed_or_left_for_the_next_sync() -> None:
    assert pause(Trouble.BUSY, 1, 1200.0, 1.0) == 1200.0
    assert pause(Trouble.BUSY, 1, LONGEST + 1, 1.0) is None
