"""`crawlctl report`: the scale of the problem in a period, and what became of it."""

import argparse
import asyncio
import sys
import time
from collections import Counter, defaultdict
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final

from backends.postgres.vault_reports import Rows, VaultReports
from backends.postgres.vault_store import close_pool, open_pool
from contracts.crawl import EXAMINED
from contracts.errors import UsageError
from contracts.figures import BY, Examined, Period
from contracts.lists import MATCHED_KINDS
from contracts.settings import Settings
from crawlctl.access import Access, opened
from crawlctl.arguments import add_key, add_state
from crawlctl.identity import identity_if_given, require
from crawlctl.output import write_csv, write_json
from crawlctl.reporting.page import page
from crawlctl.reporting.period import DAYS, period_of
from crawlctl.reporting.rows import HEADER, Written, as_csv, as_json, written
from notices.figures.fold import DAY, report

FORMATS: Final = ("html", "csv", "json")
MORE: Final = """\
Figures and their definitions are those of docs/domain.md, section 5; every report says what each means. Only lists of kind csam
count, unless --kind says otherwise; the kinds are never added up. --public hides counts below ten and what they could be worked
out from, and tells no series apart.

keys of --format json: from, to, made_at, public, by, pages, examined, dry_run (how many notices only went into a
folder; for the public, whether any did), all, groups, providers, curve (seconds, share left, watched), definitions. --format csv has one row for all and one a value."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_state(parser)
    add_key(parser)
    parser.add_argument("--from", dest="first", metavar="DAY", required=True, help=f"first day (UTC): {DAYS}")
    parser.add_argument("--to", dest="last", metavar="DAY", required=True, help="last day, likewise; it is included")
    parser.add_argument("--by", choices=BY, default="all", help="tell figures apart by this")
    parser.add_argument("--format", choices=FORMATS, default="html", help="html: one page with plots (default)")
    parser.add_argument("--kind", choices=MATCHED_KINDS, default="csam", help="of lists of this kind (default: csam)")
    parser.add_argument("--public", action="store_true", help="hide small counts")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there; standard output if not given")
    parser.epilog = f"{parser.epilog}\n\n{MORE}"


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Make it."""
    period = period_of(arguments.first, arguments.last, time.time())
    asyncio.run(_report(arguments, settings, period))
    return 0


async def _report(arguments: argparse.Namespace, settings: Settings, period: Period) -> None:
    async with opened(arguments.state, settings, crawl=False) as access:
        if (who := await identity_if_given(arguments, access)) is not None:
            require(who, "report")
        rows = await _rows(access, period, arguments.kind)
        examined = await _examined(access, period)
        operator = (await access.run_settings() or settings).operator.name if access.folder else settings.operator.name
    made = report(period, arguments.by, rows.media, rows.cases, rows.notices, examined, rows.providers)
    one = written(made, for_public=arguments.public)
    if arguments.out is None:
        _write(arguments.format, one, operator)
        return
    try:
        with arguments.out.open("w", encoding="utf-8") as file, redirect_stdout(file):
            _write(arguments.format, one, operator)
    except OSError as error:
        raise UsageError(f"{arguments.out}: cannot be written: {error.strerror}") from error


def _write(format: str, one: Written, operator: str) -> None:
    if format == "json":
        write_json(as_json(one))
    elif format == "csv":
        write_csv(HEADER, as_csv(one))
    else:
        sys.stdout.write(page(one, operator))


async def _rows(access: Access, period: Period, kind: str) -> Rows:
    pool = await open_pool(access.notices_dsn(), most=1, serving=False)
    try:
        return await VaultReports(pool).rows(period, kind)
    finally:
        await close_pool(pool, 1.0)


async def _examined(access: Access, period: Period) -> list[Examined] | None:
    """What was fetched, by day; None where there is no way to the crawl's database."""
    if not access.has_crawl:
        return None
    days: dict[int, Counter[str]] = defaultdict(Counter)
    for name, value in (await access.operator.counters()).items():
        what, _, rest = name.partition(":")
        day, _, kind = rest.partition(":")
        if what == EXAMINED and period.since <= int(day) * DAY < period.until:
            days[int(day)][kind] += value
    return [Examined(day, counts["pages"], counts["media"]) for day, counts in sorted(days.items())]
