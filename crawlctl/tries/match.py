"""`crawlctl try match`: digests against a list in a file, by the same index as in a crawl, or against the lists of a vault."""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.arguments import deciding
from crawlctl.lists.checks import mapping_of
from crawlctl.output import inputs, one_line, write_json
from crawlctl.tries.files import Unreadable, chunks
from hasher.formats.format import About
from hasher.formats.table import FORMATS
from hasher.known import KnownList

SHOWN: Final = 1000
"""Bad lines of the list that are named; all are counted."""
TOGETHER: Final = 1000
"""Digests that are compared with all of a vault's at a time."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """One answer per digest."""
    if arguments.known is None:
        if arguments.format is not None or arguments.mapping is not None:
            raise UsageError("--format, --mapping: are those of --known FILE, which is not given")
        asyncio.run(_live(arguments, settings))
        return 0
    if arguments.state is not None:
        raise UsageError("--known, --state: give the one or the other, a file or the lists of a state")
    radius = settings.matching.pdq_distance if arguments.distance is None else arguments.distance
    known = read_known(arguments.known, radius, arguments.format or "csv", arguments.mapping)
    for query in inputs(arguments.digests):
        _tell(known.answer(query), radius, as_json=arguments.json)
    return 0


async def _live(arguments: argparse.Namespace, settings: Settings) -> None:
    from crawlctl.lists.desk import at_desk
    from crawlctl.tries.live import Comparing, Indexed, LiveLists, Once, Streamed
    from crawlctl.tries.snapshot import snapshot

    if arguments.state is None and not settings.postgres.vault:
        raise UsageError(
            "against what? Give --known FILE, or --state DIR, or --settings FILE of a cluster (with postgres.vault)"
        )
    together = 1 if not arguments.digests and sys.stdin.isatty() else TOGETHER
    async with at_desk(arguments, settings) as at:
        settings = await deciding(at.access, arguments, settings)
        radius = settings.matching.pdq_distance if arguments.distance is None else arguments.distance

        async def nearby() -> Indexed | Streamed:
            index = await snapshot(at, settings, radius)
            return Streamed(at.scan, radius) if index is None else Indexed(index, radius)

        lists, queries = LiveLists(at.people, at.vault, Once(nearby)), inputs(arguments.digests)
        while some := await asyncio.to_thread(lambda: list(islice(queries, together))):
            progress = Comparing(await at.scan.estimate())
            for answer in await lists.answers(some, progress):
                progress.done()
                _tell(answer, radius, as_json=arguments.json)


def _tell(answer: dict[str, Any], radius: int, *, as_json: bool) -> None:
    if as_json:
        write_json(answer)
        return
    count = len(answer["matches"])
    what = answer.get("error") or f"{count} {'entry' if count == 1 else 'entries'} within {radius} bits"
    if answer.get("left_out"):
        what += f"; {answer['left_out']} more may not match now (held, withdrawn, or of a list without that use)"
    sys.stdout.write(one_line(f"{answer['query'] or '(empty)'}  {what}") + "\n")
    for match in answer["matches"]:
        words = [f"{name} {match[name]}" for name in ("category", "source", "series") if match[name]]
        told = f"  distance {match['distance']:>2}  {match['algorithm']} {match['digest']}"
        if match["line"]:
            told += f"  line {match['line']}"
        if "standing" in match:
            words += [
                f"{match['standing']}  entry {match['number']}  lists {', '.join(match['lists'])} ({', '.join(match['kinds'])})"
            ]
        sys.stdout.write(one_line("  ".join([told, *words])) + "\n")


def read_known(name: str, radius: int, format_: str = "csv", mapping: Path | None = None) -> KnownList:
    """The list in memory. Bad lines go to standard error; UsageError for a file or header that cannot be used."""
    known = KnownList(radius)
    bad = held = 0
    for batch in FORMATS[format_].read(_bytes(name), About(name, name, mapping_of(mapping, format_))):
        known.add(entry for entry in batch.entries if not entry.deleted)
        held += sum(1 for entry in batch.entries if entry.held)
        for line in batch.bad:
            bad += 1
            if bad <= SHOWN:
                sys.stderr.write(one_line(f"crawlctl: {name}:{line.line}:{line.column or 1}: {line.refusal}") + "\n")
    if bad or held:
        sys.stderr.write(
            one_line(f"crawlctl: {name}: lines left out: {bad}; entries that are held and match nothing: {held}") + "\n"
        )
    return known


def _bytes(name: str) -> Iterator[bytes]:
    try:
        yield from chunks(name)
    except Unreadable as error:
        raise UsageError(f"{name}: {error}") from None
