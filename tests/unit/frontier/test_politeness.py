"""frontier.politeness: how long a host is left alone (design, rules 2 and 7)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.settings import LimitSettings, Politeness
from frontier.politeness import (
    MARGIN_MOST,
    backoff,
    base_delay,
    moving_mean,
    order_size,
    retry_after,
    wait,
)

SETTINGS = Politeness()
SECONDS = st.floats(0.0, 1e6)


@pytest.mark.parametrize(
    ("asked", "crawl_delay", "expected"),
    [(-1.0, 0.0, 1.0), (-1.0, 7.0, 7.0), (5.0, 0.0, 5.0), (0.0, 0.0, 0.0), (0.0, 2.0, 2.0), (9.0, 2.0, 9.0)],
)
def test_the_operators_word_replaces_the_setting_and_robots_txt_is_a_floor(
    asked: float, crawl_delay: float, expected: float
) -> None:
    assert expected <= base_delay(SETTINGS, asked, crawl_delay) <= expected + MARGIN_MOST


@given(SECONDS, SECONDS)
def test_the_margin_is_never_negative_and_small(asked: float, crawl_delay: float) -> None:
    """A server's clock sees the end of a request later than ours: it must not measure less than the promised delay."""
    delay = base_delay(SETTINGS, asked, crawl_delay)
    promised = max(asked, crawl_delay)
    assert promised <= delay <= promised + min(MARGIN_MOST, promised * 0.2) * 1.001


@given(SECONDS, SECONDS)
def test_a_slow_host_gets_twice_its_time_within_bounds(delay: float, last: float) -> None:
    """Rule 2: the wait is max(delay, slow_factor x last duration)."""
    assert wait(delay, last, SETTINGS) == max(delay, min(2.0 * last, SETTINGS.max_delay))


def test_back_off_doubles_up_to_its_bound_and_chance_adds_a_share() -> None:
    assert [backoff(errors, SETTINGS, 0.0) for errors in (1, 2, 3, 4)] == [10.0, 20.0, 40.0, 80.0]
    assert backoff(1000, SETTINGS, 0.0) == SETTINGS.max_backoff
    assert backoff(1, SETTINGS, 1.0) == pytest.approx(12.0)


@given(SECONDS, SECONDS)
def test_retry_after_is_never_early_unless_absurd(asked: float, now: float) -> None:
    at = retry_after(asked, now, SETTINGS)
    assert at == asked or (at < asked and at == now + SETTINGS.max_retry_after)


@example(0.0, 5e-324)
@given(SECONDS, SECONDS)
def test_an_order_is_planned_for_its_time(delay: float, mean: float) -> None:
    """Rule 7: N = clamp(run / (delay + mean time), 1, 20)."""
    limits = LimitSettings()
    size = order_size(delay, mean, limits)
    assert 1 <= size <= limits.order_urls
    assert size == 1 or size * (delay + mean) <= limits.order_run * 1.001


@given(st.lists(st.floats(0.001, 100.0), min_size=1, max_size=30))
def test_the_mean_stays_within_what_was_seen(durations: list[float]) -> None:
    mean = 0.0
    for seconds in durations:
        mean = moving_mean(mean, seconds)
    assert min(durations) * 0.999 <= mean <= max(durations) * 1.001
