"""backends.postgres.connection: drivers' errors become ours at the edge; a mistake in our own SQL stays what it is."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest

from backends.postgres import connection as module
from backends.postgres.connection import HOT_PATH, SESSION, NoDatabase, connect, database_of, place, translated
from backends.postgres.crawl_store import PostgresCrawlStore
from backends.postgres.vault_store import PostgresVault, open_pool
from contracts.errors import PisauraError, Stale, Unavailable, UsageError
from tests import postgres


def raising(error: BaseException) -> None:
    """Call a translated method that fails like this."""

    @translated
    async def method() -> None:
        raise error

    asyncio.run(method())


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("nobody listens"),
        TimeoutError(),
        asyncpg.PostgresConnectionError("gone"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.AdminShutdownError("shutting down"),
        asyncpg.CannotConnectNowError("starting up"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_server_that_is_away_is_unavailable(error: BaseException) -> None:
    with pytest.raises(Unavailable, match=r"Postgres does not answer: .+") as caught:
        raising(error)
    assert caught.value.__cause__ is error


def test_a_full_disk_says_so() -> None:
    with pytest.raises(Unavailable, match="no room left"):
        raising(asyncpg.DiskFullError("could not extend file"))


@pytest.mark.parametrize("error", [Stale("epoch"), asyncpg.UndefinedTableError("urls"), ZeroDivisionError()])
def test_other_errors_stay_what_they_are(error: BaseException) -> None:
    with pytest.raises(type(error)):
        raising(error)


async def test_a_shards_connection_plans_as_if_tables_were_big(empty_database: postgres.Database) -> None:
    connection = await connect(empty_database.dsn(), hot=True, name="pisaura-test")
    try:
        shown = {name: await connection.fetchval(f"SHOW {name}") for name in (*HOT_PATH, "application_name")}
    finally:
        await connection.close()
    assert shown == {**HOT_PATH, "application_name": "pisaura-test"}


# -- who stands still ---------------------------------------------------------------------------------------------------

LEASE = 10.0


async def frontiers(database: postgres.Database) -> "asyncpg.Connection[asyncpg.Record]":
    return await connect(database.dsn("pisaura_frontier"), hot=True)


async def one_partition(database: postgres.Database) -> None:
    owner = await connect(database.dsn())
    await owner.execute("INSERT INTO partitions (partition) VALUES (0)")
    await owner.close()


@contextmanager
def halted(process: int) -> Iterator[None]:
    """The server's process for a connection stands still."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def test_a_server_that_hangs_is_away(crawl_database: postgres.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one statement, and in a transaction that can be ended no more either; operators wait for what they asked."""
    monkeypatch.setattr(module, "PATIENCE", 1.0)
    for transaction in (False, True):
        connection = await frontiers(crawl_database)
        store = PostgresCrawlStore(connection)
        with (
            halted(connection.get_server_pid()),
            pytest.raises(Unavailable, match="Postgres does not answer: nothing came in time"),
        ):
            async with asyncio.timeout(20):
                await (store.renew("shard", 0.0, LEASE) if transaction else store.load_leases([0]))
        connection.terminate()
    patient = await connect(crawl_database.dsn())
    assert await patient.fetchval("SELECT 1 FROM pg_sleep(1.2)") == 1
    await patient.close()


async def test_a_vault_that_hangs_is_away(vault_database: postgres.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1.0)
    pool = await open_pool(vault_database.dsn("pisaura_hasher"), most=1)
    async with pool.acquire() as connection:
        process = connection.get_server_pid()
    with halted(process), pytest.raises(Unavailable, match="nothing came in time"):
        await PostgresVault(pool).seq()
    pool.terminate()


