"""`crawlctl doctor`: looks at everything that a crawl depends on, and says of each failure what to do."""

import argparse
import asyncio
import sys
from collections import Counter
from pathlib import Path

from contracts.errors import PisauraError, UsageError
from contracts.settings import Settings
from crawlctl.arguments import add_json, hush
from crawlctl.doctor.findings import Finding, Verdict
from crawlctl.doctor.logs import counted
from crawlctl.doctor.rounds import of_cluster, of_state
from crawlctl.output import one_line, write_json
from crawlctl.roles.needs import NEEDS
from crawlctl.settings import load
from crawlctl.state import KEYS

KEYS_OF_JSON = """\
keys of --json, one object a line:
  check        its name
  verdict      ok, warning or failed
  found        what was found
  todo         what to do about it; empty if all is well"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="the state of a crawl on this machine; else the settings' cluster"
    )
    parser.add_argument(
        "--role", choices=tuple(NEEDS), default="", metavar="ROLE",
        help=f"the settings are those of one role ({', '.join(NEEDS)}): they must name what it needs, and keys that fit it",
    )  # fmt: skip
    add_json(parser)
    parser.epilog = (
        f"{parser.epilog}\n\n{KEYS_OF_JSON}\n\nExit code 0 if no check failed (warnings do not count), 1 otherwise."
    )


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Look, and show each finding as soon as it is there. PisauraError if any check failed."""
    hush(arguments)
    if (
        arguments.state is not None
        and not (arguments.state / KEYS).exists()
        and not (arguments.state / "postgres").exists()
    ):
        raise UsageError(
            f"{arguments.state}: there is no such state; without --state the settings' cluster is looked at"
        )
    counts = asyncio.run(_look(arguments, settings))
    if not arguments.json:
        said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)
        sys.stdout.write(f"{said}\n")
    if counts[Verdict.FAILED]:
        raise PisauraError(f"{counted(counts[Verdict.FAILED], 'check')} failed")
    return 0


async def _look(arguments: argparse.Namespace, settings: Settings) -> Counter[Verdict]:
    counts: Counter[Verdict] = Counter()
    if arguments.state is not None:
        findings = of_state(settings, arguments.state)
    else:
        findings = of_cluster(settings, arguments.settings, load(arguments.settings).sources, arguments.role)
    async for finding in findings:
        counts[finding.verdict] += 1
        _show(finding, json=arguments.json)
    return counts


def _show(finding: Finding, *, json: bool) -> None:
    if json:
        write_json({name: getattr(finding, name) for name in finding.__struct_fields__})
        return
    lines = [f"{finding.verdict:<8} {finding.check:<18} {one_line(finding.found)}"]
    if finding.todo:
        lines.append(f"{'':<27} do: {one_line(finding.todo)}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
