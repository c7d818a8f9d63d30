"""`crawlctl hosts`: list or show hosts; pause, resume or slow one. A running crawl hears it within about a second."""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from contracts.crawl import HostRow
from contracts.errors import UsageError
from contracts.notes import Control
from contracts.settings import Settings
from contracts.sites import BUCKETS, bucket_of, frozen_site
from crawlctl import times
from crawlctl.access import Access, opened
from crawlctl.arguments import add_json, add_state, add_until, add_verb, deciding
from crawlctl.hosts import look_up, report
from crawlctl.hoststate import STATES, host_state
from crawlctl.output import write_json, write_table
from crawlctl.report import write_object
from crawlctl.units import count
from crawlctl.words import current, host_target, reason
from frontier.controls import Controls

PAGE: Final = 1_000
SHOWN: Final = 100
"""Rows of the table for people, unless --limit says otherwise."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    states = "\n".join(f"  {name:<12} {text}" for name, text in STATES.items())
    ls = add_verb(verbs, "ls", "list hosts", f"states:\n{states}")
    ls.add_argument("pattern", nargs="?", default="*", metavar="PATTERN", help="hosts like this; * matches anything")
    ls.add_argument("--limit", type=count, metavar="N", help=f"at most so many (default {SHOWN}; all with --json)")
    show = add_verb(verbs, "show", "all that is known of a host")
    pause = add_verb(verbs, "pause", "no request to a host and its subdomains until it is resumed")
    resume = add_verb(verbs, "resume", "take a pause back")
    delay = add_verb(verbs, "delay", "set the seconds between requests to a host and its subdomains")
    for each in (show, pause, resume, delay):
        each.add_argument("host", metavar="HOST", help="a host, with its port if it is not the default")
    pause.add_argument("--why", required=True, metavar="TEXT", help="the reason; shown by status and explain")
    add_until(pause)
    delay.add_argument("delay", type=times.delay, metavar="TIME", help="for example 5s, or the word default")
    delay.add_argument("--why", default="", metavar="TEXT", help="the reason")
    for each in (ls, show, pause, resume, delay):
        add_state(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    if arguments.what != "ls":
        arguments.host = host_target(arguments.host)
    asyncio.run({"ls": _ls, "show": _show}.get(arguments.what, _say)(arguments, settings))
    return 0


async def _say(arguments: argparse.Namespace, settings: Settings) -> None:
    now = time.time()
    control = Control(arguments.what, arguments.host)
    if arguments.what == "pause":
        end = times.until(arguments.until, now) if arguments.until else 0.0
        control = Control("pause", arguments.host, "", reason(arguments.why), end)
    elif arguments.what == "delay":
        control = Control("delay", arguments.host, arguments.delay, reason(arguments.why) if arguments.why else "")
    async with opened(arguments.state, settings) as access:
        if arguments.what == "resume":
            await _paused(access, arguments.host, now)
        await access.operator.control(control, now)
    said = {
        "verb": control.verb, "target": control.target, "value": control.value, "why": control.why,
        "until": times.iso(control.until),
    }  # fmt: skip
    if arguments.json:
        write_json(said)
        return
    end_ = f" until {said['until']}" if control.until else ""
    what = {
        "pause": f"paused{end_}",
        "resume": "resumed",
        "delay": f"delay {control.value} s" if control.value else "delay as by the settings",
    }
    sys.stdout.write(f"{control.target}: {what[control.verb]}\n")


async def _paused(access: Access, host: str, now: float) -> None:
    """UsageError if the host has no pause of its own."""
    said = current(await access.operator.controls(), now)
    if ("pause", host) in said:
        return
    words = Controls()
    words.take(one.control for one in said.values())
    if words.word_on(host, now).paused_until > now:
        names = [host.split(".", n)[-1] for n in range(1, host.count(".") + 1)]
        parent = next((name for name in names if ("pause", name) in said), host.rpartition(":")[0])
        raise UsageError(f"{host} is paused by the pause of {parent}; resume that one")
    raise UsageError(f"{host} is not paused")


async def _show(arguments: argparse.Namespace, settings: Settings) -> None:
    now = time.time()
    async with opened(arguments.state, settings) as access:
        settings = await deciding(access, arguments, settings)
        known = await look_up(access, arguments.host, now)
        found = await report(access, settings, known, now)
    if arguments.json:
        write_json(found)
        return
    write_object(arguments.host, found)


async def _ls(arguments: argparse.Namespace, settings: Settings) -> None:
    now = time.time()
    most = arguments.limit or (sys.maxsize if arguments.json else SHOWN)
    rows: list[dict[str, Any]] = []
    async with opened(arguments.state, settings) as access:
        words = Controls()
        words.take([word for _, word in await access.operator.controls()])
        async for row in _hosts(access, arguments.pattern, most + 1):
            if most == len(rows):
                rows.append({})
                break
            found = _row(row, words, now)
            if arguments.json:
                write_json(found)
                most -= 1
                if most == 0:
                    return
            else:
                rows.append(found)
    if arguments.json:
        return
    shown = rows[:most]
    columns = ("host", "state", "queued", "urls", "fetched", "errors", "until", "why")
    write_table(columns, [[row[name] for name in columns] for row in shown])
    sys.stdout.write(f"the first {most} hosts; --limit N shows more\n" if len(rows) > most else f"{len(shown)} hosts\n")


def _row(row: HostRow, words: Controls, now: float) -> dict[str, Any]:
    state, why, until = host_state(
        words, row.host, row.addresses, now,
        queued=row.queued, next_at=row.next_at, due_at=row.due_at, errors=row.errors, why=row.why,
    )  # fmt: skip
    return {
        "host": row.host, "site": row.site, "state": state, "why": why, "until": times.iso(until), "queued": row.queued,
        "urls": row.urls, "fetched": row.fetched, "errors": row.errors, "matches": row.matches, "addresses": row.addresses,
        "found_at": times.iso(row.found_at),
    }  # fmt: skip


async def _hosts(access: Access, pattern: str, most: int) -> AsyncIterator[HostRow]:
    """Hosts like a pattern, page by page, by bucket: a pattern that names its site reads only that site's bucket."""
    first, last = buckets(pattern)
    like = pattern.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    after = (first, -(2**63))
    while True:
        rows = await access.operator.hosts(like, after, last, min(PAGE, most))
        for row in rows:
            yield row
        if len(rows) < min(PAGE, most):
            return
        after = (rows[-1].bucket, rows[-1].host_id)


def buckets(pattern: str) -> tuple[int, int]:
    """First and last bucket that may hold hosts like the pattern."""
    tail = pattern.lower().rpartition("*")[2]
    if "*" in pattern:
        if not tail.startswith("."):
            return 0, BUCKETS - 1
        tail = tail[1:]
    if not tail or (frozen_site(f"x.{tail}") != frozen_site(tail) and "*" in pattern):
        return 0, BUCKETS - 1
    return bucket_of(tail), bucket_of(tail)
