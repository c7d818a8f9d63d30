"""Whom a case wishes to tell now, and what of it must be taken back (docs/domain.md, section 2).

A case wishes; `notices.grouping` makes notices of wishes. What was wished a minute ago may be wrong now, so it is asked again in
the transaction that composes.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from contracts.cases import Case, CaseState, Target
from contracts.notices import FIRST, ORIGIN, PAGE, PARTNER, REMINDER, RETRACTION
from contracts.recipients import TOLD
from notices.brakes import braked, loosens_at
from notices.events import Retract, Tell
from notices.guards import Way, basis, fresh, judge, main_targets, way_of
from notices.holds import owes, stopped
from notices.routes import NOTIFY, route
from notices.routes import PARTNER as PARTNER_WAY
from notices.rules import Rules

TELLING = (CaseState.RELEASED, CaseState.NOTIFIED, CaseState.ACKNOWLEDGED)
HOLDS: Final = (
    "entry_held", "pair_held", "not_live", "unguarded", "held_by_person", "paused", "review_hold", "review_dispute", "stopped",
)  # fmt: skip
"""Rules that stop also what was made before; switches and brakes were asked then."""
STALE: Final = "it was not seen again for too long"
MOMENT: Final = 0.002
"""Seconds within which two times are one: the outbox keeps them in milliseconds."""


def told(case: Case) -> bool:
    """Whether somebody took a first notice since it came back last, and it has not bounced."""
    return any(target.told_at > 0.0 and not target.bounced for target in case.targets)


def wishes(case: Case, now: float, rules: Rules) -> tuple[Tell, ...]:
    """Who may be told now. Empty while a re-check or a look-up must come first."""
    if case.state not in TELLING:
        return ()
    verdict = judge(case, now, rules)
    if verdict.way not in (Way.ITSELF, Way.RELEASED) or verdict.stale or verdict.unknown:
        return ()
    return tuple(
        tell
        for tell in _wanted(case, now, rules, verdict.entry_id)
        if not stopped(case, tell.recipient, now) and not braked(verdict.entry_id, tell.recipient, now, rules)
    )


def wants(case: Case, now: float, rules: Rules) -> bool:
    """Whether somebody is to be told as soon as it is confirmed and looked up: then a re-check is worth asking for."""
    if case.state not in TELLING:
        return False
    verdict = judge(case, now, rules)
    able = verdict.way in (Way.ITSELF, Way.RELEASED)
    return able and any(not stopped(case, tell.recipient, now) for tell in _wanted(case, now, rules, verdict.entry_id))


def retractions(case: Case, now: float, rules: Rules) -> tuple[Retract, ...]:
    """ "Withdrawn after a notice: a retraction to each recipient within 24 h": to whoever was ever told. In no state is it too late."""
    by_when = case.withdrawn_at + min(
        rules.notices.retract_within, rules.notices.others_within
    )  # a day is left for what fails
    return tuple(
        Retract(recipient, by_when)
        for recipient in owed(case)
        if case.retraction_freed or not stopped(case, recipient, now)
    )


def owed(case: Case) -> tuple[str, ...]:
    """Recipients' keys to whom a retraction is due."""
    if not case.withdrawn_at:
        return ()
    return tuple(sorted({one.recipient for one in case.targets if one.informed and not one.retracted}))


def _wanted(case: Case, now: float, rules: Rules, entry_id: int) -> Iterator[Tell]:
    way, _ = way_of(case, rules)
    main = [one for one in main_targets(case, way) if not one.bounced]
    within = rules.notices.baseline_within if case.legality == "baseline" else rules.notices.others_within
    for one in main:
        if not one.sent_at:
            yield Tell(one.recipient, b"", _first(one, way), case.released_at + within, entry_id)
        elif _reminder_due(one, now, rules):
            due = one.sent_at + rules.notices.remind + rules.notices.others_within
            yield Tell(one.recipient, b"", REMINDER, due, entry_id)
    if way != NOTIFY or not case.accepted_at or now < case.accepted_at + rules.notices.remind:
        return
    have = {one.recipient for one in case.targets if one.notices and not one.place}
    for one in case.targets:
        if one.place and one.recipient and not (one.sent_at or one.former or one.bounced) and one.recipient not in have:
            due = case.accepted_at + rules.notices.remind + rules.notices.others_within
            if one.klass in TOLD and _page_way(case, one, rules) == NOTIFY:
                yield Tell(one.recipient, one.place, PAGE, due, entry_id)


