"""`crawlctl audit`: who saw what and did what; whether that record is as it was written; its end, exported."""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import Any, Final

from backends.postgres.vault_audit import MOST_SECONDS, PAGE, VaultAudit, anchor, read_anchors
from contracts.auditing import SERVICE, Line, Report
from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.access import Access, opened
from crawlctl.arguments import add_json, add_key, add_state, add_verb
from crawlctl.audit import act_by
from crawlctl.identity import given, identity, identity_if_given, require
from crawlctl.output import one_line, write_json, write_record, write_table
from crawlctl.times import SINCE, iso, past

FILE: Final = "audit.anchor"
"""The anchor's file in a state's folder."""
SHOWN: Final = 1_000
SHOW: Final = """\
keys of --json: seq, at, person, account (0: none), role, act, purpose, places (how many were shown), subject, machine.
Looking at the record is written to it."""
VERIFY: Final = f"""\
Each line is bound to the one before it by a key that is not in the database. What was changed, taken out, moved or put in is found and
named by its number; exit code 1 then. What was cut off at the end is found by the anchor alone: the record's end as it was
exported each hour, which belongs where who can write the database cannot. On one machine {FILE} in the state folder is taken if it is
there and none is named: copy it elsewhere.

examples:
  crawlctl audit verify --state ./state --anchor /mnt/elsewhere/{FILE}"""
ANCHOR: Final = """\
One JSON line is added: seq, mac, at. The notices role does the same each hour; it tells nobody anything, and may lie anywhere.

examples:
  crawlctl audit anchor --to /mnt/elsewhere/audit.anchor --state ./state"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    show = add_verb(verbs, "show", "show who saw what and did what", SHOW)
    show.add_argument("--from", dest="since", metavar="WHEN", help=SINCE)
    show.add_argument("--to", dest="to", metavar="WHEN", help="the same; lines before it")
    show.add_argument("--person", metavar="NAME", help="only of this person")
    verify = add_verb(verbs, "verify", "check that the record is as it was written", VERIFY)
    verify.add_argument("--anchor", type=Path, metavar="FILE", help="the exported end of the record")
    export = add_verb(verbs, "anchor", "export the end of the record", ANCHOR)
    export.add_argument("--to", type=Path, metavar="FILE", help=f"the file; {FILE} in the state if not given")
    for each in (show, verify, export):
        add_state(each)
        add_key(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    return asyncio.run({"show": _show, "verify": _verify, "anchor": _anchor}[arguments.what](arguments, settings))


async def _show(arguments: argparse.Namespace, settings: Settings) -> int:
    now = time.time()
    since = past(arguments.since, now, "--from") if arguments.since is not None else 0.0
    until = past(arguments.to, now, "--to") if arguments.to is not None else MOST_SECONDS
    async with opened(arguments.state, settings, crawl=False) as access:
        who = await identity_if_given(arguments, access)
        if who is not None:
            require(who, "audit.show")
        chain = await access.chain()
        await chain.add(act_by(who, "audit.show", purpose=arguments.person or ""))
        after, kept = 0, list[tuple[Any, ...]]()
        while lines := await chain.page(after, PAGE, since, until, arguments.person):
            after = lines[-1].seq
            if arguments.json:
                for line in lines:
                    write_json(row(line))
                continue
            kept += [
                (line.seq, iso(line.at / 1e6), _who(line), line.act, one_line(line.purpose or line.subject), line.places)
                for line in lines[: SHOWN - len(kept)]
            ]  # fmt: skip
            if len(kept) == SHOWN:
                break
    if not arguments.json:
        write_table(("line", "at", "who", "act", "for what", "places"), kept)
        if len(kept) == SHOWN:
            sys.stdout.write(f"the first {SHOWN} lines; name a time with --from, --json shows all\n")
    return 0


def _who(line: Line) -> str:
    """A person by name; our own roles in brackets, so that nobody takes one for a person of that name."""
    return f"({line.person})" if line.role == SERVICE else line.person


def row(line: Line) -> dict[str, Any]:
    """A line as JSON."""
    return {
        "seq": line.seq,
        "at": iso(line.at / 1e6),
        "person": line.person,
        "account": line.account,
        "role": line.role,
        "act": line.act,
        "purpose": line.purpose,
        "places": line.places,
        "subject": line.subject,
        "machine": line.machine,
    }


async def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    async with opened(arguments.state, settings, crawl=False) as access:
        chain = await _checking(arguments, access)
        path = arguments.anchor
        if path is None and access.folder is not None and (access.folder / FILE).exists():
            path = access.folder / FILE
        anchors = read_anchors(path) if path is not None else []
        report = await chain.verify(anchors)
    _tell(report, as_json=arguments.json, anchored=path is not None)
    if report.whole:
        return 0
    sys.stderr.write(f"crawlctl: the audit is not as it was written: {len(report.faults) + report.more} faults\n")
    return 1


def _tell(report: Report, *, as_json: bool, anchored: bool) -> None:
    facts = {
        "whole": report.whole,
        "lines": report.lines,
        "first": report.first,
        "last": report.last,
        "cut": report.cut,
        "unchained": report.unchained,
        "anchors": report.anchors,
        "faults": [{"seq": fault.seq, "what": fault.what} for fault in report.faults],
        "more": report.more,
    }
    if as_json:
        write_json(facts)
        return
    shown = {
        "lines": f"{report.lines}, the last is {report.last}",
        "retention": f"took away lines up to {report.cut}" if report.cut else None,
        "older": f"{report.unchained} lines from before there was a chain: nothing binds them"
        if report.unchained
        else None,
        "anchor": f"{report.anchors} lines" if anchored else "none: lines that were cut off at the end are not found",
        "fault": [f"line {fault.seq} {fault.what}" for fault in report.faults],
        "more": f"{report.more} more faults" if report.more else None,
    }
    write_record("the audit is as it was written" if report.whole else "THE AUDIT IS NOT AS IT WAS WRITTEN", shown)


async def _anchor(arguments: argparse.Namespace, settings: Settings) -> int:
    async with opened(arguments.state, settings, crawl=False) as access:
        chain = await _checking(arguments, access)
        path = arguments.to or (access.folder / FILE if access.folder is not None else None)
        if path is None:
            raise UsageError("where to? name a file with --to FILE")
        end = await anchor(chain, path, time.time())
    if arguments.json:
        write_json({"file": str(path), "seq": end.seq if end else 0, "at": iso(end.at) if end else None})
    else:
        sys.stdout.write(f"{path}: the audit ends with line {end.seq}\n" if end else "the audit has no line yet\n")
    return 0


async def _checking(arguments: argparse.Namespace, access: Access) -> VaultAudit:
    """For whoever has the audit's key, by the hour and without a person; if somebody says who they are, their role counts."""
    if given(arguments) is not None:
        require(await identity(arguments, access), "audit.verify")
    return await access.chain()
