"""backends.postgres.vault_blocks over a real Postgres: everything stored is read back once, however it is packed meanwhile."""

from collections.abc import AsyncIterator

import asyncpg
import numpy as np
import pytest

from backends.postgres import vault_blocks
from backends.postgres.vault_store import PostgresVault
from contracts.messages import FrameDigest
from contracts.vault import HashBlock
from tests.postgres import Database
from tests.vaults import NOW, Bench, bench, forms, record


@pytest.fixture
async def here(vault_database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr(vault_blocks, "BLOCK_FRAMES", 4)
    monkeypatch.setattr(vault_blocks, "NEW_MEDIA", 1)
    async with bench(vault_database) as made:
        yield made


def owned(block: HashBlock) -> list[tuple[int, bytes]]:
    ids = np.frombuffer(block.media_ids, "<i8").tolist()
    assert len(block.hashes) == 256 * len(ids)
    return [(media_id, block.hashes[256 * n : 256 * n + 256]) for n, media_id in enumerate(ids)]


async def read(vault: PostgresVault) -> list[tuple[int, bytes]]:
    return [pair async for block in vault.blocks() for pair in owned(block)]


async def stored(here: Bench, *numbers: int) -> None:
    for number in numbers:
        await here.vault.store([record(number)], [], NOW)


def hashes(*numbers: int) -> list[bytes]:
    return [b"".join(forms(number)) for number in numbers]


async def test_packed_or_not_all_of_it_comes_once(here: Bench) -> None:
    await stored(here, *range(10))
    assert await here.vault.stored() == 0
    before = await read(here.vault)
    assert [pair[1] for pair in before] == hashes(*range(10))
    assert await here.vault.pack(9) == 2 and await here.vault.pack(9) == 0
    assert await here.vault.stored() == 2 * 4 * 8
    assert await read(here.vault) == before
    await stored(here, 10, 11)
    assert await here.vault.pack(9) == 1
    assert [pair[1] for pair in await read(here.vault)] == hashes(*range(12))


async def test_so_many_blocks_at_a_time_as_asked(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_blocks, "TOGETHER", 2)
    await stored(here, *range(30))
    assert [await here.vault.pack(3) for _ in range(4)] == [3, 3, 1, 0]
    assert [pair[1] for pair in await read(here.vault)] == hashes(*range(30))


async def test_videos_are_never_cut_and_frameless_media_are_not_there(here: Bench) -> None:
    video = [FrameDigest(forms(100 + n), 10 * n, n / 10) for n in range(6)]
    await here.vault.store([record(0, frames=video)], [], NOW)
    await here.vault.store([record(1, frames=[])], [], NOW)
    await stored(here, 2)
    everything = hashes(*range(100, 106), 2)
    assert [pair[1] for pair in await read(here.vault)] == everything
    assert await here.vault.pack(9) == 1
    pairs = await read(here.vault)
    assert [pair[1] for pair in pairs] == everything and len({pair[0] for pair in pairs}) == 2
    (one,) = await here.vault.media_by_id([pairs[-1][0]])
    assert one.sha256 == record(2).sha256
    assert await here.vault.media_by_id([]) == [] == await here.vault.media_by_id([999])


# "A medium whose frames come later than itself gets another number then": no block can miss it.
async def test_frames_that_come_after_their_medium_was_packed(here: Bench) -> None:
    await here.vault.store([record(0, frames=[])], [], NOW)
    await stored(here, 1, 2, 3, 4)
    assert await here.vault.pack(9) == 1
    await stored(here, 0)
    assert [pair[1] for pair in await read(here.vault)] == hashes(1, 2, 3, 4, 0)
    await stored(here, 0, 1, 5, 6, 7)  # what is stored already keeps its number
    assert await here.vault.pack(9) == 1
    assert [pair[1] for pair in await read(here.vault)] == hashes(1, 2, 3, 4, 0, 5, 6, 7)


# A transaction that began earlier may commit a lower number later: nothing is packed past it.
async def test_writers_that_have_not_ended_hold_packing_up(
    here: Bench, vault_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_blocks, "WRITERS_END", 0.1)
    slow = await asyncpg.connect(vault_database.dsn("pisaura_hasher"))
    try:
        turn = slow.transaction()
        await turn.start()
        await slow.execute(
            "INSERT INTO media (sha256, sha1, md5, size, seen_at, frames)"
            " SELECT sha256, sha1, md5, 1, 1, $1 FROM (SELECT sha256('slow'), '\\x'::bytea, '\\x'::bytea) m (sha256, sha1, md5)",
            bytes(5) + b"".join(forms(99)),
        )
        await stored(here, *range(8))
        assert await here.vault.pack(9) == 0
        assert [pair[1] for pair in await read(here.vault)] == hashes(*range(8))
        await turn.commit()
    finally:
        await slow.close()
    assert await here.vault.pack(9) == 2
    pairs = await read(here.vault)
    assert [pair[1] for pair in pairs] == hashes(99, *range(8)) and pairs[0][0] == 1


async def test_what_is_packed_while_it_is_read_comes_once(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_blocks, "TOGETHER", 1)
    await stored(here, *range(14))
    assert await here.vault.pack(1) == 1
    seen: list[tuple[int, bytes]] = []
    async for block in here.vault.blocks():
        seen += owned(block)
        await here.vault.pack(1)
    assert [pair[1] for pair in seen] == hashes(*range(14))
    assert await here.vault.stored() == 3 * 32


async def test_two_packers_make_no_block_twice(here: Bench) -> None:
    await stored(here, *range(12))
    last = (await here.vault._fetch("packed_until"))[0][0]
    rows = [(last, 4, bytes(32), bytes(1024))] * 2
    made = [await here.vault._fetch("add_block", *row) for row in rows]
    assert [len(one) for one in made] == [1, 0]
    assert await here.vault._fetch("add_block", 3, 9, bytes(8), bytes(256)) == []


async def test_a_search_that_is_given_up_leaves_nothing_behind(here: Bench) -> None:
    await stored(here, *range(12))
    await here.vault.pack(9)
    blocks = here.vault.blocks()
    assert owned(await anext(blocks))
    assert hasattr(blocks, "aclose")
    await blocks.aclose()
    assert len(await read(here.vault)) == 12
