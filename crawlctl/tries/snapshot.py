"""The snapshot of the hashers' index on this machine, opened for one look."""

import asyncio
from typing import Final

from backends import keystore
from contracts import seal
from contracts.errors import PisauraError
from contracts.settings import Settings
from crawlctl.lists.desk import Desk
from crawlctl.roles.hashing import snapshots
from crawlctl.roles.needs import read_keys
from hasher.index import Index

MOST_CHANGED: Final = 100_000
"""Entries that may have changed since: reading more, some seconds' worth, takes longer than comparing with everything."""


async def snapshot(at: Desk, settings: Settings, radius: int) -> Index | None:
    """The index with what changed since it was written; None if there is none for this radius that can be used."""
    if radius > settings.matching.pdq_distance:
        return None
    try:
        file = snapshots(settings, at.access.folder / "index" if at.access.folder else None, _keys(at, settings))
        mark = await asyncio.to_thread(file.mark) if file else None
        if file is None or mark is None or not await at.vault.snapshot_known(mark.content, mark.seq):
            return None
        (found, parts) = await asyncio.to_thread(file.open)
    except PisauraError:
        return None
    try:
        index = await asyncio.to_thread(Index.restore, settings.matching.pdq_distance, parts, found.seq)
    except ValueError:
        return None
    finally:
        await asyncio.to_thread(file.close)
    changed = 0
    async for page in at.vault.entries(found.seq, await at.vault.seq()):
        changed += len(page)
        if changed > MOST_CHANGED:
            return None
        index.remove(page)
        index.add([entry for entry in page if entry.live])
    return index


def _keys(at: Desk, settings: Settings) -> seal.HasherKeys | None:
    """The key of snapshots, of a state or of whatever file of keys is named."""
    if at.access.folder is not None:
        return seal.hasher_keys(at.access.keys)
    if not keystore.given(settings.cluster.keys):
        return None
    found = read_keys(settings.cluster.keys)
    return (
        seal.hasher_keys(found)
        if isinstance(found, seal.Keys)
        else found
        if isinstance(found, seal.HasherKeys)
        else None
    )
