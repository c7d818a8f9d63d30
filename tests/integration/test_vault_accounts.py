"""Accounts of people and providers over a real Postgres: told once, kept as hashes, revoked for good."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from backends.postgres import vault_accounts
from backends.postgres.vault_accounts import MOST_CHARS, VaultAccounts
from backends.postgres.vault_store import open_pool
from contracts.desk import WITHIN, Person
from contracts.errors import Unavailable, UsageError
from contracts.people import ACCOUNT, PEOPLE, ROLES, Identity
from tests.postgres import Database

NOW = 1_700_000_000.0
ROLE = "pisaura_notices"


@pytest.fixture
async def pool(vault_database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    found = await open_pool(vault_database.dsn(ROLE))
    yield found
    await found.close()


@pytest.fixture
def accounts(pool: "asyncpg.Pool[asyncpg.Record]") -> VaultAccounts:
    return VaultAccounts(pool)


async def test_an_account_is_known_by_its_password_and_nothing_else(accounts: VaultAccounts) -> None:
    made, password = await accounts.add("Host  Inc", "provider", "anna", NOW, ["v1/pdq"])
    assert (made.name, made.role, made.created_by, made.created_at) == ("Host Inc", "provider", "anna", NOW)
    assert made.user.startswith("host-inc-") and ":" not in made.user and len(password) >= 43
    who = Identity("Host Inc", "provider", made.account_id, ("v1/pdq",))
    assert await accounts.authenticate(made.user, password) == who
    assert await accounts.authenticate(made.user, password) == who, "remembered for a while"
    for user, wrong in (
        (made.user, password[:-1]), (made.user, password + "x"), (made.user, ""), ("", password), ("host-inc", password),
        (made.user + " ", password), (made.user.upper(), password), ("\0", password), (made.user, "\ud800"),
        ("\ud800", password), (made.user, "x" * (MOST_CHARS + 1)), ("x" * (MOST_CHARS + 1), password),
    ):  # fmt: skip
        assert await accounts.authenticate(user, wrong) is None


async def test_no_password_is_kept(accounts: VaultAccounts, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    made, password = await accounts.add("anna", "analyst", "x", NOW)
    row = await pool.fetchrow("SELECT * FROM accounts")
    assert password not in str(dict(row)) and password.encode() not in (row["hash"], row["salt"])
    assert [one.user for one in await accounts.all()] == [made.user]


async def test_a_user_that_there_is_not_takes_the_same_work(
    accounts: VaultAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = await accounts.add("anna", "analyst", "x", NOW)
    hashed = list[bytes]()
    real = vault_accounts._hash

    def counted(password: str, salt: bytes) -> bytes:
        hashed.append(salt)
        return real(password, salt)

    monkeypatch.setattr(vault_accounts, "_hash", counted)
    assert await accounts.authenticate("nobody", "x") is None
    assert await accounts.authenticate(made.user, "x") is None
    assert len(hashed) == 2


async def test_a_revoked_account_serves_no_more_and_stays_in_the_list(accounts: VaultAccounts) -> None:
    made, password = await accounts.add("anna", "analyst", "x", NOW)
    assert await accounts.authenticate(made.user, password) is not None
    gone = await accounts.revoke("anna", "bert", NOW + 5)
    assert (gone.revoked_at, gone.revoked_by) == (NOW + 5, "bert")
    assert await accounts.authenticate(made.user, password) is None
    assert await accounts.serving(PEOPLE) == 0
    with pytest.raises(UsageError, match="no account that serves"):
        await accounts.revoke(made.user, "bert", NOW)
    again, _ = await accounts.add("anna", "analyst", "x", NOW + 9)
    assert [one.account_id for one in await accounts.all()] == [made.account_id, again.account_id]


async def test_another_process_forgets_a_revoked_account_in_time(
    accounts: VaultAccounts, pool: "asyncpg.Pool[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    made, password = await accounts.add("anna", "analyst", "x", NOW)
    other = VaultAccounts(pool)
    assert await other.authenticate(made.user, password) is not None
    await accounts.revoke(made.user, "bert", NOW)
    later = time.monotonic() + 61
    monkeypatch.setattr("backends.postgres.vault_accounts.time.monotonic", lambda: later)
    assert await other.authenticate(made.user, password) is None


async def test_a_name_is_taken_while_its_account_serves(accounts: VaultAccounts) -> None:
    await accounts.add("anna", "analyst", "x", NOW)
    with pytest.raises(UsageError, match="there is an account of the name 'anna'"):
        await accounts.add(" anna", "supervisor", "x", NOW)
    for wrong in ("", "  ", "x" * 101, "a\x1bb"):
        with pytest.raises(UsageError, match="an account's name"):
            await accounts.add(wrong, "analyst", "x", NOW)
    with pytest.raises(UsageError, match="no role 'king'"):
        await accounts.add("bert", "king", "x", NOW)
    for role in ROLES:
        made, _ = await accounts.add(f"Ünï {role} :/", role, "x", NOW)
        assert made.user.isascii() and ":" not in made.user


async def test_too_many_guesses_at_a_time_are_refused_not_queued(
    accounts: VaultAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_accounts, "WAITING", 4)
    monkeypatch.setattr(vault_accounts, "_hash", lambda _password, _salt: b"x" * 32)
    said = await asyncio.gather(*(accounts.authenticate("anna", str(n)) for n in range(20)), return_exceptions=True)
    assert sum(isinstance(one, Unavailable) for one in said) == 16
    assert await accounts.authenticate("anna", "x") is None, "and later again"


# Domain, section 2: "adding trusted lists, auto-send, releasing holds, exports and keys take two people".
async def test_two_people_ask(accounts: VaultAccounts) -> None:
    made = [(await accounts.add(name, "operator", "x", NOW))[0] for name in ("anna", "bert")]
    first, second = (Person(one.name, one.account_id, ACCOUNT) for one in made)
    assert await accounts.adders() == 2
    assert not (await accounts.ask("keys.add", "analyst carl", "", first, NOW)).done
    assert not (await accounts.ask("keys.add", "analyst carl", "", first, NOW)).done, (
        "nobody approves an act of their own"
    )
    assert not (await accounts.ask("keys.add", "auditor carl", "", second, NOW)).done, "another act"
    assert not (await accounts.ask("keys.add", "analyst carl", "", second, NOW + WITHIN + 1)).done, "too late"
    assert (await accounts.ask("keys.add", "analyst carl", "", first, NOW + WITHIN + 2)).done
    assert not (await accounts.ask("keys.add", "analyst carl", "", first, NOW + WITHIN + 3)).done, "for once"


async def test_what_a_revoked_account_asked_for_counts_no_more(accounts: VaultAccounts) -> None:
    anna, bert = [(await accounts.add(name, "operator", "x", NOW))[0] for name in ("anna", "bert")]
    await accounts.ask("keys.add", "analyst carl", "", Person("anna", anna.account_id, ACCOUNT), NOW)
    await accounts.revoke("anna", "x", NOW)
    assert not (await accounts.ask("keys.add", "analyst carl", "", Person("bert", bert.account_id, ACCOUNT), NOW)).done


async def test_no_role_but_that_of_notices_makes_or_changes_accounts(
    vault_database: Database, accounts: VaultAccounts
) -> None:
    made, password = await accounts.add("anna", "analyst", "x", NOW)
    pool = await open_pool(vault_database.dsn("pisaura_hasher"))
    try:
        theirs = VaultAccounts(pool)
        assert await theirs.authenticate(made.user, password) is not None
        with pytest.raises(UsageError, match="permission denied"):
            await theirs.add("eve", "supervisor", "x", NOW)
        with pytest.raises(UsageError, match="permission denied"):
            await theirs.revoke("anna", "x", NOW)
        for statement in ("UPDATE accounts SET role = 'supervisor'", "DELETE FROM accounts"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(statement)
    finally:
        await pool.close()
