"""A batch of a list's entries into the vault: what is new by COPY, what is known only where the list's word has changed.

Importers take turns by the clock's row, so what a batch finds to be new stays new until it commits.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from xxhash import xxh3_64_intdigest

from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES, columns
from backends.postgres.vault_standing import note
from contracts.lists import UNMAPPED, NewEntry
from contracts.standing import CARRIED, GONE, US

_ENCODE: Final = msgspec.msgpack.Encoder().encode
_ALWAYS: Final = ("entry_id", "changed_seq", "member_id", "member_entry_id")
_SOMETIMES: Final = (
    "size", "category", "series_id", "note_key", "note_sealed", "legality", "act", "age", "generated", "media",
)  # fmt: skip
"""Columns of `entries` that are left to their defaults where no entry of a batch fills them."""
_PLAIN: Final = {name: NewEntry.__struct_defaults__[i] for i, name in enumerate(NewEntry.__struct_fields__[3:])}

Row = tuple[int, NewEntry]
"""(entry_id, entry)"""


class _Word(Struct, frozen=True, array_like=True, gc=False):
    """What a list says of a known entry now. `state` is that before (None: the list did not have it), `standing` too."""

    entry_id: int
    entry: NewEntry
    record: int
    state: int | None
    standing: str


class Into(Struct, frozen=True):
    """The list and import that a batch belongs to, and the number of this change. `matches`: the list is one for matching.
    `plain`: the standing of an entry that only this list carries and of which nobody says anything."""

    list_id: int
    import_id: int
    seq: int
    trusted: bool
    says: bool
    matches: bool
    plain: str
    name: str


class Outcome(Struct):
    """What a batch did. Of the known entries, `said` are those of which the list says something else than before, `touched` those
    that an index may know wrongly now, `judged` those whose standing may have changed."""

    added: int = 0
    joined: int = 0
    deleted: int = 0
    says: bool = False
    new: Sequence[int] = ()
    said: Sequence[int] = ()
    changed: set[int] = msgspec.field(default_factory=set)
    touched: set[int] = msgspec.field(default_factory=set)
    judged: set[int] = msgspec.field(default_factory=set)


def once(entries: Sequence[NewEntry], members: Mapping[str, int]) -> dict[tuple[int, str], NewEntry]:
    """Each entry once: the last of a batch speaks, with the digests of all and what holds any of them: a digest that says nothing
    of a picture holds the entry whichever record brought it. Only the last says whether it is mapped."""
    found: dict[tuple[int, str], NewEntry] = {}
    for entry in entries:
        key = (members[entry.member], entry.member_entry_id)
        if key in found and not entry.deleted and not found[key].deleted:
            before = found[key]
            entry = replace(
                entry,
                digests=tuple(dict.fromkeys(before.digests + entry.digests)),
                opaque=tuple(dict.fromkeys(before.opaque + entry.opaque)),
                held=" ".join(
                    dict.fromkeys([*(why for why in before.held.split() if why != UNMAPPED), *entry.held.split()])
                ),
            )
        found[key] = entry
    return found


def record_of(entry: NewEntry) -> int:
    """A checksum of all that a list says of an entry, as bigint. Sealed texts are left out: sealing draws them anew each time."""
    said = (
        entry.digests, entry.category, entry.series_id, entry.note_key, entry.held, entry.size, entry.legality, entry.act,
        entry.age, entry.generated, entry.media, entry.deleted, entry.opinions, entry.opaque,
    )  # fmt: skip
    return xxh3_64_intdigest(_ENCODE(said)) - (1 << 63)


async def add(db: Any, into: Into, entries: Mapping[tuple[int, str], NewEntry], now: float) -> Outcome:
    """Store a batch. The caller then judges `judged`, and ticks the clock if anything was added or touched."""
    keys, listed = list(entries), list(entries.values())
    records = [record_of(entry) for entry in listed]
    found = await db.fetch(QUERIES["known_entries"], [key[0] for key in keys], [key[1] for key in keys], into.list_id)
    outcome = Outcome()
    known = {row[0] - 1 for row in found}
    if len(known) < len(keys):
        fresh = [n for n in range(len(keys)) if n not in known and not listed[n].deleted]
        await _add_new(db, into, [(keys[n][0], listed[n], records[n]) for n in fresh], outcome, now)
    said: list[_Word] = []
    going: list[tuple[int, int]] = []
    for n, entry_id, before, record, state in found:
        entry = listed[n - 1]
        if entry.deleted:
            if state == CARRIED:
                going.append((entry_id, records[n - 1]))
        elif record != records[n - 1] or state != CARRIED:
            said.append(_Word(entry_id, entry, records[n - 1], state, before))
    if said:
        await _say_again(db, into, said, outcome, now)
    if going:
        await db.execute(QUERIES["delete_list_entries"], into.list_id, *columns(going, 2))
        outcome.deleted = len(going)
        outcome.judged.update(entry_id for entry_id, _ in going)
    return outcome


async def _add_new(
    db: Any, into: Into, rows: Sequence[tuple[int, NewEntry, int]], outcome: Outcome, now: float
) -> None:
    if not rows:
        return
    last = await db.fetchval(QUERIES["next_entry_ids"], len(rows))
    first = last - len(rows) + 1
    listed = [entry for _, entry, _ in rows]
    filled = [name for name in _SOMETIMES if any(getattr(entry, name) != _PLAIN[name] for entry in listed)]
    values: list[Sequence[Any]] = [
        range(first, last + 1), [into.seq] * len(rows), [member for member, _, _ in rows],
        [entry.member_entry_id for entry in listed], [into.plain] * len(rows),
        *([getattr(entry, name) for entry in listed] for name in filled),
    ]  # fmt: skip
    await db.copy_records_to_table(
        "entries", records=zip(*values, strict=True), columns=(*_ALWAYS, "standing", *filled)
    )
    list_id = into.list_id
    await db.copy_records_to_table(
        "entry_digests",
        records=[
            (entry_id, algorithm, digest, list_id)
            for entry_id, entry in enumerate(listed, first)
            for algorithm, digest in (entry.digests if len(entry.digests) == 1 else dict.fromkeys(entry.digests))
        ],
        columns=("entry_id", "algorithm", "digest", "list_id"),
    )
    await db.copy_records_to_table(
        "list_entries",
        records=[(entry_id, list_id, into.import_id, record) for entry_id, (_, _, record) in enumerate(rows, first)],
        columns=("entry_id", "list_id", "import_id", "record"),
    )
    outcome.added, outcome.new = len(rows), range(first, last + 1)
    outcome.joined += len(rows)
    more = await _besides(db, into, list(enumerate(listed, first)), now)
    outcome.says = more.says
    outcome.judged |= more.judged


async def _say_again(db: Any, into: Into, said: Sequence[_Word], outcome: Outcome, now: float) -> None:
    """What a list says of known entries that it did not say before."""
    rows = [(word.entry_id, word.entry) for word in said]
    outcome.said = [word.entry_id for word in said]
    described = [
        (entry_id, e.category, e.series_id, e.note_key, e.note_sealed, e.size, e.legality, e.act, e.age, e.generated, e.media)
        for entry_id, e in rows
    ]  # fmt: skip
    digests = [(entry_id, algorithm, digest) for entry_id, e in rows for algorithm, digest in dict.fromkeys(e.digests)]
    renamed = await db.fetch(QUERIES["describe_entries"], *columns(described, 11), into.trusted)
    got = await db.fetch(QUERIES["add_digests"], *columns(digests, 3), into.list_id, into.trusted)
    await db.execute(QUERIES["share_digests"], *columns(digests, 3), into.list_id)
    records = [word.record for word in said]
    await db.execute(QUERIES["add_list_entries"], into.list_id, into.import_id, outcome.said, records)
    joins = [word.entry_id for word in said if word.state != CARRIED]
    outcome.joined += sum(1 for word in said if word.state is None or word.state == GONE)
    await note(db, [(row[0], "described", into.name, "") for row in renamed], now)
    outcome.touched.update(row[0] for row in got)
    if joins and into.matches:
        outcome.touched.update(row[0] for row in await db.fetch(QUERIES["matched_only_by"], into.list_id, joins))
    # One more list of the trust that made an entry's standing does not change it (`contracts.standing`).
    outcome.judged.update(word.entry_id for word in said if word.state != CARRIED and word.standing != into.plain)
    outcome.judged.update(row[0] for row in got)
    mapped = [word.entry_id for word in said if word.state is not None and UNMAPPED not in word.entry.held.split()]
    if mapped:
        outcome.judged.update(row[0] for row in await db.fetch(QUERIES["drop_holds"], mapped, UNMAPPED))
    if into.says:
        kept = [(entry_id, one.organisation) for entry_id, entry in rows for one in entry.opinions]
        gone = await db.fetch(QUERIES["drop_opinions"], into.list_id, outcome.said, *columns(kept, 2))
        await note(db, [(row[0], "takes back", row[1], row[2]) for row in gone], now)
        outcome.judged.update(row[0] for row in gone)
    more = await _besides(db, into, rows, now)
    outcome.says = outcome.says or more.says
    outcome.judged |= more.judged
    outcome.changed.update(joins, outcome.touched, more.judged, (row[0] for row in renamed))


class _Besides(Struct):
    judged: set[int]
    says: bool = False


async def _besides(db: Any, into: Into, rows: Sequence[Row], now: float) -> _Besides:
    """Keep series, opinions, holds and opaque digests of entries: few lists have any. Whose standing may have changed by them."""
    done = _Besides(set())
    series = {entry.series_id: entry.series_sealed for _, entry in rows if entry.series_id}
    if series:
        await db.execute(QUERIES["add_series"], *columns(sorted(series.items()), 2))
    opaque = [(entry_id, *one) for entry_id, entry in rows if entry.opaque for one in entry.opaque]
    if opaque:
        await db.execute(QUERIES["add_opaque"], *columns(opaque, 3))
    said = {
        (entry_id, one.organisation): (entry_id, one.organisation, one.verdict, one.why)
        for entry_id, entry in rows if entry.opinions
        for one in entry.opinions if one.organisation != US
    }  # fmt: skip
    if said:
        new = await db.fetch(QUERIES["add_opinions"], *columns(list(said.values()), 4), into.list_id, "", millis(now))
        await note(db, [(row["entry_id"], row["verdict"], row["organisation"], row["why"]) for row in new], now)
        done.says = True
        done.judged.update(row["entry_id"] for row in new)
    holds = [(entry_id, why) for entry_id, entry in rows if entry.held for why in entry.held.split()]
    if holds:
        new = await db.fetch(QUERIES["add_holds"], *columns(holds, 2), "", millis(now))
        done.judged.update(row[0] for row in new)
    return done
