"""Whom a case wishes to tell now, and what of it must be taken back (docs/domain.md, section 2).

A case wishes; `notices.grouping` makes notices of wishes. What was wished a minute ago may be wrong now, so it is asked again in
the transaction that composes.
"""

from collections.abc import Iterator

from contracts.cases import Case, CaseState, Target
from contracts.notices import FIRST, ORIGIN, PAGE, PARTNER, REMINDER
from contracts.recipients import TOLD
from notices.brakes import braked, loosens_at
from notices.events import Retract, Tell
from notices.guards import Way, judge, main_targets, way_of
from notices.holds import stopped
from notices.routes import NOTIFY
from notices.routes import PARTNER as PARTNER_WAY
from notices.rules import Rules

TELLING = (CaseState.RELEASED, CaseState.NOTIFIED, CaseState.ACKNOWLEDGED)


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
    by_when = case.withdrawn_at + rules.notices.retract_within
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
            if one.klass in TOLD:
                yield Tell(one.recipient, one.place, PAGE, due, entry_id)


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
    if case.state not in (*TELLING, CaseState.HELD):
        return 0.0
    times = [one.sent_at + rules.notices.remind for one in case.targets if one.sent_at]
    times += [case.accepted_at + rules.notices.remind] if case.accepted_at else []
    times += [stop.until for stop in case.stops]
    times += [loosens_at(one.entry_id, now, rules) for one in case.evidence]
    return min((at for at in times if at > now), default=0.0)
