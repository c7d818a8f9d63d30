"""What `crawlctl review` does; its arguments are in `crawlctl.verbs.review`."""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import Final

from contracts.casedesk import HeldMatch, TeamStats
from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.audit import purpose_of
from crawlctl.desk import printing
from crawlctl.desk.choice import Desk, at_desk
from crawlctl.lists.people import why_of
from crawlctl.output import one_line, write_json, write_record, write_table
from crawlctl.times import iso, past
from notices.desk.further import (
    Agreed,
    Answer,
    Handed,
    HandoffKeys,
    Matches,
    MatchesAsked,
    Ready,
    Release,
    Released,
    ReleaseMatch,
    StatsAsked,
)
from notices.desk.words import Asked, Became, CaseAsked, CaseShown, Decide, NextShown

ANSWER_BYTES: Final = 64 * 1024
PAGE: Final = 500


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """The sub-commands of `review`."""
    asyncio.run(_run(arguments, settings))
    return 0


async def _run(arguments: argparse.Namespace, settings: Settings) -> None:
    what, as_json = arguments.what, arguments.json
    purpose = purpose_of(arguments.purpose) if "purpose" in arguments else ""
    why = why_of(arguments.why) if "why" in arguments else ""
    answer = _file(arguments.file) if what == "take" else b""
    async with at_desk(arguments, settings) as desk:
        if what == "next":
            await _next(desk, as_json=as_json)
        elif what == "show":
            printing.case(
                await desk.call("review.show", CaseAsked(arguments.case, purpose), CaseShown), as_json=as_json
            )
        elif what == "skip":
            became = await desk.call("review.skip", CaseAsked(arguments.case), Became)
            printing.tell(became, "put before others", as_json=as_json)
        elif what == "decide":
            word = Decide(arguments.case, arguments.decision, arguments.basis, why, arguments.entry)
            became = await desk.call("review.decide", word, Became)
            printing.tell(became, f"your word is kept ({arguments.decision})", as_json=as_json)
        elif what == "take":
            became = await desk.call("review.take", Answer(answer), Became)
            printing.tell(became, "the tool's answer counts", as_json=as_json)
        elif what == "handoff":
            await _handoff(desk, arguments, purpose)
        elif what == "release":
            await _release(desk, arguments, why)
        elif what == "matches":
            await _matches(desk, as_json=as_json)
        elif what == "release-match":
            asked = ReleaseMatch(arguments.sha256.lower(), arguments.entry, why)
            agreed = await desk.call("review.release_match", asked, Agreed)
            done = f"the match with entry {arguments.entry} counts from now on"
            _said(agreed.done, agreed.by, done, {"entry": arguments.entry}, as_json=as_json)
        else:
            await _stats(desk, arguments)


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(ANSWER_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > ANSWER_BYTES:
        raise UsageError(f"{path}: an answer has at most {ANSWER_BYTES} bytes")
    return data


def _said(done: bool, by: list[str], what: str, facts: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        write_json({**facts, "done": done, "by": by})
    else:
        sys.stdout.write(one_line(what if done else printing.waits(by)) + "\n")


async def _next(desk: Desk, *, as_json: bool) -> None:
    found = await desk.call("review.next", Asked(), NextShown)
    if found.case is not None:
        printing.case(found.case, as_json=as_json)
    elif as_json:
        write_json({"case": None})
    else:
        sys.stdout.write("no case waits for you\n")


async def _handoff(desk: Desk, arguments: argparse.Namespace, purpose: str) -> None:
    if arguments.keys == (arguments.case is not None):
        raise UsageError("hand over which CASE? Or --keys, for what the tool must know of us")
    if arguments.keys:
        ours = await desk.call("review.handoff_keys", Asked(), HandoffKeys)
        write_json(printing.plain(ours))
        return
    handed = await desk.call("review.handoff", CaseAsked(arguments.case, purpose), Handed)
    if arguments.json:
        write_json(printing.plain(handed))
    else:
        sys.stdout.write(one_line(f"case {handed.case} is handed over as {handed.reference}: {handed.where}") + "\n")


async def _release(desk: Desk, arguments: argparse.Namespace, why: str) -> None:
    """Without --list and --recipient the counts; with them, and with the count that was seen, the release."""
    given = [arguments.list is not None, arguments.recipient is not None, arguments.cases is not None]
    if any(given) != all(given) or any(given) != bool(why):
        raise UsageError(
            "release what? Name --list, --recipient, --cases (as they were counted) and --why; or nothing, to count"
        )
    if all(given):
        asked = Release(arguments.list, arguments.recipient, arguments.cases, why)
        done = await desk.call("review.release", asked, Released)
        stopped = f", {done.stopped} were stopped by a rule meanwhile" if done.stopped else ""
        facts: dict[str, object] = {"released": done.released, "stopped": done.stopped}
        _said(done.done, done.by, f"{done.released} cases are released{stopped}", facts, as_json=arguments.json)
        return
    counted = (await desk.call("review.ready", Asked(), Ready)).ready
    if arguments.json:
        for line in counted:
            write_json(printing.plain(line))
        return
    rows = [
        (
            line.list or "(none)",
            line.recipient or "(nobody found)",
            line.cases,
            iso(line.oldest),
            1 if line.may_notify else 2,
        )
        for line in counted
    ]
    write_table(("list", "recipient", "cases", "oldest", "people"), rows)
    if not rows:
        sys.stdout.write("no exact case waits to be released\n")


async def _matches(desk: Desk, *, as_json: bool) -> None:
    rows: list[HeldMatch] = []
    after = ("", 0)
    while True:
        page = (await desk.call("review.matches", MatchesAsked(*after, PAGE), Matches)).matches
        for one in page:
            if as_json:
                write_json(printing.plain(one) | {"found_at": iso(one.found_at)})
            else:
                rows.append(one)
        if len(page) < PAGE or (not as_json and len(rows) >= PAGE):
            break
        after = page[-1].sha256, page[-1].entry
    if not as_json:
        cells = [
            (one.sha256, one.entry, one.name, one.held, "near" if one.near else "exact", one.places, iso(one.found_at))
            for one in rows[:PAGE]
        ]
        write_table(("medium (SHA-256)", "entry", "name", "held", "match", "places", "found"), cells)


async def _stats(desk: Desk, arguments: argparse.Namespace) -> None:
    now = time.time()
    since = past(arguments.since, now, "--from") if arguments.since else 0.0
    until = past(arguments.until, now, "--to") if arguments.until else 0.0
    sums = await desk.call("review.stats", StatsAsked(since, until), TeamStats)
    if arguments.json:
        write_json(printing.plain(sums))
        return
    write_record(
        f"the team from {iso(sums.since)} to {iso(sums.until)}",
        {
            "waiting": f"{sums.waiting} cases, {sums.waiting_second} of them for another word; oldest {iso(sums.oldest) or 'none'}",
            "decisions": [f"{name}: {count}" for name, count in sorted(sums.decided.items())],
            "bases": [f"{name}: {count}" for name, count in sorted(sums.by_basis.items())],
            "two words": f"{sums.cases_decided} cases, {sums.disagreed} of them not agreed on",
            "handed over": f"{sums.handed_off}, answered {sums.answered}",
        },
    )
