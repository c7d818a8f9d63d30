"""What people decide of near and unverified matches (docs/domain.md, section 2).

"Near ones need two decisions whose basis is `assessed-in-hotline-tool` or `confirmed-by-list-owner`; `metadata-only` may hold,
dispute or close, never release. The second reviewer does not see the first's word. Nobody approves an act of their own."
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from contracts.cases import Case, Decision, Evidence
from notices.evidence import CSAM, alive, blocked, leading, sure

RELEASE: Final = "release"
HOLD: Final = "hold"
DISPUTE: Final = "dispute"
CLOSE: Final = "close"
DECISIONS: Final = (RELEASE, HOLD, DISPUTE, CLOSE)
METADATA: Final = "metadata-only"
RELEASING: Final = ("assessed-in-hotline-tool", "confirmed-by-list-owner")
BASES: Final = (*RELEASING, METADATA)
PEOPLE: Final = 2


def name_of(person: str) -> str:
    """A person's name as it is compared."""
    return person.strip().casefold()


def people(names: Iterable[str]) -> int:
    """How many different people these are."""
    return len({name for person in names if (name := name_of(person))})


def same_person(one: Decision, other: Decision) -> bool:
    """Whether two words are one person's: of one name, or of one account."""
    return name_of(one.person) == name_of(other.person) or (one.account != 0 and one.account == other.account)


def refused(case: Case, decision: Decision) -> str:
    """Why a word does not count, or empty. What a desk should tell the person before it is said."""
    if decision.decision not in DECISIONS:
        return "unknown_decision"
    if decision.basis not in BASES:
        return "unknown_basis"
    if decision.decision == RELEASE and decision.basis not in RELEASING:
        return "metadata_never_releases"
    if decision.decision == CLOSE and not decision.why.strip():
        return "close_needs_a_why"
    if not name_of(decision.person):
        return "nobody"
    if decision.round != case.round:
        return "earlier_round"
    if all(decision.entry_id != one.entry_id for one in case.evidence):
        return "not_its_evidence"
    return ""


def with_word(decisions: tuple[Decision, ...], new: Decision) -> tuple[Decision, ...]:
    """With a person's word; "the same person deciding twice counts once": the later word stays, a repeated one changes nothing."""
    for old in decisions:
        if old.round == new.round and old.entry_id == new.entry_id and same_person(old, new):
            if new.at <= old.at:
                return decisions
            return (*(one for one in decisions if one is not old), new)
    return (*decisions, new)


def words(case: Case, entry_id: int) -> tuple[Decision, ...]:
    """What counts now of an entry: one word of each person, of this round."""
    found: list[Decision] = []
    for one in sorted(case.decisions, key=lambda one: -one.at):
        if one.round == case.round and one.entry_id == entry_id and not any(same_person(one, other) for other in found):
            found.append(one)
    return tuple(reversed(found))


def outcome(case: Case, entry_id: int) -> str:
    """What two people agree on of an entry, more than say otherwise; empty while there is no such word: then it stays in review."""
    said = Counter(one.decision for one in words(case, entry_id))
    if not said:
        return ""
    word, count = said.most_common(1)[0]
    return word if count >= PEOPLE and count > said.total() - count else ""


def visible(case: Case, person: str, account: int) -> tuple[Decision, ...]:
    """The words that this person may see: before their own of this round, none but their own of earlier ones."""
    me = Decision(person, account, "", "", 0.0)
    lead = leading(case.evidence)
    spoken = lead is not None and any(same_person(me, one) for one in words(case, lead.entry_id))
    return case.decisions if spoken else tuple(one for one in case.decisions if same_person(me, one))


def needed(evidence: Evidence) -> int:
    """How many supervisors release a case on this ground in bulk: two where the list lacks `may_notify`."""
    return 1 if evidence.notify else PEOPLE


def bulk(evidence: Evidence) -> bool:
    """Whether a supervisor may release it in bulk, seeing no case: exact and verified, or confirmed by people before."""
    return sure(evidence) or (evidence.confirmed and evidence.kind == CSAM)


def releases(case: Case, evidence: Evidence) -> bool:
    """Whether people have released the case on this ground: two who looked at it, supervisors in bulk, or the one who decided
    an appeal anew about a notice that had been made on this ground."""
    if not alive(evidence) or blocked(evidence) or evidence.kind != CSAM:
        return False
    if outcome(case, evidence.entry_id) == RELEASE:
        return True
    if case.kept_round == case.round and evidence.entry_id in case.begun:
        return True
    return (
        bulk(evidence)
        and case.released_round == case.round
        and case.released_entry == evidence.entry_id
        and people(case.released_by) >= needed(evidence)
    )


def involved(case: Case, person: str) -> bool:
    """Whether this person has had a part in the case, and so cannot decide an appeal."""
    return name_of(person) in case.involved
