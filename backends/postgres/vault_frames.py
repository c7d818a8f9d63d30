"""Frames that many unrelated videos show (`contracts.vault.FrameVault`): counted as they are met, a few videos kept for each digest.

Who counts a digest has its row locked, so that copies of one video that come at the same moment are compared with each other.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.frames import pack, unpack
from backends.postgres.vault_queries import QUERIES, columns
from contracts.vault import Pair, Related, ShownFrames, VideoFrames


class FrameCounts:
    """`contracts.vault.FrameVault` over a pool."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @translated
    async def count_frames(self, shown: Sequence[ShownFrames], most: int, related: Related) -> set[bytes]:
        """Count each video once for each of its digests; those of them that count no more."""
        digests = {digest for one in shown for digest in one.near}
        stopped = {row[0] for row in await self._pool.fetch(QUERIES["stopped_frames"], sorted(digests))}
        if fresh := sorted(digests - stopped):
            async with self._pool.acquire() as db, db.transaction():
                stopped |= await _count(db, fresh, shown, most, related)
        return stopped

    @translated
    async def newly_stopped(self) -> list[tuple[bytes, list[int]]]:
        """Digests that count no more, with their entries, until they are `reviewed`."""
        return [(row["digest"], row["entries"]) for row in await self._pool.fetch(QUERIES["newly_stopped"])]

    @translated
    async def reviewed(self, digests: Sequence[bytes]) -> None:
        """Say that earlier verdicts were looked at."""
        await self._pool.execute(QUERIES["set_reviewed"], list(digests))

    @translated
    async def near_media(self, entry_ids: Sequence[int], after: bytes, limit: int) -> list[bytes]:
        """Media with near verdicts of these entries that count, in order."""
        return [row[0] for row in await self._pool.fetch(QUERIES["near_media"], list(entry_ids), after, limit)]

    @translated
    async def hold_pairs(self, pairs: Sequence[Pair], why: str) -> int:
        """Let these verdicts count no more."""
        done: str = await self._pool.execute(QUERIES["hold_pairs"], *columns(pairs, 2), why)
        return int(done.rpartition(" ")[2])


async def _count(
    db: Any, digests: Sequence[bytes], shown: Sequence[ShownFrames], most: int, related: Related
) -> set[bytes]:
    await db.execute(QUERIES["add_frames"], digests)
    rows = await db.fetch(QUERIES["lock_frames"], digests)
    stopped = {row["digest"] for row in rows if row["stopped"]}
    counted: dict[bytes, list[VideoFrames]] = {row["digest"]: [] for row in rows if not row["stopped"]}
    for digest, sha256, duration, frames in await db.fetch(QUERIES["frame_videos"], sorted(counted)):
        counted[digest].append(VideoFrames(sha256, duration, unpack(frames)))
    known = {row["digest"]: set(row["entries"]) for row in rows}
    added: list[tuple[bytes, bytes, float, bytes]] = []
    for digest, videos in counted.items():
        entries, before = known[digest], len(videos)
        for one in shown:
            if digest not in one.near:
                continue
            entries = entries | one.near[digest]
            if len(videos) <= most and not any(related(one.video, other) for other in videos):
                videos.append(one.video)
                added.append((digest, one.video.sha256, one.video.duration, pack(one.video.frames)))
        if len(videos) > most:
            stopped.add(digest)
        if len(videos) != before or entries != known[digest]:
            await db.execute(QUERIES["count_frame"], digest, len(videos), digest in stopped, sorted(entries))
    await db.execute(QUERIES["add_frame_videos"], *columns([row for row in added if row[0] not in stopped], 4))
    await db.execute(QUERIES["drop_frame_videos"], sorted(stopped))
    return stopped
