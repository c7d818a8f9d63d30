"""When it is looked again, and when media counts as gone (docs/domain.md, section 3).

"Gone = two absents at least 24 h apart, by two routes where configured, else marked `one-route`." "Every 24 h until gone, then
after 1, 7, 30, 90 days for `back`." The first confirming check is made at once.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from contracts.cases import DIRECT, Absence, Case, CaseState
from contracts.removal import Rechecks

LOOKS: Final = (1, 7, 30, 90)
"""Days after it was gone."""
HOURS: Final = 24


class Gone(Struct, frozen=True):
    """The two absences that make it gone: times of both, and whether one route saw both."""

    first_at: float
    at: float
    one_route: bool


def second_route(settings: Rechecks) -> str:
    """The route that confirms an absence, by name; empty if none is configured."""
    return settings.routes[0].partition("=")[0].strip() if settings.routes else ""


def with_absence(absences: tuple[Absence, ...], new: Absence) -> tuple[Absence, ...]:
    """With an absence: the first of each route is kept, in their order."""
    return absences if any(one.route == new.route for one in absences) else (*absences, new)


def gone(absences: tuple[Absence, ...], new: Absence, settings: Rechecks, one_route_only: bool = False) -> Gone | None:
    """Whether this absence is the second of two. Presence in between clears `absences`; an answer that says nothing does not."""
    two = bool(second_route(settings)) and not one_route_only
    for one in sorted(absences, key=lambda one: one.at):
        if new.at - one.at >= settings.apart and (one.route != new.route or not two):
            return Gone(one.at, new.at, one.route == new.route)
    return None


def next_check(case: Case, now: float, settings: Rechecks) -> tuple[float, str]:
    """When and by which route it is looked next, after an answer at `now` has been written into the case; (0.0, ...) for never."""
    if case.state is CaseState.CLOSED:
        return 0.0, DIRECT
    if case.state is CaseState.GONE:
        if case.watch >= len(LOOKS):
            return 0.0, DIRECT
        return case.gone_at + LOOKS[case.watch] * settings.day, DIRECT
    if case.absences:
        return now + settings.apart, _confirming(case, settings)
    return now + _patience(case, settings), DIRECT


def sooner(case: Case, settings: Rechecks) -> Case:
    """The case with its next look as these settings want it, if that is earlier: whoever shortens the days need not wait out the
    long ones."""
    if not case.next_check or not case.checked_at:
        return case
    at, route = next_check(case, case.checked_at, settings)
    return replace(case, next_check=at, next_route=route) if 0.0 < at < case.next_check else case


def _confirming(case: Case, settings: Rechecks) -> str:
    """An absence seen by one route is confirmed by the other."""
    other = second_route(settings)
    return DIRECT if not other or any(one.route == other for one in case.absences) else other


def _patience(case: Case, settings: Rechecks) -> float:
    """A day; but where a notice waits for a first confirmation, an answer that says nothing is not waited for so long: a time-out
    costs an hour, the next one six."""
    waiting = case.state in (CaseState.FOUND, CaseState.RELEASED, CaseState.BACK)
    hours = {1: 1, 2: 6}.get(case.unknowns, HOURS) if waiting else HOURS
    return settings.every * hours / HOURS


def unverifiable(case: Case, settings: Rechecks) -> bool:
    """ "Three unknowns = `unverifiable`: escalated, reported apart"; moves whose place has no case count like unknowns."""
    return case.unknowns >= settings.unknowns


def lateness(due_at: float, free_at: float, started_at: float) -> float:
    """Seconds that a re-check came late: "lateness counts from when the host's politeness allows"."""
    return max(0.0, started_at - max(due_at, free_at))
