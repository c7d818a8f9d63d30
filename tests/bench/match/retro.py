"""Everything seen, matched with new entries: real blocks in a real Postgres, planted pictures that must be found, no other.

The blocks are written as they would have been packed; the media of planted frames are stored as any others.
"""

import argparse
import hashlib
import resource
import time
from collections.abc import Iterator
from typing import Final

import asyncpg
import numpy as np
import psutil

from backends.postgres.vault_blocks import BLOCK_FRAMES
from contracts.lists import NewEntry
from contracts.messages import FrameDigest
from tests.bench import cpu
from tests.bench.match import corpus
from tests.bench.match.fresh import fresh_vault
from tests.bench.match.search import say
from tests.postgres import Database
from tests.vaults import Bench, bench, record

FORMS: Final = 8
PLANTED: Final = 64
APART: Final = 31


def blocks(pdqs: int, planted: list[bytes]) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Rows of `pdq_blocks` with so many hashes; media are numbered from 1, the first ones are the planted."""
    frames = max(len(planted), pdqs // FORMS)
    chance = np.random.default_rng(3)
    for done in range(0, frames, BLOCK_FRAMES):
        size = min(BLOCK_FRAMES, frames - done)
        hashes = chance.integers(0, 256, (size, FORMS * 32), np.uint8)
        if not done:
            hashes[: len(planted)] = np.frombuffer(b"".join(planted), np.uint8).reshape(-1, FORMS * 32)
        ids = np.arange(done + 1, done + size + 1, dtype="<i8")
        yield done + 1, done + size, ids.tobytes(), hashes.tobytes()


async def fill(dsn: str, pdqs: int, planted: list[bytes]) -> None:
    """Blocks of the media that are stored and of many more."""
    connection = await asyncpg.connect(dsn)
    columns = ("first_media", "last_media", "media_ids", "hashes")
    assert await connection.fetchval("SELECT max(media_id) FROM media") == len(planted)
    await connection.copy_records_to_table("pdq_blocks", records=blocks(pdqs, planted), columns=columns)
    await connection.execute(
        "SELECT setval(pg_get_serial_sequence('media', 'media_id'), max(last_media)) FROM pdq_blocks"
    )
    await connection.execute("VACUUM ANALYZE pdq_blocks")
    await connection.close()


def entries(count: int, planted: list[bytes]) -> list[NewEntry]:
    """So many new entries; some resemble a planted picture, as far away as may be."""
    made = []
    for number in range(count):
        digest = hashlib.sha256(b"entry %d" % number).digest()
        if number < len(planted):
            form = np.frombuffer(planted[number], np.uint64).reshape(-1, 4)[number % FORMS : number % FORMS + 1]
            digest = corpus.flipped(form, APART, number).tobytes()
        made.append(NewEntry("bench", str(number), (("pdq", digest),)))
    return made


async def measure(database: Bench, dsn: str, pdqs: int, fresh: int) -> None:
    """Store, plant, add entries, look back."""
    shown = [corpus.uniform(FORMS, 100 + seed).tobytes() for seed in range(PLANTED)]
    frames = [[FrameDigest([one[at : at + 32] for at in range(0, len(one), 32)], 90)] for one in shown]
    await database.hasher.handle([record(seed, frames=frames[seed]) for seed in range(PLANTED)])
    await database.hasher.refresh()
    await fill(dsn, pdqs, shown)
    await database.add(*entries(fresh, shown))
    server = {one for one in psutil.process_iter() if one.name().startswith("postgres")}
    wall, own, theirs = time.perf_counter(), time.process_time(), cpu.seconds(server)
    found = await database.hasher.refresh()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    theirs = cpu.seconds(server) - theirs
    about = {"stored_pdqs": pdqs, "new_entries": fresh}
    say("retro_seconds", wall, 1, **about)
    say("retro_cpu_seconds", own, 1, process="hasher", **about)
    say("retro_cpu_seconds", max(0.0, theirs), 1, process="postgres", **about)
    say("retro_pdqs_per_second", pdqs / wall, 0, **about)
    say("retro_missed", PLANTED - found, 0, **about)
    say("memory_bytes", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, 0, part="retro", **about)


def main() -> None:
    """All figures of one size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pdqs", type=int)
    parser.add_argument("fresh", type=int)
    given = parser.parse_args()
    with fresh_vault() as (database, _):
        database.server.run(on(database, given.pdqs, given.fresh))


async def on(database: Database, pdqs: int, fresh: int) -> None:
    """The bench over one vault."""
    async with bench(database) as made:
        await measure(made, database.dsn(), pdqs, fresh)


if __name__ == "__main__":
    main()
