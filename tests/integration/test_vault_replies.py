"""Replies in the vault: tied to their notice, sealed, kept once; their keys go with those of their cases."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from backends.postgres.rows import millis
from backends.postgres.vault_replies import VaultReplies
from backends.postgres.vault_store import open_pool
from contracts.errors import Corrupt
from contracts.notices import reference
from contracts.replykeys import open_reply
from contracts.seal import Opener, Sealer, new_keys
from notices.replies.reading import read_message
from tests.notices import MESSAGE_ID, NOW
from tests.postgres import Database, Server
from tests.unit.notices.replies.messages import BOUNCE, plain

KEYS = new_keys()
OTHER_ID = "n4712.00112233aabb@hotline.example"


class Kept:
    """Replies, and the pool of the notices role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.pool = pool
        self.replies = VaultReplies(pool, Sealer(KEYS.public), lambda: NOW + 9)

    async def notice(
        self, message_id: str = MESSAGE_ID, cases: tuple[int, ...] = (17, 23), state: str = "accepted"
    ) -> int:
        """A notice about cases that have their keys."""
        number = await self.pool.fetchval(
            "INSERT INTO notices (made_at, next_at, places, recipient, kind, language, state, message_id, idempotency_key) "
            "VALUES ($1, $1, $2, 'email:a@h.example', 'first', 'en', $3, $4, $4) RETURNING notice_id",
            millis(NOW), len(cases), state, message_id,
        )  # fmt: skip
        for case_id in cases:
            await self.pool.execute("INSERT INTO case_keys VALUES ($1, 'key') ON CONFLICT DO NOTHING", case_id)
            for place in (b"", b"page"):
                await self.pool.execute("INSERT INTO notice_cases VALUES ($1, $2, $3, 0, 0)", number, case_id, place)
        return int(number)

    async def read(self, data: bytes, at: float = NOW) -> int:
        """Keep a message."""
        return await self.replies.keep(read_message([data], at), NOW + 1)

    async def row(self, notice_id: int) -> Any:
        return tuple(await self.pool.fetchrow("SELECT state, answered_at FROM notices WHERE notice_id = $1", notice_id))


@pytest.fixture
def database(postgres_server: Server) -> Iterator[Database]:
    with postgres_server.database("vault") as database:
        yield database


@asynccontextmanager
async def vault(database: Database) -> AsyncIterator[Kept]:
    pool = await open_pool(database.dsn("pisaura_notices"), most=2)
    try:
        yield Kept(pool)
    finally:
        await pool.close()


async def test_a_bounce_is_tied_sealed_and_marks_its_notice(database: Database) -> None:
    async with vault(database) as kept:
        number = await kept.notice()
        reply_id = await kept.read(BOUNCE)
        (one,) = await kept.replies.of_notice(number)
        assert (one.kept.reply_id, one.kept.kind, one.kept.status, one.kept.at) == (reply_id, "bounce", "5.1.1", NOW)
        assert one.kept.cases == (17, 23) and one.kept.discarded > 0
        opened = open_reply(one.wrapped, one.sealed, Opener(KEYS.secret))
        assert opened.subject == "Undelivered Mail Returned to Sender" and "could not be delivered" in opened.text
        assert await kept.row(number) == ("bounced", millis(NOW))
        plainly = repr(await kept.pool.fetch("SELECT * FROM replies")).encode()
        assert b"host.example" not in plainly and b"delivered" not in plainly


async def test_the_same_reply_counts_once(database: Database) -> None:
    async with vault(database) as kept:
        number = await kept.notice()
        first = await kept.read(BOUNCE)
        assert await kept.read(BOUNCE, NOW + 60) == first
        assert len(await kept.replies.of_notice(number)) == 1
        assert await kept.row(number) == ("bounced", millis(NOW))


@pytest.mark.parametrize("state", ["refused", "held", "written", "failed"])
async def test_a_bounce_changes_no_other_state(database: Database, state: str) -> None:
    async with vault(database) as kept:
        number = await kept.notice(state=state)
        await kept.read(BOUNCE)
        assert (await kept.row(number))[0] == state


async def test_by_what_a_reply_is_tied(database: Database) -> None:
    async with vault(database) as kept:
        first, second = await kept.notice(), await kept.notice(OTHER_ID, (99,))
        right = reference(second, OTHER_ID)
        wrong = f"P{second}-{reference(first, MESSAGE_ID).partition('-')[2]}"
        told = [
            (plain("a", f"In-Reply-To: <{MESSAGE_ID}>"), first),
            (plain("b", f"References: <{OTHER_ID}> <x@y.example>"), second),
            (plain("c", f"In-Reply-To: <{MESSAGE_ID}>", subject=f"Re: [{right}]"), first),
            (plain("d", subject=f"Re: [{right}]"), second),
            (plain("e", subject=f"Re: [{wrong}]"), 0),
            (plain("f", subject=f"Re: P{2**70}-AAAAAAAA P{2**62}-AAAAAAAA"), 0),
            (plain("g", "In-Reply-To: <'; DROP TABLE replies --@x>"), 0),
        ]
        for data, number in told:
            reply_id = await kept.read(data)
            assert reply_id in [one.kept.reply_id for one in await kept.replies.of_notice(number)]
        assert [one.cases for one in await kept.replies.to_carry(9)] == [(17, 23), (99,), (17, 23), (99,)]


