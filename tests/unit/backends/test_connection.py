"""backends.postgres.connection: drivers' errors become ours at the edge; a mistake in our own SQL stays what it is."""

import asyncio

import asyncpg
import pytest

from backends.postgres.connection import HOT_PATH, connect, translated
from contracts.errors import Stale, Unavailable
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


async def test_nobody_to_connect_to_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await connect("postgresql://nobody@/nothing?host=/nowhere/at/all")
