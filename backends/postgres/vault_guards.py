"""Syncs that match too much are held whole (domain, section 1)."""

from typing import Any, Final

from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES
from backends.postgres.vault_standing import TOGETHER, hold, told
from contracts.guards import multiplies_match_rate
from contracts.lists import MATCH_RATE
from contracts.settings import Lists

DAY: Final = 86_400_000
PLACES: Final = 100_000
"""Places that are counted at most: a sync that matches as many is compared with a share of it."""


async def guard_syncs(connection: Any, after: int, until: int, now: float, settings: Lists) -> int:
    """Hold all that came with an import of the last day if it multiplies its list's match rate; how many entries are newly held.

    A list's first import is compared with what all other entries match; where those match nothing, there is no rate yet. What
    another list had brought before is not new, and is not held.

    Looked at are imports with matches, found within the day, of entries changed in after+1..until. Compared are distinct
    places that were seen within the day, and all that are stored: either may give it away.
    """
    held = 0
    for list_id, import_id in await connection.fetch(QUERIES["matching_imports"], after, until, millis(now) - DAY):
        for since in (millis(now) - DAY, 0):
            values = list_id, import_id, since, PLACES
            first, new, earlier = await connection.fetchrow(QUERIES["match_rates"], *values)
            if first and not earlier:
                continue
            if multiplies_match_rate(new, earlier, settings.rate_factor, settings.rate_floor):
                held += await _hold_import(connection, list_id, import_id, now)
                break
    return held


async def _hold_import(connection: Any, list_id: int, import_id: int, now: float) -> int:
    """Some at a time: others must come to the clock meanwhile."""
    held = 0
    ids = [row[0] for row in await connection.fetch(QUERIES["entries_of_import"], list_id, import_id)]
    for start in range(0, len(ids), TOGETHER):
        async with connection.transaction():
            seq = await connection.fetchval(QUERIES["lock_clock"])
            some = await hold(connection, ids[start : start + TOGETHER], MATCH_RATE, "", seq, now)
            await told(connection, some, seq, now)
            held += some
    return held
