"""Importing a known list from a file by hand, into a state or a cluster's vault, with progress."""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import Final, Protocol

from backends.postgres.vault_lists import PostgresLists
from backends.postgres.vault_store import PostgresVault, open_pool
from contracts.errors import UsageError
from contracts.lists import ListSource
from contracts.messages import Match
from contracts.seal import ListsKeys, Sealer
from contracts.settings import Lists, Settings
from crawlctl.access import opened
from crawlctl.arguments import deciding
from crawlctl.lists.checks import check_name
from crawlctl.lists.progress import ImportLine
from crawlctl.output import write_json
from hasher.service import HasherService
from hasher.sources.file import import_file
from hasher.sources.report import ImportReport
from hasher.sources.sealing import Sealing

SHOWN: Final = 10


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`lists import`."""
    name = arguments.file.stem if arguments.name is None else arguments.name
    if wrong := check_name(name):
        raise UsageError(f"--name: {wrong}")
    if not arguments.file.is_file():
        raise UsageError(f"{arguments.file}: cannot be read: there is no such file")
    asyncio.run(_import(arguments, settings, name))
    return 0


async def _import(arguments: argparse.Namespace, settings: Settings, name: str) -> None:
    async with opened(arguments.state, settings, crawl=False) as access:
        await access.vault()  # is as this version wants it
        settings = await deciding(access, arguments, settings)
        report = await import_list(access, name, arguments.file, settings.lists, quiet=arguments.json)
        matches = await match_backwards(access, settings)
    if arguments.json:
        write_json(
            {
                "name": report.list_name, "lines": report.lines, "entries": report.entries, "added": report.added,
                "changed": report.changed, "held": report.held, "bad": report.bad, "matches": matches,
                "bad_lines": [
                    {"line": bad.line, "column": bad.column, "reason": bad.refusal.reason, "evidence": bad.refusal.evidence}
                    for bad in report.samples
                ],
            }
        )  # fmt: skip
    elif matches:
        sys.stderr.write(f"{name}: {matches} new matches among what was seen earlier\n")


class Vaulted(Protocol):
    """What has a vault and its keys: a state, or a way into a cluster."""

    @property
    def lists_keys(self) -> ListsKeys:
        """The keys that seal and blind names of series."""

    def vault_dsn(self) -> str:
        """How to connect to the vault."""


def sealing_of(into: Vaulted) -> Sealing:
    """What seals series and notes with the keys of a state or cluster."""
    keys = into.lists_keys
    return Sealing(Sealer(keys.public), keys.series_key)


async def import_list(into: Vaulted, name: str, path: Path, guards: Lists, *, quiet: bool = False) -> ImportReport:
    """Import a CSV as list `name`: kind csam, trust unverified, uses match and shield. `guards` say when it is not believed."""
    sealing, progress = sealing_of(into), ImportLine(quiet=quiet)
    pool = await open_pool(into.vault_dsn(), most=2, serving=False)
    try:
        report = await import_file(path, ListSource(name), PostgresLists(pool, guards), sealing, time.time, progress)
    finally:
        progress.done()
        await pool.close()
    if not quiet:
        describe(report, path)
    return report


async def match_backwards(into: Vaulted, settings: Settings) -> int:
    """Match what was seen earlier with what is on the lists now; how many new verdicts. The next crawl learns of them."""
    if sys.stderr.isatty():
        sys.stderr.write("matching what was seen earlier with what is new ...\n")
    pool = await open_pool(into.vault_dsn(), serving=False)
    try:
        return await HasherService(
            PostgresVault(pool, settings.lists), settings.matching, _to_nobody, time.time
        ).look_back()
    finally:
        await pool.close()


async def _to_nobody(_matches: list[Match]) -> None:
    """The crawl's own hasher emits them: progress is not recorded."""


def describe(report: ImportReport, path: Path) -> None:
    """What an import did, and its first bad lines, on standard error."""
    sys.stderr.write(
        f"{report.list_name}: {report.lines} lines, {report.entries} entries read, {report.added} new, "
        f"{report.held} held, {sum(report.bad.values())} bad\n"
    )
    for bad in report.samples[:SHOWN]:
        sys.stderr.write(f"  {path}:{bad.line}:{bad.column or 1}: {bad.refusal}\n")
    if len(report.samples) > SHOWN:
        sys.stderr.write(f"  and {sum(report.bad.values()) - SHOWN} more; `crawlctl lists ls --bad` shows them\n")
