"""Acts on cases: listed, shown, closed, stopped, told of further, kept for the law."""

from collections.abc import Sequence
from typing import Final

from contracts.casedesk import CaseFile, Filters
from contracts.cases import OPEN, Case, CaseState, Target
from contracts.desk import Asked as Agreement
from contracts.errors import UsageError
from contracts.people import Identity, may
from contracts.recipients import EMAIL, Recipient
from contracts.refusals import Refusal
from contracts.urls import parse
from notices import events
from notices.desk import sight
from notices.desk.office import Denied, Office, person, said
from notices.desk.words import (
    Asked,
    Authorised,
    Became,
    CaseAsked,
    Cases,
    CasesAsked,
    CaseShown,
    Counts,
    Directed,
    Place,
    Reasoned,
)
from notices.guards import CHOSEN_CLASSES
from notices.recipients.emails import within

SITE: Final = "site-operator"
HISTORY: Final = 500
"""Lines of a case's history that are shown."""


async def ls(office: Office, who: Identity, asked: CasesAsked, now: float) -> Cases:
    """A page of cases. UsageError for a state that there is none of."""
    for state in asked.states:
        if state not in list(CaseState):
            raise UsageError(f"there is no state {state[:40]!r}; there are {', '.join(CaseState)}")
    filters = Filters(asked.states, asked.list, asked.recipient, asked.country.upper(), asked.before)
    lines = await office.store.lines(filters, asked.after, asked.limit)
    return Cases(lines, lines[-1].case if len(lines) == asked.limit else 0)


async def counts(office: Office, who: Identity, asked: Asked, now: float) -> Counts:
    """How many cases there are in each state."""
    return Counts(await office.store.counts())


async def show(office: Office, who: Identity, asked: CaseAsked, now: float) -> CaseShown:
    """A case with its evidence and history; its place only for a purpose, which is written to the audit first."""
    file = await office.store.file(asked.case)
    return await case_for(office, who, file, asked.purpose, "cases.show", now)


async def case_for(office: Office, who: Identity, file: CaseFile, purpose: str, act: str, now: float) -> CaseShown:
    """All of a case that this person may see."""
    number = file.case.case_id
    place = await place_for(office, who, file, purpose, act, now)
    lines = sight.unsealed(file, await office.store.happened(number, HISTORY), office.opener, places=place.shown)
    evidence, notices = await office.store.evidence(number), await office.store.notices_of(number)
    return sight.shown(file, place, evidence, lines, notices, who)


async def place_for(office: Office, who: Identity, file: CaseFile, purpose: str, act: str, now: float) -> Place:
    """Where the medium lies, if this person may know now. "One row per person's read of a location", written before it is shown."""
    place = sight.place(file, office.opener)
    if not place.shown or sight.on_loopback(place):
        return place
    plain = " ".join(purpose.split())
    if not plain:
        return Place(False, sight.SEALED)
    if not may(who, "cases.reveal"):
        raise Denied(f"{who.name} is {who.role}, and sees no places")
    await office.trail.acted(who, act, str(file.case.case_id), plain, 1 + len(place.pages), now)
    return place


async def close(office: Office, who: Identity, asked: Reasoned, now: float) -> Became:
    """Close a case, whatever its state; what was told of it is not taken back. UsageError if it has ended."""
    why = said(asked.why)
    await _open(office, asked.case)
    return await _apply(office, who, asked.case, "cases.close", why, now, events.ClosedBy(who.name, why, now))


async def stop(office: Office, who: Identity, asked: Reasoned, now: float) -> Became:
    """Nobody is told of the case until two people have let it go on. UsageError if it has ended."""
    why = said(asked.why)
    await _open(office, asked.case)
    return await _apply(office, who, asked.case, "cases.stop", why, now, events.HeldBy(who.name, why, now))


async def resume(office: Office, who: Identity, asked: Reasoned, now: float) -> Became:
    """Let a case that a person stopped go on: takes two people. UsageError if nobody has."""
    case = await _open(office, asked.case)
    if not case.held_by:
        raise UsageError(f"nobody has stopped case {asked.case}" + (f"; it is held: {case.why}" if case.why else ""))
    agreed = await _agreed(office, who, asked, "cases.resume", f"{asked.case} {case.held_at:.3f}", now)
    if not agreed.done:
        return Became(asked.case, case.state, False, agreed.by)
    by = tuple(agreed.by)
    return await _apply(office, who, asked.case, "cases.resume", said(asked.why), now, events.Unheld(by, now), by)


