"""A state opened beside a running crawl, or without one: how every verb but `run` reaches it.

The embedded Postgres is shared while a crawl runs; otherwise it is started for this one command and ended with it.
"""

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from backends.postgres.connection import connect
from backends.postgres.crawl_store import PostgresCrawlStore
from backends.postgres.operator import OperatorStore
from backends.postgres.vault_reads import VaultReads
from contracts.settings import Settings
from crawlctl.state import LOCK, State

SETTINGS_FACT: Final = "settings"
"""The settings of the last run, as JSON: by them `explain` decides anew when it is given none."""


class Access:
    """An open state: operators' queries, the frontier's own, and the vault once it is asked for."""

    def __init__(self, state: State, stack: AsyncExitStack, operator: OperatorStore, store: PostgresCrawlStore) -> None:
        self.state = state
        self.operator = operator
        self.store = store
        self._stack = stack

    async def vault(self) -> VaultReads:
        """What was seen and matched. Connects."""
        connection = await connect(self.state.server.dsn("vault", "pisaura_hasher"), name="pisaura-reader")
        self._stack.push_async_callback(connection.close)
        return VaultReads(connection)

    async def run_settings(self) -> Settings | None:
        """The settings of the last run; None before the first, or if they cannot be read by this version."""
        stored = await self.operator.fact(SETTINGS_FACT)
        try:
            return msgspec.json.decode(stored, type=Settings) if stored else None
        except msgspec.MsgspecError:
            return None


@asynccontextmanager
async def opened(folder: Path, settings: Settings) -> AsyncIterator[Access]:
    """Open a state that exists. UsageError if there is none."""
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(State(folder, settings))
        connection = await connect(state.server.dsn("crawl", "pisaura_frontier"), name="pisaura-operator")
        stack.push_async_callback(connection.close)
        yield Access(state, stack, OperatorStore(connection), PostgresCrawlStore(connection))


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
