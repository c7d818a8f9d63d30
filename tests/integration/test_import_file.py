"""hasher.sources.file: lists on disk into a real vault, sealed on the way."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import pytest

from backends.postgres.vault_lists import PostgresLists
from contracts.errors import Unavailable, UsageError
from contracts.lists import ImportStep, ListSource, NewEntry, Stored
from contracts.seal import Opener, Sealer, new_keys
from hasher.sources import file as module
from hasher.sources.file import import_file
from hasher.sources.report import ImportReport
from hasher.sources.sealing import Sealing
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


class Failing(PostgresLists):
    """Stores all batches but the last of so many."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", batches: int) -> None:
        super().__init__(pool)
        self._batches = batches

    async def add_entries(self, import_id: int, entries: Sequence[NewEntry], step: ImportStep, now: float) -> Stored:
        self._batches -= 1
        if not self._batches:
            raise Unavailable("Postgres does not answer")
        return await super().add_entries(import_id, entries, step, now)


async def test_an_import_that_fails_says_so_and_is_repeated(
    here: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 4096)
    path = known(tmp_path, HEADER + "".join(f"md5,{n:032x},,,,\n" for n in range(1, 1001)))

    with pytest.raises(Unavailable):
        await import_file(path, ListSource("known"), Failing(here.vault._pool, 3), sealing(), lambda: NOW)
    (view,) = await here.reads.lists()
    assert view.error == "Postgres does not answer" and 0 < view.entries < 1000
    report = await bring(here, path)
    assert report.entries == 1000 and report.added == 1000 - view.entries
    assert (await here.reads.lists())[0].entries == 1000


class Counting(PostgresLists):
    """Counts the entries that are given to it."""

    given = 0

    async def add_entries(self, import_id: int, entries: Sequence[NewEntry], step: ImportStep, now: float) -> Stored:
        self.given += len(entries)
        return await super().add_entries(import_id, entries, step, now)


CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/$metadata#Media"


def many(tmp_path: Path, format: str) -> Path:
    """A list of 1,000 entries in about 30 pieces, with a bad line in the middle."""
    if format == "csv":
        lines = [f"md5,{n:032x},,,,\n" for n in range(1, 1001)]
        return known(tmp_path, HEADER + "".join([*lines[:500], "md5,zz,,,,\n", *lines[500:]]))
    path = tmp_path / "known.json"
    records: list[object] = [{"MD5": f"{n:032X}", "Category": 1} for n in range(1, 1001)]
    path.write_text(json.dumps({"@odata.context": CONTEXT, "value": [*records[:500], "bad", *records[500:]]}))
    return path


# "Resumable": killed at any batch, it goes on where it was committed, and its report is of the whole file.
@pytest.mark.parametrize("format", ["csv", "vics"])
@pytest.mark.parametrize("batches", [1, 7, 20])
async def test_an_import_that_was_killed_goes_on(
    here: Bench, tmp_path: Path, vault_database: Database, monkeypatch: pytest.MonkeyPatch, format: str, batches: int
) -> None:
    path, chunk = many(tmp_path, format), 1500
    monkeypatch.setattr(module, "CHUNK", chunk)
    arguments = (vault_database.dsn("pisaura_hasher"), str(path), format, str(chunk), str(batches))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.import_process", *arguments, cwd=Path(__file__).parents[2]
    )
    assert await child.wait() == -signal.SIGKILL
    (before,) = await here.reads.lists()
    assert before.ended_at == 0.0 and (await here.lists.source("known")).cursor
    vault = Counting(here.vault._pool)
    source = ListSource("known", format=format)
    report = await import_file(path, source, vault, sealing(), lambda: NOW)
    assert vault.given == report.added == 1000 - before.entries
    assert (report.entries, report.bytes_read, sum(report.bad.values())) == (1000, path.stat().st_size, 1)
    assert report.resumed == batches * chunk
    (view,) = await here.reads.lists()
    assert view.entries == 1000 and view.ended_at == NOW
    again = await import_file(path, source, vault, sealing(), lambda: NOW)
    assert (again.resumed, again.entries, again.added) == (0, 1000, 0), "a file that was imported is looked at anew"