async def retract(office: Office, who: Identity, asked: Reasoned, now: float) -> Became:
    """Let retractions go out although an authority asks that somebody is not told: takes two people. UsageError if none waits."""
    case = (await office.store.file(asked.case)).case
    if not case.withdrawn_at or case.retraction_freed:
        raise UsageError(f"no retraction of case {asked.case} waits for people")
    agreed = await _agreed(office, who, asked, "cases.retract", str(asked.case), now)
    if not agreed.done:
        return Became(asked.case, case.state, False, agreed.by)
    by, why = tuple(agreed.by), said(asked.why)
    return await _apply(office, who, asked.case, "cases.retract", why, now, events.RetractionFreed(by, why, now), by)


async def hold(office: Office, who: Identity, asked: Authorised, now: float) -> Became:
    """A legal hold: nothing of the case may be deleted while it lasts. It needs an authority."""
    authority = said(asked.authority, "--authority")
    why = f"{authority}: {asked.why}" if asked.why.strip() else authority
    await office.store.file(asked.case)
    return await _apply(office, who, asked.case, "cases.hold", why, now, events.LegalHold(why, now))


async def unhold(office: Office, who: Identity, asked: Reasoned, now: float) -> Became:
    """Lift a legal hold. UsageError if there is none."""
    why = said(asked.why)
    if not (await office.store.file(asked.case)).case.legal_hold:
        raise UsageError(f"case {asked.case} has no legal hold")
    return await _apply(office, who, asked.case, "cases.unhold", why, now, events.LegalHold("", now))


async def clear(office: Office, who: Identity, asked: Authorised, now: float) -> Became:
    """The police were told first and agree that the provider is told now."""
    authority = said(asked.authority, "--authority")
    await _open(office, asked.case)
    cleared = events.Cleared(who.name, authority, now)
    return await _apply(office, who, asked.case, "cases.clear", authority, now, cleared)


async def tell(office: Office, who: Identity, asked: Directed, now: float) -> Became:
    """Somebody else is told of the case's media as well: "Upstream and registrar steps are always a person's decision". UsageError
    for a site's operator, for whom nobody knows, and if the case has ended."""
    why = said(asked.why)
    if asked.klass not in CHOSEN_CLASSES:
        raise UsageError(f"--class: one of {', '.join(sorted(CHOSEN_CLASSES))}; site operators are told nothing")
    await _open(office, asked.case)
    known = (await office.store.recipients([asked.recipient])).get(asked.recipient)
    if known is None:
        raise UsageError("--recipient: nobody is known by this key; `crawlctl recipients lookup` finds recipients")
    if _inside(office, await office.store.file(asked.case), known):
        # Who is refused learns where the case lies.
        await office.trail.acted(who, "cases.tell", str(asked.case), "refused: the site's own domain", 1, now)
        raise UsageError("--recipient: this contact lies inside the reported site's own domain")
    target = Target(asked.recipient, asked.klass, chosen=True)
    directed = events.Directed(who.name, target, why, now)
    return await _apply(office, who, asked.case, "cases.tell", why, now, directed)


def _inside(office: Office, file: CaseFile, known: Recipient) -> bool:
    """Whether a contact lies inside the reported site's own domain, and no override names it as the platform. UsageError for a site's
    operator, whatever class they are to be told as: "site operators (security.txt too) get nothing"."""
    named = [one.klass for one in file.case.targets if one.recipient == known.key and not one.chosen]
    if SITE in (known.klass, *named):
        raise UsageError("--recipient: this is a site's operator, who is told nothing")
    place = sight.place(file, office.opener)
    url = parse(place.url)
    if not place.shown or isinstance(url, Refusal):
        raise UsageError(f"case {file.case.case_id} has no place any more that could be told of")
    return known.channel == EMAIL and "platform" not in named and within(known.contact, url.host)


async def _open(office: Office, case_id: int) -> Case:
    """The case; UsageError if it has ended."""
    case = (await office.store.file(case_id)).case
    if case.state not in OPEN:
        raise UsageError(f"case {case_id} is {case.state}" + (f" ({case.why})" if case.why else "") + ": it has ended")
    return case


async def _agreed(office: Office, who: Identity, asked: Reasoned, act: str, subject: str, now: float) -> Agreement:
    """Ask for an act that takes two people."""
    return await office.store.ask(act, subject, said(asked.why), person(who), now)


async def _apply(
    office: Office,
    who: Identity,
    case_id: int,
    act: str,
    why: str,
    now: float,
    event: events.Event,
    by: Sequence[str] = (),
) -> Became:
    """Written down, then done."""
    await office.trail.acted(who, act, str(case_id), why, 0, now)
    case = await office.cases.apply(case_id, event)
    return Became(case_id, case.state, True, list(by) or [who.name])