def _page_way(case: Case, page: Target, rules: Rules) -> str:
    """The route of the country in which the page is hosted, which may be another than that of the media."""
    return route(rules.routes, rules.operator.country, page.country, case.legality, case.category)[0]


def stands(
    case: Case, kind: str, recipient: str, places: Iterable[bytes], made_at: float, now: float, rules: Rules
) -> str:
    """Why a notice that was made must not leave now, or empty. A while may lie between the two: a person's retry, a mail server that
    was away, a dry run that ended. Brakes have counted it already."""
    told = [one for one in case.targets if one.recipient == recipient and (kind == RETRACTION or one.place in places)]
    if kind == RETRACTION:
        if stopped(case, recipient, now) and not case.retraction_freed:
            return "an authority asks that they are not told"
        owes = case.withdrawn_at and any(one.retracted for one in told)
        return "" if owes else "there is nothing to take back any more"
    if stopped(case, recipient, now):
        return "an authority asks that they are not told"
    if case.withdrawn_at or case.paused:
        return "what it tells was withdrawn, or somebody appeals"
    if case.held_by or case.state in (CaseState.GONE, CaseState.CLOSED, CaseState.UNVERIFIABLE):
        return f"the case is {'held by a person' if case.held_by else case.state}"
    if not any(abs(one.sent_at - made_at) < MOMENT and not one.former and (rules.dry or not one.dry) for one in told):
        return "the case does not stand by it any more: it came back, others are to be told, or it was for a dry run"
    against = [why for why in judge(case, now, rules).failing if why in HOLDS]
    way = way_of(case, rules)[0]
    ways = (NOTIFY, PARTNER_WAY) if kind == REMINDER else (PARTNER_WAY if kind == PARTNER else NOTIFY,)
    if way not in ways:
        against.append(f"route {way}")
    if against or basis(case, rules) is None:
        return f"the rules stop it now: {', '.join(against) or 'nobody has released it'}"
    return "" if fresh(case, now, rules) else STALE


def _first(target: Target, way: str) -> str:
    if way == PARTNER_WAY:
        return PARTNER
    return ORIGIN if target.klass == "reverse-proxy" else FIRST


def _reminder_due(target: Target, now: float, rules: Rules) -> bool:
    """The first notice was taken, a while has passed since the last one, and reminders are left."""
    sent = target.notices <= rules.notices.reminders
    return target.told_at > 0.0 and sent and now >= target.sent_at + rules.notices.remind


def ignored(case: Case, now: float, rules: Rules) -> bool:
    """Whether all who were told have had their reminders and still did nothing: then people decide what to do."""
    main = [one for one in main_targets(case, way_of(case, rules)[0]) if not one.bounced]
    return bool(main) and all(
        one.told_at > 0.0 and one.notices > rules.notices.reminders and now >= one.sent_at + rules.notices.remind
        for one in main
    )


def wakes_at(case: Case, now: float, rules: Rules) -> float:
    """When time alone may change something next, re-checks aside: a reminder, the pages' hosts, the end of a stop. 0.0: never."""
    ends = [stop.until for stop in case.stops]
    if case.state not in (*TELLING, CaseState.HELD):
        return min((at for at in ends if at > now), default=0.0) if owes(case) else 0.0
    times = [one.sent_at + rules.notices.remind for one in case.targets if one.sent_at]
    times += [case.accepted_at + rules.notices.remind] if case.accepted_at else []
    times += ends
    times += [loosens_at(one.entry_id, now, rules) for one in case.evidence]
    return min((at for at in times if at > now), default=0.0)