async def test_a_shard_that_stands_still_in_a_transaction_loses_its_locks(
    crawl_database: postgres.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SESSION", {**SESSION, "idle_in_transaction_session_timeout": "300ms"})
    still, next_one = await frontiers(crawl_database), await frontiers(crawl_database)
    try:
        await one_partition(crawl_database)
        await still.execute("BEGIN; UPDATE partitions SET lease_until = 0")
        async with asyncio.timeout(20):
            assert await PostgresCrawlStore(next_one).claim("next", 1.0, LEASE, [0])
        with pytest.raises(Unavailable):
            await PostgresCrawlStore(still).load_leases([0])
    finally:
        still.terminate()
        await next_one.close()


async def test_nobody_waits_for_a_lock_without_bound(
    crawl_database: postgres.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module.SERVING, "lock_timeout", "300ms")
    await one_partition(crawl_database)
    holder, waiting = await asyncpg.connect(crawl_database.dsn()), await frontiers(crawl_database)
    try:
        async with asyncio.timeout(20), holder.transaction():
            await holder.execute("UPDATE partitions SET lease_until = 0")
            with pytest.raises(Unavailable, match="another session held for 300ms what we wait for"):
                await PostgresCrawlStore(waiting).claim("next", 1.0, LEASE, [0])
        assert await PostgresCrawlStore(waiting).claim("next", 1.0, LEASE, [0])  # and the connection is good
    finally:
        await holder.close()
        await waiting.close()


async def test_sessions_are_bounded_at_the_server(crawl_database: postgres.Database) -> None:
    """By TCP: what is kept alive is no socket of this machine."""
    connection = await connect(crawl_database.tcp("pisaura_frontier"), serving=True, idle=7)
    people = await connect(crawl_database.tcp("pisaura_frontier"))
    try:
        for name, value in SESSION.items():
            same = "SELECT setting::integer / CASE unit WHEN 'ms' THEN 1000 ELSE 1 END FROM pg_settings WHERE name = $1"
            assert await connection.fetchval(same, name) == int(value.removesuffix("s")), name
        assert await connection.fetchval("SHOW lock_timeout") == module.SERVING["lock_timeout"]
        assert await connection.fetchval("SHOW idle_session_timeout") == "7s"
        assert [await people.fetchval(f"SHOW {name}") for name in ("lock_timeout", "idle_session_timeout")] == [
            "0",
            "0",
        ]
    finally:
        await connection.close()
        await people.close()


async def test_nobody_to_connect_to_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await connect("postgresql://nobody@/nothing?host=/nowhere/at/all")


# -- by connection string -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dsn", "where"),
    [
        ("postgresql://me:geheim@db.example:6543/crawl", "db.example:6543/crawl"),
        ("postgres://me:geheim@db.example/crawl?sslmode=verify-full&sslrootcert=%2Fca.pem", "db.example:5432/crawl"),
        ("postgresql://me:geh%2F%40eim@[2001:db8::7]:6543/our%20crawl", "[2001:db8::7]:6543/our crawl"),
        ("postgresql://me:geheim@one:1,two:2/crawl?target_session_attrs=primary", "one:1,two:2/crawl"),
        ("postgresql://me@/crawl?host=%2Fsome%2Fsocket&port=5432", "/some/socket:5432/crawl"),
        ("postgresql://me:geheim@db.example", "db.example:5432/me"),
        ("postgresql://db.example/?user=me&password=geheim&dbname=crawl", "db.example:5432/crawl"),
    ],
)
def test_where_a_connection_string_leads(dsn: str, where: str) -> None:
    assert place(dsn) == where
    assert where.endswith("/" + database_of(dsn))


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://me:geh/eim@db.example:6543/crawl",
        "postgresql://me:geh?eim@db.example:6543/crawl",
        "postgresql://me:geh#eim@db.example:6543/crawl",
        "postgresql://me:geh]eim@db.example:6543/crawl",
        "postgresql://me:geheim",
        "postgresql://me:geheim@db.example:port/crawl",
        "me:geheim@db.example/crawl",
        "host=db.example password=geheim",
        "",
    ],
)
async def test_a_string_that_is_none_is_never_quoted(dsn: str) -> None:
    with pytest.raises(UsageError, match="must be like postgresql://user:password@host:port/name") as caught:
        await connect(dsn)
    assert "eim" not in str(caught.value) and "db.example" not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "database", "query", "error", "words"),
    [
        ("pisaura_frontier:geheim", "crawl", "", UsageError, "does not let us in: password"),
        ("nobody:geheim", "crawl", "", UsageError, "does not let us in: password"),
        ("pisaura_frontier:{}", "vault", "", UsageError, "does not let us in: permission denied"),
        ("pisaura_frontier:{}", "nowhere", "", NoDatabase, "there is no database"),
        ("pisaura_frontier:{}", "crawl", "?no_such_setting=1", UsageError, "refuses the connection: unrecognized"),
        ("pisaura_frontier:{}", "crawl", "?sslmode=perhaps", UsageError, "cannot be used: `sslmode`"),
        (
            "pisaura_frontier:{}",
            "crawl",
            "?sslmode=verify-full&sslrootcert=%2Fnone.pem",
            UsageError,
            "sslrootcert names no file",
        ),
        ("pisaura_frontier:{}", "crawl", "?sslmode=require", Unavailable, "does not answer: .*SSL"),
    ],
)
async def test_who_is_not_let_in_is_told_where_and_why_without_the_password(
    postgres_server: postgres.Server, user: str, database: str, query: str, error: type[PisauraError], words: str
) -> None:
    password, server = postgres_server.tcp().split("://")[1].partition(":")[2].rsplit("@", 1)
    dsn = f"postgresql://{user.format(password)}@{server.partition('/')[0]}/{database}{query}"
    with pytest.raises(error, match=words) as caught:
        await connect(dsn)
    said = str(caught.value)
    assert f"{server.partition('/')[0]}/{database}" in said
    assert not any(secret in said for secret in ("geheim", password, postgres.PASSWORD))


async def test_tls_parameters_are_passed_on(crawl_database: postgres.Database) -> None:
    """`prefer` goes on in clear text with a server that has no TLS; `disable` does not even ask."""
    for mode in ("prefer", "disable", "allow"):
        connection = await connect(crawl_database.tcp("pisaura_frontier") + f"?sslmode={mode}")
        assert await connection.fetchval("SELECT current_user") == "pisaura_frontier"
        await connection.close()


async def test_a_role_without_the_right_is_told_so(crawl_database: postgres.Database) -> None:
    @translated
    async def write() -> None:
        await connection.execute("DELETE FROM urls")

    connection = await connect(crawl_database.tcp("pisaura_fetcher"))
    try:
        with pytest.raises(UsageError, match="permission denied for table urls; connect as the role"):
            await write()
    finally:
        await connection.close()
