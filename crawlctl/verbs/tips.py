"""`crawlctl tips`: URLs that the public told of. A tip is a seed: it is crawled first, and never a notice by itself."""

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Sequence
from typing import Final

from contracts.errors import PisauraError, UsageError
from contracts.settings import Settings
from crawlctl.access import opened
from crawlctl.arguments import add_json, add_key, add_state, add_verb
from crawlctl.contact import check_contact
from crawlctl.identity import identity_if_given, require
from crawlctl.output import input_lines, write_json
from crawlctl.verbs.seeds import checked, read

SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
MORE: Final = """\
A tip is crawled before all else. What it leads to becomes a case only if its digests match a list, by the same rules as anything.
Nothing is kept of who gave it: of each source only how many came on a day, for its quota (review.tips_daily).

keys of --json: taken, new (not known before), over (beyond the quota; exit code 1 then)"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    add = add_verb(verbs, "add", "have URLs crawled first", MORE)
    add.add_argument("urls", nargs="+", metavar="URL", help="a URL; - reads standard input, one a line")
    add.add_argument(
        "--source", metavar="NAME", required=True, help="by which way tips come (never a person): its quota is counted"
    )
    add_state(add)
    add_key(add)
    add_json(add)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command. PisauraError if the quota kept some out, after those that were taken."""
    if not SOURCE.fullmatch(arguments.source):
        raise UsageError(
            f"--source: {arguments.source[:60]!r} must be 1 to 40 of a-z, 0-9 and -, the name of a way and never of a person"
        )
    most = settings.limits.url_bytes
    urls = [checked(text, most, "") for text in arguments.urls if text != "-"]
    if "-" in arguments.urls:
        urls += read(input_lines(), "standard input", most)
    asyncio.run(_add(arguments, settings, list(dict.fromkeys(urls))))
    return 0


async def _add(arguments: argparse.Namespace, settings: Settings, urls: Sequence[str]) -> None:
    if arguments.state is None:
        check_contact(settings, urls)
    async with opened(arguments.state, settings) as access:
        if access.has_vault and (who := await identity_if_given(arguments, access)) is not None:
            require(who, "tips.add")
        taken, new = await access.operator.add_tips(arguments.source, urls, settings.review.tips_daily, time.time())
    over = len(urls) - taken
    if arguments.json:
        write_json({"taken": taken, "new": new, "over": over})
    else:
        sys.stdout.write(f"{taken} taken, {new} of them new\n")
    if over:
        raise PisauraError(
            f"{over} not taken: {arguments.source} has used up its {settings.review.tips_daily} tips of this day "
            "(review.tips_daily); give them again tomorrow"
        )
