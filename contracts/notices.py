"""A notice: what it says, and how it is handed over (docs/domain.md, section 2)."""

from typing import Final, Protocol

from msgspec import Struct

from contracts.errors import PisauraError
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
    """One case in a notice: media URL, pages that embed it, server address, times by which it was confirmed (unix seconds)."""

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


class Notice(Struct, frozen=True):
    """All that composing needs, so that the same notice is composed to the same bytes whenever it is sent. `number` is the case
    number for people, `message_id` (RFC 5322, without brackets) and `idempotency_key` are fixed when it is made."""

    notice_id: int
    kind: str
    recipient: Recipient
    language: str
    message_id: str
    idempotency_key: str
    made_at: float
    places: tuple[NoticePlace, ...]
    in_reply_to: str = ""


class Delivery(Struct, frozen=True):
    """What became of handing a notice over: `accepted` by the recipient's server or API (`said` is its answer, of at most 500
    characters), or written to the folder of a dry run."""

    accepted: bool
    said: str = ""
    dry: bool = False


class Refused(PisauraError):
    """The recipient's server refused the notice for good; it is not tried again by itself. The message says why."""


class Sender(Protocol):
    """Hands notices over. One that was handed over before may come again after a crash, byte for byte the same."""

    async def send(self, notice: Notice) -> Delivery:
        """Hand it over. Unavailable: try again later; Refused: never by itself. Nothing is sent where TLS cannot be verified."""


class Reply(Struct, frozen=True):
    """What came back about a notice: `kind` is "bounce", "removed", "question", "appeal" or "other"; `text` at most 16 KiB of
    text/plain; `status` an enhanced status code (RFC 3463) of a bounce. `discarded` counts octets that were thrown away unread."""

    message_id: str
    in_reply_to: str
    kind: str
    at: float
    text: str = ""
    status: str = ""
    sender: str = ""
    discarded: int = 0
