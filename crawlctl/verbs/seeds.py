"""`crawlctl seeds`: add URLs to start from, or list them with what became of them."""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from contracts.errors import UsageError
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.urls import parse
from crawlctl.access import opened
from crawlctl.arguments import add_json, add_state, add_verb
from crawlctl.contact import check_contact
from crawlctl.output import input_lines, one_line, write_json
from crawlctl.times import iso

BATCH: Final = 10_000
PAGE: Final = 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    add = add_verb(verbs, "add", "add URLs to start from; a running crawl takes them within about a second")
    add.add_argument("urls", nargs="*", metavar="URL", help="a URL; - reads standard input, one a line")
    add.add_argument(
        "--from", dest="file", type=Path, metavar="FILE", help="a file with one URL a line; - is standard input"
    )
    ls = add_verb(
        verbs, "ls", "list seeds in the order given, and what became of them",
        "keys of --json: url, state (new, taken, refused), added_at, taken_at, why",
    )  # fmt: skip
    for each in (add, ls):
        add_state(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    if arguments.what == "ls":
        asyncio.run(_ls(arguments, settings))
        return 0
    seeds = _given(arguments, settings.limits.url_bytes)
    if not seeds:
        raise UsageError("seeds add: which URLs? give some, or a file with --from FILE")
    asyncio.run(_add(arguments, settings, seeds))
    return 0


def _given(arguments: argparse.Namespace, most: int) -> list[str]:
    """Canonical URLs of all arguments and files. UsageError for the first that is none; then nothing is added."""
    plain = [text for text in arguments.urls if text != "-"]
    seeds = [checked(text, most, "") for text in plain]
    if len(plain) < len(arguments.urls) or str(arguments.file) == "-":
        seeds += read(input_lines(), "standard input", most)
    if arguments.file is not None and str(arguments.file) != "-":
        try:
            data = arguments.file.read_bytes().removeprefix(b"\xef\xbb\xbf")
        except OSError as error:
            raise UsageError(f"{arguments.file}: cannot be read: {error.strerror}") from error
        seeds += read((raw.decode("utf-8", "surrogateescape") for raw in data.splitlines()), str(arguments.file), most)
    return list(dict.fromkeys(seeds))


def read(lines: Iterable[str], name: str, most: int) -> list[str]:
    """Canonical URLs of lines; empty lines and those that begin with # are left out."""
    seeds = []
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if line and not line.startswith("#"):
            seeds.append(checked(line, most, f"{name}:{number}:{len(raw) - len(raw.lstrip()) + 1}: "))
    return seeds


def checked(text: str, most: int, where: str) -> str:
    """A canonical URL, or a UsageError that says where it stands and why it is none."""
    url = parse(text, max_bytes=most)
    if isinstance(url, Refusal):
        raise UsageError(f"{where}not a URL that can be crawled ({url})")
    return url.text


async def _add(arguments: argparse.Namespace, settings: Settings, seeds: Sequence[str]) -> None:
    now, new = time.time(), 0
    if arguments.state is None:  # a cluster's processes have these settings, and would refuse to start with such seeds
        check_contact(settings, seeds)
    async with opened(arguments.state, settings) as access:
        for start in range(0, len(seeds), BATCH):
            new += await access.operator.add_seeds(seeds[start : start + BATCH], now)
    if arguments.json:
        write_json({"added": new, "known": len(seeds) - new})
    else:
        known = f", {len(seeds) - new} known already" if new < len(seeds) else ""
        sys.stdout.write(f"{new} added{known}\n")


async def _ls(arguments: argparse.Namespace, settings: Settings) -> None:
    after = 0
    async with opened(arguments.state, settings) as access:
        while rows := await access.operator.seeds(after, PAGE):
            after = rows[-1]["seq"]
            for row in rows:
                _show(row, as_json=arguments.json)


def _show(row: dict[str, Any], *, as_json: bool) -> None:
    state = "refused" if row["why"] else "taken" if row["taken_at"] else "new"
    added, taken = iso(row["added_at"] / 1000), iso(row["taken_at"] / 1000)
    if as_json:
        write_json({"url": row["url"], "state": state, "added_at": added, "taken_at": taken, "why": row["why"]})
    else:
        sys.stdout.write(one_line(f"{state:<8} {taken or added}  {row['url']}  {row['why']}").rstrip() + "\n")
