"""The way to lists and entries of a state or a cluster: what people do with them, and what they read."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from backends.postgres.vault_desk import PostgresDesk
from backends.postgres.vault_lists import PostgresLists
from backends.postgres.vault_reads import VaultReads
from backends.postgres.vault_scan import VaultScan
from backends.postgres.vault_store import PostgresVault, open_pool
from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.access import Access, opened
from crawlctl.arguments import deciding


class Desk(Struct, frozen=True):
    """A vault that was opened for people. `pool` are its connections, for other readers of backends."""

    access: Access
    pool: Any
    people: PostgresDesk
    lists: PostgresLists
    reads: VaultReads
    vault: PostgresVault
    scan: VaultScan

    async def named(self, name: str) -> str:
        """The name, if there is such a list. UsageError that names those that there are."""
        there = [view.name for view in await self.reads.lists()]
        if name not in there:
            raise UsageError(f"there is no list {name[:100]!r}; there are: {', '.join(there) or 'none'}")
        return name


@asynccontextmanager
async def at_desk(arguments: argparse.Namespace, settings: Settings) -> AsyncIterator[Desk]:
    """Open the vault of --state or --settings. UsageError if there is none, or it is not as this version wants it.

    When a list is not believed is for the settings of the crawl to say (`crawlctl.arguments.deciding`).
    """
    async with opened(arguments.state, settings, crawl=False) as access:
        await access.vault()  # is as this version wants it
        guards = (await deciding(access, arguments, settings)).lists
        pool = await open_pool(access.vault_dsn(), most=2, serving=False)
        try:
            yield Desk(
                access,
                pool,
                PostgresDesk(pool),
                PostgresLists(pool, guards),
                VaultReads(
                    pool
                ),  # not the one connection of `access`: what goes on for days must outlive a restart of Postgres
                PostgresVault(pool, guards),
                VaultScan(pool),
            )
        finally:
            await pool.close()
