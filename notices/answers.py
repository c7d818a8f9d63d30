"""What re-checks, matches, entries and look-ups say, written into a case (docs/domain.md, sections 2 and 3)."""

from msgspec.structs import replace

from contracts.cases import Absence, Case, CaseState, Presence, Target
from notices.events import Checked, Command, EvidenceChanged, LookedUp, Matched, Note, Opened, StopsChanged, Succeeded
from notices.evidence import added, alive, replaced
from notices.rounds import back, closed, reopened
from notices.rules import Rules
from notices.schedule import gone, next_check, with_absence

Step = tuple[Case, tuple[Command, ...]]


def opened(case: Case, event: Opened) -> Step:
    """A case begins: "The first confirming check is made at once"."""
    if case.first_seen:
        return case, ()
    evidence = added(case.evidence, event.evidence)
    at = case.opened_at or event.at
    begun = replace(case, evidence=evidence, opened_at=at, first_seen=event.at, round_at=at, next_check=at)
    return begun, (Note("found"),)


def matched(case: Case, event: Matched) -> Step:
    """ "A new entry opens no second case": it is evidence. Seen after it was gone: back. A sighting is no re-check."""
    evidence = added(case.evidence, event.evidence)
    notes = (Note("evidence"),) if evidence != case.evidence else ()
    new = evidence != case.evidence
    absences = tuple(one for one in case.absences if one.at > event.seen_at)
    case = replace(case, evidence=evidence)
    if absences != case.absences and case.state is not CaseState.GONE:
        case = replace(case, absences=absences, first_absent_at=absences[0].at if absences else 0.0)
    if case.state is CaseState.GONE and event.seen_at > case.gone_at:
        return back(case, event.seen_at), notes
    if case.state is CaseState.CLOSED and _worth_reopening(case, new, event.seen_at):
        return reopened(case, max(event.seen_at, case.closed_at)), (*notes, Note("reopened"))
    return case, notes


def _worth_reopening(case: Case, new: bool, seen_at: float) -> bool:
    """A new entry is looked at whatever closed the case; a mere sighting only where it had moved away."""
    return (new and any(alive(one) for one in case.evidence)) or (case.ending == "moved" and seen_at > case.closed_at)


def evidence_changed(case: Case, event: EvidenceChanged) -> Step:
    """All evidence as it stands now. Older news than what is known are none."""
    if event.at < case.evidence_at:
        return case, ()
    evidence = replaced(case.evidence, event.evidence)
    changed = evidence != case.evidence
    before = {one.entry_id for one in case.evidence if alive(one)}
    case = replace(case, evidence=evidence, evidence_at=event.at)
    risen = any(alive(one) and one.entry_id not in before for one in evidence)
    if case.state is CaseState.CLOSED and case.ending == "withdrawn" and risen:
        return reopened(case, max(event.at, case.closed_at)), (Note("evidence"), Note("reopened"))
    return case, (Note("evidence"),) if changed else ()


def checked(case: Case, event: Checked, rules: Rules) -> Step:
    """An answer. One that is not newer than the last is the same, or came late: it changes nothing."""
    if event.at <= case.checked_at or event.at < case.round_at or case.state is CaseState.CLOSED:
        return case, ()
    case = replace(case, checked_at=event.at)
    if event.presence is Presence.PRESENT:
        return _present(case, event, rules), ()
    silent = event.presence in (Presence.UNKNOWN, Presence.MOVED)
    case = replace(
        case,
        unknowns=case.unknowns + 1 if silent else 0,
        moves=case.moves + 1 if event.presence is Presence.MOVED else 0,
    )
    if case.state is CaseState.GONE:
        return scheduled(replace(case, watch=case.watch + 1, unknowns=0, moves=0), event.at, rules), ()
    if event.presence is Presence.ABSENT:
        return _absent(case, event, rules)
    return scheduled(case, event.at, rules), ()


def _present(case: Case, event: Checked, rules: Rules) -> Case:
    if case.state is CaseState.GONE:
        case = replace(back(case, event.at), looked_up_at=0.0)
    case = replace(case, unknowns=0, moves=0, absences=(), first_absent_at=0.0)
    if event.same:
        case = replace(case, confirmed_at=event.at)
    return scheduled(case, event.at, rules)


def _absent(case: Case, event: Checked, rules: Rules) -> Step:
    new = Absence(event.at, event.route)
    ended = gone(case.absences, new, rules.rechecks, event.one_route_only)
    case = replace(case, absences=with_absence(case.absences, new))
    if ended is None:
        return scheduled(replace(case, first_absent_at=case.absences[0].at), event.at, rules), ()
    case = replace(
        case,
        state=CaseState.GONE,
        first_absent_at=ended.first_at,
        gone_at=ended.at,
        one_route=ended.one_route,
        watch=0,
        escalate=False,
        why="",
    )
    return scheduled(case, event.at, rules), (Note("gone", "one_route" if ended.one_route else ""),)


def scheduled(case: Case, at: float, rules: Rules) -> Case:
    """With its next re-check, after an answer at that time."""
    due, route = next_check(case, at, rules.rechecks)
    return replace(case, next_check=due, next_route=route)


def succeeded(case: Case, event: Succeeded) -> Step:
    """ "moved (redirect: a new place)": the case stays open until the place it moved to has one of its own."""
    if case.state in (CaseState.CLOSED, CaseState.GONE) or not case.moves or event.at < case.round_at:
        return case, ()
    ended, note = closed(replace(case, successor=event.case_id), "moved", "moved", event.at)
    return ended, (note,)


def looked_up(case: Case, event: LookedUp) -> Step:
    """Who would be told, as looked up now. Whom the last look-up does not name is told no more; that they were told is kept."""
    if event.at <= case.looked_up_at or event.at < case.round_at:
        return case, ()
    old = {(one.recipient, one.place): one for one in case.targets}
    now: dict[tuple[str, bytes], Target] = {}
    for found in event.targets:
        known = old.pop((found.recipient, found.place), None)
        said = {"klass": found.klass, "why": found.why, "country": found.country, "former": False}
        now[found.recipient, found.place] = replace(known or Target(found.recipient, place=found.place), **said)
    for key, one in old.items():
        if one.chosen:
            now[key] = one
        elif one.informed:
            now[key] = replace(one, former=True)
    targets = tuple(now.values()) or ((Target("", why=event.why),) if event.why else ())
    changed = targets != case.targets or event.country != case.country
    case = replace(case, targets=targets, country=event.country, looked_up_at=event.at)
    return case, (Note("looked_up", event.why),) if changed else ()


def stops_changed(case: Case, event: StopsChanged) -> Step:
    """What authorities ask, as it stands now."""
    if event.at < case.stops_at or (event.at == case.stops_at and event.stops == case.stops):
        return case, ()
    notes = (Note("stops", ", ".join(sorted({stop.authority for stop in event.stops}))),)
    return replace(case, stops=event.stops, stops_at=event.at), notes if event.stops != case.stops else ()
