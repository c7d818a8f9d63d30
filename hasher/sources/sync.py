"""Asks a list's source for what is new since the last time, and stores it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from contracts.errors import PisauraError, UsageError
from contracts.lists import ListSource, ListVault, SourceView
from contracts.ports import Clock
from hasher.exchange.ncmec import NCMEC
from hasher.exchange.protocol import Protocol
from hasher.exchange.stopncii import STOPNCII
from hasher.exchange.threatexchange import THREATEXCHANGE
from hasher.formats import ncmec, stopncii, threatexchange
from hasher.sources import credentials
from hasher.sources.client import Chance, Client, check
from hasher.sources.download import fetch_and_import
from hasher.sources.file import import_file
from hasher.sources.pages import Pages, Parse
from hasher.sources.report import ImportReport
from hasher.sources.sealing import Sealing

PAGED: Final[dict[str, tuple[Protocol, Parse]]] = {
    "ncmec": (NCMEC, ncmec.page),
    "stopncii": (STOPNCII, stopncii.page),
    "threatexchange": (THREATEXCHANGE, threatexchange.page),
}
"""Formats whose sources answer in pages; a list of any other format is a file, here or at a URL."""


async def sync(
    name: str,
    vault: ListVault,
    sealing: Sealing,
    client: Client,
    clock: Clock,
    chance: Chance,
    progress: Callable[[ImportReport], None] = lambda report: None,
) -> ImportReport:
    """Bring a list up to date from its checkpoint; what came of it. May be cut off at any moment, and repeated.

    Raises UsageError for what people must put right (no such list, no location, credentials), Unavailable if the source does
    not answer as long as the table of `retry` lasts, Corrupt if it answers with what nobody can read or goes round in circles.
    None of their texts holds a credential, a digest or a URL's query.
    """
    view = await vault.source(name)
    if not view.source.location:
        raise UsageError(f"list {name!r} has no source: it was imported by hand, use crawlctl lists import")
    watched = _Watched(vault)
    try:
        return await _sync(view, watched, sealing, client, clock, chance, progress)
    except PisauraError as error:
        if not watched.begun:  # what went wrong before anything could be imported belongs into `lists status` as well
            with suppress(PisauraError):
                number = await vault.begin_import(view.source, "", clock())
                await vault.end_import(number, clock(), str(error))
        raise


class _Watched:
    """A vault that knows whether an import was begun."""

    def __init__(self, vault: ListVault) -> None:
        self._vault, self.begun = vault, False
        self.source, self.add_entries, self.end_import = vault.source, vault.add_entries, vault.end_import

    async def begin_import(self, source: ListSource, file: str, now: float) -> int:
        number = await self._vault.begin_import(source, file, now)
        self.begun = True
        return number


async def _sync(
    view: SourceView, vault: ListVault, sealing: Sealing, client: Client, clock: Clock, chance: Chance,
    progress: Callable[[ImportReport], None],
) -> ImportReport:  # fmt: skip
    source = view.source
    login = await asyncio.to_thread(credentials.read, source.credentials)
    if "://" not in source.location:
        return await import_file(Path(source.location), source, vault, sealing, clock, progress)
    check(source.location)
    if source.format in PAGED:
        protocol, parse = PAGED[source.format]
        pages = Pages(view, protocol, parse, vault, sealing, client, login, clock, chance, progress)
        return await pages.run()
    return await fetch_and_import(view, vault, sealing, client, login, clock, chance, progress)
