"""What providers may ask before they publish, and what Shield needs for its answers (docs/domain.md, section 4).

"Shield is not an oracle": nothing here tells a distance, an entry's digest (unless its source allows that) or a list's name.
"No provider's digest, URL or media is stored": questions live in memory only; what is kept of a match is `Told`.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from msgspec import Struct

from contracts.messages import MediaDigests
from contracts.people import Identity

SHIELDED_KINDS: Final = ("csam", "child-exploitative", "ncii-adult", "self-reported-minor", "other")
"""Kinds whose entries answer providers, where a list's uses name shield; known-good ones never do."""
PDQ_GRANT: Final = "pdq"
"""Grant of an account that may ask by PDQ ("`v1/pdq` is a grant of its own")."""
URL_GRANT: Final = "url:"
"""Grants `url:HOST` (with `*` for any run of characters) name hosts that v1/url may fetch from for this account."""
VERDICTS: Final = ("confirm", "dispute")


class Question(Struct, frozen=True, gc=False):
    """A medium, or what is known of it: empty digests were not given, a size of 0 is not known."""

    sha256: bytes = b""
    sha1: bytes = b""
    md5: bytes = b""
    size: int = 0
    media: MediaDigests | None = None


class Finding(Struct, frozen=True, gc=False):
    """An entry that explains what was asked, without how near. `at` is the time in seconds of the first frame that does.

    `sha1` and `sha256` are the entry's own, and empty unless the terms of its source allow handing them on.
    """

    entry_id: int
    near: bool
    kind: str
    legality: str
    at: float = 0.0
    sha1: bytes = b""
    sha256: bytes = b""


class Probe(Struct, frozen=True, gc=False):
    """A picture of a question as circling is watched by: its PDQ forms laid end to end (32 bytes each), and for each entry that it
    is near the form that was."""

    forms: bytes
    near: tuple[tuple[int, bytes], ...] = ()


class Looked(Struct, frozen=True, gc=False):
    """What a question came to: all that explains it, and its pictures."""

    findings: Sequence[Finding] = ()
    probes: Sequence[Probe] = ()


class Told(Struct, frozen=True, gc=False):
    """All that is kept of a match: which key was told of which entry, when, in answer to which request. 30 days."""

    account: int
    entry_id: int
    at: float
    request: str


class Used(Struct, frozen=True, gc=False):
    """What an account has used of a day (days from the epoch): questions, and entries told of as near."""

    account: int
    day: int
    questions: int
    near: int


class Past(Struct, frozen=True):
    """What is kept of an account: its secret of pseudonyms (32 bytes), and what it has used of a day."""

    secret: bytes
    questions: int = 0
    near: int = 0


class Fetched(Struct):
    """A medium that was fetched for a provider, or `why` there is none, in words that tell the provider and hold no URL."""

    body: bytearray | bytes = b""
    media_type: str = ""
    why: str = ""
    busy: bool = False


class Lookup(Protocol):
    """Known entries of lists whose uses include shield."""

    async def look(self, question: Question) -> Looked:
        """What explains it. Raises Unavailable."""

    async def look_many(self, questions: Sequence[Question]) -> list[Looked]:
        """The same for many that have no pictures."""

    async def look_pdq(self, hashes: Sequence[bytes]) -> list[Looked]:
        """The same by PDQ of 32 bytes each, as given: no other forms are known."""

    def waits(self) -> str:
        """Why nothing can be looked up now; empty if it can."""


class Fetch(Protocol):
    """Fetches one URL for a provider, through the same address guard as the crawler, following nothing."""

    async def __call__(self, url: str, sink: Callable[[bytes], None]) -> Fetched:
        """The whole body, within the limits; `sink` gets it as it comes."""


class Accounts(Protocol):
    """Who asks."""

    async def authenticate(self, user: str, password: str) -> Identity | None:
        """Who that is, or None. Slow; raises Unavailable."""

    async def serving(self, accounts: Sequence[int]) -> set[int]:
        """Those of the accounts that are not revoked."""


class Ledger(Protocol):
    """What Shield keeps. Every method may raise Unavailable."""

    async def past(self, account: int, day: int) -> Past:
        """What is kept of an account; `day` counts from the epoch. A secret is drawn for one that has none."""

    async def told(self, rows: Sequence[Told]) -> None:
        """Keep matches."""

    async def count(self, used: Sequence[Used]) -> None:
        """Add to what was counted."""

    async def answered(self, account: int, request: str) -> list[Told]:
        """What an account was told in answer to a request, if that is kept still."""

    async def say(self, account: int, name: str, entry_id: int, verdict: str, reason: str, now: float) -> None:
        """Hand a provider's opinion on; it becomes one of that organisation (`contracts.lists.Opinion`)."""

    async def suspend(self, account: int, entry_id: int, now: float) -> None:
        """Near answers of this account are suspended, until people lift it."""

    async def suspended(self) -> set[int]:
        """Accounts whose near answers are suspended."""

    async def forget(self, before: float, day: int) -> int:
        """Drop matches told before a time, and what was counted before a day; how many rows."""
