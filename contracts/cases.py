"""Cases: one (media URL, media identity) on its way to removal (docs/domain.md, sections 2 and 3).

`Case` is all that the deciding code remembers of one; `notices.case` says what becomes of it. Nothing in it leads to a place: the
location is sealed under the case's own key, and recipients are told apart by their keys. Times are unix seconds, 0.0 for never.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

DIRECT: Final = "direct"


class CaseState(StrEnum):
    """Where a case stands. Values are stored and shown."""

    FOUND = "found"  # waits for its confirming re-check and its recipients
    IN_REVIEW = "in_review"  # two people decide
    READY = "ready"  # exact: a supervisor releases it in bulk, seeing no case
    HELD = "held"  # a rule or a person stops it; `why` says which
    RELEASED = "released"  # waits for its notice to be composed and accepted
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    GONE = "gone"
    BACK = "back"  # seen again after it was gone; goes the whole way again
    UNVERIFIABLE = "unverifiable"
    CLOSED = "closed"  # `why` says why


OPEN: Final = (
    CaseState.FOUND,
    CaseState.IN_REVIEW,
    CaseState.READY,
    CaseState.HELD,
    CaseState.RELEASED,
    CaseState.NOTIFIED,
    CaseState.ACKNOWLEDGED,
    CaseState.BACK,
    CaseState.UNVERIFIABLE,
)
"""States in which the media may still be there."""


ENDINGS: Final = ("person", "review", "withdrawn", "appeal", "moved")
"""Why a case was closed. None of them is removal: only gone is."""


class Presence(StrEnum):
    """What a re-check says."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    MOVED = "moved"


class Evidence(Struct, frozen=True):
    """An entry that explains the medium, with what the rules ask of it. `notify`: a list with `may_notify` that serves notices
    carries it; `held`: entry or verdict are held now; `confirmed`: people confirmed the pair; `retro` waits for the guards."""

    entry_id: int
    near: bool
    algorithm: str = ""
    distance: int = 0
    standing: str = "unverified"
    kind: str = "csam"
    legality: str = "unknown"
    category: str = ""
    notify: bool = False
    held: str = ""
    live: bool = True
    confirmed: bool = False
    refused: bool = False
    guarded: bool = True


class Decision(Struct, frozen=True):
    """What a person decided: `release`, `hold`, `dispute` or `close`, on what basis. `round` counts appeals and returns, so that
    what was decided before them counts no more; `entry_id` is the leading entry that the person was shown, and the word counts
    for no other."""

    person: str
    account: int
    decision: str
    basis: str
    at: float
    why: str = ""
    round: int = 0
    entry_id: int = 0


class Stop(Struct, frozen=True):
    """An authority asks that somebody is not told until then (unix seconds, 0.0: until it is ended). `scope` is recipient, site,
    case or entry; `subject` the recipient's key or the entry's number, in words, empty where it is the case as a whole."""

    scope: str
    subject: str
    authority: str
    until: float = 0.0


class Run(Struct, frozen=True):
    """A finished way to removal, before the medium came back: what the figures count. 0.0 for never."""

    accepted_at: float
    first_absent_at: float
    gone_at: float


class Absence(Struct, frozen=True):
    """An absence that was seen, and by which route."""

    at: float
    route: str = DIRECT


class Target(Struct, frozen=True):
    """Who is to be told of a case's media or of a page of it: `place` is b"" for the media itself, else the page's HMAC.
    `recipient` is empty while nobody is found, `why` then says why; `klass` is a class of `contracts.recipients`, or "partner".
    `told_at` is when the first notice was accepted, `sent_at` when the last was made, `notices` how many there were (reminders
    too), all since it came back last. `chosen` by a person; `former`: not looked up any more, so told no more. `informed`: ever
    told, so that a retraction goes there too; `retracted` once that was made. `country`: of a page, where it is hosted by two methods that
    agree. `dry`: all that was made to it was written by a dry run, so that nobody was told."""

    recipient: str
    klass: str = ""
    place: bytes = b""
    why: str = ""
    told_at: float = 0.0
    sent_at: float = 0.0
    notices: int = 0
    bounced: bool = False
    chosen: bool = False
    former: bool = False
    informed: bool = False
    retracted: bool = False
    country: str = ""
    dry: bool = False


class Case(Struct, frozen=True):
    """A case. `entry_id` leads: the strongest evidence. `country` is the hosting country on which two methods agree, or empty.

    `confirmed_at` is when the same digest was last seen there; `unknowns`, `moves` count answers in a row; `watch` the looks after
    it was gone; `round` appeals and returns; `paused` while an appeal is open; `successor` the case of the place that it moved to.
    `accepted_at` is the first acceptance by a recipient: removal time counts from it. `why` names what stops it, or why it was
    closed; `ending` is then one of `ENDINGS`. `bases` are entries on which notices were made, `begun` those of this round, which
    began `round_at`. `runs` are earlier ways to removal.
    """

    case_id: int
    place: bytes
    sha256: bytes
    state: CaseState
    opened_at: float
    entry_id: int = 0
    near: bool = True
    kind: str = "csam"
    legality: str = "unknown"
    category: str = ""
    why: str = ""
    ending: str = ""
    # what is known of it
    evidence: tuple[Evidence, ...] = ()
    evidence_at: float = 0.0
    bases: tuple[int, ...] = ()
    begun: tuple[int, ...] = ()
    withdrawn_at: float = 0.0
    # who would be told
    country: str = ""
    route: str = ""
    looked_up_at: float = 0.0
    targets: tuple[Target, ...] = ()
    stops: tuple[Stop, ...] = ()
    stops_at: float = 0.0
    # what people said
    decisions: tuple[Decision, ...] = ()
    involved: tuple[str, ...] = ()
    held_by: str = ""
    held_why: str = ""
    held_at: float = 0.0
    unheld_at: float = 0.0
    cleared_by: str = ""
    released_by: tuple[str, ...] = ()
    released_entry: int = 0
    released_round: int = -1
    kept_round: int = -1
    reopened_at: float = 0.0
    retraction_freed: bool = False
    round: int = 0
    round_at: float = 0.0
    paused: bool = False
    appealed_at: float = 0.0
    legal_hold: str = ""
    legal_hold_at: float = 0.0
    # what re-checks said
    first_seen: float = 0.0
    confirmed_at: float = 0.0
    checked_at: float = 0.0
    next_check: float = 0.0
    next_route: str = DIRECT
    absences: tuple[Absence, ...] = ()
    one_route: bool = False
    unknowns: int = 0
    moves: int = 0
    watch: int = 0
    successor: int = 0
    # how far it came
    released_at: float = 0.0
    notified_at: float = 0.0
    accepted_at: float = 0.0
    acknowledged_at: float = 0.0
    reminded: int = 0
    escalate: bool = False
    first_absent_at: float = 0.0
    gone_at: float = 0.0
    back_at: float = 0.0
    closed_at: float = 0.0
    runs: tuple[Run, ...] = ()
