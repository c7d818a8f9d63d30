"""A list at a URL: downloaded into a file of our own if it has changed, then imported like any other file."""

import asyncio
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from contracts.errors import UsageError
from contracts.lists import ImportStep, ListVault, NewEntry, SourceView, Stored
from contracts.ports import Clock
from hasher.exchange import cursor as cursors
from hasher.exchange import links
from hasher.exchange.cursor import FileCursor
from hasher.sources.client import Answer, Chance, Client
from hasher.sources.credentials import Credentials
from hasher.sources.file import import_file
from hasher.sources.report import ImportReport
from hasher.sources.sealing import Sealing

PREFIX: Final = "pisaura-list-"
LEFT_OVER: Final = 2 * 86_400.0
"""Age in seconds after which a folder of ours is that of a process that is no more."""
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


class _Downloaded:
    """The vault as the import of a downloaded file sees it: a list of a file, whose cursor says how far an import of it got until
    it has ended well, and from then on which version that was."""

    def __init__(self, vault: ListVault, view: SourceView, known: FileCursor, fresh: FileCursor) -> None:
        self._vault, self._fresh = vault, cursors.to_bytes(fresh)
        self._view = SourceView(replace(view.source, location=""), b"" if known.etag or known.modified else view.cursor)
        self.begin_import = vault.begin_import

    async def source(self, name: str) -> SourceView:
        return self._view

    async def add_entries(self, import_id: int, entries: Sequence[NewEntry], step: ImportStep, now: float) -> Stored:
        return await self._vault.add_entries(import_id, entries, step, now)

    async def end_import(self, import_id: int, now: float, error: str = "") -> None:
        if not error:
            await self._vault.add_entries(import_id, (), ImportStep(0, 0, {}, [], cursor=self._fresh), now)
        await self._vault.end_import(import_id, now, error)


async def fetch_and_import(
    view: SourceView,
    vault: ListVault,
    sealing: Sealing,
    client: Client,
    login: Credentials,
    clock: Clock,
    chance: Chance,
    progress: Callable[[ImportReport], None],
) -> ImportReport:
    """Ask for the list with what is known of the last one; a 304 is a sync without anything new. The file is in a folder that
    only we can read, and is gone when this returns."""
    url = view.source.location
    known = cursors.from_bytes(view.cursor, url, FileCursor)
    asked = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    folder = await asyncio.to_thread(_folder, client.folder)
    path = folder / _name(url)
    try:
        path.touch(mode=0o600)

        async def ask() -> Answer:
            return await client.download(url, login, {name: value for name, value in asked.items() if value}, path)

        answer = await client.persist(ask, chance)
        if answer.status == 304:
            number = await vault.begin_import(view.source, path.name, clock())
            await vault.end_import(number, clock())
            return ImportReport(view.source.name, 0)
        fresh = replace(known, etag=answer.etag[: links.LINK_CHARS], modified=answer.modified[: links.LINK_CHARS])
        _stamp(path, answer)
        downloaded = _Downloaded(vault, view, known, fresh)
        source = replace(view.source, location="")
        return await import_file(path, source, downloaded, sealing, clock, progress)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, True)


def _folder(parent: Path) -> Path:
    """A folder that only we can read; those of processes that were killed are removed."""
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for other in parent.glob(PREFIX + "*"):
            if time.time() - other.lstat().st_mtime > LEFT_OVER:
                shutil.rmtree(other, True)
        return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    except OSError as error:
        raise UsageError(f"{parent}: lists cannot be kept there while they are read: {error.strerror}") from error


def _stamp(path: Path, answer: Answer) -> None:
    """Give the file a time of change that stands for its version, by which `file` goes on with the same one after a cut."""
    if answer.etag or answer.modified:
        version = blake2b(f"{answer.etag}\0{answer.modified}".encode(), digest_size=4).digest()
        os.utime(path, (int.from_bytes(version),) * 2)


def _name(url: str) -> str:
    """The file's name as the URL gives it: it is shown with the import."""
    parsed = links.parse(url)
    last = parsed.pathname.rpartition("/")[2] if parsed is not None else ""
    return _NAME.sub("-", last).strip(".-")[:100] or "list"
