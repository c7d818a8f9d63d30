"""What `crawlctl cases` does; its arguments are in `crawlctl.verbs.cases`."""

import argparse
import asyncio
import csv
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final

from msgspec.structs import replace

from contracts.casedesk import CaseLine
from contracts.cases import CaseState
from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.audit import purpose_of
from crawlctl.desk import printing
from crawlctl.desk.choice import Desk, at_desk
from crawlctl.lists.people import why_of
from crawlctl.output import _cell as cell
from crawlctl.output import write_json, write_table
from crawlctl.times import away, past
from crawlctl.units import write_seconds
from notices.desk.words import (
    Asked,
    Authorised,
    Became,
    CaseAsked,
    Cases,
    CasesAsked,
    CaseShown,
    Counts,
    Directed,
    Reasoned,
)

SHOWN: Final = 500
"""Cases of the table for people; --json and --csv show all."""
PAGE: Final = 500
DID: Final = {
    "close": "closed", "stop": "stopped: nobody is told of it", "resume": "may go on", "retract": "its retractions may go out",
    "unhold": "the legal hold is lifted",
}  # fmt: skip
"""Acts that take a case and a reason, and what is said when they are done."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`cases ls`, `show` and the acts on one case."""
    asyncio.run(_run(arguments, settings))
    return 0


async def _run(arguments: argparse.Namespace, settings: Settings) -> None:
    what, as_json = arguments.what, arguments.json
    purpose = purpose_of(arguments.purpose) if what == "show" else ""
    why = why_of(arguments.why) if "why" in arguments else ""
    asked = _asked(arguments) if what == "ls" else CasesAsked()
    async with at_desk(arguments, settings) as desk:
        if what == "ls":
            await _ls(desk, asked, arguments)
        elif what == "show":
            shown = await desk.call("cases.show", CaseAsked(arguments.case, purpose), CaseShown)
            printing.case(shown, as_json=as_json)
        elif what == "hold":
            held = Authorised(arguments.case, arguments.authority, why)
            became = await desk.call("cases.hold", held, Became)
            printing.tell(became, "on legal hold, nothing of it is deleted", as_json=as_json)
        elif what == "clear":
            became = await desk.call("cases.clear", Authorised(arguments.case, arguments.authority, why), Became)
            printing.tell(became, "the provider may be told", as_json=as_json)
        elif what == "tell":
            told = Directed(arguments.case, arguments.recipient, arguments.klass, why)
            printing.tell(
                await desk.call("cases.tell", told, Became), f"{arguments.recipient} is told too", as_json=as_json
            )
        else:
            became = await desk.call(f"cases.{what}", Reasoned(arguments.case, why), Became)
            printing.tell(became, DID[what], as_json=as_json)


def _asked(arguments: argparse.Namespace) -> CasesAsked:
    states = tuple(word for word in (arguments.states or "").replace(" ", "").split(",") if word)
    for state in states:
        if state not in list(CaseState):
            raise UsageError(f"--in: there is no state {state[:40]!r}; there are {', '.join(CaseState)}")
    before = past(arguments.older, time.time(), "--older") if arguments.older else 0.0
    return CasesAsked(states, arguments.list or "", arguments.recipient or "", arguments.country or "", before, 0, PAGE)


async def _ls(desk: Desk, asked: CasesAsked, arguments: argparse.Namespace) -> None:
    if arguments.counts:
        counted = await desk.call("cases.counts", Asked(), Counts)
        if arguments.json:
            write_json(counted.counts)
        else:
            write_table(("state", "cases"), [(state, counted.counts.get(state, 0)) for state in CaseState])
        return
    async with aclosing(pages(desk, asked)) as found:
        if arguments.json:
            async for line in found:
                write_json(printing.case_row(line))
        elif arguments.csv:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(printing.CASES)
            async for line in found:
                writer.writerow([cell(value) for value in printing.case_row(line).values()])
        else:
            await _table(found)


async def pages(desk: Desk, asked: CasesAsked) -> AsyncGenerator[CaseLine, None]:
    """All cases that are asked for, page by page."""
    while True:
        page = await desk.call("cases.ls", asked, Cases)
        for line in page.cases:
            yield line
        if not page.next:
            return
        asked = replace(asked, after=page.next)


async def _table(found: AsyncIterator[CaseLine]) -> None:
    """Times are told as how long ago it was found, and how long it took from there, so that a line fits; --json has them in full."""
    rows, now = [], time.time()
    async for line in found:
        marks = [name for name in ("paused", "legal_hold") if getattr(line, name)]
        held = [line.why] if line.why and line.state in ("held", "closed") else []
        state = ", ".join([line.state, *held, *marks])
        what = "near" if line.near else "exact"
        kind = "" if line.kind == "csam" else f" {line.kind}"
        whom = f"{line.recipient or '?'} ({line.country or '?'})"
        rows.append(
            (
                line.case, state, f"{what}{kind} {line.category}".rstrip(), whom, away(line.found_at, now),
                after(line.found_at, line.accepted_at or line.notified_at), after(line.found_at, line.gone_at),
                away(line.next_check, now) if line.next_check else "",
            )
        )  # fmt: skip
        if len(rows) == SHOWN:
            break
    write_table(("case", "state", "match", "recipient", "found", "notified", "gone", "next look"), rows)
    full = len(rows) == SHOWN
    sys.stdout.write(f"the first {SHOWN} cases; --json and --csv show all\n" if full else f"{len(rows)} cases\n")


def after(found: float, at: float) -> str:
    """How long after it was found; empty for never."""
    return f"+{write_seconds(max(0, round(at - found)))}" if at else ""
