"""`crawlctl try match`: digests against a list in a file, by the same index as in a crawl."""

import argparse
import sys
from collections.abc import Iterator
from typing import Final

from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.output import inputs, one_line, write_json
from crawlctl.tries.files import Unreadable, chunks
from hasher.formats import csv
from hasher.formats.format import About
from hasher.known import KnownList

SHOWN: Final = 1000
"""Bad lines of the list that are named; all are counted."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """One answer per digest."""
    radius = settings.matching.pdq_distance if arguments.distance is None else arguments.distance
    known = read_known(arguments.known, radius)
    for query in inputs(arguments.digests):
        answer = known.answer(query)
        if arguments.json:
            write_json(answer)
            continue
        count = len(answer["matches"])
        what = answer.get("error") or f"{count} {'entry' if count == 1 else 'entries'} within {radius} bits"
        sys.stdout.write(one_line(f"{answer['query'] or '(empty)'}  {what}") + "\n")
        for match in answer["matches"]:
            words = [f"{name} {match[name]}" for name in ("category", "source", "series") if match[name]]
            told = f"  distance {match['distance']:>2}  {match['algorithm']} {match['digest']}  line {match['line']}"
            sys.stdout.write(one_line("  ".join([told, *words])) + "\n")
    return 0


def read_known(name: str, radius: int) -> KnownList:
    """The list in memory. Bad lines go to standard error; UsageError for a file or header that cannot be used."""
    known = KnownList(radius)
    bad = held = 0
    for batch in csv.read(_bytes(name), About(name, name)):
        known.add(batch.entries)
        held += sum(1 for entry in batch.entries if entry.held)
        for line in batch.bad:
            bad += 1
            if bad <= SHOWN:
                sys.stderr.write(one_line(f"crawlctl: {name}:{line.line}:{line.column or 1}: {line.refusal}") + "\n")
    if bad or held:
        sys.stderr.write(
            one_line(f"crawlctl: {name}: lines left out: {bad}; entries that match nothing, being featureless: {held}")
            + "\n"
        )
    return known


def _bytes(name: str) -> Iterator[bytes]:
    try:
        yield from chunks(name)
    except Unreadable as error:
        raise UsageError(f"{name}: {error}") from None
