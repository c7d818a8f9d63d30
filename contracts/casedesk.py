"""What people are shown of cases, and the port that the desk's acts read and write through (docs/domain.md, sections 2 and 4).

None of these structs holds a place: a case's stays sealed under its key until an act opens it. Times are unix seconds, 0.0 for never.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct

from contracts.cases import Case
from contracts.desk import Asked, Person
from contracts.people import Identity
from contracts.recipients import Recipient

PAGE: Final = 200
"""Lines of a page."""
CLAIM: Final = 1800.0
"""Seconds for which a case that somebody looks at is put before nobody else."""
SKIPPED: Final = 7 * 86_400.0
"""Seconds for which a case is not put again before who skipped it."""


class Filters(Struct, frozen=True):
    """Which cases are meant; what is empty does not count. `list` is a list's name, `recipient` a key, `before` the last moment of opening."""

    states: tuple[str, ...] = ()
    list: str = ""
    recipient: str = ""
    country: str = ""
    before: float = 0.0


class CaseLine(Struct, frozen=True):
    """A case as one line. `since` is when it came to its state; `why` names the rule or reason of a hold or an end."""

    case: int
    state: str
    since: float
    kind: str
    near: bool
    category: str
    legality: str
    country: str
    recipient: str
    why: str
    next_check: float
    found_at: float
    notified_at: float
    accepted_at: float
    gone_at: float
    back_at: float
    one_route: bool = False
    paused: bool = False
    legal_hold: str = ""


class Medium(Struct, frozen=True):
    """What is known of a case's medium: never the medium. Size in bytes, width and height in pixels, duration in seconds."""

    media_type: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    duration: float = 0.0


class EvidenceLine(Struct, frozen=True):
    """An entry that explains a case: how strongly, by which digest, and what its lists and organisations say of it.

    `band` is the review band in bits (10, 20, 31), 0 for exact; `state` what people decided of the pair; `held` why verdict or
    entry are held.
    """

    entry: int
    name: str
    lists: list[str]
    kinds: list[str]
    standing: str
    held: str
    category: str
    legality: str
    act: str
    age: str
    generated: bool
    near: bool
    algorithm: str
    distance: int
    band: int
    quality: int
    turn: int
    frames: int
    state: str
    opinions: list[tuple[str, str, str]]


class HappenedLine(Struct, frozen=True):
    """A line of a case's history: what became of it, by whom, why. `sealed` may hold more, under the case's key."""

    at: float
    what: str
    person: str
    why: str
    sealed: bytes = b""


class NoticeLine(Struct, frozen=True):
    """A notice as one line. `places` counts what it tells; `said` is the recipient's answer."""

    notice: int
    kind: str
    recipient: str
    state: str
    places: int
    made_at: float
    next_at: float
    sent_at: float
    accepted_at: float
    answered_at: float
    tries: int
    said: str


class CaseFile(Struct, frozen=True):
    """All that is kept of a case. `sealed` opens under the key in `wrapped`, which is sealed to the notices role; empty: destroyed."""

    case: Case
    version: int
    sealed: bytes
    wrapped: bytes
    next_check: float
    asked_at: float
    since: float
    medium: Medium


class ReadyLine(Struct, frozen=True):
    """Exact cases that wait for their release, counted: a supervisor sees these numbers and no case. Without `may_notify` of the
    list their release takes two people."""

    list: str
    recipient: str
    cases: int
    oldest: float
    may_notify: bool = False


class HeldMatch(Struct, frozen=True):
    """A verdict that a guard holds (tiny, known-good, stop_frame): the medium by its SHA-256 in hex, the entry, how many places."""

    sha256: str
    entry: int
    name: str
    held: str
    near: bool
    distance: int
    places: int
    found_at: float


class TeamStats(Struct, frozen=True):
    """What the whole team did and what waits: sums, nothing by person. `decided` counts by decision and basis."""

    since: float
    until: float
    waiting: int
    waiting_second: int
    oldest: float
    decided: dict[str, int]
    by_basis: dict[str, int]
    cases_decided: int
    disagreed: int
    handed_off: int
    answered: int


