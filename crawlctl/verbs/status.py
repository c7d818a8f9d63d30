"""`crawlctl status`: URLs by state, hosts due, waiting or backing off (and why), rates, refusals by reason."""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.settings import Settings
from crawlctl.access import opened
from crawlctl.arguments import add_state, hush
from crawlctl.output import one_line, write_json
from crawlctl.status import KEYS, status


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_state(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object, with the keys below")
    keys = "\n".join(f"  {name:<12} {text}" for name, text in KEYS.items())
    parser.epilog = f"{parser.epilog}\n\nkeys of --json:\n{keys}"


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print it."""
    found, processes = asyncio.run(_status(arguments, settings))
    if arguments.json:
        write_json(found)
    else:
        sys.stdout.write("\n".join(_lines(found, processes, cluster=arguments.state is None)) + "\n")
    return 0


async def _status(arguments: argparse.Namespace, settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """The answer, and the table of a cluster's processes."""
    if arguments.state is not None:
        async with opened(arguments.state, settings) as access:
            return await status(access, time.time()), []
    from crawlctl import heartbeats  # brings the log's driver, which a state does not need

    hush(arguments)
    async with opened(None, settings) as access:
        heard = await heartbeats.latest(settings)
        found = await status(access, now := time.time(), heard.beats)
    if heard.note:
        sys.stderr.write(f"crawlctl: warning: {one_line(heard.note)}\n")
    found["processes"] = heartbeats.with_ages(found["processes"], heard, now)
    return found, heartbeats.lines(found["processes"], heard, now)


def _lines(found: Mapping[str, Any], processes: Sequence[str], *, cluster: bool) -> list[str]:
    live, rates, totals, hosts = found["live"], found["rates"], found["totals"], found["hosts"]
    partitions = found["partitions"]
    if cluster:
        lines = [
            f"shards      {len(partitions['shards'])}, with {partitions['held']} of {partitions['all']} partitions"
        ]
        lines += [f"            {one['partitions']} {one_line(one['shard'])}" for one in partitions["shards"]]
        lines += [f"{'' if number else 'processes':<12}{line}" for number, line in enumerate(processes)]
    elif found["running"]:
        since = f", since {live['started_at']}" if live else ""
        lines = [f"running     process {found['process']}{since}"]
        if live and live["waits_for"]:
            lines.append(f"            waits: {one_line(live['waits_for'])}")
    else:
        lines = ["not running; `crawlctl run --state` goes on"]
    lines.append(
        f"rates       {rates['pages']:g} pages/s  {rates['media']:g} media/s  {rates['requests']:g} requests/s  "
        f"{rates['bytes'] / 1024:.1f} KiB/s"
    )
    lines.append(f"URLs        {_counts(found['urls'])}")
    lines.append(f"totals      {_counts(totals)}")
    more = "" if hosts["complete"] else f"  (of the {hosts['looked_at']} whose turns come first)"
    shown = {name: count for name, count in hosts.items() if name not in ("looked_at", "complete")}
    lines.append(f"hosts       {_counts(shown)}{more}")
    for row in found["backing_off"]:
        lines.append(
            f"            {row['hosts']} {row['state'].replace('_', ' ')}: {one_line(row['why'])}, next {row['next'] or 'never'}"
        )
    lines.append(f"next turn   {found['next_turn'] or 'none'}")
    orders = {kind: counted["orders"] for kind, counted in found["orders"].items()}
    lines.append(f"orders out  {_counts(orders) or 'none'}")
    matches = found["matches"]
    if matches is None:
        lines.append("matches     not shown: postgres.vault is not set")
    else:
        lines.append(
            f"matches     {matches['exact']} exact  {matches['near']} near{' or more' if matches['more'] else ''}, "
            f"with {matches['entries']} entries"
        )
    for name in ("refusals", "errors", "robots"):
        lines.append(f"{name:<11} {_counts(found[name]) or 'none'}")
    return lines


def _counts(counts: Mapping[str, Any]) -> str:
    return "  ".join(f"{count} {name}" for name, count in counts.items())