async def test_replies_are_carried_until_that_is_said(database: Database) -> None:
    async with vault(database) as kept:
        await kept.notice()
        await kept.read(plain("of nobody"))
        ids = [await kept.read(plain(f"text {number}", f"In-Reply-To: <{MESSAGE_ID}>")) for number in range(3)]
        assert [one.reply_id for one in await kept.replies.to_carry(2)] == ids[:2]
        await kept.replies.carried(ids[:1])
        await kept.replies.carried(ids[:1])
        assert [one.reply_id for one in await kept.replies.to_carry(9)] == ids[1:]
        await kept.read(plain("text 0", f"In-Reply-To: <{MESSAGE_ID}>"))  # read again after a kill
        assert [one.reply_id for one in await kept.replies.to_carry(9)] == ids[1:]


@pytest.mark.parametrize(
    "how", ["DELETE FROM case_keys WHERE case_id = 23", "UPDATE case_keys SET wrapped = '' WHERE case_id = 23"]
)
async def test_one_key_per_case_so_that_destroying_it_empties_what_was_answered_too(
    database: Database, how: str
) -> None:
    async with vault(database) as kept:
        number, other = await kept.notice(), await kept.notice(OTHER_ID, (99,))
        await kept.read(plain("a", f"In-Reply-To: <{MESSAGE_ID}>"))
        await kept.read(plain("b", f"In-Reply-To: <{OTHER_ID}>"))
        await kept.pool.execute("UPDATE case_keys SET wrapped = 'anew'")  # a rotation destroys nothing
        for one in (*await kept.replies.of_notice(number), *await kept.replies.of_notice(other)):
            assert one.wrapped
        await kept.pool.execute("DELETE FROM notice_cases")
        await kept.pool.execute(how)
        (gone,), (stays,) = await kept.replies.of_notice(number), await kept.replies.of_notice(other)
        assert gone.wrapped == b"" and stays.wrapped
        with pytest.raises(Corrupt):
            open_reply(gone.wrapped, gone.sealed, Opener(KEYS.secret))


async def test_a_reply_about_a_case_whose_key_is_destroyed_has_none_either(database: Database) -> None:
    async with vault(database) as kept:
        number = await kept.notice()
        await kept.pool.execute("DELETE FROM case_keys WHERE case_id = 17")
        await kept.read(plain("a", f"In-Reply-To: <{MESSAGE_ID}>"))
        (one,) = await kept.replies.of_notice(number)
        assert one.wrapped == b"" and one.kept.kind == "other"


async def test_replies_are_forgotten_with_their_keys_but_under_a_legal_hold(database: Database) -> None:
    async with vault(database) as kept:
        await kept.notice()
        await kept.notice(OTHER_ID, (99,))
        await kept.pool.execute(
            "INSERT INTO cases (case_id, opened_at, changed_at, entry_id, near, place, sha256, state, kind, legal_hold, record) "
            "OVERRIDING SYSTEM VALUE VALUES (99, 0, 0, 1, false, 'p', 's', 'gone', 'csam', 'a court', '')"
        )
        await kept.read(plain("a", f"In-Reply-To: <{MESSAGE_ID}>"))
        held = await kept.read(plain("b", f"In-Reply-To: <{OTHER_ID}>"))
        assert await kept.replies.forget(NOW + 1) == 0
        assert await kept.replies.forget(NOW + 2, 1) == 1
        assert await kept.replies.forget(NOW + 2) == 0
        for table in ("replies", "reply_keys", "reply_cases"):
            assert [row[0] for row in await kept.pool.fetch(f"SELECT reply_id FROM {table}")] == [held]


async def test_nobody_but_notices_reads_them(database: Database) -> None:
    pool = await open_pool(database.dsn("pisaura_hasher"), most=2)
    try:
        for table in ("replies", "reply_keys", "reply_cases"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.fetch(f"SELECT * FROM {table}")
    finally:
        await pool.close()


async def test_hostile_words_are_kept(database: Database) -> None:
    async with vault(database) as kept:
        await kept.read(b"Message-ID: <\0\xff@x>\r\nSubject: \0\xff\r\nIn-Reply-To: <\0a@b>\r\n\r\n\0\xff")
        assert len(await kept.replies.of_notice(0)) == 1
