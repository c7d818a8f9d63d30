"""Entries a second from files: reading alone for each format, and a CSV all the way into Postgres."""

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from contracts.lists import ListSource
from contracts.seal import Sealer, new_keys
from hasher.formats.format import About
from hasher.formats.table import FORMATS
from hasher.lists import ListEntry
from hasher.sources.file import import_file
from hasher.sources.sealing import Sealing
from tests.bench import cpu
from tests.bench.match.fresh import fresh_vault
from tests.bench.match.search import say
from tests.exchange import ncmec, stopncii
from tests.postgres import Database
from tests.vaults import bench

CHUNK: Final = 1 << 20
PAGE: Final = 1_000


def made(count: int, *algorithms: str) -> Iterator[ListEntry]:
    """Entries with a digest for each of the algorithms."""
    chance = random.Random(1)
    sizes = {"md5": 16, "sha1": 20, "sha256": 32, "pdq": 32}
    for number in range(count):
        digests = tuple((name, chance.randbytes(sizes[name])) for name in algorithms)
        yield ListEntry("bench", str(number), digests, media="image")


def pages(render: object, entries: list[ListEntry]) -> bytes:
    """A file of answers."""
    assert callable(render)
    return b"".join(render(entries[start : start + PAGE]) for start in range(0, len(entries), PAGE))


def files(count: int) -> Iterator[tuple[str, bytes]]:
    """A file of each format with so many entries."""
    plain = "".join(f"{name},{digest.hex()},A,,,\n" for one in made(count, "sha1") for name, digest in one.digests)
    yield "csv", b"algorithm,digest,category,source,series,note\n" + plain.encode()
    table = "".join(
        f"{one.member_entry_id};{one.digests[0][1].hex()};{one.digests[1][1].hex()};A\n"
        for one in made(count, "md5", "sha1")
    )
    yield "iwf-csv", b"ID;MD5;SHA1;Category\n" + table.encode()
    for name in ("vics", "threatexchange"):
        write = FORMATS[name].write
        assert write is not None
        yield (
            name,
            b"".join(
                write(made(count, "md5", "sha1") if name == "vics" else made(count, "pdq"), About("bench", "bench"))
            ),
        )
    yield "ncmec", pages(ncmec.page, [_named(one, "ncmec:42", "A1") for one in made(count, "md5", "sha1", "pdq")])
    yield "stopncii", pages(stopncii.page, [_named(one, "stopncii", "") for one in made(count, "pdq")])


def _named(entry: ListEntry, member: str, category: str) -> ListEntry:
    """The entry as a source would name it."""
    algorithm, digest = entry.digests[0]
    name = f"ImagePDQ:{digest.hex()}" if algorithm == "pdq" else entry.member_entry_id
    return ListEntry(member, name, entry.digests, category, media="image")


def read(count: int) -> None:
    """Reading alone."""
    for name, data in files(count):
        chunks = (data[start : start + CHUNK] for start in range(0, len(data), CHUNK))
        began, entries, bad = time.process_time(), 0, 0
        for batch in FORMATS[name].read(chunks, About("bench", "bench")):
            entries += len(batch.entries)
            bad += len(batch.bad)
        about = {"format": name, "bytes": len(data), "bad": bad}
        say("entries_read_per_cpu_second", entries / (time.process_time() - began), 0, entries=entries, **about)


async def stored(database: Database, folder: Path, count: int) -> None:
    """A CSV into Postgres, twice: the second time nothing is new."""
    path = folder / "bench.csv"
    path.write_bytes(next(data for name, data in files(count) if name == "csv"))
    keys = new_keys()
    sealing = Sealing(Sealer(keys.public, keys.place_key), keys.series_key)
    async with bench(database) as vault:
        server = [one for one in psutil.process_iter() if one.name().startswith("postgres")]
        taken = 0.0
        for round_, name in (("new", "one"), ("known", "two")):
            wall, own, theirs = time.perf_counter(), time.process_time(), cpu.seconds(server)
            report = await import_file(path, ListSource(name), vault.lists, sealing, time.time)
            wall = time.perf_counter() - wall
            taken = taken or wall
            about = {"entries": report.entries, "entries_are": round_}
            say("entries_imported_per_second", report.entries / wall, 0, **about)
            used = {"import": time.process_time() - own, "postgres": cpu.seconds(server) - theirs}
            for process, seconds in used.items():
                say("import_cpu_us_per_entry", seconds / report.entries * 1e6, 1, process=process, **about)
        wall = time.perf_counter()
        await vault.hasher.start()
        wall = time.perf_counter() - wall
        assert len(vault.hasher.index) >= count
        say("entries_indexed_per_second", count / wall, 0, entries=count, come_from="postgres")
        say("entries_imported_and_indexed_per_second", count / (taken + wall), 0, entries=count)


def main() -> None:
    """All formats."""
    parser = argparse.ArgumentParser()
    parser.add_argument("entries", type=int)
    given = parser.parse_args()
    read(given.entries)
    with fresh_vault() as (database, folder):
        database.server.run(stored(database, folder, given.entries))


if __name__ == "__main__":
    main()
