"""What the rules forbid, as plain sentences over what happened to a case.

It reads nothing but a history: events, the rules at that time, what was told, and in which state people saw the case. By another
road than `notices`: no state of its own, no settling.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from contracts.cases import CaseState, Decision, Evidence, Presence
from contracts.notices import FIRST, ORIGIN, PAGE, PARTNER, REMINDER, RETRACTION
from notices import events as e
from notices.case import MOVES
from notices.routes import shipped
from notices.rules import Rules
from tests.unit.notices.courses import DAY, HOUR, START


@dataclass(frozen=True)
class Moment:
    """An event, what it led to, and what people saw before and after."""

    event: e.Event
    now: float
    rules: Rules
    before: CaseState
    after: CaseState
    tells: tuple[e.Tell, ...]
    ground: int = 0
    """Of `Composed`: the entry on whose ground it was told."""


def forbidden(history: Sequence[Moment], tell: e.Tell) -> Iterator[str]:
    """Why this tell may not be, in the words of the rules; nothing if it may."""
    last = history[-1]
    now, by = last.now, last.rules
    said = [moment.event for moment in history]
    run = max((n for n, moment in enumerate(history) if ended(moment.before) and not ended(moment.after)), default=0)
    since = history[run].now if run else START
    known = evidence(history)
    ground = known.get(tell.entry_id)
    if ground is None:
        yield "it stands on no evidence"
        return
    # "Only an exact match of an entry that is verified, csam, may_notify, not held [...]"
    if ground.kind != "csam":
        yield "only csam may reach a notice"
    if ground.standing in ("withdrawn", "held") or ground.held or ground.refused:
        yield "held, withdrawn or refused"
    if not ground.live or not ground.guarded:
        yield "no list lets it match, or the guards have not passed"
    if not any(allowed(history, run, since, ground, by)):
        yield "neither exact, verified and switched on, nor released by the people that it takes"
    # "re-checked by the same digest within 6 h"
    checks = [one for one in said if isinstance(one, e.Checked) and one.at >= since]
    newest = max((one.at for one in checks), default=0.0)
    if not any(one.same and one.presence is Presence.PRESENT and one.at == newest for one in checks):
        yield "the last re-check did not see the same digest"
    if now - newest > 6 * HOUR:
        yield "not re-checked within 6 h"
    yield from wrong_way(history, run, since, tell, ground)
    yield from out_of_turn(history, run, since, tell)
    # "`do_not_notify` with authority and expiry is obeyed by reminders and escalation too"
    stops = newest_of(said, e.StopsChanged)
    for stop in stops.stops if stops else ():
        names = {"recipient": (tell.recipient,), "entry": tuple(str(n) for n in known)}.get(stop.scope, ("",))
        if (not stop.until or stop.until > now) and stop.subject in names:
            yield f"an authority asks that {stop.scope} is not told"
    # "Brakes: at most 5 recipients per entry in its first 24 h, at most 2,000 notices a day"
    load = by.load.entries.get(tell.entry_id)
    if by.load.notices >= 2000:
        yield "2,000 notices a day"
    if load and now < load.first_at + DAY and len({*load.recipients, tell.recipient}) > 5:
        yield "a sixth recipient of an entry in its first day"
    # people
    holds = [one.at for one in said if isinstance(one, e.HeldBy)]
    frees = [one.at for one in said if isinstance(one, e.Unheld) and len(names_of(one.by)) > 1]
    if holds and not any(at >= max(real_holds(history), default=0.0) for at in frees) and real_holds(history):
        yield "a person holds it"
    if ended(last.after):
        yield "it is gone or closed"


def real_holds(history: Sequence[Moment]) -> list[float]:
    """When people held it while it was open; what came again later is no new hold."""
    seen: set[float] = set()
    found = []
    for moment in history:
        if isinstance(moment.event, e.HeldBy) and moment.event.at not in seen and not ended(moment.before):
            found.append(moment.event.at)
        if isinstance(moment.event, e.HeldBy):
            seen.add(moment.event.at)
    return found


def ended(state: CaseState) -> bool:
    return state in (CaseState.GONE, CaseState.CLOSED)


def names_of(people: Sequence[str]) -> set[str]:
    return {person.strip().lower() for person in people}


def newest_of(said: Sequence[e.Event], kind: type) -> Any:
    """The newest event of a kind by its own time; of two look-ups of one time the first, of other news the last."""
    found: list[Any] = [one for one in said if isinstance(one, kind)]
    order = found if kind is e.LookedUp else [*reversed(found)]
    return max(order, key=lambda one: one.at, default=None)


def evidence(history: Sequence[Moment]) -> dict[int, Evidence]:
    """Each entry as the newest word on it says; whom a newer list of all evidence leaves out is withdrawn."""
    known: dict[int, Evidence] = {}
    newest = 0.0
    for event in (moment.event for moment in history):
        if isinstance(event, (e.Opened, e.Matched)):
            known = {one.entry_id: one for one in event.evidence} | known
        if isinstance(event, e.EvidenceChanged) and event.at >= newest:
            newest = event.at
            gone = {number: replace(one, standing="withdrawn") for number, one in known.items()}
            known = gone | {one.entry_id: one for one in event.evidence}
    return known


def allowed(history: Sequence[Moment], run: int, since: float, ground: Evidence, by: Rules) -> Iterator[bool]:
    """The four ways to a notice."""
    sure = not ground.near and ground.standing == "verified"
    said = [moment.event for moment in history]
    reopened = any(moment.before is CaseState.CLOSED and moment.after is not CaseState.CLOSED for moment in history)
    yield sure and ground.notify and by.switches.sending and by.switches.auto and not reopened
    informed = [n for n, moment in enumerate(history) if isinstance(moment.event, e.Composed)]
    appeals = [one.at for n, one in enumerate(said) if isinstance(one, e.Appealed) and informed and informed[0] < n]
    anew = max([since, *appeals])
    # "Otherwise exact cases become ready: a supervisor releases them in bulk"; two where the list lacks may_notify
    yield (sure or ground.confirmed) and any(
        isinstance(one, e.Released)
        and one.entry_id == ground.entry_id
        and one.at >= anew
        and len(names_of(one.by)) >= (1 if ground.notify else 2)
        for one in said
    )
    # "Near ones need two decisions whose basis is [...]"
    words: dict[str, list[Decision]] = {}
    for one in said:
        if isinstance(one, e.Decided) and one.decision.entry_id == ground.entry_id and one.decision.at >= anew:
            words.setdefault(one.decision.person.strip().lower(), []).append(one.decision)
    release = 0
    for theirs in words.values():
        counting = [one for one in theirs if one.decision != "release" or one.basis != "metadata-only"]
        newest = max((one.at for one in counting), default=0.0)
        release += any(one.at == newest and one.decision == "release" for one in counting)
    yield release >= 2
    # what has begun goes on, unless somebody appeals; then it takes a person not involved
    begun = any(moment.ground == ground.entry_id for moment in history[run:])
    kept = (
        any(isinstance(one, e.AppealDecided) and not one.granted and one.at >= max(appeals) for one in said)
        if appeals
        else False
    )
    yield begun and (sure or ground.confirmed or kept)


def wrong_way(history: Sequence[Moment], run: int, since: float, tell: e.Tell, ground: Evidence) -> Iterator[str]:
    """Routes and recipients."""
    by = history[-1].rules
    said = [moment.event for moment in history]
    looked = newest_of([one for one in said if isinstance(one, e.LookedUp) and one.at >= since], e.LookedUp)
    if looked is None:
        yield "nobody was looked up"
        return
    cleared = any(isinstance(one, e.Cleared) and one.at >= since for one in said)
    home = looked.country == "AA"
    if not looked.country or not by.operator.country:
        yield "no two methods agree on the hosting country, or the operator has none"
    if by.routes is not shipped() and not (home and cleared):
        yield "the police first"
    if by.routes is shipped() and home == (tell.kind == PARTNER) and tell.kind != REMINDER:
        yield "at home the host, abroad the partner hotline"
    named = [one for one in looked.targets if (one.recipient, one.place) == (tell.recipient, tell.place)]
    chosen = [
        one.target
        for one in said
        if isinstance(one, e.Directed) and one.target.recipient == tell.recipient and one.at >= since
    ]
    classes = {one.klass for one in named}
    if "partner" in classes and home:
        yield "a partner hotline is no host"
    by_people = any(one.klass != "site-operator" for one in chosen)
    if not classes & {"host", "platform", "reverse-proxy", "partner"} and not by_people:
        yield "upstream and registrars by a person's decision only, site operators never"


def out_of_turn(history: Sequence[Moment], run: int, since: float, tell: e.Tell) -> Iterator[str]:
    """Kinds of notices and when they may be."""
    now = history[-1].now
    mine = [
        moment.event
        for moment in history
        if isinstance(moment.event, e.Composed)
        and moment.event.recipient == tell.recipient
        and tell.place in moment.event.places
        and moment.event.kind != RETRACTION
        and moment.event.at >= since
    ]
    sent = {one.at for one in mine}
    taken = [moment.event for moment in history if isinstance(moment.event, e.Accepted) and moment.event.at >= since]
    if tell.kind in (FIRST, ORIGIN, PARTNER) and sent:
        yield "a second first notice"
    if tell.kind == REMINDER:
        if not any(one.recipient == tell.recipient and one.place == tell.place for one in taken):
            yield "a reminder of what nobody took"
        if len(sent) > 2 or now < max(sent, default=now) + 3 * DAY:
            yield "a third reminder, or too early"
    if tell.kind == PAGE:
        media = [one.at for one in taken if one.place == b""]
        if sent or not media or now < min(media) + 3 * DAY:
            yield "pages' hosts are told if it stays"
    if any(
        isinstance(moment.event, e.Bounced) and moment.event.recipient == tell.recipient and moment.event.at > min(sent)
        for moment in history
        if sent
    ):
        yield "it bounced there"


def misled(history: Sequence[Moment], said: Sequence[e.Command]) -> Iterator[str]:
    """What holds of every step besides tells."""
    last = history[-1]
    if last.after is not last.before and last.after not in MOVES[last.before]:
        yield f"no way leads from {last.before} to {last.after}"
    informed = {
        one.event.recipient for one in history if isinstance(one.event, e.Composed) and one.event.kind != RETRACTION
    }
    for one in said:
        if isinstance(one, e.Retract) and one.recipient not in informed:
            yield "a retraction to somebody who was told nothing"
    # "Withdrawn after a notice: a retraction to each recipient within 24 h"
    alive = [one for one in evidence(history).values() if one.standing != "withdrawn" and not one.refused]
    stops = newest_of([one.event for one in history], e.StopsChanged)
    if not alive and not (stops and stops.stops):
        made = sorted((one.event for one in history if isinstance(one.event, e.Composed)), key=lambda one: one.at)
        sent = {one.recipient: one.kind for one in made}
        owed = {recipient for recipient, kind in sent.items() if kind != RETRACTION}
        if owed - {one.recipient for one in said if isinstance(one, e.Retract)}:
            yield "nothing is taken back"
    # "Anyone told may appeal; [...] notices pause meanwhile"
    open_appeal = False
    told = False
    answered = 0.0
    for moment in history:
        event = moment.event
        told = told or (isinstance(event, e.Composed) and event.kind != RETRACTION)
        if isinstance(event, e.Appealed) and told and event.at > answered:
            open_appeal = open_appeal or moment.after is not CaseState.CLOSED
            answered = event.at
        if isinstance(event, e.AppealDecided) and event.at >= answered:
            parts = involved(history, moment)
            if event.person.strip().lower() not in parts:
                open_appeal = False
        if moment.after is CaseState.CLOSED:
            open_appeal = False
    if open_appeal and last.tells:
        yield "told while an appeal is open"
    # "Only gone closes as removed": two absences a day apart
    if last.after is CaseState.GONE and last.before is not CaseState.GONE:
        absent = [m.event.at for m in history if isinstance(m.event, e.Checked) and m.event.presence is Presence.ABSENT]
        if max(absent) - min(absent) < DAY:
            yield "gone without two absences a day apart"


def involved(history: Sequence[Moment], until: Moment) -> set[str]:
    """People whose words, releases or holds counted before."""
    found: set[str] = set()
    for moment in history[: history.index(until)]:
        event = moment.event
        if isinstance(event, e.Decided) and not ended(moment.before):
            found.add(event.decision.person.strip().lower())
    return found
