"""hasher.sources.file: a CSV on disk into a real vault, sealed on the way."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import pytest

from backends.postgres.vault_lists import PostgresLists
from contracts.errors import Unavailable, UsageError
from contracts.lists import ImportStep, ListSource, NewEntry, Stored
from contracts.seal import Opener, Sealer, new_keys
from hasher.sources import file as module
from hasher.sources.file import ImportReport, Sealing, import_file
from tests.postgres import Database
from tests.vaults import NOW, Bench, bench, forms, record

KEYS = new_keys()
HEADER = "algorithm,digest,category,source,series,note\n"


@pytest.fixture
async def here(vault_database: Database) -> AsyncIterator[Bench]:
    async with bench(vault_database) as made:
        yield made


def sealing() -> Sealing:
    return Sealing(Sealer(KEYS.public, KEYS.place_key), KEYS.series_key)


def known(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "known.csv"
    path.write_text(text)
    return path


async def bring(here: Bench, path: Path, **more: object) -> ImportReport:
    return await import_file(path, ListSource("known"), here.lists, sealing(), lambda: NOW, **more)  # type: ignore[arg-type]


async def test_a_file_is_imported_and_matches(here: Bench, tmp_path: Path) -> None:
    path = known(
        tmp_path,
        HEADER + f"sha256,{record(1).sha256.hex()},A,IWF,S-1,seen twice\nmd5,{record(1).md5.hex()},,,,\n"
        f"pdq,{forms(1)[0].hex()},B,NCMEC,S-1,\npdq,{'00' * 32},,,,\nsha1,zz,,,,\nmd4,,,,,\nsha1,zz,,,,\n",
    )
    steps: list[int] = []
    report = await bring(here, path, progress=lambda report: steps.append(report.lines))
    assert (report.entries, report.added, report.held, report.lines) == (4, 4, 1, 8)
    assert report.bad == {"bad_digest": 2, "unknown_algorithm": 1} and steps[-1] == 8
    assert [(bad.line, bad.column) for bad in report.samples] == [(6, 6), (7, 1), (8, 6)]
    assert report.size == report.bytes_read == path.stat().st_size
    (view,) = await here.reads.lists()
    assert (view.kind, view.trust, view.uses, view.may_notify) == ("csam", "unverified", ["match", "shield"], False)
    assert (view.file, view.added, view.held, view.bad) == ("known.csv", 4, 1, report.bad) and view.ended_at == NOW
    assert [bad.line for bad in await here.reads.bad_lines("known")] == [6, 7, 8]
    await here.hasher.start()
    await here.hasher.handle([record(1), record(2)])
    assert await here.found() == {
        (f"IWF/sha256:{record(1).sha256.hex()}", "sha256", 0, False),
        (f"known/md5:{record(1).md5.hex()}", "md5", 0, True),
        (f"NCMEC/pdq:{forms(1)[0].hex()}", "pdq", 0, True),
    }
    again = await bring(here, path)
    assert (again.entries, again.added, again.changed) == (4, 0, 0)


# Domain, section 4: "Series names and notes can hold victims' names: sealed, opaque ids outside".
async def test_series_and_notes_are_sealed(here: Bench, tmp_path: Path, vault_database: Database) -> None:
    rows = [("IWF", "Jane Roe", "her name"), ("IWF", "Jane Roe", "her name"), ("NCMEC", "Jane Roe", "")]
    lines = [f"md5,{n:032x},A,{source},{series},{note}" for n, (source, series, note) in enumerate(rows, 1)]
    await bring(here, known(tmp_path, HEADER + "\n".join(lines)))
    connection = await asyncpg.connect(vault_database.dsn())
    try:
        for table in await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ):
            content = str(await connection.fetch(f"SELECT t::text, t.* FROM {table[0]} t"))
            assert not any(word in content for word in ("Jane", "Roe", "her name", b"Jane".hex(), b"her name".hex()))
        stored = await connection.fetch("SELECT series_id, note_sealed, note_key FROM entries ORDER BY entry_id")
        names = dict(await connection.fetch("SELECT series_id, sealed FROM series"))
    finally:
        await connection.close()
    opener = Opener(KEYS.secret)
    assert stored[0]["series_id"] == stored[1]["series_id"] != stored[2]["series_id"]
    assert {opener.open(sealed) for sealed in names.values()} == {"Jane Roe"} and len(names) == 2
    assert (
        opener.open(stored[0]["note_sealed"]) == "her name" and stored[2]["note_sealed"] == stored[2]["note_key"] == b""
    )
    assert (await bring(here, tmp_path / "known.csv")).changed == 0


@pytest.mark.parametrize("text", ["", "algorithm\n", "algo,digest\n"])
async def test_a_file_without_a_header_leaves_nothing(here: Bench, tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"known\.csv, line 1, column"):
        await bring(here, known(tmp_path, text))
    assert await here.reads.lists() == []


@pytest.mark.parametrize("name", ["absent.csv", "."])
async def test_a_file_that_cannot_be_read_is_named(here: Bench, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=str(tmp_path)):
        await bring(here, tmp_path / name)
    assert await here.reads.lists() == []


async def test_an_import_that_fails_says_so_and_is_repeated(
    here: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 4096)
    path = known(tmp_path, HEADER + "".join(f"md5,{n:032x},,,,\n" for n in range(1, 1001)))

    class Failing(PostgresLists):
        batches = 3

        async def add_entries(
            self, import_id: int, entries: Sequence[NewEntry], step: ImportStep, now: float
        ) -> Stored:
            self.batches -= 1
            if not self.batches:
                raise Unavailable("Postgres does not answer")
            return await super().add_entries(import_id, entries, step, now)

    with pytest.raises(Unavailable):
        await import_file(path, ListSource("known"), Failing(here.vault._pool), sealing(), lambda: NOW)
    (view,) = await here.reads.lists()
    assert view.error == "Postgres does not answer" and 0 < view.entries < 1000
    report = await bring(here, path)
    assert report.entries == 1000 and report.added == 1000 - view.entries
    assert (await here.reads.lists())[0].entries == 1000
