"""The vault: known lists, what was seen, and what of it is known. Rows and the port that keeps them (design, section 5).

Only hasher and notices reach it. Locations, series names and notes come in sealed (`contracts.seal`) and stay so. Times are
unix seconds here and milliseconds in the tables.

One number orders all changes of entries: every transaction that changes what may match takes the next `seq` while it holds
the clock's row, so that numbers become visible in their order. A hasher remembers up to which number its index is
complete; after it has stored sightings it asks for the number again, and looks them up anew if it has moved. So an
entry that is added while a sighting is being stored is found by that second look or by the retro-match, whichever comes
later, and never by none.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from msgspec import Struct

from contracts.messages import DigestRecord, MediaDigests

KINDS: Final = ("csam", "child-exploitative", "ncii-adult", "self-reported-minor", "other", "known-good")
TRUSTS: Final = ("unverified", "verified")
USES: Final = ("match", "notify", "shield", "export")
STANDINGS: Final = ("unverified", "verified", "disputed", "held", "withdrawn")


class ListSource(Struct, frozen=True):
    """A known list and what it may be used for (domain, section 1). The defaults are those of `lists import`."""

    name: str
    format: str = "csv"
    kind: str = "csam"
    trust: str = "unverified"
    uses: tuple[str, ...] = ("match", "shield")


class NewEntry(Struct, frozen=True, array_like=True, gc=False):
    """An entry to import; (`member`, `member_entry_id`) is its identity, `digests` are (algorithm, bytes).

    `category` is the source's own word. `series_id` (16 bytes, or empty) is blind, the series' name and the note are
    sealed; `note_key` tells whether a note changed. `held` is why the entry may not match, or empty.
    """

    member: str
    member_entry_id: str
    digests: tuple[tuple[str, bytes], ...]
    category: str = ""
    series_id: bytes = b""
    series_sealed: bytes = b""
    note_key: bytes = b""
    note_sealed: bytes = b""
    held: str = ""
    size: int = 0


class Refused(Struct, frozen=True, array_like=True):
    """A line of a list that was not imported: line and column from 1 (column 0: the whole line), reason, evidence."""

    line: int
    column: int
    reason: str
    evidence: str


class ImportStep(Struct, frozen=True):
    """What one batch added to an import. `held` counts entries of the file that are held, new or not."""

    bytes_read: int
    lines: int
    bad: dict[str, int]
    samples: list[Refused]
    held: int = 0


class Stored(Struct, frozen=True):
    """What storing a batch of entries changed. The rest was there already, as it is."""

    added: int = 0
    changed: int = 0


class EntryDigests(Struct, frozen=True, array_like=True, gc=False):
    """An entry as the index needs it. `live`: it may match now (list in use, not held, not withdrawn)."""

    entry_id: int
    digests: tuple[tuple[str, bytes], ...]
    size: int = 0
    live: bool = True


class StoredMedia(Struct, frozen=True):
    """A medium as it was seen first, by SHA-256. `media_id` is a running number."""

    media_id: int
    sha256: bytes
    sha1: bytes
    md5: bytes
    size: int
    media: MediaDigests


class FrameRow(Struct, frozen=True, array_like=True, gc=False):
    """The hashes of a stored medium for a retro-match: its frames' eight forms laid end to end."""

    media_id: int
    sha256: bytes
    hashes: bytes


class MatchRow(Struct, frozen=True, array_like=True):
    """A verdict: this medium is explained by this entry, with the evidence that leads.

    `near`: for people to review. `band` is the review band of a near PDQ match (10, 20, 31 or 40 bits; 0: not PDQ).
    `turn` is the form that matched (0 as shown), `quality` that of its frame (100 if no picture was needed), `at` the
    frame's time in seconds, `frames` how many distinct frames agree. `held` is why it counts for nothing yet, or empty.
    """

    sha256: bytes
    entry_id: int
    algorithm: str
    digest: bytes
    distance: int = 0
    turn: int = 0
    quality: int = 100
    at: float = 0.0
    frames: int = 0
    near: bool = False
    band: int = 0
    held: str = ""


