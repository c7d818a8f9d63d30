"""What became of notices: made, taken, come back, answered (docs/domain.md, sections 2 and 5)."""

from collections.abc import Callable

from msgspec.structs import replace

from contracts.cases import Case, CaseState, Target
from contracts.notices import RETRACTION
from notices.answers import Step
from notices.events import Accepted, Appealed, Bounced, Composed, Note, Recalled, Replied
from notices.guards import basis
from notices.rules import Rules
from notices.telling import MOMENT


def composed(case: Case, event: Composed, rules: Rules) -> Step:
    """A notice is in the outbox: it may have been sent from now on, so a retraction is owed to this recipient if it was wrong."""
    if event.kind == RETRACTION:
        targets = tuple(
            replace(one, retracted=True) if one.recipient == event.recipient and one.informed else one
            for one in case.targets
        )
        if targets == case.targets or not case.withdrawn_at or event.at < case.withdrawn_at:
            return case, ()
        return replace(case, targets=targets), (Note("retraction", event.recipient),)
    if event.at < case.round_at:
        return case, ()

    def sent(one: Target) -> Target:
        if event.at <= one.sent_at:
            return one
        dry = rules.dry and (one.dry or not one.informed)
        return replace(one, sent_at=event.at, notices=one.notices + 1, informed=True, retracted=False, dry=dry)

    targets = _at(case, event.recipient, event.places, sent)
    if targets == case.targets:
        return case, ()
    ground = basis(case, rules)
    entry_id = ground.entry_id if ground is not None else case.entry_id
    case = replace(
        case,
        targets=targets,
        withdrawn_at=case.withdrawn_at if case.state is CaseState.CLOSED else 0.0,
        bases=tuple(sorted({*case.bases, entry_id})),
        begun=tuple(sorted({*case.begun, entry_id})),
        reminded=max((one.notices - 1 for one in targets if not one.place and one.notices), default=0),
    )
    return case, (Note(f"notice_{event.kind}", event.recipient),)


def recalled(case: Case, event: Recalled) -> Step:
    """A notice was stopped before anybody could have it. Of a first one nothing is left but its line, so that it is told anew once it
    may be; a reminder is due again after its time; a retraction is owed again."""
    if event.kind == RETRACTION:

        def owed(one: Target) -> Target:
            return replace(one, retracted=False) if one.recipient == event.recipient and one.informed else one

        targets = tuple(map(owed, case.targets))
    else:

        def unsent(one: Target) -> Target:
            if abs(one.sent_at - event.made_at) >= MOMENT or not one.notices:
                return one
            if one.told_at:
                return replace(one, notices=one.notices - 1, sent_at=max(event.at, event.made_at + 2 * MOMENT))
            only = one.notices == 1 and not case.round
            return replace(one, notices=one.notices - 1, sent_at=0.0, informed=one.informed and not only)

        targets = _at(case, event.recipient, event.places, unsent)
    if targets == case.targets:
        return case, ()
    return _without(case, targets), (Note("recalled", event.recipient),)


def live(case: Case, rules: Rules) -> Case:
    """Now that notices really leave: who was told by a dry run alone was told nothing, and what began there has not begun."""
    if rules.dry or not any(one.dry for one in case.targets):
        return case

    def untold(one: Target) -> Target:
        plain = {"sent_at": 0.0, "told_at": 0.0, "notices": 0, "informed": False, "retracted": False}
        return replace(one, **plain, bounced=False, dry=False) if one.dry else one

    return _counted(_without(case, tuple(map(untold, case.targets))))


def _without(case: Case, targets: tuple[Target, ...]) -> Case:
    """With these targets; where nobody was told any more, on no ground."""
    informed = any(one.informed for one in targets)
    return replace(
        case,
        targets=targets,
        begun=case.begun if any(one.notices for one in targets) else (),
        bases=case.bases if informed else (),
        withdrawn_at=case.withdrawn_at if informed else 0.0,
        reminded=max((one.notices - 1 for one in targets if not one.place and one.notices), default=0),
    )


def accepted(case: Case, event: Accepted) -> Step:
    """A recipient took it. Removal time counts from the first time."""
    if event.kind == RETRACTION or case.state is CaseState.CLOSED:
        return case, ()

    def taken(one: Target) -> Target:
        taken_now = one.sent_at > 0.0 and event.at >= one.sent_at and not one.told_at
        return replace(one, told_at=event.at) if taken_now else one

    targets = _at(case, event.recipient, (event.place,), taken)
    if targets == case.targets:
        return case, ()
    return _counted(replace(case, targets=targets)), (Note("accepted", event.recipient),)


def bounced(case: Case, event: Bounced) -> Step:
    """It came back: this recipient took nothing after all, and another is looked up."""

    def returned(one: Target) -> Target:
        return replace(one, bounced=True) if one.sent_at > 0.0 and event.at >= one.sent_at else one

    if case.state is CaseState.CLOSED:
        return case, ()
    targets = _at(case, event.recipient, (event.place,), returned)
    if targets == case.targets:
        return case, ()
    return _counted(replace(case, targets=targets, looked_up_at=0.0)), (Note("bounced", event.recipient),)


def _counted(case: Case) -> Case:
    """With the times that count from the recipients who took it."""
    if case.state is CaseState.GONE:
        return case
    first = min((one.told_at for one in case.targets if one.told_at and not one.bounced), default=0.0)
    return replace(case, accepted_at=first, notified_at=first)


def replied(case: Case, event: Replied) -> Step:
    """ "'Removed' only triggers a re-check." An answer is acknowledged, whatever it says."""
    told = any(one.informed for one in case.targets)
    if case.state in (CaseState.CLOSED, CaseState.GONE) or not told or event.at < case.round_at:
        return case, ()
    before = case
    if not case.acknowledged_at and case.accepted_at:
        case = replace(case, acknowledged_at=event.at)
    if event.kind == "removed" and event.at > case.checked_at and not 0.0 < case.next_check <= event.at:
        case = replace(case, next_check=event.at)
    return case, (Note("reply", event.kind),) if case != before else ()


def appealed(case: Case, event: Appealed) -> Step:
    """ "Anyone told may appeal; [...] notices pause meanwhile." """
    told = any(one.informed for one in case.targets)
    taken_back = case.withdrawn_at > 0.0 and case.state is CaseState.CLOSED
    if not told or taken_back or event.at <= case.appealed_at:
        return case, ()
    case = replace(case, paused=True, appealed_at=event.at, round=case.round + 1, kept_round=-1)
    return case, (Note("appeal"),)


def _at(
    case: Case, recipient: str, places: tuple[bytes, ...], change: Callable[[Target], Target]
) -> tuple[Target, ...]:
    return tuple(change(one) if one.recipient == recipient and one.place in places else one for one in case.targets)
