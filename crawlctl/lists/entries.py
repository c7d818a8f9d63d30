"""Entries of lists: shown, judged by organisations, withdrawn, released. Never their notes; of a series only its blind id."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Final

from contracts.errors import UsageError
from contracts.lists import EntryView, ListDesk, Opinion, Person
from crawlctl.lists.people import tell
from crawlctl.output import one_line, write_json, write_table

PAGE: Final = 1_000
SHOWN: Final = 500
"""Rows of a table for people; --json shows all."""
HEADER: Final = ("number", "entry", "lists", "kind", "standing", "held", "category", "series", "digests", "opinions")

Page = Callable[[int, int], Awaitable[list[EntryView]]]
"""(after, limit) -> entries with a higher number."""


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


def _cells(entry: EntryView) -> tuple[Any, ...]:
    return (
        entry.entry_id, entry.name, ", ".join(entry.lists), ", ".join(entry.kinds), entry.standing, entry.held, entry.category,
        entry.series_id.hex(), " ".join(f"{algorithm}:{digest.hex()}" for algorithm, digest in entry.digests),
        ", ".join(f"{one.organisation}: {one.verdict}" for one in entry.opinions),
    )  # fmt: skip


async def show(entries: AsyncIterator[EntryView], none: str, *, as_json: bool) -> int:
    """Print entries, for people the first `SHOWN`; how many were printed."""
    kept: list[EntryView] = []
    count = 0
    async for entry in entries:
        count += 1
        if as_json:
            write_json(row(entry))
            continue
        kept.append(entry)
        if len(kept) == SHOWN:
            break
    if not as_json:
        table(kept, none)
        if len(kept) == SHOWN:
            sys.stdout.write(f"the first {SHOWN} entries; --json shows all\n")
    return count


def table(entries: Iterable[EntryView], none: str) -> None:
    """Entries as a table, or a line that says that there are none."""
    rows = [_cells(entry) for entry in entries]
    if rows:
        write_table(HEADER, rows)
    else:
        sys.stdout.write(f"{none}\n")


async def having(desk: ListDesk, name: str, digest: str) -> list[EntryView]:
    """The entries of one list that have a digest."""
    return [entry for entry in await desk.resolve(digest.strip()) if name in entry.lists]


async def one(desk: ListDesk, ref: str, *, as_json: bool) -> EntryView:
    """The entry that is meant by a number, member/id or digest. A digest that several have lists them: UsageError then, and if
    there is none. No message repeats what was given: it may be a digest."""
    found = await desk.resolve(ref.strip())
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError("ENTRY: there is no entry with this number, name (member/id) or digest")
    if as_json:
        for entry in found:
            write_json(row(entry))
    else:
        table(found, "")
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
    if not entry.held and entry.standing != "held":
        raise UsageError(f"ENTRY: entry {entry.entry_id} is not held; `crawlctl lists held` shows those that are")
    asked = await desk.release(entry.entry_id, why, person, now)
    facts = {"number": entry.entry_id, "entry": entry.name, "held": entry.held}
    tell(asked, "releasing a hold", f"entry {entry.entry_id}: released ({entry.held})", facts, as_json=as_json)


def _became(entry: EntryView, standing: str, what: str, *, as_json: bool) -> None:
    if as_json:
        write_json({"number": entry.entry_id, "entry": entry.name, "before": entry.standing, "standing": standing})
    else:
        sys.stdout.write(one_line(f"entry {entry.entry_id}: {what}: {entry.standing} -> {standing}") + "\n")
