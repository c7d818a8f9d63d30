"""The desk over a state, in this process: whoever owns the state owns its keys, and still shows who asks."""

import argparse
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from backends.postgres.vault_cases import VaultCases
from backends.postgres.vault_store import open_pool
from contracts.errors import UsageError
from contracts.people import Identity
from contracts.seal import Keys
from contracts.settings import Settings
from crawlctl.access import opened
from crawlctl.arguments import deciding
from crawlctl.desk.offices import office
from crawlctl.identity import identity
from notices import routes
from notices.desk.office import Office
from notices.desk.table import perform
from notices.service.sealed import CaseKeys
from notices.service.steps import Cases, Limits

A = TypeVar("A", bound=Struct)
ROUTES_BYTES = 1 << 20


class Local:
    """Does acts as whoever runs the verb."""

    def __init__(self, office: Office, who: Identity) -> None:
        self._office, self._who = office, who

    async def call(self, name: str, asked: Struct, answers: type[A]) -> A:
        """Do an act."""
        done = await perform(self._office, self._who, name, asked, time.time())
        if not isinstance(done, answers):
            raise TypeError(f"{name} answers {type(done).__name__}")
        return done


@asynccontextmanager
async def local(arguments: argparse.Namespace, settings: Settings) -> AsyncIterator[Local]:
    """The desk of --state, by the settings that were given or those of the last run."""
    async with opened(arguments.state, settings, crawl=False) as access:
        who = await identity(arguments, access)
        decided = await deciding(access, arguments, settings)
        pool = await open_pool(access.notices_dsn(), most=2, serving=False)
        try:
            cases = changes(pool, access.keys, decided)
            yield Local(office(pool, access.keys, decided, await access.accounts(), cases), who)
        finally:
            await pool.close()


def changes(pool: Any, keys: Keys, settings: Settings) -> Cases:
    """What changes cases, as the notices role does."""
    limits = Limits(settings.notices, settings.rechecks, settings.operator, table_of(settings.notices.routes))
    return Cases(VaultCases(pool), CaseKeys(keys), limits, time.time)


def table_of(name: str) -> routes.Routes:
    """The routes of `notices.routes`; the shipped ones without a file. UsageError if it cannot be used."""
    if not name:
        return routes.shipped()
    try:
        with Path(name).open("rb") as file:
            return routes.parse(file.read(ROUTES_BYTES).decode())
    except OSError as error:
        raise UsageError(f"notices.routes: {name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"notices.routes: {name}: is not UTF-8") from None
