"""The audit in a real Postgres: lines at its end alone, by every role; found out whatever the owner of the database does."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from backends.postgres.vault_audit import VaultAudit, anchor, read_anchors
from backends.postgres.vault_store import open_pool
from contracts.auditing import Act, Anchor, act_of, audit_key
from contracts.errors import PisauraError, UsageError
from contracts.people import Identity
from tests.postgres import Database

KEY = audit_key(b"k" * 32)
ANNA = Identity("anna", "analyst", 7)
ROLES = ("pisaura_notices", "pisaura_hasher")


@asynccontextmanager
async def written(database: Database, role: str = "pisaura_notices") -> AsyncIterator[VaultAudit]:
    pool = await open_pool(database.dsn(role))
    try:
        yield VaultAudit(pool, KEY)
    finally:
        await pool.close()


@asynccontextmanager
async def changed(database: Database, *statements: str) -> AsyncIterator[VaultAudit]:
    """The audit after what somebody does who owns the database, and can switch its own guards off; undone in the end."""
    connection = await asyncpg.connect(database.dsn())
    try:
        work = connection.transaction()
        await work.start()
        await connection.execute("ALTER TABLE audit DISABLE TRIGGER USER")
        for statement in statements:
            await connection.execute(statement)
        yield VaultAudit(connection, KEY)
        await work.rollback()
    finally:
        await connection.close()


def shown(number: int, who: Identity = ANNA) -> Act:
    return act_of(who, "cases.reveal", purpose=f"case {number} ü\ud800\0", places=1, subject=str(number))


async def test_lines_come_back_and_bind_each_other(vault_database: Database) -> None:
    async with written(vault_database) as audit:
        lines = [await audit.add(shown(number)) for number in range(5)]
        assert [line.seq for line in lines] == [1, 2, 3, 4, 5]
        assert await audit.page(0, 10) == lines
        assert await audit.page(2, 2) == lines[2:4]
        assert await audit.page(0, 10, person="bert") == []
        assert await audit.page(0, 10, until=lines[0].at / 1e6 - 1) == []
        report = await audit.verify()
        assert report.whole and report.lines == 5
        assert not (await VaultAudit(audit._db, audit_key(b"x" * 32)).verify()).whole


async def test_many_write_at_once_and_the_chain_is_one(vault_database: Database) -> None:
    async with written(vault_database) as audit, written(vault_database, "pisaura_hasher") as other:
        await asyncio.gather(*(one.add(shown(number)) for number in range(20) for one in (audit, other)))
        report = await audit.verify()
        assert report.whole and report.lines == 40


FORBIDDEN = (
    "UPDATE audit SET purpose = 'x'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "INSERT INTO audit (person, uid, machine, verb, purpose, places) VALUES ('x', 0, '', 'x', '', 0)",
    "INSERT INTO audit (seq, person, uid, machine, verb, purpose, places, previous, mac) "
    "VALUES (99, 'x', 0, '', 'x', '', 0, '', repeat('x', 32)::bytea)",
    "INSERT INTO audit (seq, person, uid, machine, verb, purpose, places, previous, mac) "
    "SELECT 3, 'x', 0, '', 'x', '', 0, mac, '' FROM audit WHERE seq = 2",
    "INSERT INTO audit (seq, at, person, uid, machine, verb, purpose, places, previous, mac) "
    "SELECT 3, '2020-01-01', 'x', 0, '', 'x', '', 0, mac, repeat('x', 32)::bytea FROM audit WHERE seq = 2",
    "ALTER TABLE audit DISABLE TRIGGER USER",
)


@pytest.mark.parametrize("role", ROLES)
async def test_roles_can_only_add(vault_database: Database, role: str) -> None:
    async with written(vault_database, role) as audit:
        for number in range(2):
            await audit.add(shown(number))
        for statement in FORBIDDEN:
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RaiseError, asyncpg.NotNullViolationError)):
                await audit._db.execute(statement)
    async with written(vault_database) as audit:
        assert (await audit.verify()).whole


async def test_not_even_the_owner_changes_a_line_by_mistake(vault_database: Database) -> None:
    async with written(vault_database) as audit:
        await audit.add(shown(1))
    connection = await asyncpg.connect(vault_database.dsn())
    for statement in FORBIDDEN[:3]:
        with pytest.raises(asyncpg.RaiseError, match="only ever added"):
            await connection.execute(statement)
    await connection.close()


# Domain, section 4: "hash chain HMACed with a key kept outside the database".
async def test_what_the_owner_does_is_found_and_where(vault_database: Database, tmp_path: Path) -> None:
    file = tmp_path / "anchor"
    async with written(vault_database) as audit:
        for number in range(6):
            await audit.add(shown(number))
        await anchor(audit, file, 1.0)
    swapped = (
        "UPDATE audit SET seq = 100 WHERE seq = 2",
        "UPDATE audit SET seq = 2 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 100",
    )
    done: list[tuple[tuple[str, ...], list[int]]] = [
        (("UPDATE audit SET places = 0 WHERE seq = 3",), [3]),
        (("UPDATE audit SET person = 'bert' WHERE seq = 6",), [6]),
        (("UPDATE audit SET at = at - interval '1 microsecond' WHERE seq = 2",), [2]),
        (("DELETE FROM audit WHERE seq = 4",), [5]),
        (("DELETE FROM audit WHERE seq < 3",), [3]),
        (swapped, [2, 2, 3, 3, 4]),
        (("DELETE FROM audit WHERE seq = 4", "UPDATE audit SET seq = seq - 1 WHERE seq > 4"), [4, 4, 5, 5]),
        (("DELETE FROM audit WHERE seq > 4",), [4]),
        (("DELETE FROM audit",), [0]),
    ]
    for statements, where in done:
        async with changed(vault_database, *statements) as audit:
            report = await audit.verify(read_anchors(file))
            assert [fault.seq for fault in report.faults] == where, statements
    async with changed(vault_database) as audit:
        assert (await audit.verify(read_anchors(file))).whole


async def test_an_anchor_is_a_line_a_time_and_reads_back(vault_database: Database, tmp_path: Path) -> None:
    file = tmp_path / "anchor"
    async with written(vault_database) as audit:
        assert await anchor(audit, file, 1.0) is None and not file.exists()
        await audit.add(shown(1))
        first = await anchor(audit, file, 2.0)
        await audit.add(shown(2))
        second = await anchor(audit, file, 3.5)
        assert read_anchors(file) == [first, second]
        assert set(json.loads(file.read_text().splitlines()[0])) == {"seq", "mac", "at"}
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert (await audit.verify(read_anchors(file))).whole
        with pytest.raises(UsageError, match="cannot be written"):
            await anchor(audit, tmp_path, 4.0)


@pytest.mark.parametrize(
    "data", [b"x\n", b"{}\n", b'{"seq": "1", "mac": "", "at": 1}\n', b"\xff\n", b"[" * 400 + b"\n"], ids=range(5)
)
def test_an_anchor_that_is_none(tmp_path: Path, data: bytes) -> None:
    good = b'{"seq":1,"mac":"00","at":1.5}\n'
    (tmp_path / "a").write_bytes(good + data)
    with pytest.raises(UsageError, match=r"a:2: is no line"):
        read_anchors(tmp_path / "a")
    (tmp_path / "cut").write_bytes(good + data[:-1])
    assert read_anchors(tmp_path / "cut") == [Anchor(1, "00", 1.5)], "the last line was cut off in writing"
    with pytest.raises(UsageError, match="cannot be read"):
        read_anchors(tmp_path / "none")


# Domain, section 4: "Per person: a daily cap of places revealed".
@pytest.mark.parametrize("role", ROLES)
async def test_a_day_s_places_are_capped_for_each_person(vault_database: Database, role: str) -> None:
    bert = Identity("bert", "analyst", 8)

    def places(count: int, who: Identity = ANNA) -> Act:
        return act_of(who, "cases.reveal", places=count)

    async with written(vault_database, role) as audit:
        await audit.may_reveal(places(3), 5)
        now = (await audit.may_reveal(places(1), 5)).at / 1e6
        with pytest.raises(UsageError, match="has been shown 4 places today and may be shown 5"):
            await audit.may_reveal(places(2), 5)
        assert await audit.revealed_today(ANNA, now) == 4, "what was refused is not counted"
        await audit.may_reveal(places(5, bert), 5)
        await audit.may_reveal(places(1), 5)
        said: list[Any] = await asyncio.gather(
            *(audit.may_reveal(places(2, Identity("carl", "analyst", 9)), 5) for _ in range(6)), return_exceptions=True
        )
        assert sum(not isinstance(one, PisauraError) for one in said) == 2, "nobody sees more by asking at once"
        assert await audit.revealed_today(ANNA, now + 86_400) == 0


async def test_retention_takes_away_only_the_beginning_and_nothing_young(vault_database: Database) -> None:
    async with written(vault_database) as audit:
        for number in range(6):
            await audit.add(shown(number))
        last, mac = await audit.last_before(4e9)
        assert last == 5, "the last line of all stays"
        await audit.cut(last, mac, shown(9))
        assert await audit.take_away(last, 100) == 0, "all are younger than 30 days"
        assert (await audit.verify()).whole
        assert await audit.last_before(1.0) == (0, b"")
