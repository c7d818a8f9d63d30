"""hasher.sources.download: a list at a URL, asked for only if it has changed, imported like any other file."""

import asyncio
import os
import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from backends.postgres.vault_reads import VaultReads
from contracts.errors import PisauraError, Unavailable, UsageError
from contracts.lists import ListSource
from contracts.settings import Lists
from hasher.sources.client import Client, _write
from hasher.sources.download import LEFT_OVER, PREFIX
from hasher.sources.report import ImportReport
from hasher.sources.sync import sync
from tests.exchange.syncs import Databases, Lab, Stopped, dump, laboratory

HEADER = "algorithm,digest,category,source,series,note\n"


def csv(*numbers: int) -> bytes:
    return (HEADER + "".join(f"md5,{n:032x},A,IWF,,\n" for n in numbers)).encode()


class Shelf:
    """A list at a URL that knows what its reader has."""

    def __init__(self) -> None:
        self.body, self.etag = csv(1, 2), '"one"'
        self.cut = 0  # bytes that are missing at the end of the next answers
        self.asked: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head)
        fields = f"ETag: {self.etag}\r\nLast-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\nConnection: close\r\n"
        if f"If-None-Match: {self.etag}" in head:
            writer.write(f"HTTP/1.1 304 So\r\n{fields}\r\n".encode())
        else:
            body = self.body[: len(self.body) - self.cut]
            self.cut = 0
            writer.write(f"HTTP/1.1 200 So\r\nContent-Length: {len(self.body)}\r\n{fields}\r\n".encode() + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def shelf() -> AsyncIterator[Shelf]:
    made = Shelf()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/lists/known.csv?year=2026"
    try:
        yield made
    finally:
        server.close()
        await server.wait_closed()


async def stop(import_id: int, now: float, error: str = "") -> None:
    """What a process that is gone says at the end of an import."""


async def bring(lab: Lab, seen: list[Path] | None = None, stop_after: int = 0, **more: object) -> ImportReport:
    """Synchronise the list; notes which files there are while it is imported. Stops after so many batches."""
    batches = 0

    def progress(report: ImportReport) -> None:
        nonlocal batches
        batches += 1
        if batches == stop_after:
            raise Stopped
        if seen is not None:
            seen.extend(path for path in lab.folder.rglob("*") if PREFIX in str(path))
            assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in seen)

    async with Client(Lists(**more), lab.folder, lab.time, sleep=lab.time.sleep) as client:  # type: ignore[arg-type]
        return await sync("file", lab.lists, lab.sealing, client, lab.time, lab.chance.random, progress)


@asynccontextmanager
async def listed(databases: Databases, folder: Path) -> AsyncIterator[tuple[Lab, Shelf]]:
    async with laboratory(databases, folder, "ncmec", 1, 0.0, 1) as lab, shelf() as at:
        await lab.add(ListSource("file", "csv", location=at.url, uses=("match",)))
        yield lab, at


async def test_a_list_is_downloaded_when_it_has_changed(databases: Databases, tmp_path: Path) -> None:
    async with listed(databases, tmp_path) as (lab, at):
        seen: list[Path] = []
        assert (await bring(lab, seen)).added == 2
        assert "known.csv" in {path.name for path in seen} and not list(tmp_path.glob(PREFIX + "*"))
        again = await bring(lab)
        assert (again.entries, len(at.asked)) == (0, 2) and 'If-None-Match: "one"' in at.asked[1]
        assert "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT" in at.asked[1]
        at.body, at.etag = csv(1, 2, 3), '"two"'
        assert (await bring(lab)).added == 1
        assert len(await dump(databases.vault, "file")) == 3


async def test_a_download_that_is_cut_off_is_begun_again(databases: Databases, tmp_path: Path) -> None:
    async with listed(databases, tmp_path) as (lab, at):
        at.cut = 10
        assert (await bring(lab)).added == 2 and len(at.asked) == 2


async def test_an_import_that_was_cut_goes_on_with_the_same_version(databases: Databases, tmp_path: Path) -> None:
    async with listed(databases, tmp_path) as (lab, at):
        at.body = csv(*range(1, 60_000))
        lab.lists.end_import, ending = stop, lab.lists.end_import  # type: ignore[method-assign]
        with pytest.raises(Stopped):
            await bring(lab, seen=[], stop_after=1)
        lab.lists.end_import = ending  # type: ignore[method-assign]
        report = await bring(lab)
        assert report.resumed > 0 and report.lines == 60_000
        assert "If-None-Match" not in at.asked[1]
        assert (await bring(lab)).entries == 0 and len(await dump(databases.vault, "file")) == 59_999


async def test_a_list_that_cannot_be_imported_is_asked_for_again(databases: Databases, tmp_path: Path) -> None:
    async with listed(databases, tmp_path) as (lab, at):
        at.body = b"no header of ours\n"
        for _ in range(2):
            with pytest.raises(PisauraError):
                await bring(lab)
        assert all("If-None-Match" not in head for head in at.asked)
        (failed,) = [one for one in await VaultReads(lab.pool).lists() if one.name == "file"]
        assert "line 1" in failed.error and failed.ended_at
        at.body = csv(1, 2)
        assert (await bring(lab)).added == 2
        assert not list(tmp_path.glob(PREFIX + "*"))


async def test_a_list_is_bounded(databases: Databases, tmp_path: Path) -> None:
    async with listed(databases, tmp_path) as (lab, _):
        with pytest.raises(UsageError, match=r"lists\.file_bytes"):
            await bring(lab, file_bytes=10)
        assert not list(tmp_path.glob(PREFIX + "*"))


async def test_folders_of_processes_that_are_no_more_are_removed(databases: Databases, tmp_path: Path) -> None:
    old, new = tmp_path / f"{PREFIX}old", tmp_path / f"{PREFIX}new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "list").write_bytes(b"secret")
    os.utime(old, (0, time.time() - LEFT_OVER - 1))
    async with listed(databases, tmp_path) as (lab, _):
        await bring(lab)
    assert not old.exists() and new.exists()


def test_a_full_disk_has_a_name() -> None:
    class Full:
        name = "list.csv"

        def write(self, chunk: bytes) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(Unavailable, match="No space left"):
        _write(Full(), b"x")  # type: ignore[arg-type]


async def test_lists_without_a_source_say_so(databases: Databases, tmp_path: Path) -> None:
    async with laboratory(databases, tmp_path, "ncmec", 1, 0.0, 1) as lab:
        await lab.add(ListSource("file", "csv", uses=("match",)))
        with pytest.raises(UsageError, match="by hand"):
            await bring(lab)
        with pytest.raises(UsageError, match="there is no list"):
            await lab.sync("missing")


async def test_a_file_of_this_machine_is_a_source_too(databases: Databases, tmp_path: Path) -> None:
    path = tmp_path / "known.csv"
    path.write_bytes(csv(7))
    async with laboratory(databases, tmp_path, "ncmec", 1, 0.0, 1) as lab:
        await lab.add(ListSource("file", "csv", location=str(path), uses=("match",)))
        assert (await bring(lab)).added == 1
