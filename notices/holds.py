"""What stops a notice: authorities and people; and who ends that (docs/domain.md, section 2)."""

from typing import Final

from contracts.cases import Case, Stop
from notices.reviews import PEOPLE, people

RECIPIENT: Final = "recipient"
ENTRY: Final = "entry"
SCOPES: Final = (RECIPIENT, "site", "case", ENTRY)


def in_force(stop: Stop, now: float) -> bool:
    """Whether an authority's word still counts: "`do_not_notify` with authority and expiry is obeyed by reminders and escalation
    too"."""
    return stop.until == 0.0 or stop.until > now


def stopped(case: Case, recipient: str, now: float) -> bool:
    """Whether this recipient may not be told of this case now. A stop of the case, its site or any of its entries stops all.

    Of retractions: they are stopped too, and people are alerted at once. A retraction takes back an accusation and is due within a
    day, but writing to somebody whom an authority asked not to be written to may warn them; so two people decide, with that
    authority (`notices.events.RetractionFreed`), and until then it waits.
    """
    return any(
        in_force(stop, now) and (stop.scope != RECIPIENT or stop.subject == recipient)
        for stop in case.stops
        if stop.scope != ENTRY or stop.subject in {str(one.entry_id) for one in case.evidence}
    )


def may_unhold(case: Case, by: tuple[str, ...], at: float) -> bool:
    """A person's hold is released by two people ("releasing holds [...] take two people"), after it was set."""
    return bool(case.held_by) and at >= case.held_at and people(by) >= PEOPLE


def owes(case: Case) -> bool:
    """Whether somebody still waits for a retraction."""
    return case.withdrawn_at > 0.0 and any(target.informed and not target.retracted for target in case.targets)
