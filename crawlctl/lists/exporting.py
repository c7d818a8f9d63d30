"""Writing a list to a file that its owner's partners can read: takes two people, and is recorded."""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from contracts.desk import EXPORT_WITHIN
from contracts.errors import Corrupt, UsageError
from contracts.lists import NewEntry
from contracts.seal import Opener
from contracts.seal import opener as open_by
from contracts.settings import Settings
from crawlctl.access import Access
from crawlctl.audit import purpose_of
from crawlctl.identity import identity_if_given
from crawlctl.lists import desk as desks
from crawlctl.lists import people
from crawlctl.output import one_line, write_json
from crawlctl.times import past
from hasher.formats.format import About, Format
from hasher.formats.table import FORMATS
from hasher.lists import ListEntry

MODE: Final = 0o600
AT_A_TIME: Final = 1 << 16


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`lists export`."""
    format_ = FORMATS[arguments.format]
    purpose = purpose_of(arguments.purpose)
    since = past(arguments.since, time.time(), "--since") if arguments.since is not None else 0.0
    if arguments.to is None:
        if arguments.json:
            raise UsageError("--json: the answer would be among the list; name a file with --to")
        if sys.stdout.isatty():
            raise UsageError(
                "a list is not shown on a terminal; name a file with --to FILE, or send it elsewhere with >"
            )
    else:
        check_target(arguments.to, force=arguments.force)
    asyncio.run(_export(arguments, settings, format_, purpose, since))
    return 0


def check_target(path: Path, *, force: bool) -> None:
    """UsageError if a file cannot be written there."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(f"--to: {path}: there is no such folder" if not path.is_dir() else f"--to: {path} is a folder")
    if path.exists() and not force:
        raise UsageError(f"--to: {path} is there already; name another file, or overwrite it with --force")


async def _export(
    arguments: argparse.Namespace, settings: Settings, format_: Format, purpose: str, since: float
) -> None:
    async with desks.at_desk(arguments, settings) as at:
        name = await at.named(arguments.name)
        who = await identity_if_given(arguments, at.access)
        person = await people.asking(arguments, at.access, "lists.export")
        asked = await at.people.may_export(name, purpose, person, time.time())
        facts = {"name": name, "format": format_.name, "to": str(arguments.to or "")}
        if not asked.done:
            waits = f"the list {name!r} is not exported yet: that takes two people"
            people.tell(asked, waits, "", facts, as_json=arguments.json, within=EXPORT_WITHIN)
            return
        audit = await at.access.audit("lists export", purpose, who)
        there = next(view.entries for view in await at.reads.lists() if view.name == name)
        await audit.exported(name, there, f"are to be written as {format_.name}")
        opener = opener_of(at.access, purpose)
        entries = Counted(at.people.export(name, since), opener, deleted="deleted" not in format_.loses)
        if arguments.to is None:
            await write(format_, entries, name, sys.stdout.buffer)
        else:
            await write_file(format_, entries, name, arguments.to, force=arguments.force)
        await audit.exported(name, entries.count, f"were written as {format_.name}")
    loses = [*dict.fromkeys([*format_.loses, "note", *([] if opener else ["series"])])]
    if arguments.json:
        write_json({**facts, "entries": entries.count, "loses": loses, "done": True, "by": asked.by})
    else:
        sys.stderr.write(one_line(f"{name}: {entries.count} entries written, without: {', '.join(loses)}") + "\n")


def opener_of(access: Access, purpose: str) -> Opener | None:
    """What opens the names of series: only for a stated purpose, and where the keys are. A word if they are not."""
    try:
        return open_by(access.keys) if purpose else None
    except UsageError as error:
        sys.stderr.write(one_line(f"crawlctl: series are not named: {error}") + "\n")
        return None


class Counted:
    """Entries that come in pages over the loop, handed out one by one to a thread. Notes stay where they are.

    Without `deleted`, entries that the list does without are left out: for formats in which they would seem to be live.
    """

    def __init__(self, pages: AsyncIterator[list[NewEntry]], opener: Opener | None, *, deleted: bool = True) -> None:
        self._pages, self._opener, self._deleted = pages, opener, deleted
        self._loop = asyncio.get_running_loop()
        self._names: dict[bytes, str] = {}
        self.count = 0

    def __iter__(self) -> Iterator[ListEntry]:
        while page := asyncio.run_coroutine_threadsafe(self._next(), self._loop).result():
            for entry in page:
                if self._deleted or not entry.deleted:
                    self.count += 1
                    yield self._entry(entry)

    async def _next(self) -> list[NewEntry]:
        return await anext(self._pages, [])

    def _entry(self, entry: NewEntry) -> ListEntry:
        return ListEntry(
            entry.member, entry.member_entry_id, entry.digests, entry.category, self._series(entry), size=entry.size,
            legality=entry.legality, act=entry.act, age=entry.age, generated=entry.generated, media=entry.media,
            deleted=entry.deleted, opinions=entry.opinions, opaque=entry.opaque,
        )  # fmt: skip

    def _series(self, entry: NewEntry) -> str:
        if self._opener is None or not entry.series_sealed:
            return ""
        if entry.series_id not in self._names:
            try:
                self._names[entry.series_id] = self._opener.open(entry.series_sealed)
            except Corrupt:
                self._names[entry.series_id] = ""
        return self._names[entry.series_id]


async def write(format_: Format, entries: Counted, name: str, out: BinaryIO) -> None:
    """All entries in that format."""
    assert format_.write is not None
    chunks = format_.write(entries, About(name, name))

    def work() -> None:
        for chunk in chunks:
            out.write(chunk)
        out.flush()

    await asyncio.to_thread(work)


async def write_file(format_: Format, entries: Counted, name: str, path: Path, *, force: bool) -> None:
    """The same into a file, whole or not at all, readable by its owner only. UsageError if it cannot be written."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
        try:
            with os.fdopen(descriptor, "wb", AT_A_TIME) as out:
                await write(format_, entries, name, out)
                os.fsync(out.fileno())
            _publish(part, path, force=force)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
    except FileExistsError as error:
        raise UsageError(f"--to: {error.filename2 or error.filename} is there already; name another file") from error
    except OSError as error:
        raise UsageError(f"--to: {path}: cannot be written: {error.strerror}") from error


def _publish(part: Path, path: Path, *, force: bool) -> None:
    if force:
        part.replace(path)
    else:
        path.hardlink_to(part)  # fails if somebody else was faster
