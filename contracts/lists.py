"""Known lists: sources, entries, what organisations say of them, and the port that imports them (domain, section 1).

An entry is (originating member, its id) with 1..n digests. Opinions, holds and withdrawals belong to the entry and act on all
its digests. Series names and notes come in sealed (`contracts.seal`) and stay so. Times are unix seconds here.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct

from contracts.errors import UsageError

KINDS: Final = ("csam", "child-exploitative", "ncii-adult", "self-reported-minor", "other", "known-good")
MATCHED_KINDS: Final = ("csam", "child-exploitative")
"""Kinds that may match what is crawled; of the others only Shield knows, and known-good only says what is harmless."""
TRUSTS: Final = ("unverified", "verified")
USES: Final = ("match", "notify", "shield", "export")
ALLOWED: Final = {
    "csam": USES,
    "child-exploitative": ("match", "shield", "export"),
    "ncii-adult": ("shield", "export"),
    "self-reported-minor": ("shield", "export"),
    "other": ("shield", "export"),
    "known-good": ("export",),
}
"""Uses by kind: only csam may reach a notice; adults', self-reported and other entries serve Shield only; known-good entries
match nothing and only hold what agrees with them."""
STANDINGS: Final = ("unverified", "verified", "disputed", "held", "withdrawn")
VERDICTS: Final = ("confirm", "dispute", "withdraw")

LEGALITIES: Final = ("baseline", "national", "harmful", "unknown")
ACTS: Final = ("A", "B", "C", "1", "2", "unknown")
AGES: Final = ("pre-pubescent", "pubescent", "unknown")
UNKNOWN: Final = "unknown"

FLOOD: Final = "many_sites"
"""Seen on more than 20 sites in 24 h."""
MATCH_RATE: Final = "match_rate"
"""Came with a sync that multiplied the match rate by ten."""
DELETING: Final = "deletion"
"""Deleted by a sync that has not ended: held until it is known how much it deletes."""
MASS_DELETION: Final = "mass_deletion"
"""Deleted by a sync that deletes more than 1 % of the list."""
KNOWN_GOOD: Final = "known_good"
"""A known-good list has one of its digests."""
UNMAPPED: Final = "unmapped"
"""Its profile or category is in no mapping: counted, never indexed."""
OTHER_KIND: Final = "other_kind"
"""Its own word says another kind than that of its list."""
PARENT: Final = "parent"
"""It is a variant of our own, and every entry that it resembles was withdrawn."""

OURS: Final = "own"
"""First word of the names of lists with our own organisation's entries, variants that people have confirmed: `own csam`."""


class ListSource(Struct, frozen=True):
    """A known list: where it comes from and what it may be used for. The defaults are those of `lists import`.

    `location` is a path or URL ("" for a file imported by hand), `mapping` the text of a TOML mapping of columns, `credentials`
    the path of a file with a login or token, never its content.
    """

    name: str
    format: str = "csv"
    kind: str = "csam"
    trust: str = "unverified"
    uses: tuple[str, ...] = ("match", "shield")
    location: str = ""
    mapping: str = ""
    credentials: str = ""


def uses_of(kind: str) -> tuple[str, ...]:
    """What a list of this kind is used for if nobody says: matching only, or nothing (shield is off by default)."""
    return ("match",) if kind in MATCHED_KINDS else ()


def check_source(source: ListSource) -> None:
    """UsageError if a list cannot be of this kind, trust or use (domain, section 1: "No kind, no import")."""
    for what, value, known in (("kind", source.kind, KINDS), ("trust", source.trust, TRUSTS)):
        if value not in known:
            raise UsageError(f"list {source.name!r}: {what} must be one of {', '.join(known)}, not {value[:40]!r}")
    if source.name.split(" ")[0] == OURS:
        raise UsageError(
            f"list {source.name!r}: lists whose name begins with {OURS!r} hold our own entries: name it otherwise"
        )
    if unknown := [use for use in source.uses if use not in USES]:
        raise UsageError(f"list {source.name!r}: a use is one of {', '.join(USES)}, not {unknown[0][:40]!r}")
    allowed = ALLOWED[source.kind]
    if refused := [use for use in source.uses if use not in allowed]:
        raise UsageError(
            f"list {source.name!r}: a list of kind {source.kind} may serve {', '.join(allowed)} only, not "
            f"{', '.join(refused)}: leave that out of --uses"
        )


class Opinion(Struct, frozen=True, array_like=True, gc=False):
    """What an organisation says of an entry: one of `VERDICTS`. Its last word counts; a copy of it elsewhere is the same word."""

    organisation: str
    verdict: str
    why: str = ""


class NewEntry(Struct, frozen=True, array_like=True, gc=False):
    """An entry to import; (`member`, `member_entry_id`) is its identity, `digests` are (algorithm, bytes).

    `category` is the source's own word. `series_id` (16 bytes, or empty) is blind, the series' name and the note are
    sealed; `note_key` tells whether a note changed. `held` is why the entry may not match, or empty. `deleted`: its source has
    taken it back. `opaque` are (name, bytes) of digests that are kept and handed on, but never matched (PhotoDNA).
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
    legality: str = UNKNOWN
    act: str = UNKNOWN
    age: str = UNKNOWN
    generated: bool = False
    media: str = ""
    deleted: bool = False
    opinions: tuple[Opinion, ...] = ()
    opaque: tuple[tuple[str, bytes], ...] = ()


class Refused(Struct, frozen=True, array_like=True):
    """A record of a list that was not imported: line and column from 1 (column 0: the whole line), reason, evidence.

    Of a source that answers in pages, `line` is the number of the record in this sync.
    """

    line: int
    column: int
    reason: str
    evidence: str


class ImportStep(Struct, frozen=True):
    """What one batch added to an import. `held` counts entries of the file that are held, new or not.

    `cursor`: from where the source is to be asked next, kept in the transaction of the batch; None leaves it as it is. Besides
    what is drained it may hold the range that is being read (`hasher.exchange.cursor`, where only `since` is drained).
    """

    bytes_read: int
    lines: int
    bad: dict[str, int]
    samples: list[Refused]
    held: int = 0
    cursor: bytes | None = None


class Stored(Struct, frozen=True):
    """What storing a batch of entries changed. The rest was there already, as it is."""

    added: int = 0
    changed: int = 0
    deleted: int = 0


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
    location: str = ""
    deleted: int = 0
    last_success: float = 0.0
    """End of the last import without an error; 0.0 if there was none. Its age is the list's lag."""


class SourceView(Struct, frozen=True):
    """A list as `lists sync` needs it. `cursor` is that of the last `ImportStep` that had one (empty: from the beginning)."""

    source: ListSource
    cursor: bytes = b""


class ListVault(Protocol):
    """What importing a list needs."""

    async def begin_import(self, source: ListSource, file: str, now: float) -> int:
        """Make or find the list and begin an import; its number. UsageError if the list has another kind or trust."""

    async def add_entries(self, import_id: int, entries: Sequence[NewEntry], step: ImportStep, now: float) -> Stored:
        """Keep a batch of entries and the progress made, in one transaction."""

    async def end_import(self, import_id: int, now: float, error: str = "") -> None:
        """Mark an import as done, or as failed. What it deleted takes effect here, or is held if it is too much."""

    async def source(self, name: str) -> SourceView:
        """A list as it was added. UsageError if there is none of that name; it names those that there are."""
