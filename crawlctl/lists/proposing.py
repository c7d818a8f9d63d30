"""What the sources should hear of: opinions that people here have of their entries, and entries of our own."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

from contracts.desk import Proposal
from contracts.settings import Settings
from crawlctl.lists import desk as desks
from crawlctl.output import write_json, write_table
from crawlctl.times import iso

PAGE: Final = 1_000
SHOWN: Final = 500
"""Rows of the table for people; --json shows all."""

Page = Callable[[int, int], Awaitable[list[Proposal]]]


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`lists propose`."""
    asyncio.run(_run(arguments, settings))
    return 0


async def _run(arguments: argparse.Namespace, settings: Settings) -> None:
    async with desks.at_desk(arguments, settings) as at:
        await show(at.people.proposals, as_json=arguments.json)


async def show(page: Page, *, as_json: bool) -> None:
    """Print them, oldest first."""
    after, rows = 0, []
    while found := await page(after, PAGE):
        after = found[-1].number
        if as_json:
            for one in found:
                write_json(row(one))
        else:
            rows += [row(one) for one in found]
        if len(found) < PAGE or len(rows) >= SHOWN:
            break
    if as_json:
        return
    if not rows:
        sys.stdout.write("nothing to propose\n")
        return
    header = ("at", "entry", "lists", "by", "verdict", "why")
    write_table(
        header, [(r["at"], r["entry"], ", ".join(r["lists"]), r["by"], r["verdict"], r["why"]) for r in rows[:SHOWN]]
    )
    if len(rows) >= SHOWN:
        sys.stdout.write(f"the first {SHOWN}; --json shows all\n")


def row(one: Proposal) -> dict[str, Any]:
    """One as JSON; `by` is empty for the organisation that runs this."""
    return {
        "number": one.entry_id,
        "entry": one.name,
        "lists": one.lists,
        "verdict": one.what,
        "by": one.organisation,
        "why": one.why,
        "at": iso(one.at),
    }
