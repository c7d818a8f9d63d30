"""`crawlctl size`: what a rate of crawling needs of processes, Kafka, Postgres, disks and lines, and what gives out first."""

import argparse
import math
import sys
from typing import Final

from msgspec.structs import asdict

from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.arguments import add_json
from crawlctl.costs import figures
from crawlctl.output import write_json, write_table
from crawlctl.sizing import Limit, Sizing, Wanted, compute

MORE: Final = """\
Computed from what one page, one picture and one known URL cost (docs/performance.md) and from the settings: the delay of
politeness, copies of topics, connections of roles. --figures shows all costs, and which of them are assumed. The figures are for
steady work; leave room for peaks, for a server that is away, and for what your web has and the measured one has not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    usual = Wanted()
    for option, metavar, default, help_ in (
        ("--pages-per-second", "N", usual.pages_per_second, "pages fetched a second"),
        ("--images-per-page", "M", usual.images_per_page, "pictures fetched for each page"),
        ("--known-urls", "K", usual.known_urls, "URLs that the crawl remembers, pictures included"),
    ):
        parser.add_argument(option, type=number, metavar=metavar, default=default, help=f"{help_} ({default:,.0f})")
    parser.add_argument("--figures", action="store_true", help="show what it is computed from, and nothing else")
    add_json(parser)
    parser.epilog = f"{parser.epilog}\n\n{MORE}"


def number(text: str) -> float:
    """A number such as 3000, 2.5 or 1e9, as the type of a command line argument."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number like 3000, 2.5 or 1e9")
    return value


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print it."""
    if arguments.figures:
        _figures(as_json=arguments.json)
        return 0
    wanted = Wanted(arguments.pages_per_second, arguments.images_per_page, arguments.known_urls)
    try:
        sizing = compute(wanted, settings)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if arguments.json:
        needs = [asdict(need) for need in sizing.needs]
        limits = [asdict(limit) for limit in sizing.limits]
        write_json({"wanted": asdict(wanted), "needs": needs, "limits": limits, "bottleneck": limits[0]["part"]})
    else:
        _show(wanted, sizing)
    return 0


def _figures(*, as_json: bool) -> None:
    if as_json:
        for figure in figures():
            write_json(figure._asdict())
        return
    rows = [(each.name, f"{each.value:.4g}", each.unit, each.source, each.doc) for each in figures()]
    write_table(("figure", "value", "unit", "source", "what"), rows)


def _show(wanted: Wanted, sizing: Sizing) -> None:
    sys.stdout.write(
        f"{wanted.pages_per_second:,g} pages/s with {wanted.images_per_page:,g} pictures each "
        f"({wanted.images:,.0f} pictures/s), {wanted.known_urls:,.0f} known URLs\n\n"
    )
    before, rows = "", []
    for need in sizing.needs:
        rows.append((need.part if need.part != before else "", need.name, shown(need.value), need.unit, need.note))
        before = need.part
    write_table(("part", "needs", "how much", "unit", "note"), rows)
    sys.stdout.write("\n")
    write_table(
        ("what gives out", "needed of it", "used up at", "then"),
        [(limit.part, f"{limit.share:.1%}", _until(limit), limit.then) for limit in sizing.limits],
    )
    first = sizing.limits[0]
    enough = "enough for this" if first.share <= 1 else "not enough for this"
    sys.stdout.write(f"\nfirst bottleneck: {first.part}, used up at {_until(first)}: {enough}; then: {first.then}\n")


def _until(limit: Limit) -> str:
    return "no rate" if limit.until is None else f"{shown(limit.until)} {limit.unit}"


def shown(value: float) -> str:
    """A number with as many places as say something."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
