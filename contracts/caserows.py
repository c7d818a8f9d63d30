"""Rows of the store of cases (`contracts.casestore`). They lead to no place: texts come sealed under the case's own key. Times are unix
seconds, 0.0 for never."""

from typing import Final

from msgspec import Struct

from contracts.cases import Case
from contracts.messages import Recheck
from contracts.notices import NoticePlace
from contracts.recipients import Recipient

Pair = tuple[bytes, bytes]
"""(place, SHA-256): what tells cases apart."""

LOOK_UP: Final = "lookup"
"""Its recipients are to be looked up."""
TICK: Final = "tick"
"""A time has come that its rules wait for."""
CONFIRM: Final = "confirm"
REFUSE: Final = "refuse"
"""People's verdict on the pair of its medium and an entry is to be written down."""

REASONING: Final = "reasoning"
"""A line of a case's history: why who is told was chosen. Its text names site and address."""

MADE: Final = "made"
SENDING: Final = "sending"
ACCEPTED: Final = "accepted"
WRITTEN: Final = "written"
REFUSED: Final = "refused"
FAILED: Final = "failed"
BOUNCED: Final = "bounced"
HELD: Final = "held"
NOTICE_STATES: Final = (MADE, SENDING, ACCEPTED, WRITTEN, REFUSED, FAILED, BOUNCED, HELD)
"""Of a row of the outbox. `written`: into the folder of a dry run; `failed`: its tries are used up; `held`: by a brake."""


class NewCase(Struct, frozen=True):
    """A case to be opened; its number is not known yet. `site` and `host` are keyed HMACs, `wrapped` is its key, sealed to the notices
    role, `sealed` what is known of its places under that key (`contracts.casekeys`)."""

    case: Case
    site: bytes
    host: bytes
    wrapped: bytes
    sealed: bytes


class Locked(Struct, frozen=True):
    """A case that nobody else changes until the work ends. `wrapped` is empty once its key was destroyed."""

    case: Case
    version: int
    wrapped: bytes
    sealed: bytes
    site: bytes
    host: bytes


class Change(Struct, frozen=True):
    """What became of a locked case. `sealed`: what is now known of its places, None for no change."""

    locked: Locked
    case: Case
    sealed: bytes | None = None


class Due(Struct, frozen=True):
    """When a case is looked at next, and by which route; `at` 0.0: not any more."""

    case_id: int
    host: bytes
    at: float
    route: str = "direct"


class Line(Struct, frozen=True):
    """A line of a case's history; `sealed` is what leads to a place, under the case's key."""

    case_id: int
    at: float
    what: str
    person: str = ""
    why: str = ""
    sealed: bytes = b""


class Medium(Struct, frozen=True):
    """What is known of a medium at a place, for re-checks and notices."""

    size: int = 0
    media_type: str = ""
    etag: str = ""
    head_sha256: bytes = b""
    first_seen: float = 0.0
    last_seen: float = 0.0


class Task(Struct, frozen=True):
    """Something that is due for a case: `task` is one of the words above, `entry_id` the entry that it is about (0: none); `tries`
    counts what failed."""

    case_id: int
    task: str
    due_at: float
    tries: int = 0
    entry_id: int = 0


class Tell(Struct, frozen=True):
    """Somebody who is to be told of a case: `place` is b"" for its media, else a page's HMAC, `kind` one of
    `contracts.notices.KINDS`. It is to be told by `due_at`; `asked_at` is since when it waits."""

    case_id: int
    place: bytes
    kind: str
    recipient: str
    due_at: float
    asked_at: float


class Asked(Struct, frozen=True):
    """A re-check that is asked for; `again`: no answer came to the last question."""

    case_id: int
    ticket: bytes
    due_at: float
    route: str
    again: bool = False


class Sighted(Struct, frozen=True):
    """A place without any match, for a re-check that covers the others. `sealed` is sealed to the notices role."""

    sealed: bytes
    size: int
    etag: str
    head_sha256: bytes


class Waiting(Struct, frozen=True):
    """An answer to a re-check that waits for the hasher's word on another medium; it has a `record`."""

    ticket: bytes
    case_id: int
    at: float
    answer: Recheck


class Told(Struct, frozen=True):
    """A line of a notice: the case, the place (b"" for the media), and all that is told of it but where it is: that is empty here, so
    that the same notice is made to the same bytes each time."""

    case_id: int
    place: bytes
    facts: NoticePlace


class NoticeRow(Struct, frozen=True):
    """A row of the outbox. `to` is the recipient as it was when the notice was made; `message_id` and `idempotency_key` are fixed when it is made; `notice_id` is 0 before."""

    kind: str
    to: Recipient
    language: str
    message_id: str
    idempotency_key: str
    made_at: float
    next_at: float
    told: tuple[Told, ...]
    in_reply_to: str = ""
    notice_id: int = 0
    state: str = MADE
    tries: int = 0
    said: str = ""
    sent_at: float = 0.0
    accepted_at: float = 0.0


class StopRow(Struct, frozen=True):
    """An authority asks that somebody is not told until then (0.0: until it is ended). `subject` is a recipient's key, a site's HMAC,
    a case's or an entry's number in digits."""

    scope: str
    subject: bytes
    authority: str
    until: float


class Braked(Struct, frozen=True):
    """What the brakes count of an entry: when its first notice was made, and to whom notices were in its first day."""

    first_at: float
    recipients: frozenset[str]