class Sighting(Struct, frozen=True, array_like=True):
    """A place where a medium was seen."""

    sha256: bytes
    place: bytes
    sealed: bytes
    last_seen: float


class MatchView(Struct, frozen=True):
    """A match at a place, for people. `sealed` and `series_sealed` are for who may open them; `place` tells places apart.

    `entry` is the entry's lasting name, member/id. `counts` is False while medium or entry is held or withdrawn, or people
    have refused the pair; `why` names the reason. Other fields as in `MatchRow` and `NewEntry`.
    """

    place: bytes
    sealed: bytes
    sha256: bytes
    media_type: str
    algorithm: str
    digest: bytes
    distance: int
    quality: int
    turn: int
    near: bool
    band: int
    frames: int
    at: float
    lists: list[str]
    entry: str
    category: str
    standing: str
    series_id: bytes
    series_sealed: bytes
    first_seen: float
    last_seen: float
    state: str
    counts: bool
    why: str


class ListView(Struct, frozen=True):
    """A list and its last import. `bad` counts that import's bad lines by reason; `ended_at` is 0.0 while it runs."""

    name: str
    format: str
    kind: str
    trust: str
    uses: list[str]
    may_notify: bool
    entries: int
    imports: int
    file: str
    started_at: float
    ended_at: float
    error: str
    bytes_read: int
    lines: int
    read: int
    added: int
    changed: int
    held: int
    bad: dict[str, int]


Pair = tuple[bytes, int]
"""(SHA-256 of the medium, entry_id): what a verdict belongs to."""


class Vault(Protocol):
    """What the hasher role keeps. Every method is one transaction at most, and may be repeated."""

    async def seq(self) -> int:
        """The number of the last change of entries."""

    def entries(self, after: int, until: int) -> AsyncIterator[list[EntryDigests]]:
        """Entries whose last change has a number in after+1..until, in blocks, by rising number."""

    async def media(self, sha256s: Sequence[bytes]) -> list[StoredMedia]:
        """Those of these media that are stored."""

    async def suppressed(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Those of the pairs that people have refused."""

    async def store(self, records: Sequence[DigestRecord], matches: Sequence[MatchRow], now: float) -> int:
        """Keep media, sightings (last_seen updated) and verdicts in one transaction; how many verdicts are new."""

    def retro_turn(self) -> AbstractAsyncContextManager[bool]:
        """Whether it is our turn to retro-match; while the context is open it is nobody else's."""

    async def retro_seq(self) -> int:
        """Up to which change of entries everything stored has been matched."""

    async def set_retro_seq(self, seq: int) -> None:
        """Say that all entries up to this change were matched with everything stored."""

    async def retro_step(self, after: int, until: int, entries: int) -> int:
        """The number in after+1..until up to which about so many entries were changed since `after`."""

    async def media_with(self, after: int, until: int) -> list[bytes]:
        """SHA-256 of the stored media that share a cryptographic digest with an entry changed in after+1..until."""

    def frames(self, block: int) -> AsyncIterator[list[FrameRow]]:
        """All stored media that have frames, `block` at a time."""

    async def sightings(self, sha256s: Sequence[bytes]) -> list[Sighting]:
        """All places of these media."""


class ListVault(Protocol):
    """What importing a list needs."""

    async def begin_import(self, source: ListSource, file: str, now: float) -> int:
        """Make or find the list and begin an import; its number. UsageError if the list has another kind or trust."""

    async def add_entries(self, import_id: int, entries: Sequence[NewEntry], step: ImportStep, now: float) -> Stored:
        """Keep a batch of entries and the progress made, in one transaction."""

    async def end_import(self, import_id: int, now: float, error: str = "") -> None:
        """Mark an import as done, or as failed."""

    async def set_standing(self, entry_ids: Sequence[int], standing: str, held: str = "") -> int:
        """Give entries one of `STANDINGS` and a reason to be held, or none; how many changed."""
