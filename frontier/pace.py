"""Caps of the whole crawl as token buckets: URLs and bytes a second (0: no cap)."""

from contracts.settings import Caps

UNLIMITED: int = 1_000_000


class Pace:
    """Counts what was spent; a cap in debt lets nothing out until time has paid."""

    def __init__(self, caps: Caps) -> None:
        self._rates = (caps.pages_per_second, float(caps.bytes_per_second))
        self._tokens = list(self._rates)
        self._at: float | None = None

    def _refill(self, now: float) -> None:
        if self._at is not None:
            for n, rate in enumerate(self._rates):
                self._tokens[n] = min(rate, self._tokens[n] + rate * max(0.0, now - self._at))
        self._at = now

    def spent(self, urls: int, octets: int) -> None:
        """URLs that were issued, bytes that outcomes report."""
        self._tokens[0] -= urls
        self._tokens[1] -= octets

    def allowance(self, now: float) -> int:
        """URLs that may be issued now; 0 while a cap is in debt."""
        self._refill(now)
        limited = [(tokens, rate) for tokens, rate in zip(self._tokens, self._rates, strict=True) if rate > 0]
        if any(tokens <= 0 for tokens, _ in limited):
            return 0
        return int(self._tokens[0]) + 1 if self._rates[0] > 0 else UNLIMITED

    def free_at(self, now: float) -> float:
        """When the caps let something out again."""
        waits = [
            -tokens / rate for tokens, rate in zip(self._tokens, self._rates, strict=True) if rate > 0 and tokens <= 0
        ]
        return now + max(waits, default=0.0)
