"""The index of one process: begun from a snapshot, kept as new as the vault, merged beside live matching, written anew.

Changes are taken over on the loop, a few at a time; what takes longer happens in threads.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Sequence
from typing import Final

from contracts.errors import Corrupt, PisauraError
from contracts.ports import Clock
from contracts.snapshots import Mark, Parts, Snapshots
from contracts.vault import EntryDigests, EntryVault
from hasher.index import Index
from hasher.index.merge import Built, Plan
from hasher.index.parts import parts_of

log = logging.getLogger(__name__)

AT_ONCE: Final = 1_000
"""Entries taken over without giving way to the loop: some milliseconds."""
CONTENT_BYTES: Final = 16
CHANGED: Final = 50_000
CHANGED_SHARE: Final = 0.05
"""A snapshot is written anew when so many entries changed since, or such a share of the index, whichever is less: the next start
has to take them over."""
REST: Final = 600.0
"""Seconds between two snapshots, at least: an import changes entries all the time."""
DAY: Final = 86400.0


class Keeper:
    """`index` is what live matching asks; it is another object after the vault was put back to an older backup."""

    def __init__(self, vault: EntryVault, radius: int, snapshots: Snapshots | None, clock: Clock) -> None:
        self.index = Index(radius)
        self.changes = 0
        self._vault, self._snapshots, self._clock = vault, snapshots, clock
        self._loading = asyncio.Lock()
        self._merging: asyncio.Task[Built] | None = None
        self._looked_at = time.monotonic()
        self._written: Mark | None = None
        self._refused: Mark | None = None
        self._unwritten = 0

    @property
    def age(self) -> float:
        """Seconds since the index was last seen to be complete."""
        return time.monotonic() - self._looked_at

    async def start(self) -> None:
        """Begin from the snapshot, if it is good, and take over what changed since. Raises Unavailable."""
        if self._snapshots is not None and not len(self.index):
            await self._open(self._snapshots)
        await self.load()
        await self._merged()

    async def load(self) -> int:
        """Take over changes of entries; how many."""
        async with self._loading:
            began = time.monotonic()
            until = await self._vault.seq()
            if until < self.index.seq:
                log.warning("the vault is older than the index (was a backup restored?): the index is made anew")
                self.index, self._written = Index(self.index.radius), None
            changes = await self._take_over(until) if until > self.index.seq else 0
            self._looked_at = began
        self._merge()
        return changes

    async def save(self) -> None:
        """Write a snapshot if it is time to."""
        if self._snapshots is None or not len(self.index):
            return
        there = await self._there(self._snapshots)
        if there is not None and there not in (self._written, self._refused):  # of another process on this machine
            self._written, self._unwritten = there, 0
        if self._due():
            await self._write(self._snapshots)

    async def stop(self) -> None:
        """Write a snapshot if there is none, and leave the one that was opened."""
        if self._merging is not None:
            await asyncio.gather(self._merging, return_exceptions=True)
        if self._snapshots is not None:
            try:
                if self._written is None and len(self.index):
                    await self._write(self._snapshots)
            except PisauraError as error:
                log.warning("no snapshot of the index is left: %s", error)
            finally:
                await asyncio.to_thread(self._snapshots.close)

    async def _take_over(self, until: int) -> int:
        changes, fresh = 0, not len(self.index)
        async for page in self._vault.entries(self.index.seq, until):
            for start in range(0, len(page), AT_ONCE):
                self._change(page[start : start + AT_ONCE], fresh)
                self._merge()
                await asyncio.sleep(0)
            changes += len(page)
        self.index.seq = until
        self.changes += changes
        self._unwritten += changes
        return changes

    def _change(self, entries: Sequence[EntryDigests], fresh: bool) -> None:
        if not fresh:
            self.index.remove(entries)
        self.index.add([entry for entry in entries if entry.live])

    def _merge(self) -> None:
        """Merge tables of the index beside live matching, one merge at a time."""
        if self._merging is not None and self._merging.done():
            self._merging.result()
            self._merging = None
        if self._merging is None and (plan := self.index.due()) is not None:
            self._merging = asyncio.create_task(self._build(self.index, plan))

    async def _merged(self) -> None:
        """Wait until nothing is left to merge."""
        while self._merging is not None:
            await self._merging
            self._merge()

    async def _build(self, index: Index, plan: Plan) -> Built:
        built = await asyncio.to_thread(plan.build)
        index.adopt(built)
        return built

    async def _open(self, snapshots: Snapshots) -> None:
        there = await self._there(snapshots)
        if there is None:
            return
        try:
            mark, parts = await asyncio.to_thread(snapshots.open)
            self.index = await asyncio.to_thread(Index.restore, self.index.radius, parts, mark.seq)
            self._written = mark
        except (ValueError, Corrupt) as error:
            self._refused = there
            log.warning("the snapshot of the index is not used, the index is made from Postgres: %s", error)

    async def _there(self, snapshots: Snapshots) -> Mark | None:
        """The snapshot that is there, if the vault knows of it: one that was restored from a backup has another history since."""
        try:
            mark = await asyncio.to_thread(snapshots.mark)
        except Corrupt as error:
            log.warning("the snapshot of the index cannot be used: %s", error)
            return None
        if mark is None or (
            mark.seq <= await self._vault.seq() and await self._vault.snapshot_known(mark.content, mark.seq)
        ):
            return mark
        log.warning("the snapshot of the index cannot be used: it is not one of this vault as it is now")
        return None

    def _due(self) -> bool:
        if self._written is None:
            return True
        age = self._clock() - self._written.made_at
        many = self._unwritten > min(CHANGED, CHANGED_SHARE * len(self.index))
        return bool(self._unwritten) and (age >= DAY or (age >= REST and many))

    async def _write(self, snapshots: Snapshots) -> None:
        """Merge everything and write it, while changes go on: those since are taken over by who opens it."""
        seq, parts = await self._whole()
        self._written = mark = Mark(secrets.token_bytes(CONTENT_BYTES), seq, self._clock())
        self._unwritten = 0  # also if it cannot be written: that is not tried again at once
        await self._vault.add_snapshot(mark.content, mark.seq, mark.made_at)
        try:
            await asyncio.to_thread(snapshots.write, mark, parts)
        except PisauraError as error:
            log.warning("the snapshot of the index cannot be written: %s", error)

    async def _whole(self) -> tuple[int, Parts]:
        """All of the index as arrays that are not changed any more, and up to which change that is."""
        async with self._loading:
            await self._merged()
            plan = self.index.due(whole=True)
            if plan is None:
                return self.index.seq, self.index.parts()
            self._merging = asyncio.create_task(self._build(self.index, plan))
        built = await self._merging
        return built.seq, parts_of(built.table, self.index.radius)
