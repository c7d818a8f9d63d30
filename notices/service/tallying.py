"""What matches add up to: it is written down where entries are seen, those that are everywhere are held, hosts of matches are named.

Each step may be repeated: rows are kept once, what is to be held is worked out from rows and not from what was new, and hosts
are told after both. So a process that dies between two steps loses nothing and counts nothing twice.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from contracts.lists import FLOOD
from contracts.settings import Lists
from contracts.tallies import Countries, Seen, Tallies
from notices.counting import flooded, seen
from notices.service.matching import Opened

log = logging.getLogger(__name__)

HOURS: Final = 3600.0


class Tallying:
    """Serves one process. `held` counts the entries that it held, by reason."""

    def __init__(
        self,
        tallies: Tallies,
        place_key: bytes,
        settings: Lists,
        clock: Callable[[], float],
        countries: Countries | None = None,
    ) -> None:
        self._tallies, self._settings, self._clock, self._countries = tallies, settings, clock, countries
        self._key = place_key
        self.held: Counter[str] = Counter()

    async def handle(self, matches: Sequence[Opened]) -> list[str]:
        """Count matches, hold floods; the hosts of those that count, one for each match. Raises Unavailable without the vault."""
        rows: list[tuple[str, Seen]] = [
            (one.url.host, seen(one.match, one.url.host, one.address, self._key, self._countries)) for one in matches
        ]
        if not rows:
            return []
        most, seconds = self._settings.flood_sites, self._settings.flood_time
        said = await self._tallies.record([row for _, row in rows], most, seconds)
        everywhere = {entry for entry, sites in said.sites.items() if flooded(sites, most, seconds)}
        if everywhere:
            await self._hold(sorted(everywhere))
        counting = said.live - everywhere
        return [host for host, row in rows if row.entry_id in counting]

    async def _hold(self, entries: Sequence[int]) -> None:
        """No notice, an alert, release by two people."""
        most, hours = self._settings.flood_sites, self._settings.flood_time / HOURS
        why = f"seen on more than {most} sites within {hours:g} h"
        held = await self._tallies.hold(entries, FLOOD, why, self._clock())
        self.held[FLOOD] += held
        if held:
            log.warning("%d entries were %s: held until two people release them", held, why)
