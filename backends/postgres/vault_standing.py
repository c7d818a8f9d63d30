"""Standings and holds of entries as the vault keeps them: judged by `contracts.standing`, told to every index by the clock.

Functions here work inside a transaction that has locked the clock, and are given its number.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES, columns
from contracts.lists import PARENT
from contracts.standing import Carrier, Known, Said, reasons, standing

TOGETHER: Final = 10_000
"""Entries judged by one statement."""

Event = tuple[int, str, str, str]
"""(entry_id, what, organisation, why)"""


async def judge(db: Any, entry_ids: Iterable[int], seq: int, now: float, person: str = "") -> int:
    """Give entries the standing that is theirs now, write it down, and close or reopen what they caused; how many changed."""
    ids, changed = sorted(set(entry_ids)), 0
    for start in range(0, len(ids), TOGETHER):
        changed += await _judge(db, ids[start : start + TOGETHER], seq, now, person)
    return changed


async def hold(db: Any, entry_ids: Sequence[int], reason: str, why: str, seq: int, now: float) -> int:
    """Hold entries for a reason of `contracts.lists`; how many are newly held by it. Those that two people have released from
    this reason, and unknown ones, are passed over."""
    ids = sorted(set(entry_ids))
    rows = await db.fetch(QUERIES["add_holds"], ids, [reason] * len(ids), why, millis(now))
    held = [row[0] for row in rows]
    await note(db, [(entry_id, "held", "", reason) for entry_id in held], now)
    await judge(db, held, seq, now)
    return len(held)


async def note(db: Any, events: Sequence[Event], now: float, person: str = "") -> None:
    """Write down what became of entries."""
    if events:
        await db.execute(QUERIES["add_events"], millis(now), person, *columns(events, 4))


async def told(db: Any, changed: int, seq: int, now: float) -> None:
    """Say that entries have changed, if any has."""
    if changed:
        await db.execute(QUERIES["tick"], seq, millis(now))


def known_of(row: Any) -> Known:
    """A row of `known_for_standing`."""
    carriers = zip(row["kinds"] or (), row["trusted"] or (), row["own"] or (), row["states"] or (), strict=True)
    said = zip(row["organisations"] or (), row["verdicts"] or (), row["sure"] or (), strict=True)
    return Known(
        row["member"],
        tuple(Carrier(*carrier) for carrier in carriers),
        tuple(Said(*one) for one in said),
        tuple(row["holds"] or ()),
        row["mixed"],
    )


async def _judge(db: Any, ids: Sequence[int], seq: int, now: float, person: str) -> int:
    changed: list[tuple[int, str, str]] = []
    events: list[Event] = []
    gone: list[int] = []
    back: list[int] = []
    for row in await db.fetch(QUERIES["known_for_standing"], ids):
        known, entry_id, before = known_of(row), row["entry_id"], row["standing"]
        after = standing(known)
        held = next(iter(reasons(known)), "") if after == "held" else ""
        if (after, held) == (before, row["held"]):
            continue
        changed.append((entry_id, after, held))
        if after != before:
            events.append((entry_id, "standing", "", f"{before} to {after}"))
            if after == "withdrawn":
                gone.append(entry_id)
            elif before == "withdrawn":
                back.append(entry_id)
    if changed:
        await db.execute(QUERIES["set_standings"], *columns(changed, 3), seq)
    for name, which in (("close_matches", gone), ("reopen_matches", back)):
        if which:
            events += [
                (entry_id, f"matches {what}", "", many) for entry_id, what, many in await db.fetch(QUERIES[name], which)
            ]
    await note(db, events, now, person)
    # Their parents' withdrawal is a reason to look at them again, not yet to withdraw what people here have confirmed.
    variants = [row[0] for row in await db.fetch(QUERIES["variants_of"], gone)] if gone else []
    return len(changed) + (await hold(db, variants, PARENT, "", seq, now) if variants else 0)
