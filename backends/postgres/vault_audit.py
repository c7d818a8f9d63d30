"""The audit: lines bound into a chain as they are written (`contracts.auditing`), read in pages, checked, exported by its end."""

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg
import msgspec

from backends.postgres.connection import translated
from backends.postgres.vault_queries import QUERIES
from contracts.auditing import CUT, Act, Anchor, Check, Line, Link, Report, cut_subject, line_of, mac_of
from contracts.errors import UsageError
from contracts.people import Identity

PAGE: Final = 1_000
DAY: Final = 86_400
TEXT_CHARS: Final = 1_000
ANCHORS: Final = 1 << 20
"""Lines of an anchor file that are read: more than a hundred years of hours."""
ANCHOR_LINE: Final = 512
MOST_SECONDS: Final = 253_402_300_799.0


class VaultAudit:
    """The audit over a pool or a connection. Any role of the vault may add lines; the notices role reads and checks them."""

    def __init__(
        self, database: "asyncpg.Pool[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]", key: bytes
    ) -> None:
        """`key`: `contracts.auditing.audit_key`."""
        self._db = database
        self._key = key

    @translated
    async def add(self, act: Act) -> Line:
        """Write a line, for good, and committed when this returns: only then may be shown what it tells of."""
        async with self._transaction() as db:
            return await self._add(db, act)

    @translated
    async def may_reveal(self, act: Act, daily: int) -> Line:
        """The same for places that a person is about to see: UsageError, and no line, if these would be more than `daily` on
        this day (UTC). Asked and written under one lock, so that nobody sees more by asking twice at once."""
        async with self._transaction() as db:
            await db.execute(QUERIES["lock_audit"])
            now = (await db.fetchrow(QUERIES["audit_head"]))["now"] // 1_000_000
            seen = await db.fetchval(QUERIES["revealed"], act.person, act.account, float(now - now % DAY))
            if seen + act.places > daily:
                raise UsageError(
                    f"{act.person} has been shown {seen} places today and may be shown {daily} a day (review.daily_places): "
                    f"{act.places} more are not shown; go on tomorrow"
                )
            return await self._add(db, act)

    @translated
    async def revealed_today(self, who: Identity, now: float) -> int:
        """How many places this person was shown since midnight (UTC)."""
        return int(await self._db.fetchval(QUERIES["revealed"], who.name, who.account, now - now % DAY))

    async def _add(self, db: Any, act: Act) -> Line:
        await db.execute(QUERIES["lock_audit"])
        head = await db.fetchrow(QUERIES["audit_head"])
        line = line_of(_clean(act), head["seq"] + 1, head["now"])
        mac = mac_of(self._key, head["mac"], line)
        await db.execute(QUERIES["add_audit"], *msgspec.structs.astuple(line), head["mac"], mac)
        return line

    @translated
    async def page(
        self, after: int, limit: int, since: float = 0.0, until: float = MOST_SECONDS, person: str | None = None
    ) -> list[Line]:
        """A page of lines with a number above `after`, of a time (unix seconds) and, if named, of one person."""
        rows = await self._db.fetch(QUERIES["audit_page"], after, limit, since, until, person)
        return [Line(*row) for row in rows]

    @translated
    async def head(self, now: float) -> Anchor | None:
        """The chain's end; None while there is none."""
        row = await self._db.fetchrow(QUERIES["audit_head"])
        return Anchor(row["seq"], row["mac"].hex(), now) if row["mac"] else None

    async def verify(self, anchors: Sequence[Anchor] = ()) -> Report:
        """Walk along the whole chain, a page at a time."""
        check = Check(self._key, anchors)
        async for links in self._chain():
            check.take(links)
        return check.end()

    async def _chain(self) -> AsyncIterator[list[Link]]:
        after = 0
        while links := await self._links(after):
            yield links
            after = links[-1].line.seq

    @translated
    async def _links(self, after: int) -> list[Link]:
        rows = await self._db.fetch(QUERIES["audit_chain"], after, PAGE)
        return [Link(Line(*tuple(row)[:-2]), row["previous"], row["mac"]) for row in rows]

    @translated
    async def last_before(self, before: float) -> tuple[int, bytes]:
        """Number and MAC of the last line from before a time that is not the last of all; (0, b"") if there is none."""
        row = await self._db.fetchrow(QUERIES["audit_before"], before)
        return (row["seq"], row["mac"]) if row else (0, b"")

    async def cut(self, seq: int, mac: bytes, by: Act) -> None:
        """Say in the chain that it will begin after this line: before any line is taken away."""
        await self.add(msgspec.structs.replace(by, act=CUT, subject=cut_subject(seq, mac)))

    @translated
    async def take_away(self, upto: int, most: int) -> int:
        """Take away so many lines at most, up to this one; how many are gone. The database keeps those of the last 30 days."""
        return int(await self._db.fetchval(QUERIES["cut_audit"], upto, most))

    @contextlib.asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Any]:
        async with contextlib.AsyncExitStack() as stack:
            db = await stack.enter_async_context(self._db.acquire()) if isinstance(self._db, asyncpg.Pool) else self._db
            await stack.enter_async_context(db.transaction())
            yield db


async def anchor(audit: VaultAudit, path: Path, now: float) -> Anchor | None:
    """Add the chain's end to a file, which is to be kept where who can write the database cannot: one JSON line, on the disk when
    this returns. None, and no line, while there is no chain. UsageError if it cannot be written."""
    end = await audit.head(now)
    if end is None:
        return None
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.write(descriptor, msgspec.json.encode(end) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(f"{path}: the audit's anchor cannot be written: {error.strerror}") from error
    return end


def read_anchors(path: Path) -> list[Anchor]:
    """The lines of an anchor file. UsageError, with the line's number, for one that is none; a last line that was cut off in
    writing is left out."""
    found: list[Anchor] = []
    try:
        with path.open("rb") as file:
            for number in range(1, ANCHORS + 1):
                data = file.readline(ANCHOR_LINE)
                if not data.endswith(b"\n"):
                    return found
                try:
                    found.append(msgspec.json.decode(data, type=Anchor))
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    raise UsageError(f"{path}:{number}: is no line of an anchor of the audit") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    raise UsageError(f"{path}: has more than {ANCHORS} lines; is it an anchor of the audit?")


def _clean(act: Act) -> Act:
    """What any column holds: no NUL, no lone surrogate, no book."""
    return msgspec.structs.replace(
        act, **{name: _text(getattr(act, name)) for name in ("person", "role", "act", "purpose", "subject", "machine")}
    )


def _text(value: str) -> str:
    return value.replace("\0", "")[:TEXT_CHARS].encode("utf-8", "replace").decode()
