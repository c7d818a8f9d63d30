"""`crawlctl status`: URLs by state, hosts due, waiting or backing off (and why), rates, refusals by reason."""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping
from typing import Any

from contracts.settings import Settings
from crawlctl.access import opened
from crawlctl.arguments import add_state
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
    found = asyncio.run(_status(arguments, settings))
    if arguments.json:
        write_json(found)
    else:
        sys.stdout.write("\n".join(_lines(found, cluster=arguments.state is None)) + "\n")
    return 0


async def _status(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    async with opened(arguments.state, settings) as access:
        return await status(access, time.time())


def _lines(found: Mapping[str, Any], *, cluster: bool) -> list[str]:
    live, rates, totals, hosts = found["live"], found["rates"], found["totals"], found["hosts"]
    partitions = found["partitions"]
    if cluster:
        lines = [
            f"shards      {len(partitions['shards'])}, with {partitions['held']} of {partitions['all']} partitions"
        ]
        lines += [f"            {one['partitions']} {one_line(one['shard'])}" for one in partitions["shards"]]
        lines += [f"process     {_process(one)}" for one in found["processes"]]
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


def _process(said: Mapping[str, Any]) -> str:
    waits = f"; waits: {said['waits_for']}" if said["waits_for"] else ""
    counts = "  ".join(f"{value:g} {name}" for name, value in said["counts"].items())
    return one_line(f"{said['role']} {said['process']} since {said['started_at']}: {counts}{waits}")


def _counts(counts: Mapping[str, Any]) -> str:
    return "  ".join(f"{count} {name}" for name, count in counts.items())
