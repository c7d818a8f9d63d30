"""`crawlctl matches`: what was found, with its evidence. Places off loopback only for a stated purpose, which is recorded."""

import argparse
import asyncio
import csv
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from contracts.errors import UsageError
from contracts.people import Identity
from contracts.seal import Opener, opener
from contracts.settings import Settings
from crawlctl.access import Access, opened
from crawlctl.arguments import add_key, add_state
from crawlctl.audit import purpose_of
from crawlctl.identity import revealer
from crawlctl.matches import PAGE, matches
from crawlctl.output import _cell as cell
from crawlctl.output import one_line, write_json, write_table
from crawlctl.times import iso

SHOWN: Final = PAGE
"""Rows of the table for people, one page, since places of a page count as shown; --json and --csv stream all."""
COLUMNS: Final = (
    "url", "found_on", "algorithm", "digest", "distance", "quality", "list", "entry", "category", "series",
    "first_seen", "last_seen", "strength", "turn", "band", "frames", "at", "lists", "standing", "review", "counts", "why",
    "media_type", "sha256", "address", "evidence",
)  # fmt: skip
"""The keys of --json and the columns of --csv."""

MORE: Final = """\
keys of --json, columns of --csv:
  url, found_on           the place, and the pages that embed or link it (at most 8)
  algorithm, digest       which digest matched: md5, sha1, sha256 or pdq; the entry's digest in hex
  distance, quality       bits apart and quality of the frame (PDQ; 0 and 100 for the others)
  list, entry, category, series     the first list with the entry, member/id, the source's own word, the series
  first_seen, last_seen   when the medium was seen there (ISO 8601, UTC)
  strength, review        exact or near; near ones are for people to review
  turn, band, frames, at  how the picture was turned; review band (10, 20, 31 bits); frames that agree; second of the frame
  lists, standing, counts, why      all lists; the entry's standing; whether it counts for anything, and why not
  media_type, sha256      of the medium
  address                 of the server that it came from, where the place is shown
  evidence                frames of a video that agree (at most 64): at, distance, turn, quality, digest; in CSV second/bits

Places that are not on loopback are sealed. --purpose TEXT shows them and is written to the audit (`crawlctl audit show`) and to
audit.log in the state folder, with the time, the user and the number of places. Once people have accounts (`crawlctl keys add`), they
are shown to analysts and supervisors with --key FILE only, and to each at most review.daily_places a day. In a cluster places can be
opened only where cluster.keys names the keys of the notices role; all else is shown without them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_state(parser)
    add_key(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a match, one a line")
    form.add_argument("--csv", action="store_true", help="CSV with a header")
    parser.add_argument("--purpose", metavar="TEXT", help="why places off loopback are shown; recorded")
    parser.epilog = f"{parser.epilog}\n\n{MORE}"


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print them."""
    purpose = purpose_of(arguments.purpose)
    asyncio.run(_show(arguments, settings, purpose))
    return 0


async def _show(arguments: argparse.Namespace, settings: Settings, purpose: str) -> None:
    async with opened(arguments.state, settings) as access:
        who = await revealer(arguments, access, purpose)
        async with aclosing(rows(access, purpose, who=who)) as found:
            if arguments.json:
                async for row in found:
                    write_json(row)
            elif arguments.csv:
                writer = csv.writer(sys.stdout, lineterminator="\n")
                writer.writerow(COLUMNS)
                async for row in found:
                    writer.writerow([cell(_flat(row[name])) for name in COLUMNS])
            else:
                await _table(found)


async def rows(
    access: Access,
    purpose: str,
    places: list[bytes] | None = None,
    verb: str = "matches",
    who: Identity | None = None,
) -> AsyncGenerator[dict[str, Any], None]:
    """Matches with the keys of `COLUMNS`, as they come from the vault; a purpose is recorded before a page is shown."""
    vault, audit, opener = await access.vault(), await access.audit(verb, purpose, who), opener_of(access, purpose)
    found = matches(vault, access.operator, opener, reveal=bool(purpose), places=places, revealed=audit.revealed)
    async with aclosing(found):
        async for row in found:
            row["first_seen"], row["last_seen"] = iso(row["first_seen"]), iso(row["last_seen"])
            yield {name: row[name] for name in COLUMNS}
    if purpose and not audit.lines:
        await audit.revealed(0)


def opener_of(access: Access, purpose: str) -> Opener | None:
    """What opens places. Without the keys None, and a word on what is missing; UsageError if places were asked for."""
    try:
        return opener(access.keys)
    except UsageError as error:
        if purpose:
            raise
        sys.stderr.write(one_line(f"crawlctl: places are not shown: {error}") + "\n")
        return None


async def _table(found: AsyncIterator[dict[str, Any]]) -> None:
    kept = []
    async for row in found:
        evidence = row["algorithm"]
        if row["algorithm"] == "pdq":
            evidence = f"pdq distance {row['distance']} quality {row['quality']}"
            evidence += f", {row['turn']}" if row["turn"] != "as shown" else ""
            evidence += f", {row['frames']} frames" if row["frames"] > 1 else ""
        pages = row["found_on"]
        on = pages[0] + (f" and {len(pages) - 1} more" if len(pages) > 1 else "") if pages else ""
        strength = row["strength"] + ("" if row["counts"] else f" (does not count: {row['why']})")
        kept.append((row["url"], on, evidence, strength, row["list"], row["category"], row["last_seen"]))
        if len(kept) == SHOWN:
            break
    write_table(("place", "found on", "evidence", "strength", "list", "category", "last seen"), kept)
    full = len(kept) == SHOWN
    sys.stdout.write(f"the first {SHOWN} matches; --json and --csv show all\n" if full else f"{len(kept)} matches\n")


def _flat(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return " ".join(f"{one['at']:g}/{one['distance']}" if isinstance(one, dict) else one for one in value)
