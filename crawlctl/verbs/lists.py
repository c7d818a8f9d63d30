"""`crawlctl lists`: import lists of known digests, or list them. A running crawl matches with them within some seconds."""

import argparse
import asyncio
import re
import sys
from pathlib import Path
from typing import Any, Final

from contracts.errors import UsageError
from contracts.lists import ListView
from contracts.settings import Settings
from crawlctl.access import opened
from crawlctl.arguments import add_json, add_state, add_verb, deciding
from crawlctl.output import one_line, write_json, write_table
from crawlctl.times import iso

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}", re.ASCII)
FORMAT: Final = """\
A CSV with the header `algorithm,digest,category,source,series,note` (md5, sha1, sha256, pdq; hex; only the first two are
required). Bad lines are reported and left out. The list is of kind csam, trust unverified. Importing a file again adds
what is new. Media that were seen earlier are matched too before it ends."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    load = add_verb(verbs, "import", "import a list of known digests (CSV)", FORMAT)
    load.add_argument("file", type=Path, metavar="FILE", help="the list")
    load.add_argument("--name", metavar="N", help="the list's name; the file's without extension if not given")
    ls = add_verb(verbs, "ls", "list the lists, each with its last import")
    ls.add_argument("--bad", metavar="NAME", help="the bad lines of a list's last import instead")
    for each in (load, ls):
        add_state(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    if arguments.what == "ls":
        asyncio.run(_bad(arguments, settings) if arguments.bad is not None else _ls(arguments, settings))
        return 0
    name = arguments.file.stem if arguments.name is None else arguments.name
    if not NAME.fullmatch(name):
        raise UsageError(
            f"--name: {name[:120]!r} must be 1 to 100 letters, digits, spaces, dots, underscores and hyphens"
        )
    if not arguments.file.is_file():
        raise UsageError(f"{arguments.file}: cannot be read: there is no such file")
    asyncio.run(_import(arguments, settings, name))
    return 0


async def _import(arguments: argparse.Namespace, settings: Settings, name: str) -> None:
    from crawlctl.lists.imports import import_list, match_backwards  # brings numpy, which no listing needs

    async with opened(arguments.state, settings, crawl=False) as access:
        await access.vault()  # is as this version wants it
        matching = (await deciding(access, arguments, settings)).matching
        report = await import_list(access, name, arguments.file, quiet=arguments.json)
        matches = await match_backwards(access, matching)
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


async def _ls(arguments: argparse.Namespace, settings: Settings) -> None:
    async with opened(arguments.state, settings, crawl=False) as access:
        lists = await (await access.vault()).lists()
    rows = [_row(view) for view in lists]
    if arguments.json:
        for row in rows:
            write_json(row)
        return
    write_table(
        ("name", "kind", "trust", "entries", "last import", "file", "lines", "added", "held", "bad", "error"),
        [
            (
                row["name"], row["kind"], row["trust"], row["entries"], row["ended_at"] or "not ended", row["file"],
                row["lines"], row["added"], row["held"], sum(row["bad"].values()), row["error"],
            )
            for row in rows
        ],
    )  # fmt: skip


def _row(view: ListView) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(view, name) for name in view.__struct_fields__}
    row["started_at"], row["ended_at"] = iso(view.started_at), iso(view.ended_at)
    return row


async def _bad(arguments: argparse.Namespace, settings: Settings) -> None:
    async with opened(arguments.state, settings, crawl=False) as access:
        vault = await access.vault()
        lists = {view.name: view for view in await vault.lists()}
        if arguments.bad not in lists:
            there = ", ".join(sorted(lists)) or "none"
            raise UsageError(f"--bad: there is no list {arguments.bad[:100]!r}; there are: {there}")
        lines = await vault.bad_lines(arguments.bad)
    for bad in lines:
        if arguments.json:
            write_json({"line": bad.line, "column": bad.column, "reason": bad.reason, "evidence": bad.evidence})
        else:
            sys.stdout.write(one_line(f"{bad.line}:{bad.column or 1}: {bad.reason}: {bad.evidence}") + "\n")
    total = sum(lists[arguments.bad].bad.values())
    if not arguments.json:
        sys.stdout.write(f"{total} bad lines" + (f", the first {len(lines)} kept\n" if len(lines) < total else "\n"))