class Handoff(Struct, frozen=True):
    """A case that was handed to the assessment tool. `reference` (16 bytes) names it in the answer; `round` is the case's of then."""

    reference: bytes
    case: int
    round: int
    sha256: bytes
    person: str
    at: float


class Trail(Protocol):
    """Writes down who did what, and how many places they saw: a line stays before what it tells of is shown or done."""

    async def acted(self, who: Identity, act: str, subject: str, purpose: str, places: int, now: float) -> None:
        """A line. `subject` is opaque, like a case's number. UsageError if the person would see more places today than anybody may."""


class CaseStore(Protocol):
    """What the acts need of the vault. UsageError for what is not there, Unavailable if the vault cannot be asked."""

    async def lines(self, filters: Filters, after: int, limit: int) -> list[CaseLine]:
        """A page of cases with a number above `after`, by number."""

    async def counts(self) -> dict[str, int]:
        """How many cases there are in each state."""

    async def file(self, case_id: int) -> CaseFile:
        """All that is kept of a case."""

    async def evidence(self, case_id: int) -> list[EvidenceLine]:
        """The entries that explain it, the strongest first."""

    async def happened(self, case_id: int, limit: int) -> list[HappenedLine]:
        """The last lines of its history, oldest first."""

    async def notices_of(self, case_id: int) -> list[NoticeLine]:
        """The notices that tell of it, oldest first."""

    async def recipients(self, keys: Sequence[str]) -> dict[str, Recipient]:
        """Those of these recipients that are known, by key."""

    async def notices(self, states: tuple[str, ...], after: int, limit: int) -> list[NoticeLine]:
        """A page of notices with a number above `after`, by number."""

    async def next_review(self, person: str, account: int, now: float) -> int:
        """The number of the case that this person looks at next, claimed for them; 0: none. Their own claim comes first, then the
        baseline ones, then the oldest."""

    async def skip(self, case_id: int, person: str, account: int, now: float) -> None:
        """Put it before others."""

    async def decided(
        self, case_id: int, round_: int, person: str, account: int, decision: str, basis: str, now: float
    ) -> None:
        """Count a decision for the team, and give up the claim."""

    async def ready(self) -> list[ReadyLine]:
        """Cases that wait for a release, by their leading entry's list and recipient."""

    async def ready_cases(self, list_: str, recipient: str, limit: int) -> list[tuple[int, int]]:
        """Such cases, each with its leading entry, the oldest first."""

    async def stats(self, since: float, until: float) -> TeamStats:
        """Sums of the team's work."""

    async def held_matches(self, after: tuple[bytes, int], limit: int) -> list[HeldMatch]:
        """A page of verdicts that guards hold, by (medium, entry)."""

    async def release_match(self, sha256: bytes, entry_id: int, why: str, person: Person, now: float) -> Asked:
        """Let a held verdict count: takes two people."""

    async def add_handoff(self, handoff: Handoff) -> None:
        """Remember what was handed off, before it is."""

    async def handoff(self, reference: bytes) -> Handoff | None:
        """What was handed off under this reference."""

    async def answered(self, reference: bytes, person: str, now: float) -> bool:
        """Whether this is the first answer of this person to it; it is remembered."""

    async def retry(self, notice_id: int, now: float) -> list[int]:
        """Make a failed, refused or bounced notice due again, or all failed ones (0); their numbers."""

    async def ask(self, act: str, subject: str, why: str, person: Person, now: float) -> Asked:
        """Ask for an act that takes two people; once it may be done, who wants it again must ask anew."""

    async def switch(self, name: str) -> str:
        """What is switched; empty before anybody has."""

    async def set_switch(self, name: str, value: str, why: str, person: Person, now: float, people: int) -> Asked:
        """Switch something, once so many people (1 or 2) have asked for the same."""
