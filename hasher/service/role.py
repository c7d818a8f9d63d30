"""The hasher of one process: what it does with sightings, with changes of lists, and with what was seen earlier."""

from collections.abc import Sequence

from contracts.messages import DigestRecord, Match
from contracts.ports import Clock
from contracts.settings import Matching
from contracts.snapshots import Snapshots
from contracts.vault import MatchRow, StoredMedia, Vault
from hasher.index import Index
from hasher.service.judge import Judge
from hasher.service.keeper import Keeper
from hasher.service.retro import Emit, Pace, Retro


class HasherService:
    """Serves one process. `handle`, `load` and `refresh` may run at the same time."""

    def __init__(
        self, vault: Vault, settings: Matching, emit: Emit, clock: Clock, snapshots: Snapshots | None = None
    ) -> None:
        self.vault, self.settings, self.emit, self.clock = vault, settings, emit, clock
        self.counts = {"media": 0, "sightings": 0, "exact": 0, "near": 0, "held": 0, "retro": 0, "guarded": 0}
        self._judge, self._pace = Judge(vault, settings), Pace()
        self._keeper = Keeper(vault, settings.pdq_distance, snapshots, clock)
        self._retro = Retro(vault, settings, emit, clock, self._pace, self.counts)

    @property
    def index(self) -> Index:
        """What live matching asks."""
        return self._keeper.index

    @property
    def index_age(self) -> float:
        """Seconds since the index was last seen to be complete."""
        return self._keeper.age

    @property
    def index_changes(self) -> int:
        """Changes of entries taken over since the start."""
        return self._keeper.changes

    async def start(self) -> None:
        """Load the index. Raises Unavailable if the vault does not answer."""
        await self._keeper.start()

    async def stop(self) -> None:
        """Leave a snapshot of the index for the next start if there is none."""
        await self._keeper.stop()

    async def load(self) -> int:
        """Take over changes of entries into the index; how many. Four times a second makes them count within one."""
        return await self._keeper.load()

    async def handle(self, records: Sequence[DigestRecord]) -> None:
        """Store sightings with their verdicts, then emit the matches that count. Returns after both."""
        if not records:
            return
        self._pace.live += 1
        media = await self._complete(records)
        seq = self.index.seq  # before looking up: what the index learns meanwhile may come too late for some of them
        found = await self._judge.verdicts(self.index, media)
        await self.vault.store(records, found, self.clock())
        if await self.vault.seq() > seq:  # a retro-match of the change may have ended before these were stored
            await self.load()
            found = await self._judge.verdicts(self.index, media)
            await self.vault.store((), found, self.clock())  # a change after this look is retro-matched after `store`
        self.counts["media"] += len(media)
        self.counts["sightings"] += len(records)
        await self._announce(found, records)

    async def refresh(self) -> int:
        """Match what was seen earlier with new entries, and see to what makes that and the next start fast; how many new verdicts.

        One process does so at a time; the others return 0. What is found is emitted before progress is recorded, so that
        a crash repeats and never loses.
        """
        await self.load()
        new = 0
        async with self.vault.retro_turn() as ours:
            if ours:
                new = await self._retro.run(progress=True)
                self.counts["retro"] += new
                await self._retro.watch()
                await self._judge.review(self.index)
                await self._retro.pack()
                await self._keeper.save()
        return new

    async def look_back(self) -> int:
        """Match what was seen earlier with what no `refresh` has come to yet; how many new verdicts.

        For an import beside no crawl, or before the crawl notices it: progress is not recorded, so that the next
        `refresh` finds the same again and emits it.
        """
        return await self._retro.run(progress=False)

    async def _complete(self, records: Sequence[DigestRecord]) -> list[DigestRecord | StoredMedia]:
        """Each medium once; one that was not decoded this time has the frames of the time when it was."""
        media: dict[bytes, DigestRecord | StoredMedia] = {}
        for record in records:
            if record.sha256 not in media or record.media.frames:
                media[record.sha256] = record
        bare = [sha256 for sha256, record in media.items() if not record.media.frames]
        for stored in await self.vault.media(bare):
            if stored.media.frames:
                media[stored.sha256] = stored
        return list(media.values())

    async def _announce(self, found: Sequence[MatchRow], places: Sequence[DigestRecord]) -> None:
        """Emit a match for each place of each verdict that counts."""
        by_medium: dict[bytes, list[MatchRow]] = {}
        for row in found:
            self.counts["held" if row.held else "near" if row.near else "exact"] += 1
            if not row.held:
                by_medium.setdefault(row.sha256, []).append(row)
        matches = [
            Match(
                at.sha256,
                at.place,
                at.sealed,
                row.entry_id,
                row.algorithm,
                row.distance,
                row.turn,
                row.near,
                at.seen_at,
            )
            for at in places
            for row in by_medium.get(at.sha256, ())
        ]
        if matches:
            await self.emit(matches)
