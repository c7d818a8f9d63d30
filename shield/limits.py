"""How often a key may ask: a token bucket for bursts, and a count of the day (pure: `now` in unix seconds is an argument)."""

import math
from typing import Final

DAY: Final = 86400


def day_of(now: float) -> int:
    """The day, counted from the epoch (UTC)."""
    return int(now // DAY)


def until_tomorrow(now: float) -> float:
    """Seconds until the next day begins."""
    return DAY - now % DAY


class Bucket:
    """Lets `burst` questions through at once and `rate` a second in the long run."""

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate, self._burst = rate, float(burst)
        self._tokens, self._at = float(burst), now

    def take(self, now: float) -> float:
        """0.0 if a question may pass, which it then has; else the seconds until one may. Time that goes back gives nothing."""
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = max(self._at, now)
        if self._tokens < 1.0:
            return (1.0 - self._tokens) / self._rate
        self._tokens -= 1.0
        return 0.0


class Daily:
    """What one key has used of the day: questions, and distinct entries that it was told of as near.

    `questions` and `near` are what was kept of this day already; `unsaved` is what came since and is not kept yet.
    """

    def __init__(self, day: int, questions: int = 0, near: int = 0) -> None:
        self.day, self.questions, self.near = day, questions, near
        self._entries: set[int] = set()
        self._kept = questions, near

    def turn(self, day: int) -> "Daily":
        """Itself, or that of a new day."""
        return self if day <= self.day else Daily(day)

    def ask(self, questions: int, most: int) -> bool:
        """Count questions; False, and nothing counted, if that is more than `most` a day."""
        if self.questions + questions > most:
            return False
        self.questions += questions
        return True

    def tell(self, entry_ids: list[int], most: int) -> list[int]:
        """Those of the entries that may be told as near today, which are counted; entries told before cost nothing."""
        told = []
        for entry_id in entry_ids:
            if entry_id not in self._entries:
                if self.near >= most:
                    continue
                self._entries.add(entry_id)
                self.near += 1
            told.append(entry_id)
        return told

    def unsaved(self) -> tuple[int, int]:
        """Questions and near entries that came since the last `saved`."""
        return self.questions - self._kept[0], self.near - self._kept[1]

    def saved(self, questions: int, near: int) -> None:
        """So much of it is kept now."""
        self._kept = self._kept[0] + questions, self._kept[1] + near


def retry_after(seconds: float) -> str:
    """The value of a Retry-After header (RFC 9110, 10.2.3): whole seconds, at least one."""
    return str(max(1, math.ceil(seconds)))
