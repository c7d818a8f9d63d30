"""How a case begins anew and how it ends: back, reopened, appealed, closed. Each new beginning is a round (domain, sections 2, 3).

What people decided in an earlier round counts no more, and whom it told is told anew; that they were told is kept, for a retraction. A person's hold and an open appeal outlast it.
"""

from msgspec.structs import replace

from contracts.cases import Case, CaseState, Run, Target
from notices.events import Note
from notices.evidence import alive, sure
from notices.reviews import name_of

RUNS = 50
"""Earlier ways to removal that are kept of a case."""


def back(case: Case, at: float) -> Case:
    """It was gone and is there again: "goes the whole way again"."""
    run = Run(case.accepted_at, case.first_absent_at, case.gone_at)
    return replace(_anew(case, at), state=CaseState.BACK, back_at=at, runs=(*case.runs, run)[-RUNS:])


def reopened(case: Case, at: float) -> Case:
    """A closed case has evidence that it did not have, or was seen again: from the beginning, and never told by itself.

    A retraction that is owed stays owed, unless an exact match of a verified entry says now that there was nothing to take back.
    """
    proven = any(alive(one) and sure(one) for one in case.evidence)
    return replace(
        _anew(case, at),
        state=CaseState.FOUND,
        reopened_at=at,
        closed_at=0.0,
        ending="",
        why="",
        successor=0,
        bases=(),
        withdrawn_at=0.0 if proven else case.withdrawn_at,
    )


def _anew(case: Case, at: float) -> Case:
    return replace(
        case,
        round=case.round + 1,
        round_at=at,
        targets=tuple(_untold(target) for target in case.targets),
        begun=(),
        looked_up_at=0.0,
        cleared_by="",
        absences=(),
        one_route=False,
        unknowns=0,
        moves=0,
        watch=0,
        released_at=0.0,
        notified_at=0.0,
        accepted_at=0.0,
        acknowledged_at=0.0,
        reminded=0,
        escalate=False,
        first_absent_at=0.0,
        gone_at=0.0,
        next_check=at,
        next_route="direct",
    )


def _untold(target: Target) -> Target:
    return replace(target, told_at=0.0, sent_at=0.0, notices=0, bounced=False, chosen=False)


def closed(case: Case, ending: str, why: str, at: float, person: str = "") -> tuple[Case, Note]:
    """Close it: one of `contracts.cases.ENDINGS`. None of them is removal: "Only gone closes as removed".
    An appeal that is open stays so, unless all is taken back."""
    ended = replace(
        case,
        state=CaseState.CLOSED,
        ending=ending,
        why=ending if person else why,  # a person's words may hold a name: they are sealed, in the history alone
        closed_at=at,
        escalate=False,
        paused=case.paused and ending not in ("appeal", "withdrawn"),
        next_check=0.0,
        next_route="direct",
    )
    return with_part(ended, person), Note(f"closed_{ending}", why, person)


def with_part(case: Case, *people: str) -> Case:
    """Remember who had a part in it, for "a person not involved decides again"."""
    names = {name for person in people if (name := name_of(person))}
    return case if names <= set(case.involved) else replace(case, involved=tuple(sorted(names.union(case.involved))))
