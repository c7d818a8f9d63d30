"""Connections, and the edge where the driver's errors become ours."""

import contextlib
import functools
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, Final, ParamSpec, TypeVar

import asyncpg

from contracts.errors import PisauraError, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

HOT_PATH: Final = {
    "plan_cache_mode": "force_generic_plan",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "jit": "off",
}
"""For a shard's own connection. Its statements join short arrays with big tables by primary key; a plan made while the
tables were empty and kept for hours must not be another one."""


@contextlib.contextmanager
def translating() -> Iterator[None]:
    """Driver and socket errors become Unavailable; a mistake in our own SQL stays what it is."""
    try:
        yield
    except PisauraError:
        raise
    except asyncpg.DiskFullError as error:
        raise Unavailable(f"Postgres has no room left on its disk: {error}; make room and run again") from error
    except (
        OSError,
        asyncpg.PostgresConnectionError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,  # a connection that broke in the middle of something
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        asyncpg.TransactionRollbackError,  # a deadlock with an operator's verb
    ) as error:
        raise Unavailable(f"Postgres does not answer: {str(error) or type(error).__name__}") from error


def translated(method: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A method whose errors are translated."""

    @functools.wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with translating():
            return await method(*args, **kwargs)

    return call


@translated
async def connect(dsn: str, *, hot: bool = False, name: str = "pisaura") -> "asyncpg.Connection[asyncpg.Record]":
    """A connection; `hot` for a shard's own one."""
    settings = {"application_name": name, **(HOT_PATH if hot else {})}
    return await asyncpg.connect(dsn, server_settings=settings, timeout=10, statement_cache_size=200)


async def close(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Close a connection, however it is."""
    if not connection.is_closed():
        try:
            await connection.close(timeout=2)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            connection.terminate()
