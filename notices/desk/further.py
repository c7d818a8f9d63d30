"""What the acts of release, hand-off and notices ask and answer, as `words` does for cases and reviews."""

from typing import Annotated

from msgspec import Meta, Struct

from contracts.casedesk import HeldMatch, NoticeLine, ReadyLine
from notices.desk.words import After, Limit, Number, Text, Time, Word


class Ready(Struct, frozen=True):
    """Exact cases that wait for their release, counted."""

    ready: list[ReadyLine]


class Release(Struct, frozen=True, forbid_unknown_fields=True):
    """Release the cases of a list to a recipient; `cases` is how many were counted, so that nobody releases what they have not seen."""

    list: Word
    recipient: Word
    cases: Number
    why: Text


class Released(Struct, frozen=True):
    """How many were released, and how many rules stopped meanwhile."""

    released: int
    stopped: int
    done: bool = True
    by: list[str] = []


class MatchesAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of held matches after (medium in hex, entry)."""

    sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    entry: After = 0
    limit: Limit = 200


class Matches(Struct, frozen=True):
    """The page."""

    matches: list[HeldMatch]


class ReleaseMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Let a held match count."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    entry: Number
    why: Text


class Agreed(Struct, frozen=True):
    """What became of an act that takes two people."""

    done: bool
    by: list[str]


class StatsAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """From when until when; 0.0: the last 30 days, until now."""

    since: Time = 0.0
    until: Time = 0.0


class Handed(Struct, frozen=True):
    """A case was handed to the assessment tool: under which reference (hex), and where it went."""

    case: int
    reference: str
    where: str


class HandoffKeys(Struct, frozen=True):
    """What the assessment tool must know of us: Ed25519 and X25519 public keys in hex."""

    verify: str
    public: str


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer of the assessment tool, as it came (base64 in JSON)."""

    answer: Annotated[bytes, Meta(max_length=65_536)]


class NoticesAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of notices with a number above `after`, of these states."""

    states: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    after: After = 0
    limit: Limit = 200


class Notices(Struct, frozen=True):
    """The page."""

    notices: list[NoticeLine]
    next: int


class Preview(Struct, frozen=True):
    """A notice as it would be sent now: `text` is defanged, exact places are shown for a purpose only."""

    case: int
    recipient: str
    kind: str
    language: str
    subject: str
    text: str
    attachments: dict[str, str]


class Previews(Struct, frozen=True):
    """One for each recipient."""

    notices: list[Preview]
    why: str = ""


class RetryAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """A notice to be tried again; 0: all whose tries are used up."""

    notice: After = 0


class Retried(Struct, frozen=True):
    """Notices that are due again."""

    notices: list[int]


class SendAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Switch sending, or auto-send, on or off."""

    on: bool
    auto: bool = False
    why: Text = ""


class Sending(Struct, frozen=True):
    """How it is switched."""

    sending: bool
    auto: bool
    done: bool = True
    by: list[str] = []


class Appeal(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody told appeals (`decide` empty), or a person who was not involved decides: granted or refused."""

    case: Number
    why: Text
    decide: Annotated[str, Meta(pattern="^(granted|refused)?$")] = ""
