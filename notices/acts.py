"""What people do with a case, written into it (docs/domain.md, section 2). What the rules refuse changes nothing and is noted."""

from msgspec.structs import replace

from contracts.cases import Case, CaseState
from notices.answers import Step
from notices.events import (
    AppealDecided,
    Cleared,
    ClosedBy,
    Decided,
    Directed,
    HeldBy,
    LegalHold,
    Note,
    Released,
    RetractionFreed,
    Unheld,
)
from notices.evidence import leading
from notices.guards import CHOSEN_CLASSES
from notices.holds import may_unhold
from notices.reviews import PEOPLE, involved, needed, people, refused, with_word
from notices.rounds import closed, with_part

ENDED = (CaseState.GONE, CaseState.CLOSED)


def decided(case: Case, event: Decided) -> Step:
    """A reviewer's word. Who was refused has had a part in it all the same."""
    word = event.decision
    if case.state in ENDED:
        return case, ()
    if why := refused(case, word):
        return with_part(case, word.person), (Note("decision_refused", why, word.person),)
    decisions = with_word(case.decisions, word)
    if decisions == case.decisions:
        return case, ()
    case = with_part(replace(case, decisions=decisions), word.person)
    return case, (Note(f"decision_{word.decision}", word.why, word.person),)


def released(case: Case, event: Released) -> Step:
    """ "A supervisor releases them in bulk"; two where the list lacks `may_notify`. Only what is ready, on the ground shown."""
    again = case.released_round == case.round and case.released_entry == event.entry_id
    if event.at < case.round_at or (again and set(event.by) <= set(case.released_by)):
        return case, ()
    lead = leading(case.evidence)
    who = ", ".join(event.by)
    if case.state is not CaseState.READY or lead is None or lead.entry_id != event.entry_id:
        return case, (Note("release_refused", "not_ready", who),)
    if people(event.by) < needed(lead):
        return case, (Note("release_refused", "two_people", who),)
    case = replace(case, released_by=event.by, released_entry=event.entry_id, released_round=case.round)
    return with_part(case, *event.by), (Note("release", person=who),)


def cleared(case: Case, event: Cleared) -> Step:
    """The police agree."""
    if case.state in ENDED or case.cleared_by or event.at < case.round_at or not event.authority.strip():
        return case, ()
    return with_part(replace(case, cleared_by=event.person), event.person), (
        Note("cleared", event.authority, event.person),
    )


def directed(case: Case, event: Directed) -> Step:
    """ "Upstream and registrar steps are always a person's decision." Nobody decides that a site's operator is told."""
    target = event.target
    if case.state in ENDED or event.at < case.round_at:
        return case, ()
    if target.klass not in CHOSEN_CLASSES or not target.recipient or not event.person.strip():
        return case, (Note("target_refused", target.klass, event.person),)
    known = {(one.recipient, one.place): one for one in case.targets}
    have = known.get((target.recipient, target.place))
    if have is not None and have.chosen:
        return case, ()
    plain = {"klass": target.klass, "why": event.why, "chosen": True, "former": False}
    known[target.recipient, target.place] = replace(have or target, **plain)
    case = with_part(replace(case, targets=tuple(known.values()), escalate=False), event.person)
    return case, (Note("target", event.why, event.person),)


def appeal_decided(case: Case, event: AppealDecided) -> Step:
    """ "A person not involved decides again." """
    if not case.paused or event.at < case.appealed_at:
        return case, ()
    if involved(case, event.person) or not event.person.strip():
        return case, (Note("appeal_refused", "involved", event.person),)
    if event.granted:
        case = replace(case, withdrawn_at=event.at)
        ended, note = closed(case, "appeal", event.why, event.at, event.person)
        return ended, (note,)
    case = replace(case, paused=False, kept_round=case.round)
    return with_part(case, event.person), (Note("appeal_kept", event.why, event.person),)


def closed_by(case: Case, event: ClosedBy) -> Step:
    """Closing takes a why, and is never removal."""
    if case.state in ENDED or event.at < case.round_at:
        return case, ()
    if not event.why.strip():
        return case, (Note("close_refused", "no_why", event.person),)
    ended, note = closed(case, "person", event.why, event.at, event.person)
    return ended, (note,)


def held_by(case: Case, event: HeldBy) -> Step:
    """A person holds it."""
    if case.state in ENDED or event.at <= case.held_at or event.at < max(case.round_at, case.unheld_at):
        return case, ()
    case = replace(case, held_by=event.person, held_why=event.why, held_at=event.at)
    return with_part(case, event.person), (Note("hold", event.why, event.person),)


def unheld(case: Case, event: Unheld) -> Step:
    """Two people release a person's hold."""
    if not case.held_by or event.at < case.held_at:
        return case, ()
    if not may_unhold(case, event.by, event.at):
        return case, (Note("unhold_refused", "two_people", ", ".join(event.by)),)
    case = replace(case, held_by="", held_why="", unheld_at=event.at)
    return with_part(case, *event.by), (Note("unhold", person=", ".join(event.by)),)


def retraction_freed(case: Case, event: RetractionFreed) -> Step:
    """Two people send retractions in spite of an authority's stop."""
    if not case.withdrawn_at or case.retraction_freed or event.at < case.withdrawn_at:
        return case, ()
    if people(event.by) < PEOPLE:
        return case, (Note("retraction_refused", "two_people", ", ".join(event.by)),)
    return replace(case, retraction_freed=True), (Note("retraction_freed", event.why, ", ".join(event.by)),)


def legal_hold(case: Case, event: LegalHold) -> Step:
    """Nothing of it is deleted."""
    if event.at <= case.legal_hold_at:
        return case, ()
    what = "legal_hold" if event.why else "legal_hold_lifted"
    note = Note(what, event.why if event.person else "", event.person)
    return replace(case, legal_hold=event.why, legal_hold_at=event.at), (note,)
