"""Which notices are composed now out of what waits to be told (docs/domain.md, section 2).

"First notice within 5 min for baseline, 1 h otherwise; at most 200 places a notice; one notice per recipient per hour." What is not
urgent waits for company until shortly before its deadline; the hour goes before a deadline. Of what waits for one recipient, what is due
first is told first, and what else may go into that notice with it. A notice is of one kind.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from contracts.notices import RETRACTION
from contracts.removal import Notices

AHEAD: Final = 60.0
"""Seconds before its deadline from which a notice is composed: so long do composing and sending take at worst."""


class Waiting(Struct, frozen=True):
    """A `Tell` or `Retract` of a case that waits. `place` is b"" for the media itself. `size` is how many URLs it lists."""

    case_id: int
    recipient: str
    kind: str
    by_when: float
    language: str = ""
    place: bytes = b""
    size: int = 1


class Planned(Struct, frozen=True):
    """A notice to compose now."""

    recipient: str
    kind: str
    language: str
    told: tuple[Waiting, ...]


class Plan(Struct, frozen=True):
    """`notices` to compose now, the most urgent first; `look_again` when next (unix seconds, 0.0: nothing waits). `braked`: the
    day's notices are used up, and some that are due wait for that."""

    notices: tuple[Planned, ...]
    look_again: float = 0.0
    braked: bool = False


def plan(waiting: Iterable[Waiting], last: Mapping[str, float], now: float, left: int, settings: Notices) -> Plan:
    """What to compose now. `last`: when the last notice to a recipient was made (retractions and reminders too); `left`: how many
    notices the day's brake leaves. Retractions are not braked.

    A notice made `now` must be written down before the next plan is asked for.
    """
    by_recipient: dict[str, list[Waiting]] = defaultdict(list)
    for one in set(waiting):
        by_recipient[one.recipient].append(one)
    notices: list[Planned] = []
    again: list[float] = []
    braked = False
    for those in sorted(by_recipient.values(), key=lambda those: min((one.by_when, one.recipient) for one in those)):
        chosen, opens_at = _opening(those, last, now, settings)
        if opens_at <= now and chosen.kind != RETRACTION and left <= 0:
            braked = True
            again.append(now + AHEAD)
            if not (those := [one for one in those if one.kind == RETRACTION]):
                continue
            chosen, opens_at = _opening(those, last, now, settings)
        if opens_at > now:
            again.append(opens_at)
            continue
        notices.append(chosen)
        left -= chosen.kind != RETRACTION
        if len(chosen.told) < len(those):
            again.append(now + settings.recipient_every)
    return Plan(tuple(notices), min(again, default=0.0), braked)


def _opening(those: list[Waiting], last: Mapping[str, float], now: float, settings: Notices) -> tuple[Planned, float]:
    """The next notice to a recipient, and from when on it is composed."""
    chosen = _chosen(those, settings.places)
    free_at = last[chosen.recipient] + settings.recipient_every if chosen.recipient in last else 0.0
    full = sum(one.size for one in chosen.told) >= settings.places
    return chosen, max(free_at, 0.0 if full else chosen.told[0].by_when - AHEAD)


def _chosen(those: list[Waiting], most: int) -> Planned:
    """The notice that is due first to a recipient: all of the same kind and language that fits, at least one."""
    ordered = sorted(those, key=lambda one: (one.by_when, one.case_id, one.kind, one.place))
    first = ordered[0]
    told: list[Waiting] = []
    size = 0
    for one in ordered:
        if (one.kind, one.language) != (first.kind, first.language):
            continue
        if told and size + one.size > most:
            break
        told.append(one)
        size += one.size
    return Planned(first.recipient, first.kind, first.language, tuple(told))
