"""Whether a case may lead to a notice by itself, by a supervisor's release, by two reviewers, or not at all (domain, section 2).

"Only an exact match of an entry that is verified, `csam`, `may_notify`, not held, and re-checked by the same digest within 6 h; and
only where the operator has switched sending on. Otherwise exact cases become `ready`." Pure, and each rule that is not met is named.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from contracts.cases import Case, Evidence, Target
from contracts.recipients import TOLD
from notices.brakes import braked
from notices.evidence import CSAM, VERIFIED, alive, blocked, leading, sure
from notices.holds import stopped
from notices.reviews import bulk, outcome, releases
from notices.routes import HOLD, NOTIFY, PARTNER, POLICE, route
from notices.rules import Rules

PARTNER_CLASS: Final = "partner"
CHOSEN_CLASSES: Final = (*TOLD, PARTNER_CLASS, "network", "registrar")
"""Classes that a person may decide to tell. Site operators are told by nobody: they may be who did it."""


WAITS: Final = ("stale", "unknown")
"""What does not stop a case, but must come first: a re-check, a look-up."""


class Way(StrEnum):
    """What may become of a case now."""

    ITSELF = "itself"
    RELEASED = "released"  # people have released it
    READY = "ready"
    IN_REVIEW = "in_review"
    HELD = "held"
    NOTHING = "nothing"  # no evidence is left


class Verdict(Struct, frozen=True):
    """`failing`: every rule that keeps the case from being told by itself now. `entry_id` is the evidence on whose ground it may be
    told, 0 if it may not. `stale`: it must be re-checked first; `unknown`: recipients must be looked up first."""

    way: Way
    failing: tuple[str, ...] = ()
    entry_id: int = 0
    stale: bool = False
    unknown: bool = False


def fresh(case: Case, now: float, rules: Rules) -> bool:
    """ "re-checked by the same digest within 6 h", and nothing else was seen since."""
    return (
        case.confirmed_at > 0.0
        and case.confirmed_at == case.checked_at
        and case.confirmed_at >= case.round_at
        and now - case.confirmed_at <= rules.notices.fresh
    )


def main_targets(case: Case, way: str) -> tuple[Target, ...]:
    """Who is told first on this route: of the media itself, the host (platform, reverse proxy), or the partner hotline alone;
    besides whom a person has chosen."""
    classes = TOLD if way == NOTIFY else (PARTNER_CLASS,) if way == PARTNER else ()
    return tuple(
        one
        for one in case.targets
        if one.recipient
        and not one.place
        and not one.former
        and (one.klass in classes or (one.chosen and way == NOTIFY and one.klass in CHOSEN_CLASSES))
    )


def way_of(case: Case, rules: Rules) -> tuple[str, str]:
    """(route, why). Police first, until they agreed: then as if the route were to notify."""
    lead = leading(case.evidence)
    if lead is None:
        return HOLD, "no_evidence"
    way, why = route(rules.routes, rules.operator.country, case.country, lead.legality, lead.category)
    return (NOTIFY, "") if way == POLICE and case.cleared_by else (way, why)


def judge(case: Case, now: float, rules: Rules) -> Verdict:
    """What may become of the case. Order of the answers: nothing left, held, in review, ready, released or by itself."""
    lead = leading(case.evidence)
    if lead is None:
        return Verdict(Way.NOTHING, ("withdrawn",))
    ground = basis(case, rules)
    holds = [*_held(lead), *(["held_by_person"] if case.held_by else ()), *(["paused"] if case.paused else ())]
    holds += [*_review_holds(case, lead), *(["stopped"] if _all_stopped(case, now, rules) else ())]
    doubts = _doubts(lead)
    switches = _switches(case, lead, rules)
    unknown = case.looked_up_at <= 0.0 or now - case.looked_up_at > rules.notices.rdap_age
    roads = [] if case.looked_up_at <= 0.0 else _roads(case, ground or lead, now, rules)
    stale = not fresh(case, now, rules)
    failing = (*holds, *doubts, *switches, *roads, *(["stale"] if stale else ()), *(["unknown"] if unknown else ()))
    if holds:
        way = Way.HELD
    elif ground is None and not bulk(lead):
        way = Way.IN_REVIEW
    elif [road for road in roads if ground is not None or not road.startswith("brake")]:
        way = Way.HELD
    elif ground is None:
        way = Way.READY
    else:
        way = Way.ITSELF if not doubts and not switches else Way.RELEASED
    told = ground.entry_id if ground is not None and way in (Way.ITSELF, Way.RELEASED) else 0
    return Verdict(way, failing, told, stale, unknown)


def basis(case: Case, rules: Rules) -> Evidence | None:
    """The strongest evidence on whose ground the case may be told: by itself, released by people, or begun before and still sure.

    None while the leading evidence is of another kind than csam: "Disagreement between sources lowers to review, never raises".
    """
    lead = leading(case.evidence)
    if lead is None or lead.kind != CSAM:
        return None
    able = [one for one in case.evidence if alive(one) and not blocked(one) and _permitted(case, one, rules)]
    return min(able, key=lambda one: (one is not lead, one.near, one.entry_id), default=None)


def _permitted(case: Case, one: Evidence, rules: Rules) -> bool:
    if sure(one) and not _switches(case, one, rules):
        return True
    return releases(case, one) or (one.entry_id in case.begun and bulk(one))


def _held(lead: Evidence) -> list[str]:
    found = [
        ("entry_held", lead.standing == "held"),
        ("pair_held", bool(lead.held)),
        ("not_live", not lead.live),
        ("unguarded", not lead.guarded),
    ]
    return [name for name, is_so in found if is_so]


def _review_holds(case: Case, lead: Evidence) -> list[str]:
    """Two reviewers hold it, or dispute what the entry says of it."""
    return {"hold": ["review_hold"], "dispute": ["review_dispute"]}.get(outcome(case, lead.entry_id), [])


def _doubts(lead: Evidence) -> list[str]:
    found = [
        ("near", lead.near),
        ("unverified", lead.standing != VERIFIED and lead.standing != "held"),
        ("kind", lead.kind != CSAM),
    ]
    return [name for name, is_so in found if is_so]


def _switches(case: Case, one: Evidence, rules: Rules) -> list[str]:
    found = [
        ("may_notify", not one.notify),
        ("sending_off", not rules.switches.sending),
        ("auto_off", not rules.switches.auto),
        ("reopened", case.reopened_at > 0.0),
    ]
    return [name for name, is_so in found if is_so]


def _all_stopped(case: Case, now: float, rules: Rules) -> bool:
    main = main_targets(case, way_of(case, rules)[0])
    return stopped(case, "", now) or (bool(main) and all(stopped(case, one.recipient, now) for one in main))


def _roads(case: Case, ground: Evidence, now: float, rules: Rules) -> list[str]:
    """Why nobody can be told: the route, no recipient, all bounced, brakes on all who were not told yet."""
    way, why = way_of(case, rules)
    if way in (HOLD, POLICE):
        return [why]
    main = main_targets(case, way)
    if not main:
        return ["no_partner" if way == PARTNER else "no_recipient"]
    able = [one for one in main if not one.bounced]
    if not able:
        return ["bounced"]
    brakes = [braked(ground.entry_id, one.recipient, now, rules) for one in able]
    return sorted(set(brakes)) if all(brakes) else []
