"""The clocks of this machine, and what becomes of ours when somebody sets the wall clock.

Deadlines must neither burn nor stretch when the wall clock jumps (a wrong battery clock put right, a virtual machine
moved), and must go on while the machine sleeps. CLOCK_BOOTTIME does both right (clock_gettime(2)) but counts from the
boot; so `SteadyClock` counts unix time by it, and the wall clock is only compared.
"""

import time
from collections.abc import Callable
from typing import Final

JUMP_SECONDS: Final = 2.0
"""From this difference on the wall clock was set, rather than steered (docs/design.md, rule 7)."""
SLEW: Final = 0.1
"""Share by which our clock runs slower at most, until the wall clock has caught up."""

now = time.time
"""Unix time in seconds by the wall clock."""

if hasattr(time, "CLOCK_BOOTTIME"):

    def boot() -> float:
        """Seconds since the machine was started, its sleep included. Never goes back."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

else:
    boot = time.monotonic


class SteadyClock:
    """A `contracts.ports.Clock`: unix time that never goes back and does not jump until `check` says so."""

    __slots__ = ("_boot", "_boot_then", "_rate", "_then", "_wall")

    def __init__(self, wall: Callable[[], float] = now, since_boot: Callable[[], float] = boot) -> None:
        """Begins at the wall clock's time."""
        self._wall, self._boot = wall, since_boot
        self._boot_then, self._then, self._rate = since_boot(), wall(), 1.0

    def __call__(self) -> float:
        """Unix seconds."""
        return self._then + (self._boot() - self._boot_then) * self._rate

    def drift(self) -> float:
        """Seconds by which the wall clock is ahead of this one; negative if it is behind."""
        return self._wall() - self()

    def check(self) -> float:
        """Compare with the wall clock; to be called every second or so.

        0.0: it went as expected; a small difference is made up for: at once if we are behind, by running slower until
        the next check if we are ahead. Otherwise the seconds by which it jumped (negative: back): this clock follows,
        so times kept from before are off by that much, and the caller stops issuing and taking orders until it has
        measured anew.
        """
        boot_now, mine, wall = self._boot(), self(), self._wall()
        drift = wall - mine
        jumped = abs(drift) >= JUMP_SECONDS
        self._boot_then = boot_now
        self._then = wall if jumped else max(mine, wall)
        self._rate = 1.0 if jumped else min(1.0, max(1.0 - SLEW, 1.0 + drift))
        return drift if jumped else 0.0


def skew(t0: float, t1: float, theirs: float) -> tuple[float, float]:
    """By how many seconds our clock is ahead of another, and by how many that may be wrong: that one showed `theirs` between `t0`
    and `t1` of ours, when it was asked and had answered. As in RFC 5905, with half of the way back and forth."""
    return (t0 + t1) / 2 - theirs, abs(t1 - t0) / 2