@pytest.mark.parametrize("what", ["content", "mapping"])
async def test_another_file_or_reading_starts_at_the_beginning(
    here: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = many(tmp_path, "csv")
    monkeypatch.setattr(module, "CHUNK", 1500)

    with pytest.raises(Unavailable):
        await import_file(path, ListSource("known"), Failing(here.vault._pool, 9), sealing(), lambda: NOW)
    mapping = ""
    if what == "content":
        before = path.stat()
        path.write_text(path.read_text().replace("md5,", "MD5,"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    else:
        mapping = '[columns]\nalgorithm = "algorithm"\ndigest = "digest"\n'
    report = await import_file(path, ListSource("known", mapping=mapping), here.lists, sealing(), lambda: NOW)
    assert (report.resumed, report.entries) == (0, 1000)


# A list that is asked at a URL keeps its own cursor: a file that is imported into it by hand leaves that alone.
async def test_the_cursor_of_another_source_is_left_alone(here: Bench, tmp_path: Path) -> None:
    path = many(tmp_path, "csv")
    asked = ListSource("known", location="https://127.0.0.1/list.csv")
    number = await here.lists.begin_import(asked, "page", NOW)
    await here.lists.add_entries(number, (), ImportStep(0, 0, {}, [], cursor=b"theirs"), NOW)
    await here.lists.end_import(number, NOW)
    await bring(here, path)
    await import_file(path, asked, here.lists, sealing(), lambda: NOW)
    assert (await here.lists.source("known")).cursor == b"theirs"


async def test_a_project_vic_list_is_imported_and_what_is_unmapped_is_never_indexed(
    here: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "known.json"
    one, two, three = record(1), record(2), record(3)
    path.write_text(
        json.dumps(
            {
                "@odata.context": CONTEXT,
                "value": [
                    {"MD5": one.md5.hex(), "SHA1": one.sha1.hex(), "Category": 1, "Series": "S-1"},
                    {"MD5": two.md5.hex(), "SHA1": two.sha1.hex(), "Category": 99},
                    {"MD5": three.md5.hex(), "SHA1": "zz", "Category": 1},
                ],
            }
        )
    )
    checked: list[int] = []
    report = await import_file(
        path, ListSource("vic", format="vics"), here.lists, sealing(), lambda: NOW, lambda r: checked.append(r.checked)
    )
    assert (report.entries, report.added, report.held, report.bad) == (2, 2, 1, {"bad_digest": 1})
    assert checked[0] == report.checked == path.stat().st_size
    await here.hasher.start()
    await here.hasher.handle([one, two, three])
    assert {entry for entry, _, _, _ in await here.found()} == {f"vic/md5:{one.md5.hex()}"}


# "A truncated file imports nothing."
async def test_a_project_vic_list_that_is_cut_off_leaves_nothing(here: Bench, tmp_path: Path) -> None:
    path = many(tmp_path, "vics")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UsageError, match=r"known\.json, within the first \d+ bytes: .*cut off"):
        await import_file(path, ListSource("vic", format="vics"), here.lists, sealing(), lambda: NOW)
    assert await here.reads.lists() == []


# Domain, section 1: "Only `csam` may reach a notice"; an entry whose own word says another kind does not match as its list's.
async def test_an_entry_of_another_kind_than_its_list_is_held(here: Bench, tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    context = CONTEXT.replace("/UK/", "/US/")
    records = [{"MD5": f"{n:032x}", "Category": n} for n in (1, 2, 5)]
    path.write_text(json.dumps({"@odata.context": context, "value": records}))
    report = await import_file(path, ListSource("us", format="vics"), here.lists, sealing(), lambda: NOW)
    assert (report.entries, report.held) == (3, 2)
    indexed = [row async for rows in here.vault.entries(0, await here.vault.seq()) for row in rows if row.live]
    assert [row.digests for row in indexed] == [(("md5", (1).to_bytes(16)),)]


async def test_a_format_that_is_not_known_is_named(here: Bench, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown format 'excel'; known are csv,"):
        await import_file(known(tmp_path, HEADER), ListSource("x", format="excel"), here.lists, sealing(), lambda: NOW)
