"""How long a host is left alone, and how much one order may ask of it (design, rules 2 and 7)."""

from typing import Final

from contracts.settings import LimitSettings, Politeness

MARGIN: Final = 0.2
"""Share of the delay, at most `MARGIN_MOST` seconds, that is added: a server's clock sees the end of a request later."""
MARGIN_MOST: Final = 0.02

SHORTEST: Final = 1e-6
"""Seconds that a request takes at least: a mean that has shrunk to almost nothing is no divisor."""


def base_delay(settings: Politeness, asked: float, crawl_delay: float) -> float:
    """Seconds between requests to a host: the operator's word on it (negative: none) or the setting, and robots.txt's."""
    delay = max(asked if asked >= 0 else settings.delay, crawl_delay)
    return delay + min(MARGIN_MOST, delay * MARGIN)


def wait(delay: float, last: float, settings: Politeness) -> float:
    """Seconds from the end of a request that took `last` seconds to the start of the next one."""
    return max(delay, min(settings.slow_factor * last, settings.max_delay))


def backoff(errors: int, settings: Politeness, chance: float) -> float:
    """Seconds that a host waits after its `errors`-th error in a row; `chance` in 0..1 adds up to the jitter's share."""
    seconds = min(settings.backoff * 2.0 ** min(errors - 1, 40), settings.max_backoff)
    return seconds * (1.0 + settings.jitter * chance)


def retry_after(asked: float, now: float, settings: Politeness) -> float:
    """The time that a Retry-After (absolute, unix seconds) makes a host wait for: never earlier, unless absurdly late."""
    return min(asked, now + settings.max_retry_after)


def order_size(delay: float, mean: float, limits: LimitSettings) -> int:
    """URLs of one order: what fits into its planned time, at least 1."""
    each = max(delay + mean, SHORTEST)
    return max(1, min(limits.order_urls, int(limits.order_run / each)))


def moving_mean(mean: float, seconds: float) -> float:
    """A host's mean seconds a request, the newest counting a quarter."""
    return seconds if mean == 0 else mean + (seconds - mean) / 4
