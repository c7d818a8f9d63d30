"""backends.postgres.vault_frames over a real Postgres: unrelated videos are counted once each, whoever counts at the same moment."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from backends.postgres.vault_frames import FrameCounts
from backends.postgres.vault_store import open_pool
from contracts.messages import FrameDigest
from contracts.vault import ShownFrames, VideoFrames
from tests.postgres import Database
from tests.vaults import ROLE, forms

A, B = b"A" * 32, b"B" * 32


@pytest.fixture
async def counts(vault_database: Database) -> AsyncIterator[FrameCounts]:
    pool = await open_pool(vault_database.dsn(ROLE))
    try:
        yield FrameCounts(pool)
    finally:
        await pool.close()


def shown(number: int, *digests: bytes, entry: int = 1) -> ShownFrames:
    frames = [FrameDigest(forms(number), 90, 1.5)]
    return ShownFrames(VideoFrames(b"%032d" % number, 9.0, frames), {digest: {entry} for digest in digests})


def same(one: VideoFrames, other: VideoFrames) -> bool:
    return one.sha256 == other.sha256


def parity(one: VideoFrames, other: VideoFrames) -> bool:
    """Every second video is a copy of the same."""
    return one.sha256[-1] % 2 == other.sha256[-1] % 2


async def test_more_than_so_many_unrelated_videos(counts: FrameCounts, vault_database: Database) -> None:
    for number in range(3):
        assert await counts.count_frames([shown(number, A, B), shown(number, A)], 3, same) == set()
    assert await counts.count_frames([shown(3, A, entry=2), shown(2, B)], 3, same) == {A}
    assert await counts.count_frames([shown(9, B)], 3, same) == {B}
    assert await counts.count_frames([shown(9, A, B)], 3, same) == {A, B}
    assert await counts.newly_stopped() == [(A, [1, 2]), (B, [1])]
    await counts.reviewed([A])
    assert await counts.newly_stopped() == [(B, [1])]
    owner = await asyncpg.connect(vault_database.dsn())
    assert await owner.fetchval("SELECT count(*) FROM frame_videos") == 0  # no more than is needed is kept
    await owner.close()


async def test_related_ones_count_once(counts: FrameCounts) -> None:
    for number in range(20):
        assert await counts.count_frames([shown(number, A)], 2, parity) == set()
    assert await counts.count_frames([], 2, parity) == set()


async def test_many_at_once(counts: FrameCounts) -> None:
    """Copies that come at the same moment see each other: the row is locked."""
    said = await asyncio.gather(
        *(counts.count_frames([shown(n, A, B), shown(n + 2, B, A)], 2, parity) for n in range(12))
    )
    assert not any(said)
    said = await asyncio.gather(*(counts.count_frames([shown(n, B, A)], 2, same) for n in range(12)))
    assert {A, B} in said and await counts.count_frames([shown(99, A, B)], 2, same) == {A, B}
