"""A state opened beside a running crawl or without one, or a cluster by its connection strings: how every verb but `run`
reaches what is kept.

The embedded Postgres is shared while a crawl runs; otherwise it is started for this one command and ended with it. The
databases of a cluster are just connected to, and must be as this version wants them.
"""

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from backends import keystore
from backends.postgres.connection import close, connect, place
from backends.postgres.crawl_setup import partitions_of
from backends.postgres.crawl_store import PostgresCrawlStore
from backends.postgres.migrate import require_current
from backends.postgres.operator import OperatorStore
from backends.postgres.vault_accounts import VaultAccounts
from backends.postgres.vault_audit import VaultAudit
from backends.postgres.vault_reads import VaultReads
from contracts import seal
from contracts.auditing import Act, audit_key
from contracts.errors import UsageError
from contracts.people import Identity
from contracts.settings import Settings
from crawlctl.audit import Audit
from crawlctl.roles.needs import lists_keys, notices_keys
from crawlctl.state import LOCK, State

SETTINGS_FACT: Final = "settings"
"""The settings of the last run, as JSON: by them `explain` decides anew when it is given none."""
LIVE_FACT: Final = "live"
"""What a running crawl says of itself (`crawlctl.live`)."""
LIVE_STALE: Final = 10.0
"""Age in seconds from which that is no news."""


class Access:
    """What operators ask and say: their own queries, the frontier's, and the vault once it is asked for.

    `place` names it for people; `folder` is None and `settings` tell the rest in a cluster.
    """

    def __init__(self, place: str, settings: Settings, stack: AsyncExitStack, state: State | None = None) -> None:
        self.place = place
        self.folder = state.folder if state else None
        self.partitions = state.partitions if state else 0
        self.settings = settings
        self._state = state
        self._stack = stack
        self._crawl: tuple[OperatorStore, PostgresCrawlStore] | None = None
        self._accounts: VaultAccounts | None = None
        self._connections: dict[str, Any] = {}

    async def _open_crawl(self, dsn: str) -> None:
        connection = await connect(dsn, name="pisaura-operator")
        self._stack.push_async_callback(close, connection)
        if self._state is None:
            await require_current(connection, "crawl")
            self.partitions = await partitions_of(connection)
        self._crawl = OperatorStore(connection), PostgresCrawlStore(connection)

    @property
    def operator(self) -> OperatorStore:
        """Operators' queries. UsageError if a cluster's crawl database was not given."""
        return self._opened()[0]

    @property
    def store(self) -> PostgresCrawlStore:
        """The frontier's queries. UsageError likewise."""
        return self._opened()[1]

    @property
    def has_crawl(self) -> bool:
        """Whether there is a way to the crawl database."""
        return self._crawl is not None

    def _opened(self) -> tuple[OperatorStore, PostgresCrawlStore]:
        if self._crawl is None:
            raise UsageError("postgres.crawl is not set, the connection string of the crawl database")
        return self._crawl

    @property
    def keys(self) -> seal.Keys:
        """The keys that open places. UsageError that says what is missing, in a cluster where few people have them."""
        if self._state is not None:
            return self._state.keys
        if not keystore.given(self.settings.cluster.keys):
            raise UsageError(
                f"cluster.keys is not set, the path of {seal.NOTICES_FILE}, without which no place can be opened"
            )
        return notices_keys(self.settings)

    @property
    def lists_keys(self) -> seal.ListsKeys:
        """The keys with which lists are imported. UsageError likewise."""
        return self._state.lists_keys if self._state is not None else lists_keys(self.settings)

    def vault_dsn(self) -> str:
        """How to connect to the vault. UsageError if a cluster's was not given."""
        if self._state is not None:
            return self._state.vault_dsn()
        if not self.settings.postgres.vault:
            raise UsageError("postgres.vault is not set, the connection string of the vault")
        return self.settings.postgres.vault

    def notices_dsn(self) -> str:
        """How to connect to the vault as the notices role, which keeps cases and accounts. UsageError likewise."""
        return self._state.server.dsn("vault", "pisaura_notices") if self._state is not None else self.vault_dsn()

    @property
    def has_vault(self) -> bool:
        """Whether there is a way to the vault."""
        return self._state is not None or bool(self.settings.postgres.vault)

    async def _connected(self, dsn: str, name: str) -> Any:
        if name not in self._connections:
            connection = await connect(dsn, name=name)
            self._stack.push_async_callback(close, connection)
            if self._state is None:
                await require_current(connection, "vault")
            self._connections[name] = connection
        return self._connections[name]

    async def vault(self) -> VaultReads:
        """What was seen and matched. Connects when it is first asked for."""
        return VaultReads(await self._connected(self.vault_dsn(), "pisaura-reader"))

    async def accounts(self) -> VaultAccounts:
        """Accounts of people and providers. Connects when they are first asked for."""
        if self._accounts is None:
            self._accounts = VaultAccounts(await self._connected(self.notices_dsn(), "pisaura-notices"))
        return self._accounts

    async def chain(self) -> VaultAudit:
        """The audit, to read and to check: as the notices role. UsageError without a key of it."""
        return await self.chain_by(self.lists_keys)

    async def chain_by(self, keys: seal.Keys | seal.ListsKeys) -> VaultAudit:
        """The same by keys that are at hand."""
        key = audit_key(keys.series_key)
        return VaultAudit(await self._connected(self.notices_dsn(), "pisaura-notices"), key)

    async def audit(self, verb: str, purpose: str, who: Identity | None = None) -> Audit:
        """The record of who saw places, for what somebody is about to see. Nobody with an account sees more than a day's."""
        connection = await self._connected(self.vault_dsn(), "pisaura-reader")

        async def keep(act: Act) -> None:
            chain = VaultAudit(connection, audit_key(self.lists_keys.series_key))
            if who is None or not act.places:
                await chain.add(act)
            else:
                await chain.may_reveal(act, self.settings.review.daily_places)

        return Audit(verb, purpose, keep, who, self.folder)

    async def run_settings(self) -> Settings | None:
        """The settings of the last run; None before the first, or if they cannot be read by this version."""
        stored = await self._crawl[0].fact(SETTINGS_FACT) if self._crawl else None
        try:
            return msgspec.json.decode(stored, type=Settings) if stored else None
        except msgspec.MsgspecError:
            return None


