"""The vault opened as the notices role for somebody with an identity: what verbs about recipients work with."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from backends.postgres.vault_recipients import VaultRecipients
from backends.postgres.vault_store import open_pool
from contracts.desk import Person
from contracts.people import Identity
from contracts.settings import Settings
from crawlctl.access import Access, opened
from crawlctl.audit import act_by
from crawlctl.identity import identity_if_given, person_of, require
from crawlctl.lists.people import person


class Office(Struct, frozen=True):
    """What these verbs work with."""

    access: Access
    pool: Any
    person: Person
    who: Identity | None

    @property
    def store(self) -> VaultRecipients:
        """What is kept about recipients."""
        return VaultRecipients(self.pool)

    async def written(self, act: str, why: str, subject: str) -> None:
        """An act is in the record. Fails if it cannot be written down."""
        await (await self.access.chain()).add(act_by(self.who, act, purpose=why, subject=subject))


@asynccontextmanager
async def office(arguments: argparse.Namespace, settings: Settings, act: str) -> AsyncIterator[Office]:
    """Open the vault as the notices role, for somebody who may do this. UsageError if they may not."""
    async with opened(arguments.state, settings, crawl=False) as access:
        await access.vault()  # is as this version wants it
        who = await identity_if_given(arguments, access)
        if who is not None:
            require(who, act)
        here = person_of(who) if who is not None else person()
        pool = await open_pool(access.notices_dsn(), most=2, serving=False)
        try:
            yield Office(access, pool, here, who)
        finally:
            await pool.close()
