"""Entries of lists: shown, judged by organisations, withdrawn, released. Never their notes; of a series only its blind id."""

import argparse
import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, Final

from contracts.desk import EntryView, ListDesk, Person
from contracts.errors import UsageError
from contracts.lists import Opinion
from contracts.settings import Settings
from crawlctl.lists import desk as desks
from crawlctl.lists import people
from crawlctl.output import one_line, write_json, write_record, write_table
from crawlctl.times import iso

PAGE: Final = 1_000
SHOWN: Final = 500
"""Entries that are shown to people; --json shows all."""

DIGEST: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")

ACTS: Final = ("opinion", "withdraw", "release")

Page = Callable[[int, int], Awaitable[list[EntryView]]]
"""(after, limit) -> entries with a higher number."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`lists entries`, `held`, `opinion`, `withdraw`, `release` and `history`."""
    asyncio.run(_run(arguments, settings))
    return 0


async def _run(arguments: argparse.Namespace, settings: Settings) -> None:
    what, as_json = arguments.what, arguments.json
    why = people.why_of(arguments.why) if "why" in arguments else ""
    by = organisation(arguments.by) if what == "opinion" else ""
    if what == "release":
        whole = arguments.list is not None
        if whole == (arguments.entry is not None) or whole != (arguments.reason is not None):
            raise UsageError(
                "release what? Name an ENTRY, or all of a list that a reason holds with --list NAME --reason R"
            )
    async with desks.at_desk(arguments, settings) as at:
        desk, now = at.people, time.time()
        if what in ACTS:
            person = await people.asking(arguments, at.access, f"lists.{what}")
        if what == "opinion":
            opinion = Opinion(by, arguments.verdict, why)
            await say(desk, arguments.entry, opinion, person, now, as_json=as_json)
        elif what == "withdraw":
            await withdraw(desk, arguments.entry, why, person, now, as_json=as_json)
        elif what == "release" and arguments.list is not None:
            await release_list(desk, arguments.list, arguments.reason, why, person, now, as_json=as_json)
        elif what == "release":
            await release(desk, arguments.entry, why, person, now, as_json=as_json)
        elif what == "history":
            await history(desk, arguments.entry, as_json=as_json)
        elif what == "held":
            await show(paged(desk.held), "no entry is held", as_json=as_json)
        else:
            name = await at.named(arguments.name)
            if arguments.digest is None:
                found = paged(partial(desk.entries, name))
            else:
                found = having(desk, name, arguments.digest)
            await show(found, f"the list {name!r} has no such entries", as_json=as_json)


