"""Which evidence of a case leads, and which still carries it (docs/domain.md, section 2).

"A case is one (media URL, media identity); all matching entries are its evidence, the strongest leads; a new entry opens no second
case." Exact comes before near, verified before unverified, csam before child-exploitative, baseline before national, a smaller distance
before a larger one. What may lead to nothing at the moment (held, not live, not yet guarded) comes after what may.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from contracts.cases import Case, Evidence
from contracts.lists import LEGALITIES, MATCHED_KINDS

VERIFIED: Final = "verified"
WITHDRAWN: Final = "withdrawn"
CSAM: Final = "csam"


def alive(evidence: Evidence) -> bool:
    """Whether it says anything still: neither withdrawn nor refused by people, and of a kind that makes cases."""
    return evidence.standing != WITHDRAWN and not evidence.refused and evidence.kind in MATCHED_KINDS


def blocked(evidence: Evidence) -> bool:
    """Whether nothing may come of it for now, by itself or by people: entry or verdict held, no list that lets it match, guards
    that have not passed ("A retro-match may notify only after the guards above have passed over all it found")."""
    return bool(evidence.held) or evidence.standing == "held" or not evidence.live or not evidence.guarded


def sure(evidence: Evidence) -> bool:
    """An exact match of a verified entry of csam: what needs no person's eye."""
    return not evidence.near and evidence.standing == VERIFIED and evidence.kind == CSAM


def strength(evidence: Evidence) -> tuple[bool, bool, bool, bool, int, int, int]:
    """Sorts the strongest first; the entry's number decides between equals, so that the order of arrival does not matter."""
    legality = LEGALITIES.index(evidence.legality) if evidence.legality in LEGALITIES else len(LEGALITIES)
    return (
        blocked(evidence),
        evidence.near,
        evidence.standing != VERIFIED,
        evidence.kind != CSAM,
        legality,
        evidence.distance,
        evidence.entry_id,
    )


def leading(evidence: Iterable[Evidence]) -> Evidence | None:
    """The strongest, or None if nothing explains the medium any more."""
    return min((one for one in evidence if alive(one)), key=strength, default=None)


def added(known: tuple[Evidence, ...], new: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """With the entries that were not known before. What is known stays as it is: a match that is told late knows less."""
    have = {one.entry_id: one for one in known}
    for one in new:
        have.setdefault(one.entry_id, one)
    return tuple(have[entry_id] for entry_id in sorted(have))


def replaced(known: tuple[Evidence, ...], now: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """As it stands now; entries that are missing from it count as withdrawn, so that no late match brings them back."""
    have = {one.entry_id: msgspec.structs.replace(one, standing=WITHDRAWN) for one in known}
    have |= {one.entry_id: one for one in now}
    return tuple(have[entry_id] for entry_id in sorted(have))


def carried(case: Case) -> bool:
    """Whether a notice that was made still stands on something: an entry on which one was made, or an exact match of a verified one.

    An entry that is held or disputed after a notice still carries it (nothing more is told meanwhile); a withdrawn or refused
    one does not, nor one that turns out to be of another kind.
    """
    return any(alive(one) and one.kind == CSAM and (one.entry_id in case.bases or sure(one)) for one in case.evidence)
