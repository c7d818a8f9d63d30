"""The outbox in the transaction of one work: who can be told, notices on their way, and what brakes and authorities ask of them."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from backends.postgres.rows import millis, text
from backends.postgres.vault_queries import QUERIES, columns
from contracts.caserows import Braked, NoticeRow, StopRow, Told
from contracts.errors import Corrupt
from contracts.notices import NoticePlace
from contracts.recipients import Recipient

T = TypeVar("T")
_encode: Final = msgspec.msgpack.Encoder().encode
_facts: Final = msgspec.msgpack.Decoder(NoticePlace)
_to: Final = msgspec.msgpack.Decoder(Recipient)


class Outbox:
    """Part of a work: `contracts.casestore.CaseWork`."""

    _db: Any

    async def keep_recipients(self, recipients: Sequence[Recipient], now: float) -> None:
        """Keep who can be told, as they are known now."""
        known = {one.key: one for one in recipients}
        rows = [
            tuple(map(text, (r.key, r.klass, r.name, r.channel, r.contact, r.country, r.language)))
            for _, r in sorted(known.items())
        ]
        if rows:
            await self._db.execute(QUERIES["add_recipients"], *columns(rows, 7), millis(now))

    async def recipients(self, keys: Sequence[str]) -> dict[str, tuple[Recipient, float]]:
        """Recipients by key, with when the last notice to them was made."""
        rows = await self._db.fetch(QUERIES["recipients"], sorted(set(keys))) if keys else []
        return {row["key"]: (Recipient(*list(row)[:-1]), row["told_at"]) for row in rows}

    async def add_notice(self, notice: NoticeRow) -> int:
        """Put a notice into the outbox; its number."""
        n, made, told = notice, millis(notice.made_at), sorted((t.case_id, t.place) for t in notice.told)
        number = await self._db.fetchval(
            QUERIES["add_notice"], made, millis(n.next_at), len(told), n.to.key, n.kind, n.language, n.state, n.message_id,
            n.idempotency_key, n.in_reply_to, _encode(n.to),
        )  # fmt: skip
        rows = sorted(
            (t.case_id, t.place, millis(t.facts.first_seen), millis(t.facts.confirmed_at), _encode(t.facts))
            for t in n.told
        )
        await self._db.execute(QUERIES["add_notice_cases"], number, *columns(rows, 5))
        await self._db.execute(QUERIES["tells_told"], n.kind, n.to.key, *columns(told, 2))
        await self._db.execute(QUERIES["recipient_told"], n.to.key, made)
        return int(number)

    async def told_of(self, entry_ids: Sequence[int], recipient: str, now: float) -> None:
        """A notice about these entries was made to a recipient: the brakes count it."""
        await self._db.execute(QUERIES["add_entry_told"], sorted(set(entry_ids)), recipient, millis(now))

    async def take_notice(self, now: float, retry_at: float) -> NoticeRow | None:
        """The next notice that is due, marked as being sent."""
        number = await self._db.fetchval(QUERIES["take_notice"], millis(now), millis(retry_at))
        return None if number is None else await self.lock_notice(number)

    async def lock_notice(self, notice_id: int) -> NoticeRow | None:
        """This notice, locked."""
        return await self._notice("lock_notice", notice_id)

    async def _notice(self, query: str, notice_id: int) -> NoticeRow | None:
        row = await self._db.fetchrow(QUERIES[query], notice_id)
        if row is None:
            return None
        told = tuple(
            Told(case_id, place, _read(_facts, facts))
            for case_id, place, facts in await self._db.fetch(QUERIES["notice_cases"], notice_id)
        )
        return NoticeRow(
            row["kind"], _read(_to, row["record"]), row["language"], row["message_id"], row["idempotency_key"], row["made_at"] / 1000,
            row["next_at"] / 1000, told, row["in_reply_to"], notice_id, row["state"], row["tries"], row["said"],
            (row["sent_at"] or 0) / 1000, (row["accepted_at"] or 0) / 1000,
        )  # fmt: skip

    async def set_notice(self, notice: NoticeRow) -> None:
        """Keep state, tries, next time, times and what was said."""
        n = notice
        await self._db.execute(
            QUERIES["set_notice"], n.notice_id, n.state, n.tries, millis(n.next_at), millis(n.sent_at), millis(n.accepted_at),
            text(n.said),
        )  # fmt: skip

    async def last_notice(self, case_id: int, recipient: str) -> NoticeRow | None:
        """The last notice of a case that a recipient took; not locked: notices are locked before cases."""
        number = await self._db.fetchval(QUERIES["last_notice"], case_id, recipient)
        return None if number is None else await self._notice("notice", number)

    async def braked(self, entry_ids: Sequence[int]) -> dict[int, Braked]:
        """What the brakes count of entries; those of which nobody was told are missing."""
        rows = await self._db.fetch(QUERIES["braked"], sorted(set(entry_ids))) if entry_ids else []
        return {row["entry_id"]: Braked(row["first_at"], frozenset(row["recipients"])) for row in rows}

    async def made_since(self, since: float) -> int:
        """Notices made since then, aside from retractions and what never left."""
        return int(await self._db.fetchval(QUERIES["notices_since"], millis(since)))

    async def stops(self, subjects: Sequence[bytes], now: float) -> list[StopRow]:
        """What authorities ask for now of any of these."""
        rows = await self._db.fetch(QUERIES["stops"], sorted(set(subjects)), millis(now)) if subjects else []
        return [StopRow(*row) for row in rows]

    async def stops_mark(self) -> tuple[int, int]:
        """(the last one's number, how many were ended)"""
        row = await self._db.fetchrow(QUERIES["stops_mark"])
        return row["last"], row["ended"]

    async def switches(self) -> dict[str, str]:
        """What people have switched."""
        return {row["name"]: row["value"] for row in await self._db.fetch(QUERIES["switches"])}


def _read(decoder: msgspec.msgpack.Decoder[T], record: bytes) -> T:
    try:
        return decoder.decode(record)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Corrupt(f"a part of a notice ({len(record)} bytes) cannot be read: {error}; restore it") from error