@asynccontextmanager
async def opened(folder: Path | None, settings: Settings, *, crawl: bool = True) -> AsyncIterator[Access]:
    """Open a state that exists, or without a folder the cluster that the settings name; not `crawl`: for the vault alone.

    UsageError if there is no such state, or nothing is named.
    """
    async with AsyncExitStack() as stack:
        if folder is not None:
            state = await stack.enter_async_context(State(folder, settings))
            access = Access(str(folder), settings, stack, state)
            await access._open_crawl(state.server.dsn("crawl", "pisaura_frontier"))
            yield access
            return
        dsn = settings.postgres.crawl
        named = dsn or ("" if crawl else settings.postgres.vault)
        if not named:
            raise UsageError("which crawl? give --state DIR, or --settings FILE of a cluster (with postgres.crawl)")
        access = Access(place(named), settings, stack)
        if dsn:
            await access._open_crawl(dsn)
        yield access


def without_secrets(settings: Settings) -> Settings:
    """Settings as they may be kept in a database: every secret is empty."""
    cleared: Settings = _cleared(settings)
    return cleared


def _cleared(group: Any) -> Any:
    changed = {
        one.name: _cleared(value) if is_dataclass(value) else ""
        for one in fields(group)
        if is_dataclass(value := getattr(group, one.name)) or one.metadata["unit"] == "secret"
    }
    return replace(group, **changed)


def runner(folder: Path) -> int | None:
    """The process that crawls on a state now; None if none does."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        number = os.pread(descriptor, 32, 0).strip()
        if not number.isdigit() or not _alive(int(number)):
            return None  # asking for the lock could get into the way of a crawl that is just starting
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return int(number)
        return None
    finally:
        os.close(descriptor)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
