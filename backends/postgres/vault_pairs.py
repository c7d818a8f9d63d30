"""What people decide of a match: a near one becomes an entry of our own, or the pair matches no more (domain, section 1)."""

from hashlib import blake2b
from typing import Any, Final

import asyncpg

from backends.postgres.frames import unpack
from backends.postgres.rows import millis
from backends.postgres.vault_entries import Into, add
from backends.postgres.vault_lists import add_list
from backends.postgres.vault_people import label
from backends.postgres.vault_queries import QUERIES
from backends.postgres.vault_standing import judge, note, told
from contracts.desk import Person
from contracts.errors import UsageError
from contracts.lists import KINDS, MATCHED_KINDS, OURS, ListSource, NewEntry

QUALITY: Final = 50
"""Lowest PDQ quality of a frame whose digest becomes that of an entry."""


async def confirm(
    pool: "asyncpg.Pool[asyncpg.Record]", sha256: bytes, entry_id: int, organisation: str, person: Person, now: float
) -> int:
    """People say that this medium is what the entry is about. Its digests become an entry of our own, of the same kind, with the
    other as its parent: the number of that; 0 for an exact match, which has nothing to add. UsageError if nothing matched, the
    pair was refused, or the entry is held or withdrawn: one person's word on its like would undo that."""
    async with pool.acquire() as db, db.transaction():
        seq = await db.fetchval(QUERIES["lock_clock"])
        match = await _match(db, sha256, entry_id, "refused")
        if match["standing"] in ("held", "withdrawn"):
            raise UsageError(
                f"entry {entry_id} is {match['standing']}: two people release it before its matches are confirmed"
            )
        await db.execute(QUERIES["set_match_state"], sha256, entry_id, "confirmed")
        await note(db, [(entry_id, "match confirmed", organisation, "")], now, label(person))
        if not match["near"]:
            return 0
        variant = await _variant(db, match, sha256, organisation, seq, now)
        if await db.fetchval(QUERIES["add_variant"], variant, entry_id):
            await note(db, [(variant, "variant", "", f"of entry {entry_id}")], now, label(person))
        return variant


async def refuse(
    pool: "asyncpg.Pool[asyncpg.Record]", sha256: bytes, entry_id: int, why: str, person: Person, now: float
) -> None:
    """People say that this medium is not what the entry is about: the pair matches no more. UsageError if nothing matched, or it
    was confirmed."""
    async with pool.acquire() as db, db.transaction():
        await _match(db, sha256, entry_id, "confirmed")
        await db.execute(QUERIES["suppress"], sha256, entry_id, why, label(person), millis(now))
        await db.execute(QUERIES["set_match_state"], sha256, entry_id, "refused")
        await note(db, [(entry_id, "match refused", "", why)], now, label(person))


async def _match(db: Any, sha256: bytes, entry_id: int, decided: str) -> Any:
    row = await db.fetchrow(QUERIES["match_state"], sha256, entry_id)
    if row is None:
        raise UsageError(f"this medium does not match entry {entry_id}")
    if row["state"] == decided:
        raise UsageError(f"people have {decided} the match of this medium with entry {entry_id}")
    return row


async def _variant(db: Any, match: Any, sha256: bytes, organisation: str, seq: int, now: float) -> int:
    """The entry of our own for this medium. Where lists disagree on the parent's kind it is of the lower one, as in the figures."""
    kind = max((kind for kind in match["kinds"] or () if kind in MATCHED_KINDS), key=KINDS.index, default="other")
    await add_list(db, ListSource(f"{OURS} {kind}", "", kind, "unverified", ("match",)), now)
    owned = await db.fetchrow(QUERIES["list_by_name"], f"{OURS} {kind}")
    (member, *_) = await db.fetch(QUERIES["add_members"], [organisation])
    (medium,) = await db.fetch(QUERIES["media_by_sha256"], [sha256])
    digests = [("sha256", sha256), ("sha1", medium["sha1"]), ("md5", medium["md5"])]
    frames = [frame for frame in unpack(medium["frames"]) if frame.quality >= QUALITY]
    # Of a video only the frame that people were shown: others may show anything, a black screen too.
    shown = min(frames, key=lambda frame: abs(frame.at - match["at"]), default=None)
    if shown is not None:
        digests.append(("pdq", shown.forms[0]))
    entry = NewEntry(
        organisation, blake2b(sha256, digest_size=12).hexdigest(), tuple(digests), match["category"], match["series_id"],
        match["series_sealed"], size=medium["size"], legality=match["legality"], act=match["act"], age=match["age"],
        generated=match["generated"],
    )  # fmt: skip
    into = Into(owned["list_id"], 0, seq, False, False, True, "unverified", owned["name"])
    done = await add(db, into, {(member["member_id"], entry.member_entry_id): entry}, now)
    await judge(db, done.judged, seq, now)
    if done.touched:
        await db.execute(QUERIES["touch_entries"], sorted(done.touched), seq)
    await db.execute(QUERIES["count_list"], owned["list_id"], done.joined, False)
    await told(db, done.added + len(done.touched), seq, now)
    (row,) = await db.fetch(QUERIES["entries_named"], [organisation], [entry.member_entry_id])
    return int(row["entry_id"])
