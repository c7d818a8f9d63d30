"""Asking lists' sources for what is new: all of them side by side, once or again and again. What fails of one stops no other."""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from contracts.errors import PisauraError, Unavailable, UsageError, kind_and_place
from contracts.settings import Settings
from crawlctl.arguments import deciding
from crawlctl.lists import desk as desks
from crawlctl.lists.imports import match_backwards, sealing_of
from crawlctl.lists.progress import ImportLine
from crawlctl.output import one_line, write_json
from hasher.sources.client import Client
from hasher.sources.report import ImportReport
from hasher.sources.sync import sync

TOGETHER: Final = 4
"""Sources that are asked at the same time: most of an answer's time is theirs."""

SHORTEST: Final = 1.0
"""Seconds between two times that a source is asked, at least."""

Sync = Callable[[str], Awaitable[None]]
"""Synchronises the list of that name and says what came of it; fails with an error that says what to do."""
Names = Callable[[], Awaitable[Sequence[str]]]


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`lists sync`; PisauraError if a list failed in a single pass."""
    if arguments.every is not None and arguments.every < SHORTEST:
        raise UsageError(f"--every: at least {SHORTEST:g}s")
    asyncio.run(_run(arguments, settings))
    return 0


async def _run(arguments: argparse.Namespace, settings: Settings) -> None:
    async with desks.at_desk(arguments, settings) as at:
        sealing = sealing_of(at.access)
        folder = at.access.folder or Path(tempfile.gettempdir())
        changed = 0

        async def one(name: str) -> None:
            nonlocal changed
            progress = ImportLine(quiet=arguments.json or arguments.every is not None)
            try:
                report = await sync(name, at.lists, sealing, client, time.time, random.random, progress)
            finally:
                progress.done()
            changed += report.added + report.changed
            tell(report, as_json=arguments.json)

        async def names() -> list[str]:
            if arguments.name is not None:
                return [arguments.name]
            return [view.name for view in await at.reads.lists() if view.location]

        async with Client(settings.lists, folder, time.time, settings.user_agent) as client:
            syncing = Syncing(one, lambda name, why: tell_failure(name, why, as_json=arguments.json))
            if arguments.every is not None:
                await syncing.keep_going(names, arguments.every, stop_at_signals())
                return
            asked = [await at.named(arguments.name)] if arguments.name is not None else await names()
            await syncing.once(asked)
        if not asked and not arguments.json:
            sys.stdout.write("no list has a source; `crawlctl lists add` names one\n")
        if changed:
            found = await match_backwards(at.access, await deciding(at.access, arguments, settings))
            if found and not arguments.json:
                sys.stderr.write(f"{found} new matches among what was seen earlier\n")
        if syncing.failed:
            raise PisauraError(f"{len(syncing.failed)} of {len(asked)} lists failed; each says why")


def tell(report: ImportReport, *, as_json: bool) -> None:
    """What a sync brought."""
    bad = sum(report.bad.values())
    if as_json:
        facts: dict[str, Any] = {
            "name": report.list_name,
            "error": "",
            "entries": report.entries,
            "added": report.added,
        }
        write_json(
            {
                **facts,
                "changed": report.changed,
                "held": report.held,
                "bytes": report.bytes_read,
                "quarantined": report.bad,
            }
        )
    else:
        text = f"{report.list_name}: {report.entries} entries read, {report.added} new, {report.changed} changed, {report.held} held"
        sys.stdout.write(one_line(f"{text}, {bad} quarantined") + "\n")
    sys.stdout.flush()


def tell_failure(name: str, why: str, *, as_json: bool) -> None:
    """Why a sync failed, for programs; people read it on standard error."""
    if as_json:
        write_json({"name": name, "error": why})
        sys.stdout.flush()


class Syncing:
    """Runs `sync` for lists; `failed` are the names of those whose last one failed; `failing` is told why."""

    def __init__(self, sync: Sync, failing: Callable[[str, str], None] = lambda name, why: None) -> None:
        self._sync, self._failing = sync, failing
        self._turn = asyncio.Semaphore(TOGETHER)
        self.failed: set[str] = set()

    async def once(self, names: Sequence[str]) -> None:
        """Each list once."""
        await asyncio.gather(*(self._one(name) for name in names))

    async def keep_going(self, names: Names, every: float, stop: asyncio.Event) -> None:
        """Each list again and again, `every` seconds apart or when its last one has ended, until `stop`.

        Lists that are added meanwhile join in. What is under way at the end is cancelled: it is repeated from its last
        checkpoint.
        """
        running: dict[str, asyncio.Task[None]] = {}
        try:
            while not stop.is_set():
                try:
                    for name in await names():
                        if name not in running or running[name].done():
                            running[name] = asyncio.create_task(self._one(name))
                except Unavailable as error:
                    complain(str(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), every)
        finally:
            for task in running.values():
                task.cancel()
            await asyncio.gather(*running.values(), return_exceptions=True)

    async def _one(self, name: str) -> None:
        async with self._turn:
            try:
                await self._sync(name)
                self.failed.discard(name)
            except PisauraError as error:
                self._failed(name, str(error))
            except Exception as error:
                self._failed(name, f"a fault of ours: {kind_and_place(error)}")

    def _failed(self, name: str, why: str) -> None:
        self.failed.add(name)
        complain(f"list {name!r}: {why}")
        self._failing(name, why)


def complain(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"crawlctl: {one_line(text)}\n")
    sys.stderr.flush()


def stop_at_signals() -> asyncio.Event:
    """Set by SIGTERM or Ctrl-C."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
