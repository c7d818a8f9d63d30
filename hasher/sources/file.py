"""A list in a file on this machine, streamed into the vault: parsing in a thread while the last batch is being stored."""

import asyncio
import hmac
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from contracts.errors import PisauraError, UsageError
from contracts.lists import ImportStep, ListSource, ListVault, NewEntry, Refused
from contracts.ports import Clock
from contracts.seal import Sealer
from hasher.formats import csv
from hasher.formats.format import About
from hasher.lists import BadLine, Batch, ListEntry, tally

CHUNK: Final = 1 << 20
SAMPLES: Final = 1000
"""Bad lines whose numbers are kept; all are counted by reason."""
REMEMBERED: Final = 10_000
"""Sealed texts kept for reuse: lists repeat series and notes, and sealing costs a tenth of a millisecond."""
BLIND_BYTES: Final = 16


class ImportReport(Struct):
    """How far an import is, or what came of it. `size` is that of the file, `bad` counts bad lines by reason."""

    list_name: str
    size: int
    bytes_read: int = 0
    lines: int = 0
    entries: int = 0
    added: int = 0
    changed: int = 0
    held: int = 0
    bad: dict[str, int] = {}
    samples: list[BadLine] = []


class Sealing:
    """Seals series and notes before they go anywhere, and names them blindly by a keyed HMAC."""

    def __init__(self, sealer: Sealer, series_key: bytes) -> None:
        self._sealer, self._key = sealer, series_key
        self._known: dict[tuple[str, str], tuple[bytes, bytes]] = {}

    def blind(self, scope: str, text: str) -> tuple[bytes, bytes]:
        """(blind id, sealed text); two empty strings for no text. Names are unique in a `scope`."""
        if not text:
            return b"", b""
        known = self._known.get((scope, text))
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            message = b"\0".join((scope.encode(), text.encode()))
            known = hmac.digest(self._key, message, "sha256")[:BLIND_BYTES], self._sealer.seal(text)
            self._known[scope, text] = known
        return known

    def entry(self, entry: ListEntry) -> NewEntry:
        """The entry as it may be stored. A series belongs to its member: another's series of that name is another."""
        series_id, series_sealed = self.blind(f"series:{entry.member}", entry.series) if entry.series else (b"", b"")
        note_key, note_sealed = self.blind("note", entry.note) if entry.note else (b"", b"")
        return NewEntry(
            entry.member, entry.member_entry_id, entry.digests, entry.category, series_id, series_sealed, note_key,
            note_sealed, entry.held, entry.size, entry.legality, entry.act, entry.age, entry.generated, entry.media, entry.deleted,
            entry.opinions, entry.opaque,
        )  # fmt: skip


async def import_file(
    path: Path,
    source: ListSource,
    vault: ListVault,
    sealing: Sealing,
    clock: Clock,
    progress: Callable[[ImportReport], None] = lambda report: None,
) -> ImportReport:
    """Import a CSV; what was imported before stays as it is, so that an import that was cut is simply repeated.

    `progress` is called after each batch of about a mebibyte. Raises UsageError, naming file, line and column, before
    anything is stored if the file cannot be read or its header is wrong.
    """
    batches = csv.read(_chunks(path), About(str(path), source.name, source.mapping))
    first = await asyncio.to_thread(_prepared, batches, sealing)
    report = ImportReport(source.name, await asyncio.to_thread(lambda: path.stat().st_size))
    number = await vault.begin_import(source, path.name, clock())
    ahead: asyncio.Future[tuple[Batch, list[NewEntry]] | None] | None = None
    try:
        current = first
        while current is not None:
            ahead = asyncio.ensure_future(asyncio.to_thread(_prepared, batches, sealing))
            await _keep(number, current, report, vault, clock)
            progress(report)
            current = await ahead
    except BaseException as error:
        if ahead is not None:
            await asyncio.wait([ahead])
        why = str(error) if isinstance(error, PisauraError) else type(error).__name__
        await asyncio.shield(vault.end_import(number, clock(), why))
        raise
    await vault.end_import(number, clock())
    return report


async def _keep(
    number: int, current: tuple[Batch, list[NewEntry]], report: ImportReport, vault: ListVault, clock: Clock
) -> None:
    batch, entries = current
    counted = tally(batch.bad)
    held = sum(1 for entry in entries if entry.held)
    room = max(0, SAMPLES - len(report.samples))
    samples = [Refused(bad.line, bad.column, bad.refusal.reason, bad.refusal.evidence) for bad in batch.bad[:room]]
    stored = await vault.add_entries(
        number, entries, ImportStep(batch.bytes_read, batch.lines, counted, samples, held), clock()
    )
    report.bytes_read += batch.bytes_read
    report.lines += batch.lines
    report.entries += len(entries)
    report.added += stored.added
    report.changed += stored.changed
    report.held += held
    report.samples += batch.bad[:room]
    for reason, lines in counted.items():
        report.bad[reason] = report.bad.get(reason, 0) + lines


def _prepared(batches: Iterator[Batch], sealing: Sealing) -> tuple[Batch, list[NewEntry]] | None:
    batch = next(batches, None)
    return None if batch is None else (batch, [sealing.entry(entry) for entry in batch.entries])


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
