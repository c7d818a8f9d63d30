"""The lists as people see them: `lists ls`, `lists status`, and the records that were quarantined."""

import argparse
import asyncio
import math
import sys
import time
from typing import Any, Final

from contracts.errors import UsageError
from contracts.lists import ListView, SourceView
from contracts.settings import Settings
from crawlctl.access import opened
from crawlctl.lists import desk as desks
from crawlctl.output import one_line, write_json, write_record, write_table
from crawlctl.times import iso
from crawlctl.units import write_seconds
from hasher.exchange.cursor import Cursor, from_bytes

AGES: Final = ((1, 120), (60, 2 * 3600), (3600, 2 * 86_400), (86_400, math.inf))
"""Ages of up to so many seconds are shown in that unit."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`lists ls` and `lists status`."""
    bad, option = (arguments.bad, "--bad") if arguments.what == "ls" else (arguments.quarantined, "--quarantined")
    if bad is not None:
        asyncio.run(_bad(arguments, settings, bad, option))
    else:
        asyncio.run(_ls(arguments, settings) if arguments.what == "ls" else _status(arguments, settings))
    return 0


async def _ls(arguments: argparse.Namespace, settings: Settings) -> None:
    async with opened(arguments.state, settings, crawl=False) as access:
        lists = await (await access.vault()).lists()
    rows = [_row(view) for view in lists]
    if arguments.json:
        for row in rows:
            write_json(row)
        return
    write_table(
        ("name", "kind", "trust", "entries", "last import", "held", "bad", "error"),
        [
            (
                row["name"], row["kind"], row["trust"], row["entries"],
                row["ended_at"] or ("not ended" if row["imports"] else "none"),
                row["held"], sum(row["bad"].values()), row["error"],
            )
            for row in rows
        ],
    )  # fmt: skip


def _row(view: ListView) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(view, name) for name in view.__struct_fields__}
    for name in ("started_at", "ended_at", "last_success"):
        row[name] = iso(row[name])
    return row


async def _bad(arguments: argparse.Namespace, settings: Settings, name: str, option: str) -> None:
    async with opened(arguments.state, settings, crawl=False) as access:
        vault = await access.vault()
        lists = {view.name: view for view in await vault.lists()}
        if name not in lists:
            there = ", ".join(sorted(lists)) or "none"
            raise UsageError(f"{option}: there is no list {name[:100]!r}; there are: {there}")
        lines = await vault.bad_lines(name)
    for bad in lines:
        if arguments.json:
            write_json({"line": bad.line, "column": bad.column, "reason": bad.reason, "evidence": bad.evidence})
        else:
            sys.stdout.write(one_line(f"{bad.line}:{bad.column or 1}: {bad.reason}: {bad.evidence}") + "\n")
    total = sum(lists[name].bad.values())
    if not arguments.json:
        sys.stdout.write(f"{total} bad lines" + (f", the first {len(lines)} kept\n" if len(lines) < total else "\n"))


async def _status(arguments: argparse.Namespace, settings: Settings) -> None:
    async with desks.at_desk(arguments, settings) as at:
        lists, held, now = await at.reads.lists(), await at.scan.held_by_reason(), time.time()
        ages = {view.name: cursor_age(await at.lists.source(view.name), now) for view in lists}
    rows = [status(view, held.get(view.name, {}), ages[view.name], now) for view in lists]
    if arguments.json:
        for row in rows:
            write_json(row)
        return
    for row in rows:
        _say(row)
    if not rows:
        sys.stdout.write("no lists; `crawlctl lists add` or `crawlctl lists import` brings one\n")


def _say(row: dict[str, Any]) -> None:
    last = f"{row['added']} added, {row['changed']} changed, {row['deleted']} deleted, {row['read']} read, {row['bytes']} bytes"
    facts = {
        "is": f"{row['kind']}, {row['trust']}; uses: {', '.join(row['uses']) or 'none'}"
        + ("; may lead to notices" if row["may_notify"] else ""),
        "from": f"{row['location'] or 'a file by hand'} ({row['format']})",
        "entries": row["entries"],
        "state": _state(row),
        "last success": f"{row['last_success']}, {age(row['lag'])} ago" if row["last_success"] else "never",
        "known up to": f"{age(row['cursor_age'])} ago, by the source's clock"
        if row["cursor_age"] is not None
        else None,
        "last import": last if row["imports"] else None,
        "quarantined": _counted(row["quarantined"]),
        "held": _counted(row["held"]),
    }
    write_record(row["name"], facts)


def cursor_age(view: SourceView, now: float) -> float | None:
    """Seconds between now and the change up to which a source that answers in pages is known, by the source's own clock. None
    for files, and before the first range was drained."""
    from hasher.sources.sync import PAGED  # brings numpy, which `ls` does not need

    if view.source.format not in PAGED or "://" not in view.source.location:
        return None
    try:
        since = from_bytes(view.cursor, PAGED[view.source.format][0].root(view.source.location), Cursor).since
    except UsageError:  # a location that its sync will complain about
        return None
    return round(max(0.0, now - since), 3) if since else None


def status(view: ListView, held: dict[str, int], age: float | None, now: float) -> dict[str, Any]:
    """How up to date a list is, as JSON. `lag` in seconds, None before the first success."""
    return {
        "name": view.name,
        "format": view.format,
        "kind": view.kind,
        "trust": view.trust,
        "uses": view.uses,
        "may_notify": view.may_notify,
        "location": view.location,
        "entries": view.entries,
        "imports": view.imports,
        "running": bool(view.imports) and not view.ended_at,
        "added": view.added,
        "changed": view.changed,
        "deleted": view.deleted,
        "read": view.read,
        "bytes": view.bytes_read,
        "started_at": iso(view.started_at),
        "ended_at": iso(view.ended_at),
        "error": view.error,
        "quarantined": view.bad,
        "held_in_import": view.held,
        "held": held,
        "last_success": iso(view.last_success),
        "lag": round(max(0.0, now - view.last_success), 3) if view.last_success else None,
        "cursor_age": age,
    }


def age(seconds: float) -> str:
    """How long ago something was, in a unit that people would use."""
    unit = next(unit for unit, most in AGES if seconds < most)
    return write_seconds(unit * round(seconds / unit))


def _counted(reasons: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))


def _state(row: dict[str, Any]) -> str:
    if row["error"]:
        return f"failed: {row['error']}"
    return "under way, or cut off" if row["running"] else "in order" if row["last_success"] else "never asked"
