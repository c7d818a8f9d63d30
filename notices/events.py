"""What may happen to a case, and what is to be done about it (docs/domain.md, sections 2 and 3).

Events and commands are values: they may come, or be carried out, more than once, and a repeated event changes nothing. What makes
two events one is their `at` (unix seconds), the person, or that they say how things stand now and not what changed.
"""

from msgspec import Struct

from contracts.cases import Decision, Evidence, Presence, Stop, Target


class Opened(Struct, frozen=True, tag=True):
    """First event of a case: `contracts.cases.Case` has place, medium, state FOUND and `opened_at`; here is what explains it."""

    evidence: tuple[Evidence, ...]
    at: float


class Matched(Struct, frozen=True, tag=True):
    """The medium was matched at this place (again), by these entries. `seen_at` is when it was last seen there by the crawl:
    after it was gone that means it is back. A sighting is no re-check and confirms nothing."""

    evidence: tuple[Evidence, ...]
    seen_at: float


class EvidenceChanged(Struct, frozen=True, tag=True):
    """All evidence of the case as it stands now: standings, holds, withdrawals, lists, refused and confirmed pairs. Entries
    that are missing from it are no evidence any more."""

    evidence: tuple[Evidence, ...]
    at: float


class Checked(Struct, frozen=True, tag=True):
    """A re-check that ended `at` was judged (`notices.presence`). `same`: present by the digest of the case itself, which
    alone confirms it for a notice. `one_route_only`: its second route cannot reach the host, so one must do."""

    presence: Presence
    at: float
    route: str = "direct"
    same: bool = False
    one_route_only: bool = False


class Succeeded(Struct, frozen=True, tag=True):
    """The place to which it moved has a case of its own."""

    case_id: int
    at: float


class LookedUp(Struct, frozen=True, tag=True):
    """All who could be told, as looked up now, and the hosting country on which two methods agree (empty: none). `why` says
    why nobody was found. A partner hotline for the country is among the targets, of class "partner"."""

    targets: tuple[Target, ...]
    country: str
    at: float
    why: str = ""


class StopsChanged(Struct, frozen=True, tag=True):
    """All do_not_notify rows that touch this case (its recipients, site, number or entries), as they stand `at`."""

    stops: tuple[Stop, ...]
    at: float


class Decided(Struct, frozen=True, tag=True):
    """A person's word in review. It counts for the entry that it names, in the round that it names."""

    decision: Decision


class Released(Struct, frozen=True, tag=True):
    """One supervisor, or two where the list lacks `may_notify`, released a ready case in bulk, seeing no case: for this entry."""

    by: tuple[str, ...]
    entry_id: int
    at: float


class Cleared(Struct, frozen=True, tag=True):
    """The police were told first and agree that the provider is told now (route `police`)."""

    person: str
    authority: str
    at: float


class Directed(Struct, frozen=True, tag=True):
    """A person decides that this target is told as well: networks upstream and registrars are told by nothing else."""

    person: str
    target: Target
    why: str
    at: float


class Composed(Struct, frozen=True, tag=True):
    """A notice of this kind was made (committed to the outbox) to this recipient, for these places of the case."""

    kind: str
    recipient: str
    places: tuple[bytes, ...]
    at: float


class Recalled(Struct, frozen=True, tag=True):
    """A notice that was made at `made_at` was never handed over, and will not be: something stops it now. Whoever may still be told is
    told by another."""

    kind: str
    recipient: str
    places: tuple[bytes, ...]
    made_at: float
    at: float


class Accepted(Struct, frozen=True, tag=True):
    """The recipient's server took a notice about this place (or a dry run wrote it)."""

    recipient: str
    place: bytes
    at: float
    kind: str = "first"


class Bounced(Struct, frozen=True, tag=True):
    """A notice came back, or was refused for good."""

    recipient: str
    place: bytes
    at: float


class Replied(Struct, frozen=True, tag=True):
    """Somebody told has answered: "removed", "question" or "other" of `contracts.notices.Reply`. It only triggers a re-check."""

    kind: str
    at: float


class Appealed(Struct, frozen=True, tag=True):
    """Somebody told appeals: notices pause."""

    at: float
    why: str = ""


class AppealDecided(Struct, frozen=True, tag=True):
    """A person not involved decides again: `granted` takes all notices back, else they go on."""

    person: str
    granted: bool
    why: str
    at: float


class ClosedBy(Struct, frozen=True, tag=True):
    """A person closes the case; without a why it stays open."""

    person: str
    why: str
    at: float


class HeldBy(Struct, frozen=True, tag=True):
    """A person holds the case."""

    person: str
    why: str
    at: float


class Unheld(Struct, frozen=True, tag=True):
    """Two people release a person's hold."""

    by: tuple[str, ...]
    at: float


class RetractionFreed(Struct, frozen=True, tag=True):
    """Two people decide that retractions go out although an authority asks that somebody is not told."""

    by: tuple[str, ...]
    why: str
    at: float


class LegalHold(Struct, frozen=True, tag=True):
    """Nothing of the case may be deleted, for this reason; an empty one lifts it."""

    why: str
    at: float
    person: str = ""


class Tick(Struct, frozen=True, tag=True):
    """Time went by, or rules, switches or counts changed: what is due now?"""


Event = (
    Opened
    | Matched
    | EvidenceChanged
    | Checked
    | Succeeded
    | LookedUp
    | StopsChanged
    | Decided
    | Released
    | Cleared
    | Directed
    | Composed
    | Recalled
    | Accepted
    | Bounced
    | Replied
    | Appealed
    | AppealDecided
    | ClosedBy
    | HeldBy
    | Unheld
    | RetractionFreed
    | LegalHold
    | Tick
)


class Check(Struct, frozen=True, tag=True):
    """The next re-check is due at this time by this route: it takes the place of any that waits. `at` 0.0: none any more."""

    at: float
    route: str = "direct"


class LookUp(Struct, frozen=True, tag=True):
    """Look up who would be told; repeated at every step until `LookedUp` comes."""


class Tell(Struct, frozen=True, tag=True):
    """This recipient may be told of this place now, at the latest `by_when`. Tells and retracts of a step are all that the case
    wishes at that moment: whatever else waits for it is dropped. Ask again (`Tick`) in the transaction that composes. `entry_id` is
    the evidence on whose ground, which brakes count."""

    recipient: str
    place: bytes
    kind: str
    by_when: float
    entry_id: int = 0


class Retract(Struct, frozen=True, tag=True):
    """What this recipient was told of the case is taken back, at the latest `by_when`."""

    recipient: str
    by_when: float


class Alert(Struct, frozen=True, tag=True):
    """People must look: a name for a metric and the log, never a place. Told when it begins, and not again while it lasts."""

    reason: str


class Confirm(Struct, frozen=True, tag=True):
    """Two people confirmed that the medium is what this entry says: the verdict on the pair, for all places past and future."""

    entry_id: int


class Refuse(Struct, frozen=True, tag=True):
    """Two people dispute the pair of medium and entry: it is suppressed at all places."""

    entry_id: int


class Note(Struct, frozen=True, tag=True):
    """A line of the case's history. `why` may be a person's words: it is sealed where it is kept."""

    what: str
    why: str = ""
    person: str = ""


Command = Check | LookUp | Tell | Retract | Alert | Confirm | Refuse | Note
