"""Removal times by Kaplan and Meier (1958): those still open are not left out, they are known to have lasted at least so long."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

MEDIAN: Final = 0.5
P90: Final = 0.9


class Duration(Struct, frozen=True, array_like=True, gc=False):
    """Seconds until removal, or, `ended` False, until watching ended."""

    seconds: float
    ended: bool


class Step(Struct, frozen=True, array_like=True, gc=False):
    """From `seconds` on the share `left` is not removed yet; so many were `watched` just before."""

    seconds: float
    left: float
    watched: int


def curve(durations: Iterable[Duration]) -> list[Step]:
    """The product-limit estimate: a step at each time at which something was removed. Censored at the same time count as
    watched there."""
    ordered = sorted(durations, key=lambda one: (one.seconds, not one.ended))
    steps: list[Step] = []
    left, at = 1.0, 0
    while at < len(ordered):
        time, watched = ordered[at].seconds, len(ordered) - at
        removed = 0
        while at < len(ordered) and ordered[at].seconds == time:
            removed += ordered[at].ended
            at += 1
        if removed:
            left *= 1 - removed / watched
            steps.append(Step(time, left, watched))
    return steps


def quantile(steps: Sequence[Step], share: float) -> float | None:
    """Seconds within which that share is removed; None if so many never were while they were watched."""
    return next((step.seconds for step in steps if step.left <= 1 - share + 1e-12), None)


def removed_within(steps: Sequence[Step], seconds: float) -> float:
    """The share that is removed within so many seconds."""
    left = 1.0
    for step in steps:
        if step.seconds > seconds:
            break
        left = step.left
    return 1 - left
