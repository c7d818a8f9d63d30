"""Connections, and the edge where the driver's errors become ours: they say where, never with which password."""

import contextlib
import functools
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import asyncpg

from contracts.errors import PisauraError, Unavailable, UsageError

P = ParamSpec("P")
T = TypeVar("T")

TIMEOUT: Final = 10.0
"""Seconds within which a server must let us in."""
HOT_PATH: Final = {
    "plan_cache_mode": "force_generic_plan",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "jit": "off",
}
"""For a shard's own connection. Its statements join short arrays with big tables by primary key; a plan made while the
tables were empty and kept for hours must not be another one."""
PATIENCE: Final = 20.0
"""Seconds that a role waits for the answer to one statement; if the server does not stop it then, as long again."""
SESSION: Final = {
    "idle_in_transaction_session_timeout": "10s",
    "client_connection_check_interval": "5s",
    "tcp_keepalives_idle": "10s",
    "tcp_keepalives_interval": "3s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20s",
}
"""Every session: whoever stands still or was cut off in a transaction loses its locks, without our word for it."""
SERVING: Final = {"lock_timeout": "15s"}
"""Sessions of roles: by then, whoever held the lock lost it or is at work for very long."""
AWAY: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that broke in the middle of something
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,  # a deadlock with an operator's verb
    asyncpg.ReadOnlySQLTransactionError,  # a standby that has not taken over yet
)
"""What waiting may mend."""
_FILES: Final = frozenset({"sslrootcert", "sslcert", "sslkey", "sslcrl"})
_HOST: Final = r"(?:\[[0-9A-Fa-f:.]+\]|[^:,\[\]]*)(?::\d{1,5})?"
_HOSTS: Final = re.compile(f"{_HOST}(?:,{_HOST})*")
_MALFORMED: Final = (
    "the connection string of a database (postgres.crawl, postgres.vault) must be like postgresql://user:password@host:port/name; "
    "in a password write other characters than letters and digits as %XX"
)


class NoDatabase(UsageError):
    """The server has no database of this name."""


def place(dsn: str) -> str:
    """host:port/database of a connection string, for messages. UsageError, without a word of it, if it is none."""
    parts = _parts(dsn)
    given = parse_qs(parts.query)

    def said(name: str) -> str:
        return given.get(name, [""])[-1]

    hosts = unquote(parts.netloc.rpartition("@")[2]) or said("host") or "localhost"
    if said("port") or not re.search(r":\d+\Z", hosts):
        hosts += f":{said('port') or 5432}"
    return f"{hosts}/{database_of(dsn)}"


def database_of(dsn: str) -> str:
    """The name of the database of a connection string; the user's if it has none. UsageError if it is malformed."""
    parts = _parts(dsn)
    given = parse_qs(parts.query)
    named = unquote(parts.path.removeprefix("/")) or given.get("dbname", given.get("database", [""]))[-1]
    return named or unquote(parts.netloc.rpartition("@")[0].partition(":")[0])


def _parts(dsn: str) -> SplitResult:
    with contextlib.suppress(ValueError):
        parts = urlsplit(dsn)
        # An @ behind the hosts: a password that holds one of / ? # was cut there.
        cut = "@" in parts.path + parts.query + parts.fragment
        hosts = parts.netloc.rpartition("@")[2]
        if parts.scheme in ("postgresql", "postgres") and not cut and _HOSTS.fullmatch(hosts):
            return parts
    raise UsageError(_MALFORMED)


@contextlib.contextmanager
def reaching(dsn: str) -> Iterator[None]:
    """Errors of connecting become ours: UsageError for what must be set right, Unavailable for what may pass."""
    where = place(dsn)
    for name, values in parse_qs(urlsplit(dsn).query).items():
        if name in _FILES and not Path(values[-1]).is_file():
            raise UsageError(f"the connection string of Postgres at {where} cannot be used: {name} names no file")
    try:
        yield
    except asyncpg.InvalidCatalogNameError:
        raise NoDatabase(
            f"there is no database at {where}; have a superuser run what `crawlctl migrate --sql` prints, then run "
            "`crawlctl migrate`"
        ) from None
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError) as error:
        raise UsageError(f"Postgres at {where} does not let us in: {error}") from error
    except asyncpg.ClientConfigurationError as error:  # TLS parameters; neither knows the password
        raise UsageError(f"the connection string of Postgres at {where} cannot be used: {error}") from None
    except AWAY as error:
        raise Unavailable(f"Postgres at {where} does not answer: {_said(error)}") from error
    except asyncpg.PostgresError as error:
        raise UsageError(f"Postgres at {where} refuses the connection: {error}") from error
    except ValueError:
        raise UsageError(f"the connection string of Postgres at {where} cannot be used: see its parameters") from None


@contextlib.contextmanager
def translating() -> Iterator[None]:
    """Driver and socket errors become ours; a mistake in our own SQL stays what it is."""
    try:
        yield
    except PisauraError:
        raise
    except asyncpg.DiskFullError as error:
        raise Unavailable(f"Postgres has no room left on its disk: {error}; make room and run again") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise UsageError(f"Postgres: {error}; connect as the role whose work this is") from error
    except asyncpg.LockNotAvailableError as error:
        raise Unavailable(
            f"Postgres: another session held for {SERVING['lock_timeout']} what we wait for; it is tried again, "
            "pg_stat_activity and pg_blocking_pids tell who it is"
        ) from error
    except AWAY as error:
        if isinstance(
            error, ValueError
        ):  # asyncpg's word for a value that no column can hold: waiting would not mend it
            raise
        raise Unavailable(f"Postgres does not answer: {_said(error)}") from error


def _said(error: BaseException) -> str:
    """What the driver says. Of a transaction that timed out it says no more than that it could not be rolled back."""
    reason: BaseException | None = error
    while reason is not None and not isinstance(reason, TimeoutError):
        reason = reason.__context__
    return str(reason or error) or ("nothing came in time" if reason else type(error).__name__)


def translated(method: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A method whose errors are translated."""

    @functools.wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with translating():
            return await method(*args, **kwargs)

    return call


def session(name: str, *, serving: bool, more: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """How to connect, for the driver. `serving`: for a role, which waits neither for an answer nor for a lock without bound;
    what people start may take its time. `more`: settings of the session besides."""
    settings = {"application_name": name, **SESSION, **(SERVING if serving else {}), **more}
    return {"server_settings": settings, "timeout": TIMEOUT, "command_timeout": PATIENCE if serving else None}


async def connect(
    dsn: str, *, name: str = "pisaura", hot: bool = False, serving: bool = False, idle: int = 0
) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection; `hot` for a shard's own one, `serving` for others of roles (see `session`), `idle`: the server ends it after
    so many seconds without a statement. Raises what `reaching` says."""
    more = {**(HOT_PATH if hot else {}), **({"idle_session_timeout": f"{idle}s"} if idle else {})}
    with reaching(dsn):
        return await asyncpg.connect(dsn, **session(name, serving=serving or hot, more=more), statement_cache_size=200)


async def close(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Close a connection, however it is."""
    if not connection.is_closed():
        try:
            await connection.close(timeout=2)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            connection.terminate()
