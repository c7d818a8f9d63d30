"""Which partitions a shard serves: it renews its leases, claims what is free and gives up what is too much (design, rule 4)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from contracts.cluster import Cluster
from contracts.crawl import FAR
from contracts.errors import Stale, Unavailable
from contracts.store import CrawlStore
from frontier.events import Claimed, Released
from frontier.ownership import decide
from frontier.service.steps import Steps

log = logging.getLogger(__name__)

STUCK: Final = 60.0
"""Seconds that a step may take before others may have our partitions."""
LOOK_SOON: Final = 0.25
"""Seconds between two looks at who holds what while partitions are to be moved."""


class Partitions:
    """The partitions of one machine. `suspects` as in `Claimed`."""

    def __init__(self, steps: Steps, owner: str, settings: Cluster, suspects: frozenset[bytes] | None) -> None:
        self._steps = steps
        self._owner = owner
        self._settings = settings
        self._suspects = suspects
        self.look_at = -FAR

    async def look(self, now: float) -> str:
        """Renew, claim or give up; what is waited for, if nothing can be served yet. Stale if something of ours was taken."""
        epochs = self._steps.machine.shard.epochs
        seen = await self._steps.store.renew(self._owner, now, self._settings.lease)
        mine = {row.partition: row.epoch for row in seen.partitions if row.owner == self._owner}
        if lost := sorted(partition for partition, epoch in epochs.items() if mine.get(partition) != epoch):
            raise Stale(f"partitions {lost} were taken over by others")
        moves = decide(self._owner, seen, frozenset(epochs), now)
        if moves.stray:
            await self._steps.store.release(self._owner, moves.stray)
        if moves.release is not None:
            await self._release(frozenset({moves.release}))
        if moves.claim:
            await self._claim(moves.claim, now)
        self.look_at = now + (self._settings.renew if moves.settled else min(LOOK_SOON, self._settings.renew))
        return "waiting for other shards to give up partitions" if moves.quota and not epochs else ""

    async def keep(self, open_store: Callable[[], Awaitable[CrawlStore]]) -> None:
        """Renew, for ever, when a step takes so long that it is not done between steps: with a connection of its own, made when
        it is needed first. A loop that does not turn at all loses its partitions."""
        store: CrawlStore | None = None
        try:
            while True:
                await asyncio.sleep(self._settings.renew)
                late = self._steps.clock() - self.look_at
                if late < 0.0 or late > STUCK or not self._steps.machine.shard.epochs:
                    continue
                try:
                    store = store or await open_store()
                    await store.renew(self._owner, self._steps.clock(), self._settings.lease)
                except Unavailable as error:
                    log.info("leases are not renewed: %s", error)
                    if store is not None:
                        await store.close()
                        store = None
        finally:
            if store is not None:
                await store.close()

    async def _claim(self, wanted: Sequence[int], now: float) -> None:
        steps, unsent = self._steps, self._steps.unsent
        claims = await steps.store.claim(self._owner, now, self._settings.lease, wanted)
        if not claims:
            return
        leases = await steps.store.load_leases([claim.partition for claim in claims])
        held = [key for lease in leases for key in lease.keys]
        items = await steps.store.load_items(held) if held and not unsent.void else []
        taken = Claimed(claims, leases, unsent.void, self._suspects, items, unsent.all())
        await steps.carry_out(steps.machine.handle(taken, now))
        steps.machine.shard.postpone(now)
        await self._read()
        log.info("partitions claimed: %s; %d orders are out", [claim.partition for claim in claims], len(leases))

    async def _release(self, partitions: frozenset[int]) -> None:
        await self._steps.flush()
        self._steps.machine.handle(Released(partitions), self._steps.clock())
        await self._read()
        await self._steps.store.release(self._owner, sorted(partitions))
        log.info("partitions given up: %s", sorted(partitions))

    async def _read(self) -> None:
        """Read what is ours, from where it was committed last."""
        offsets = dict(self._steps.machine.shard.offsets)
        await self._steps.consumer.reassign(offsets)
        await self._steps.consumer.commit(offsets)

    async def leave(self) -> None:
        """At the end of an orderly stop: nobody need wait for our leases to run out."""
        await self._steps.flush()
        epochs = self._steps.machine.shard.epochs
        await self._steps.store.release(self._owner, sorted(epochs), leaving=True)
