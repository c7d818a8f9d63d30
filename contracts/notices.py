"""A notice: what it says, how it is handed over, and what comes back (docs/domain.md, section 2)."""

from base64 import b32encode
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, Protocol

from msgspec import Struct

from contracts.errors import PisauraError, Unavailable
from contracts.recipients import Recipient

FIRST: Final = "first"
REMINDER: Final = "reminder"
RETRACTION: Final = "retraction"
PAGE: Final = "page"
ORIGIN: Final = "origin"
PARTNER: Final = "partner"
KINDS: Final = (FIRST, REMINDER, RETRACTION, PAGE, ORIGIN, PARTNER)
"""To the media's host; again; taken back; to hosts of pages; to a reverse proxy, asking for the origin; to a partner hotline."""


class NoticePlace(Struct, frozen=True):
    """One case in a notice: media URL, pages that embed it, server address, times by which it was confirmed (unix seconds).
    `confirmed`: people have confirmed a near match."""

    case_id: int
    url: str
    pages: tuple[str, ...]
    address: str
    first_seen: float
    confirmed_at: float
    size: int
    media_type: str
    sha256: bytes
    near: bool
    category: str
    legality: str
    kind: str = "csam"
    confirmed: bool = False


class Notice(Struct, frozen=True):
    """All that composing needs, so that the same notice is composed to the same bytes whenever it is sent. `message_id`
    (RFC 5322, without brackets; its left part is not to be guessed) and `idempotency_key` are fixed when it is made."""

    notice_id: int
    kind: str
    recipient: Recipient
    language: str
    message_id: str
    idempotency_key: str
    made_at: float
    places: tuple[NoticePlace, ...]
    in_reply_to: str = ""


def reference(notice_id: int, message_id: str) -> str:
    """A notice's number for people, like P4711-K3ZQ6TYA. Its second half follows from the Message-ID, which only those know who
    were told: a reply that names the number answers that notice."""
    tag = blake2b(message_id.encode(), digest_size=5, person=b"reference").digest()
    return f"P{notice_id}-{b32encode(tag).decode()}"


class Delivery(Struct, frozen=True):
    """What became of handing a notice over: `accepted` by the recipient's server or API (`said` is its answer, of at most 500
    characters), or written to the folder of a dry run."""

    accepted: bool
    said: str = ""
    dry: bool = False


class Refused(PisauraError):
    """The recipient's server refused the notice for good; it is not tried again by itself. The message says why."""


class Unfit(Refused):
    """A notice that may not be sent as it is: nobody to tell, too many places, a kind of which no notice is made."""


class Withheld(Unavailable):
    """Nothing may leave now: sending is not switched on, or TLS cannot be verified. It was no attempt."""


class Later(Unavailable):
    """The recipient's server asks to wait: `retry_after` seconds, 0.0 if it did not say how long."""

    def __init__(self, why: str, retry_after: float = 0.0) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class Sender(Protocol):
    """Hands notices over. One that was handed over before may come again after a crash, byte for byte the same."""

    async def send(self, notice: Notice) -> Delivery:
        """Hand it over. Unavailable: try again later (Later: then); Withheld: hold it, it was no attempt; Refused: never by
        itself. Nothing is sent where TLS cannot be verified."""


BOUNCE: Final = "bounce"
REMOVED: Final = "removed"
QUESTION: Final = "question"
APPEAL: Final = "appeal"
AUTO: Final = "auto"
OTHER: Final = "other"
REPLY_KINDS: Final = (BOUNCE, REMOVED, QUESTION, APPEAL, AUTO, OTHER)
"""Not delivered, for good; says that it is removed (only a hint: look again); asks; objects; written by a machine; anything else."""


class Reply(Struct, frozen=True):
    """What came back about a notice: `kind` is one of `REPLY_KINDS`; `text` at most 16 KiB of text/plain; `status` an enhanced
    status code (RFC 3463) of a bounce. `discarded` counts octets that were thrown away unread."""

    message_id: str
    in_reply_to: str
    kind: str
    at: float
    text: str = ""
    status: str = ""
    sender: str = ""
    discarded: int = 0
    subject: str = ""


class Arrived(Struct, frozen=True):
    """A reply that is not tied yet. `key` (32 bytes) is the same when the same reply is read again; `answers` are the Message-IDs
    that it names, `references` the numbers (`reference`), the surest first."""

    key: bytes
    reply: Reply
    answers: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


class KeptReply(Struct, frozen=True):
    """A reply as it is kept: `notice_id` is 0 if it names no notice of ours.."""

    reply_id: int
    notice_id: int
    kind: str
    at: float
    status: str
    discarded: int
    cases: tuple[int, ...]


class SealedReply(Struct, frozen=True):
    """The same with what only the notices role opens (`contracts.replykeys`); `wrapped` is empty once its key was destroyed."""

    kept: KeptReply
    wrapped: bytes
    sealed: bytes


class Replies(Protocol):
    """Keeps what comes back."""

    async def keep(self, arrived: Arrived, now: float) -> int:
        """Tie it to its notice and keep it sealed, once by its key, in one transaction; its number. A bounce marks its notice."""

    async def to_carry(self, limit: int) -> Sequence[KeptReply]:
        """Replies to notices that are not carried into their cases yet, in the order in which they came."""

    async def carried(self, reply_ids: Sequence[int]) -> None:
        """Say that these are."""
