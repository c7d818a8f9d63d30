"""The state machine of a case: (case, event, now) -> (case, commands). Pure (docs/domain.md, sections 2 and 3).

An event is written into the case first; then the case settles: what state its facts amount to, and what is to be done. So states
follow from facts in one place, whatever came in which order, and a repeated event changes nothing.

    found --+--> in_review --+--> released --> notified --> acknowledged --> gone --> back (as found)
            +--> ready ------+
            |
            +--> held: a rule, an authority or a person stops it; when that ends, back to where its facts put it
            +--> unverifiable: three answers that say nothing; any other answer leads back
            +--> gone: two absences, from every open state, told or not
            +--> closed: withdrawn, moved, by a person or by appeal; new evidence leads to found again

`MOVES` is that drawing as a table. Gone ends by itself after its last look; only gone counts as removed.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from contracts.cases import OPEN, Case, CaseState
from notices import acts, answers, deliveries, events
from notices.events import Alert, Check, Command, Confirm, Event, LookUp, Note, Refuse
from notices.evidence import carried, leading
from notices.guards import WAITS, Way, judge, way_of
from notices.holds import owes
from notices.reviews import CLOSE, DISPUTE, RELEASE, outcome, words
from notices.rounds import closed
from notices.rules import Rules
from notices.schedule import sooner, unverifiable
from notices.telling import TELLING, ignored, owed, retractions, told, wants, wishes

S = CaseState
TOLD: Final = (S.NOTIFIED, S.ACKNOWLEDGED)
OUT: Final = (S.HELD, S.UNVERIFIABLE, S.GONE, S.CLOSED)
WAYS: Final = (S.IN_REVIEW, S.READY, S.RELEASED)
STARTS: Final = (S.FOUND, S.BACK)
MOVES: Final[dict[CaseState, tuple[CaseState, ...]]] = {
    S.FOUND: (*WAYS, *TOLD, *OUT),
    S.BACK: (*WAYS, *TOLD, *OUT),
    S.IN_REVIEW: (*STARTS, S.READY, S.RELEASED, *TOLD, *OUT),
    S.READY: (*STARTS, S.IN_REVIEW, S.RELEASED, *TOLD, *OUT),
    S.RELEASED: (*STARTS, S.IN_REVIEW, S.READY, *TOLD, *OUT),
    S.NOTIFIED: (*STARTS, *WAYS, S.ACKNOWLEDGED, *OUT),
    S.ACKNOWLEDGED: (*STARTS, *WAYS, S.NOTIFIED, *OUT),
    S.HELD: (*STARTS, *WAYS, *TOLD, S.UNVERIFIABLE, S.GONE, S.CLOSED),
    S.UNVERIFIABLE: (*STARTS, *WAYS, *TOLD, S.HELD, S.GONE, S.CLOSED),
    S.GONE: (S.BACK, S.IN_REVIEW, S.HELD, S.CLOSED),
    S.CLOSED: (S.FOUND, S.HELD),
}
"""From each state, those that one event may lead to. An open case may move to any other open state, since states follow from facts (a
notice that was made before is taken, or comes back); from gone only back and on, from closed only found and on."""


def step(case: Case, event: Event, now: float, rules: Rules) -> tuple[Case, tuple[Command, ...]]:
    """The case after the event, and what is to be done; `now` in unix seconds. Never raises for what an event says.

    Carry commands out in the transaction that writes the case. Tells and retracts are all that the case wishes now.
    """
    after, said = _write(deliveries.live(case, rules), event, now, rules)
    settled, more = settle(after, now, rules)
    if settled.state is not case.state and settled.state not in (S.GONE, S.CLOSED):
        said = (*said, Note(settled.state.value, settled.why))
    return settled, (*said, *more, *_alerts(case, settled, now, rules), *_due(case, settled, event, now, rules))


def _write(case: Case, event: Event, now: float, rules: Rules) -> answers.Step:
    match event:
        case events.Released():
            ready, said = settle(case, now, rules)  # it may have become ready, or ceased to be, as time went by
            after, more = acts.released(ready, event)
            return after, (*said, *more)
        case events.Checked():
            return answers.checked(case, event, rules)
        case events.Composed():
            return deliveries.composed(case, event, rules)
        case events.Tick():
            return sooner(case, rules.rechecks), ()
    return WRITERS[type(event)](case, event)


WRITERS: Final[dict[type, Callable[[Case, Any], answers.Step]]] = {
    events.Opened: answers.opened,
    events.Matched: answers.matched,
    events.EvidenceChanged: answers.evidence_changed,
    events.Succeeded: answers.succeeded,
    events.LookedUp: answers.looked_up,
    events.StopsChanged: answers.stops_changed,
    events.Decided: acts.decided,
    events.Cleared: acts.cleared,
    events.Directed: acts.directed,
    events.Recalled: deliveries.recalled,
    events.Accepted: deliveries.accepted,
    events.Bounced: deliveries.bounced,
    events.Replied: deliveries.replied,
    events.Appealed: deliveries.appealed,
    events.AppealDecided: acts.appeal_decided,
    events.ClosedBy: acts.closed_by,
    events.HeldBy: acts.held_by,
    events.Unheld: acts.unheld,
    events.RetractionFreed: acts.retraction_freed,
    events.LegalHold: acts.legal_hold,
}


def settle(case: Case, now: float, rules: Rules) -> tuple[Case, tuple[Command, ...]]:
    """What the facts amount to."""
    case = _led(case, rules)
    if leading(case.evidence) is None or _baseless(case):
        return _withdrawn(case, now)
    if case.state in (S.GONE, S.CLOSED):
        return case, ()
    lead = case.entry_id
    word = outcome(case, lead)
    said: list[Command] = [Confirm(lead)] if word == RELEASE and _news(case, lead, "confirmed") else []
    said += [Refuse(lead)] if word == DISPUTE and _news(case, lead, "refused") else []
    if word == CLOSE and not told(case):
        last = words(case, lead)[-1]
        ended, note = closed(case, "review", last.why, now, last.person)
        return ended, (*said, note)
    state, why = _state(case, now, rules)
    released_at = case.released_at
    if state is S.RELEASED and not released_at:
        released_at = now
    elif state in (S.FOUND, S.BACK, S.IN_REVIEW, S.READY):
        released_at = 0.0
    case = replace(case, state=state, why=why, released_at=released_at)
    if told(case) and not case.escalate and ignored(case, now, rules):
        case = replace(case, escalate=True)
    if not case.absences and now - case.checked_at > rules.notices.fresh and wants(case, now, rules):
        case = replace(case, next_check=min(case.next_check or now, now))
    return case, tuple(said)


def _state(case: Case, now: float, rules: Rules) -> tuple[CaseState, str]:
    """The state of an open case with evidence, and what stops it."""
    if case.held_by:
        return S.HELD, "held_by_person"
    if unverifiable(case, rules.rechecks):
        return S.UNVERIFIABLE, "moved" if case.moves >= rules.rechecks.unknowns else "unknown"
    if told(case):
        return (S.ACKNOWLEDGED if case.acknowledged_at else S.NOTIFIED), ""
    start = S.BACK if case.back_at and case.back_at == case.round_at else S.FOUND
    if not case.confirmed_at or case.confirmed_at < case.round_at:
        return start, ""
    verdict = judge(case, now, rules)
    why = " ".join(name for name in verdict.failing if name not in WAITS)
    if verdict.way is Way.HELD:
        return S.HELD, why
    if verdict.way is Way.IN_REVIEW:
        return S.IN_REVIEW, why
    if not case.looked_up_at:
        return start, ""
    return (S.READY, why) if verdict.way is Way.READY else (S.RELEASED, "")


def _led(case: Case, rules: Rules) -> Case:
    """With what leads; the last that led stays where nothing is left."""
    lead = leading(case.evidence)
    if lead is None:
        return case
    return replace(
        case,
        entry_id=lead.entry_id,
        near=lead.near,
        kind=lead.kind,
        legality=lead.legality,
        category=lead.category,
        route=way_of(case, rules)[0] if case.looked_up_at else "",
    )


def _baseless(case: Case) -> bool:
    """A notice was made, and stands on nothing any more."""
    return bool(case.bases) and not carried(case)


def _withdrawn(case: Case, now: float) -> tuple[Case, tuple[Command, ...]]:
    """Nothing explains the medium any more: closed, also after it was gone; whoever was told gets a retraction."""
    informed = any(target.informed for target in case.targets)
    if informed and not case.withdrawn_at:
        case = replace(case, withdrawn_at=now, retraction_freed=False)
    if case.state is S.CLOSED:
        return case, ()
    ended, note = closed(case, "withdrawn", "withdrawn", now)
    return ended, (note,)


def _news(case: Case, entry_id: int, field: str) -> bool:
    """Whether the verdict on the pair does not yet say so."""
    return any(one.entry_id == entry_id and not getattr(one, field) for one in case.evidence)


def _alerts(before: Case, case: Case, now: float, rules: Rules) -> tuple[Command, ...]:
    """What has begun that people must look at."""
    reasons = _alarms(case, now, rules) - _alarms(before, now, rules)
    return tuple(Alert(reason) for reason in sorted(reasons))


def _alarms(case: Case, now: float, rules: Rules) -> set[str]:
    found = {"stays"} if case.escalate else set()
    if case.state is S.UNVERIFIABLE:
        found.add("unverifiable")
    if case.state is S.HELD:
        found |= {"brake_entry", "brake_day", "route_police", "bounced"} & set(case.why.split())
    if case.paused:
        found.add("appeal")
    if owes(case) and len(retractions(case, now, rules)) < len(owed(case)):
        found.add("retraction_stopped")
    return found


def _due(before: Case, case: Case, event: Event, now: float, rules: Rules) -> tuple[Command, ...]:
    """What is to be done now, told again at every step until it is."""
    due: list[Command] = []
    tick = isinstance(event, events.Tick)
    if (case.next_check, case.next_route) != (before.next_check, before.next_route) or tick:
        due.append(Check(case.next_check, case.next_route))
    if case.state in OPEN and case.confirmed_at >= max(case.round_at, 1.0):
        waits = case.state in (*TELLING, S.HELD)
        old = waits and now - case.looked_up_at > rules.notices.rdap_age
        if not case.looked_up_at or old:
            due.append(LookUp())
    return (*due, *wishes(case, now, rules), *retractions(case, now, rules))
