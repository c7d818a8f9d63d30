"""`crawlctl optout`: hosts and networks that are not to be crawled, each with its reason and perhaps an end."""

import argparse
import asyncio
import sys
import time
from typing import Final

from contracts.errors import UsageError
from contracts.notes import Control
from contracts.settings import Settings
from crawlctl import times
from crawlctl.access import opened
from crawlctl.arguments import add_json, add_state, add_until, add_verb
from crawlctl.output import write_json, write_table
from crawlctl.words import current, optout_target, reason

SHOWN: Final = 500
"""Rows of the table for people."""
MORE = """\
A host stands for its subdomains too, with its port only for that port. A network stands for every host with an address in
it. A running crawl hears it within about a second: what is being received ends, nothing more is requested. What is known
stays known."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    add = add_verb(verbs, "add", "crawl a host or network no more", MORE)
    ls = add_verb(verbs, "ls", "list what is not to be crawled")
    rm = add_verb(verbs, "rm", "take an opt-out back")
    for each in (add, rm):
        each.add_argument("target", metavar="HOST|NETWORK", help="example.org, 192.0.2.7, 192.0.2.0/24, 2001:db8::/32")
    add.add_argument("--why", required=True, metavar="TEXT", help="the reason: who asked, when")
    add_until(add)
    for each in (add, ls, rm):
        add_state(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    if arguments.what == "ls":
        asyncio.run(_ls(arguments, settings))
        return 0
    arguments.target = optout_target(arguments.target)
    asyncio.run(_say(arguments, settings))
    return 0


async def _say(arguments: argparse.Namespace, settings: Settings) -> None:
    now = time.time()
    if arguments.what == "add":
        end = times.until(arguments.until, now) if arguments.until else 0.0
        control = Control("block", arguments.target, "", reason(arguments.why), end)
    else:
        control = Control("unblock", arguments.target)
    async with opened(arguments.state, settings) as access:
        if arguments.what == "rm" and ("block", control.target) not in current(await access.operator.controls(), now):
            raise UsageError(f"{control.target} is not opted out; `crawlctl optout ls` lists what is")
        await access.operator.control(control, now)
    if arguments.json:
        write_json({"target": control.target, "opted_out": control.verb == "block", "why": control.why, "until": times.iso(control.until)})  # fmt: skip
    elif control.verb == "block":
        sys.stdout.write(
            f"{control.target}: opted out{f' until {times.iso(control.until)}' if control.until else ''}\n"
        )
    else:
        sys.stdout.write(f"{control.target}: may be crawled again\n")


async def _ls(arguments: argparse.Namespace, settings: Settings) -> None:
    async with opened(arguments.state, settings) as access:
        said = current(await access.operator.controls(), time.time())
    rows = [one.plain() for (verb, _), one in said.items() if verb == "block"]
    columns = ("target", "why", "until", "added_at")
    if arguments.json:
        for row in rows:
            write_json({name: row[name] for name in columns})
        return
    shown = [[row[name] or "for good" for name in columns] for row in rows[:SHOWN]]
    write_table(("target", "why", "until", "since"), shown)
    if len(rows) > SHOWN:
        sys.stdout.write(f"the first {SHOWN} of {len(rows)}; --json shows all\n")
