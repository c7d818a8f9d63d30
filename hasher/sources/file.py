"""A list in a file on this machine, streamed into the vault: parsing in a thread while the last batch is being stored.

An import that was cut goes on where its last committed batch ended if the file is the same: with each batch the list keeps which
file it was and how far it got. What comes before that is read again, for formats need what they have met, but not stored again.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from contracts.errors import PisauraError, UsageError
from contracts.lists import ImportStep, ListSource, ListVault, NewEntry
from contracts.ports import Clock
from hasher.formats.format import About
from hasher.formats.table import FORMATS
from hasher.lists import Batch, hold_other_kinds
from hasher.sources.report import ImportReport
from hasher.sources.sealing import Sealing

CHUNK: Final = 1 << 20
MARK: Final = "file-1"
"""What a mark of this module begins with: a list's cursor may be that of another source."""


class Mark(Struct, frozen=True, array_like=True):
    """How far a file was imported: everything in its first `bytes_read` bytes is stored. `file` tells files, formats and mappings
    apart (32 bytes)."""

    kind: str
    file: bytes
    bytes_read: int


async def import_file(
    path: Path,
    source: ListSource,
    vault: ListVault,
    sealing: Sealing,
    clock: Clock,
    progress: Callable[[ImportReport], None] = lambda report: None,
) -> ImportReport:
    """Import a list of any format of the table; what was imported before stays as it is.

    `progress` is called after each batch of about a mebibyte. Raises UsageError, naming the file and the place in it, before
    anything is stored if it cannot be read, if its header is wrong, or if it is cut off and its format is one of whole files.
    """
    format = FORMATS.get(source.format)
    if format is None:
        raise UsageError(f"list {source.name!r}: unknown format {source.format[:40]!r}; known are {', '.join(FORMATS)}")
    about = About(str(path), source.name, source.mapping)
    report = ImportReport(source.name, 0)
    file = await asyncio.to_thread(_known_by, path, source, report)
    if format.check is not None:
        checking = format.check(_chunks(path), about)
        while (size := await asyncio.to_thread(next, checking, None)) is not None:
            report.checked += size
            progress(report)
        if await asyncio.to_thread(_known_by, path, source, report) != file:
            raise UsageError(f"{path}: it was changed while it was read; import it again when it is whole")
    reading = _Reading(format.read(_chunks(path), about), source.kind, sealing)
    current = await asyncio.to_thread(reading.prepared)
    number = await vault.begin_import(source, path.name, clock())
    ahead: asyncio.Future[_Prepared | None] | None = None
    try:
        mark = await _mark(vault, source, file)
        reading.stored = mark.bytes_read if mark else 0
        if current is not None and current[0].bytes_read <= reading.stored:
            current = current[0], []
        while current is not None:
            ahead = asyncio.ensure_future(asyncio.to_thread(reading.prepared))
            await _keep(number, current, report, mark, vault, clock)
            progress(report)
            current = await ahead
        if mark:  # it was all stored: the next import of the same file looks at all of it again
            await vault.add_entries(number, (), ImportStep(0, 0, {}, [], cursor=b""), clock())
    except BaseException as error:
        if ahead is not None:
            await asyncio.wait([ahead])
        why = str(error) if isinstance(error, PisauraError) else type(error).__name__
        await asyncio.shield(vault.end_import(number, clock(), why))
        raise
    await vault.end_import(number, clock())
    return report


_Prepared = tuple[Batch, list[NewEntry]]


class _Reading:
    """Reads and seals in a thread. `stored`: how many bytes of the file an earlier import has stored."""

    def __init__(self, batches: Iterator[Batch], kind: str, sealing: Sealing) -> None:
        self._batches, self._kind, self._sealing = batches, kind, sealing
        self._read = 0
        self.stored = 0

    def prepared(self) -> _Prepared | None:
        """The next batch with its entries as they may be stored, none if they are; None at the end of the file."""
        batch = next(self._batches, None)
        if batch is None:
            return None
        self._read += batch.bytes_read
        hold_other_kinds(batch.entries, self._kind)
        if batch.bytes_read and self._read <= self.stored:
            return batch, []
        return batch, [self._sealing.entry(entry) for entry in batch.entries]


async def _mark(vault: ListVault, source: ListSource, file: bytes) -> Mark | None:
    """How far an earlier import of this file got; None where the list's cursor is not ours to write."""
    view = await vault.source(source.name)
    if "://" in source.location or "://" in view.source.location:
        return None
    if view.cursor:
        try:
            mark = msgspec.msgpack.decode(view.cursor, type=Mark)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        if mark.kind != MARK:
            return None
        if mark.file == file:
            return mark
    return Mark(MARK, file, 0)


async def _keep(
    number: int, current: _Prepared, report: ImportReport, mark: Mark | None, vault: ListVault, clock: Clock
) -> None:
    """Store a batch with the progress that it makes, in one transaction."""
    batch, entries = current
    read = report.bytes_read + batch.bytes_read
    cursor: bytes | None = None
    if mark and read > mark.bytes_read:
        cursor = msgspec.msgpack.encode(Mark(MARK, mark.file, read))
    elif mark and batch.bytes_read:
        report.resumed = read
    held = sum(1 for entry in batch.entries if entry.held)
    step = report.step(batch.bytes_read, batch.lines, batch.bad, held, cursor)
    report.add(step, await vault.add_entries(number, entries, step, clock()), len(batch.entries), batch.bad)


def _known_by(path: Path, source: ListSource, report: ImportReport) -> bytes:
    """What tells this file from others: size, time of change, its first mebibyte, and how it is read."""
    try:
        with path.open("rb") as opened:
            about = os.fstat(opened.fileno())
            start = opened.read(CHUNK)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    report.size = about.st_size
    parts = (
        source.format,
        source.mapping,
        str(about.st_size),
        str(about.st_mtime_ns),
        hashlib.sha256(start).hexdigest(),
    )
    return hashlib.sha256("\0".join(parts).encode()).digest()


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
