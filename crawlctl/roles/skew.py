"""When a process' clock is good enough to issue and take orders (design, rule 7). Pure: told what was measured, says what to do.

The brokers' clock is the one that all processes share: they stamp every heartbeat on arrival. A stamp lies between the
sending and the ack, so a measurement is never farther off than half the time between the two: its uncertainty.

* Nothing is served before the first good measurement.
* A clock that is off by more than the limit, whatever the uncertainty, holds the process; so does a jump of the wall clock.
  A good measurement of a heartbeat that was sent afterwards lets go.
* A measurement that is vaguer than half the limit says nothing, nor does one that may be within the limit or beyond.
* While none comes (a broker that is away, or slow) a good one counts for ten minutes: quartz drifts by 0.1 s in that time at
  worst, and without brokers there is nothing to issue or take anyway.
"""

from typing import Final

GOOD_FOR: Final = 600.0
"""Seconds that a good measurement counts without a newer one."""


class SkewGuard:
    """Decides for one process. `most`: seconds that its clock may differ from the brokers'. Times (`sent`, `now`) are seconds of
    a clock that never jumps."""

    def __init__(self, most: float) -> None:
        self._most = most
        self._good: float | None = None
        self._since = float("-inf")
        self._why = "the clock was not yet compared with the brokers'"

    def measured(self, skew: float, uncertainty: float, sent: float) -> None:
        """The clock was `skew` seconds ahead of the brokers' (negative: behind), give or take `uncertainty`, at `sent`."""
        if sent < self._since or uncertainty > self._most / 2:
            return
        if abs(skew) - uncertainty > self._most:
            self._good = None
            ahead = "ahead of" if skew > 0 else "behind"
            self._why = (
                f"the clock is {abs(skew):.1f} s {ahead} the brokers', more than cluster.max_skew ({self._most:g} s); "
                "put the clocks right, with NTP for example"
            )
        elif abs(skew) <= self._most:
            self._good = sent

    def jumped(self, seconds: float, now: float) -> None:
        """The wall clock was set by so many seconds: only what is sent from now on tells whether our time is right."""
        self._good, self._since = None, now
        self._why = f"the wall clock jumped by {seconds:+.0f} s; waiting until it is compared with the brokers' anew"

    def hold(self, now: float) -> str:
        """Why nothing may be issued or taken; empty if it may."""
        if self._good is None:
            return self._why
        if now - self._good > GOOD_FOR:
            return f"the clock was last compared with the brokers' {now - self._good:.0f} s ago"
        return ""


def follows(skew: float, drift: float) -> bool:
    """Whether the wall clock is the better one: ours is `skew` seconds ahead of the brokers', the wall clock `drift` ahead of ours."""
    return abs(skew + drift) < abs(skew)