def organisation(text: str) -> str:
    """Whose opinion it is. UsageError if that is no name."""
    name = " ".join(text.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise UsageError("--by: name the organisation in 1 to 100 characters")
    return name


async def paged(page: Page) -> AsyncIterator[EntryView]:
    """All entries, page by page."""
    after = 0
    while found := await page(after, PAGE):
        for entry in found:
            yield entry
        after = found[-1].entry_id
        if len(found) < PAGE:
            return


def row(entry: EntryView) -> dict[str, Any]:
    """An entry as JSON."""
    return {
        "number": entry.entry_id,
        "entry": entry.name,
        "lists": entry.lists,
        "kinds": entry.kinds,
        "standing": entry.standing,
        "held": entry.held,
        "category": entry.category,
        "legality": entry.legality,
        "act": entry.act,
        "age": entry.age,
        "generated": entry.generated,
        "size": entry.size,
        "series": entry.series_id.hex(),
        "digests": [{"algorithm": algorithm, "digest": digest.hex()} for algorithm, digest in entry.digests],
        "opinions": [{"by": one.organisation, "verdict": one.verdict, "why": one.why} for one in entry.opinions],
    }


def _say(entry: EntryView) -> None:
    write_record(
        f"entry {entry.entry_id}  {entry.name}",
        {
            "lists": f"{', '.join(entry.lists) or 'none'} ({', '.join(entry.kinds)})",
            "standing": entry.standing,
            "held": entry.held,
            "category": entry.category,
            "series": entry.series_id.hex(),
            "digest": [f"{algorithm}:{digest.hex()}" for algorithm, digest in entry.digests],
            "opinion": [
                f"{one.organisation or 'ourselves'}: {one.verdict} {one.why}".rstrip() for one in entry.opinions
            ],
        },
    )


async def show(entries: AsyncIterator[EntryView], none: str, *, as_json: bool) -> int:
    """Print entries, for people the first `SHOWN`; how many were printed."""
    count = 0
    async for entry in entries:
        count += 1
        if as_json:
            write_json(row(entry))
            continue
        _say(entry)
        if count == SHOWN:
            sys.stdout.write(f"the first {SHOWN} entries; --json shows all\n")
            break
    if not count and not as_json:
        sys.stdout.write(f"{none}\n")
    return count


async def having(desk: ListDesk, name: str, digest: str) -> AsyncIterator[EntryView]:
    """The entries of one list that have a digest. UsageError if it is none."""
    text = digest.strip().lower()
    if not DIGEST.fullmatch(text):
        raise UsageError("--digest: a digest is 32 (MD5), 40 (SHA-1) or 64 (SHA-256, PDQ) hex digits")
    for entry in await desk.resolve(text):
        if name in entry.lists:
            yield entry


async def one(desk: ListDesk, ref: str, *, as_json: bool) -> EntryView:
    """The entry that is meant by a number, member/id or digest. A digest that several have lists them: UsageError then, and if
    there is none. No message repeats what was given: it may be a digest."""
    found = await desk.resolve(ref.strip())
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError("ENTRY: there is no entry with this number, name (member/id) or digest")
    for entry in found:
        if as_json:
            write_json(row(entry))
        else:
            _say(entry)
    raise UsageError(f"ENTRY: {len(found)} entries have this digest; an act is for one of them: give its number")


async def say(desk: ListDesk, ref: str, opinion: Opinion, person: Person, now: float, *, as_json: bool) -> None:
    """Keep what an organisation says of an entry."""
    entry = await one(desk, ref, as_json=as_json)
    standing = await desk.say(entry.entry_id, opinion, person, now)
    _became(entry, standing, f"{opinion.organisation} says {opinion.verdict}", as_json=as_json)


async def withdraw(desk: ListDesk, ref: str, why: str, person: Person, now: float, *, as_json: bool) -> None:
    """Withdraw an entry; open matches that it caused are closed with it."""
    entry = await one(desk, ref, as_json=as_json)
    standing = await desk.withdraw(entry.entry_id, why, person, now)
    _became(entry, standing, "withdrawn for us", as_json=as_json)


async def release(desk: ListDesk, ref: str, why: str, person: Person, now: float, *, as_json: bool) -> None:
    """Release a held entry, once two people have asked for it."""
    entry = await one(desk, ref, as_json=as_json)
    asked = await desk.release(entry.entry_id, why, person, now)
    facts = {"number": entry.entry_id, "entry": entry.name, "held": entry.held}
    held = entry.held or entry.standing
    waits = f"entry {entry.entry_id} is as it was ({held}): releasing takes two people"
    people.tell(asked, waits, f"entry {entry.entry_id}: released ({held})", facts, as_json=as_json)


async def release_list(
    desk: ListDesk, name: str, reason: str, why: str, person: Person, now: float, *, as_json: bool
) -> None:
    """Release what one reason holds of a list, once two people have asked for it."""
    asked = await desk.release_list(name, reason, why, person, now)
    waits = f"entries of the list {name!r} are as they were ({reason}): releasing takes two people"
    done = f"list {name!r}: what {reason} held is released"
    people.tell(asked, waits, done, {"name": name, "reason": reason}, as_json=as_json)


async def history(desk: ListDesk, ref: str, *, as_json: bool) -> None:
    """What became of an entry, and who said what, by time."""
    entry = await one(desk, ref, as_json=as_json)
    rows = [
        {"at": iso(h.at), "what": h.what, "organisation": h.organisation, "person": h.person, "why": h.why}
        for h in await desk.history(entry.entry_id)
    ]
    if as_json:
        for happened in rows:
            write_json(happened)
    else:
        write_table(("at", "what", "organisation", "person", "why"), [list(happened.values()) for happened in rows])


def _became(entry: EntryView, standing: str, what: str, *, as_json: bool) -> None:
    if as_json:
        write_json({"number": entry.entry_id, "entry": entry.name, "before": entry.standing, "standing": standing})
    else:
        sys.stdout.write(one_line(f"entry {entry.entry_id}: {what}: {entry.standing} -> {standing}") + "\n")
