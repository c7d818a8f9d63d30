"""Shield's database role: it reads what it answers by, keeps what it may keep, and can do nothing else."""

import asyncpg
import pytest

from backends.postgres.vault_shield import VaultShield
from backends.postgres.vault_store import open_pool
from contracts.lists import ListSource
from contracts.shielding import Question, Told, Used
from tests.office import entry, office
from tests.postgres import Database

SHIELD = ListSource("known", uses=("match", "shield"))
ALSO = ListSource("adults", kind="ncii-adult", uses=("shield", "export"))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM sightings", "SELECT * FROM media", "SELECT * FROM matches", "SELECT * FROM cases", "SELECT * FROM case_keys",
        "SELECT * FROM series", "SELECT * FROM audit", "SELECT member_entry_id FROM entries", "SELECT name FROM list_sources",
        "SELECT * FROM list_entries", "SELECT note_sealed FROM entries", "SELECT * FROM opinions", "SELECT * FROM notices",
        "UPDATE entries SET standing = 'withdrawn'", "UPDATE clock SET seq = 0", "DELETE FROM entry_digests",
        "INSERT INTO opinions (entry_id, organisation, verdict, said_at) VALUES (1, 'x', 'dispute', 0)",
        "UPDATE accounts SET revoked_at = NULL", "INSERT INTO suppressions VALUES (''::bytea, 1, '', '', 0)",
        "UPDATE shield_suspensions SET lifted_at = 1", "DELETE FROM shield_suspensions", "SELECT * FROM shield_opinions",
        "UPDATE shield_secrets SET secret = ''", "UPDATE shield_matches SET at = 0", "UPDATE shield_opinions SET verdict = 'confirm'",
    ],
)  # fmt: skip
async def test_it_can_do_nothing_else(module_vault_database: Database, statement: str) -> None:
    connection = await asyncpg.connect(module_vault_database.dsn("pisaura_shield"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_which_entries_answer_providers(vault_database: Database) -> None:
    """Those of lists whose uses name shield, by the lowest kind of any; what a source's terms allow is handed on."""
    sha1, sha256 = b"\1" * 20, b"\2" * 32
    async with office(vault_database) as desk:
        await desk.store(entry("a", ("sha256", sha256)), entry("b", ("sha1", sha1)), source=SHIELD)
        await desk.store(
            entry("b", ("sha1", sha1), ("sha256", b"\3" * 32)), entry("c", ("pdq", b"\4" * 32)), source=ALSO
        )
        await desk.store(entry("d", ("sha1", b"\5" * 20)), source=ListSource("match", uses=("match",)))
        await desk.store(entry("e", ("md5", b"\6" * 16)), source=ListSource("good", kind="known-good", uses=()))
        await desk.store(entry("f", ("sha1", b"\7" * 20), held="featureless"), source=SHIELD)
        pool = await open_pool(vault_database.dsn("pisaura_shield"), most=1)
        vault = VaultShield(pool)
        live = {one.entry_id async for page in vault.entries(0, await vault.seq()) for one in page if one.live}
        facts = await vault.facts(range(1, 20))
        assert {number for number, one in facts.items() if one.facts.live} == live == {1, 2, 3}
        assert [facts[n].kind for n in (1, 2, 3, 4)] == ["csam", "ncii-adult", "ncii-adult", ""]
        assert (facts[2].sha1, facts[2].sha256) == (sha1, b"\3" * 32)
        assert (facts[1].sha1, facts[1].sha256) == (b"", b"")
        asked = [Question(sha256=sha256), Question(md5=b"\6" * 16), Question()]
        assert await vault.good(asked) == {1}
        await pool.close()


async def test_what_is_kept_and_forgotten(vault_database: Database) -> None:
    pool = await open_pool(vault_database.dsn("pisaura_shield"), most=2)
    vault = VaultShield(pool)
    first = await vault.past(4, 100)
    assert (len(first.secret), first.questions, first.near) == (32, 0, 0)
    assert (await vault.past(4, 100)).secret == first.secret != (await vault.past(5, 100)).secret
    await vault.count([Used(5, 100, 1, 0), Used(4, 100, 10, 2)])
    await vault.count([Used(4, 100, 5, 1), Used(4, 60, 7, 0)])
    assert (await vault.past(4, 100)).questions == 15
    assert (await vault.past(4, 100)).near == 3
    rows = [
        Told(4, entry_id, at, request) for entry_id, at, request in ((7, 50.0, "old"), (8, 100.0, "r"), (9, 100.0, "r"))
    ]
    await vault.told(rows)
    await vault.told(rows)
    assert await vault.answered(4, "r") == rows[1:]
    assert await vault.answered(5, "r") == []
    assert await vault.forget(60.0, 70) == 2
    assert await vault.answered(4, "old") == []
    for _ in range(2):
        await vault.suspend(4, 7, 10.0)
    assert await vault.suspended() == {4}
    assert await vault.serving([4]) == set()
    await pool.close()
