"""The vault: known lists, what was seen, and what of it is known. Rows and the port that keeps them (design, section 5).

Only hasher and notices reach it. Locations, series names and notes come in sealed (`contracts.seal`) and stay so. Times are
unix seconds here and milliseconds in the tables.

One number orders all changes of entries: every transaction that changes what may match takes the next `seq` while it holds
the clock's row, so that numbers become visible in their order. A hasher remembers up to which number its index is
complete; after it has stored sightings it asks for the number again, and looks them up anew if it has moved. So an
entry that is added while a sighting is being stored is found by that second look or by the retro-match, whichever comes
later, and never by none.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from contracts.messages import DigestRecord, FrameDigest, Match, MediaDigests


class EntryDigests(Struct, frozen=True, array_like=True, gc=False):
    """An entry as the index needs it. `live`: it may match now (list in use, not held, not withdrawn)."""

    entry_id: int
    digests: tuple[tuple[str, bytes], ...]
    live: bool = True


class EntryFacts(Struct, frozen=True, array_like=True, gc=False):
    """What else deciding needs of an entry, asked of the vault for the few that are hit: an index that is a moment behind then
    causes no verdict. `size` in bytes as the source states it (0: not stated), `pdqs` are its PDQ, at most 64 of them, `media`
    is "image", "video" or "" where its source does not say. `sure`: it has a SHA-1 or SHA-256 as well, so that a file with its
    MD5 and none of these was made to collide."""

    entry_id: int
    live: bool = True
    size: int = 0
    pdqs: Sequence[bytes] = ()
    media: str = ""
    sure: bool = False


class StoredMedia(Struct, frozen=True):
    """A medium as it was seen first, by SHA-256. `media_id` is a number that grows, a new one if its frames come later."""

    media_id: int
    sha256: bytes
    sha1: bytes
    md5: bytes
    size: int
    media: MediaDigests


class HashBlock(Struct, frozen=True, array_like=True, gc=False):
    """Hashes of stored media for a search backwards: for each frame the number of its medium (8 bytes, little-endian), and its
    eight forms of 32 bytes, laid end to end."""

    media_ids: bytes
    hashes: bytes


class VideoFrames(Struct, frozen=True, array_like=True, gc=False):
    """The frames of a video that are looked up (of enough quality), and its length in seconds."""

    sha256: bytes
    duration: float
    frames: Sequence[FrameDigest]


class ShownFrames(Struct, frozen=True, array_like=True, gc=False):
    """The known digests that frames of a video are near, each with the entries that such frames are near."""

    video: VideoFrames
    near: Mapping[bytes, Set[int]]


class Agreement(Struct, frozen=True, array_like=True, gc=False):
    """A frame of a video that agrees with a picture of an entry: its time in seconds, how far apart, the form that matched,
    the frame's quality, and the entry's digest."""

    at: float
    distance: int
    turn: int
    quality: int
    digest: bytes


class MatchRow(Struct, frozen=True, array_like=True):
    """A verdict: this medium is explained by this entry, with the evidence that leads.

    `near`: for people to review. `band` is the review band of a near PDQ match (10, 20, 31 or 40 bits; 0: not PDQ).
    `turn` is the form that matched (0 as shown), `quality` that of its frame (100 if no picture was needed), `at` the
    frame's time in seconds, `frames` how many distinct frames agree, `evidence` all frames of a video that do. `held` is why
    it counts for nothing yet, or empty.
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
    evidence: tuple[Agreement, ...] = ()


class MatchView(Struct, frozen=True):
    """A match at a place, for people. `sealed` and `series_sealed` are for who may open them; `place` tells places apart.

    `entry` is the entry's lasting name, member/id. `counts` is False while medium or entry is held or withdrawn, no
    list lets the entry match, or people have refused the pair; `why` names the reason. Other fields as in `MatchRow` and `NewEntry`.
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
    evidence: tuple[Agreement, ...] = ()


Pair = tuple[bytes, int]
"""(SHA-256 of the medium, entry_id): what a verdict belongs to."""


Related = Callable[[VideoFrames, VideoFrames], bool]
"""Whether two videos match each other as videos."""


class FrameVault(Protocol):
    """Frames that many videos show: title cards, logos, players' screens. They say nothing of what a video is."""

    async def count_frames(self, shown: Sequence[ShownFrames], most: int, related: Related) -> set[bytes]:
        """Count each video once for each of its digests, unless it is related to one that was counted; those of the digests
        that more than `most` unrelated videos show."""

    async def newly_stopped(self) -> list[tuple[bytes, list[int]]]:
        """Digests that count no more, whose earlier verdicts nobody has looked at, with the entries concerned."""

    async def reviewed(self, digests: Sequence[bytes]) -> None:
        """Say that this was done."""

    async def near_media(self, entry_ids: Sequence[int], after: bytes, limit: int) -> list[bytes]:
        """SHA-256 of the media with near verdicts of these entries that count, above `after`, in order."""

    async def hold_pairs(self, pairs: Sequence[Pair], why: str) -> int:
        """Let these verdicts count no more until they are made anew; how many did."""


class EntryVault(Protocol):
    """What an index is kept by."""

    async def seq(self) -> int:
        """The number of the last change of entries."""

    def entries(self, after: int, until: int) -> AsyncIterator[list[EntryDigests]]:
        """Entries whose last change has a number in after+1..until, in blocks, by rising number."""

    async def snapshot_known(self, content: bytes, seq: int) -> bool:
        """Whether a snapshot of the index with this mark was made of this vault at this change: a vault that was restored from an
        older backup knows nothing of it."""

    async def add_snapshot(self, content: bytes, seq: int, now: float) -> None:
        """Say that such a snapshot is about to be made."""


class Vault(EntryVault, FrameVault, Protocol):
    """What the hasher role keeps. Every method is one transaction at most, and may be repeated."""

    async def facts(self, entry_ids: Sequence[int]) -> dict[int, EntryFacts]:
        """What the vault says of these entries now; those that it does not know are missing."""

    async def media(self, sha256s: Sequence[bytes]) -> list[StoredMedia]:
        """Those of these media that are stored."""

    async def media_by_id(self, media_ids: Sequence[int]) -> list[StoredMedia]:
        """The same by their numbers."""

    async def suppressed(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Those of the pairs that people have refused."""

    async def released(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Those of the pairs that two people let count, whatever held them."""

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

    async def stored(self) -> int:
        """About how many hashes of media are stored."""

    def blocks(self) -> AsyncIterator[HashBlock]:
        """The hashes of all media that were stored before the first block is asked for, about a MiB at a time."""

    async def pack(self, most: int) -> int:
        """Pack hashes of media that came since for such a search, up to `most` blocks; how many were made."""

    async def good(self, media: Sequence[DigestRecord | StoredMedia]) -> set[bytes]:
        """SHA-256 of those of these media whose file a known-good list has, by any cryptographic digest."""

    async def hold_good(self, after: int, until: int) -> int:
        """Hold the open verdicts on media whose file a known-good list has by an entry changed in after+1..until; how many."""

    async def guard(self, after: int, until: int, now: float) -> int:
        """Look over what the entries changed in after+1..until have matched, and hold those that the rules of section 1 do not
        trust; how many are held. Asked after a retro-match has stored its verdicts and before any of them is told, and once a
        minute of all changes, for what was matched live."""

    async def matches_of(self, entry_ids: Sequence[int], after: Match | None, limit: int) -> list[Match]:
        """A page of the matches of these entries at their places that count now, by entry, medium, place: those after `after`."""
