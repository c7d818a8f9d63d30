"""When a known URL is fetched again: sooner if it had changed, later if not."""

from contracts.settings import Recrawl


def next_interval(previous: float | None, changed: bool, settings: Recrawl) -> float:
    """Seconds from this fetch to the next: half of `previous` if the content changed, twice if not, between the bounds.

    `previous` is None (or not positive) after the first fetch, which can tell of no change: `settings.first` follows.
    """
    if previous is None or not previous > 0.0:
        wanted = settings.first
    else:
        wanted = previous / 2 if changed else previous * 2
    return max(settings.shortest, min(wanted, settings.longest))
