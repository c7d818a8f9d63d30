"""How far our clock is from another one, as far as the round trip lets us know."""

from collections.abc import Iterable

from msgspec import Struct

from backends.system import skew
from crawlctl.doctor.findings import Finding, failed, ok, warning


class Reading(Struct, frozen=True):
    """Our clock is `ahead` of the other by so many seconds (negative: behind), which may be wrong by `unsure`."""

    ahead: float
    unsure: float


def reading(asked: float, theirs: float, answered: float) -> Reading:
    """The other clock showed `theirs` between `asked` and `answered` of ours (unix seconds): unsure by half the round trip."""
    return Reading(*skew(asked, answered, theirs))


def judge_clock(check: str, whose: str, readings: Iterable[Reading], max_skew: float) -> Finding:
    """The surest of some readings against `cluster.max_skew`. `whose` clock it is, as in `the broker's`."""
    best = min(readings, key=lambda reading: reading.unsure, default=None)
    if best is None:
        return warning(check, f"{whose} clock could not be read", "see the check of that service")
    side = "ahead of" if best.ahead >= 0 else "behind"
    found = f"{abs(best.ahead):.3f} s {side} {whose} (+- {best.unsure:.3f} s); {max_skew:g} s are tolerated"
    todo = (
        f"look at NTP on this machine and on {whose}; processes of a machine whose clock is off issue and take nothing"
    )
    if abs(best.ahead) - best.unsure > max_skew:
        return failed(check, found, todo)
    if abs(best.ahead) + best.unsure > max_skew:
        return warning(check, found, f"the answer came too slowly to be sure; ask again, or {todo}")
    return ok(check, found)
