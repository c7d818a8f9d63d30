"""What each act of the desk asks and answers: the bodies of the API, and what verbs print. Times are unix seconds, 0.0 for never."""

from typing import Annotated

from msgspec import Meta, Struct

from contracts.casedesk import (
    CaseLine,
    EvidenceLine,
    HappenedLine,
    Medium,
    NoticeLine,
)

Number = Annotated[int, Meta(ge=1, le=2**62)]
After = Annotated[int, Meta(ge=0, le=2**62)]
Limit = Annotated[int, Meta(ge=1, le=1000)]
Text = Annotated[str, Meta(max_length=500)]
Word = Annotated[str, Meta(max_length=200)]
Time = Annotated[float, Meta(ge=0, le=2**40)]


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing more is asked."""


class CasesAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of cases with a number above `after`; what is empty does not count. `before` is a time of opening."""

    states: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    list: Word = ""
    recipient: Word = ""
    country: Word = ""
    before: Time = 0.0
    after: After = 0
    limit: Limit = 200


class Cases(Struct, frozen=True):
    """The page; `next` is the `after` of the page that follows, 0 at the end."""

    cases: list[CaseLine]
    next: int


class Counts(Struct, frozen=True):
    """Cases by state."""

    counts: dict[str, int]


class CaseAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """One case. With a `purpose` its place is shown, and that is written to the audit."""

    case: Number
    purpose: Text = ""


class Place(Struct, frozen=True):
    """Where the medium lies. While `shown` is false there is nothing in it but `why` not."""

    shown: bool
    why: str = ""
    url: str = ""
    address: str = ""
    pages: list[str] = []


class Said(Struct, frozen=True):
    """A decision as it is shown."""

    person: str
    decision: str
    basis: str
    why: str
    at: float
    round: int


class Told(Struct, frozen=True):
    """Who is told of the case's media, or of one of its pages."""

    recipient: str
    klass: str
    of: str
    why: str
    told_at: float
    sent_at: float
    notices: int
    bounced: bool


class Checks(Struct, frozen=True):
    """What re-checks said: `absences` are the times of absences that count."""

    checked_at: float
    confirmed_at: float
    next_check: float
    asked_at: float
    unknowns: int
    absences: list[float]
    one_route: bool


class CaseShown(Struct, frozen=True):
    """A case with its evidence and history, never its media. `decisions` are those that the asker may see."""

    line: CaseLine
    sha256: str
    medium: Medium
    place: Place
    evidence: list[EvidenceLine]
    decisions: list[Said]
    told: list[Told]
    notices: list[NoticeLine]
    checks: Checks
    history: list[HappenedLine]
    stops: list[str] = []
    released_by: list[str] = []
    successor: int = 0


class NextShown(Struct, frozen=True):
    """The case that is put before somebody; none when nothing waits for them."""

    case: CaseShown | None


class Reasoned(Struct, frozen=True, forbid_unknown_fields=True):
    """An act on a case, and why."""

    case: Number
    why: Text


class Authorised(Struct, frozen=True, forbid_unknown_fields=True):
    """An act on a case that an authority asks for."""

    case: Number
    authority: Word
    why: Text = ""


class Directed(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody else is to be told as well."""

    case: Number
    recipient: Word
    klass: Word
    why: Text


class Decide(Struct, frozen=True, forbid_unknown_fields=True):
    """A decision: release, hold, dispute or close, and on what basis. `entry` is the leading entry as it was shown; 0: as it is now."""

    case: Number
    decision: Word
    basis: Word
    why: Text
    entry: After = 0


class Became(Struct, frozen=True):
    """What became of a case. `done` is false while another person must ask for the same; `by` are those who did."""

    case: int
    state: str
    done: bool = True
    by: list[str] = []
