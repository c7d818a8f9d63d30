"""What matches add up to: rows that only grow, and the figures that are read of them (domain, sections 1 and 5).

The notices role opens places and writes down which entry was seen where, by keyed HMACs of site and host. Each thing has one
row, so whatever is told twice counts once. What people and sources may change (standing, category, lists, series) is joined
when figures are read: an entry that is held or withdrawn drops out of them at once, and is back when it is released.

Times are unix seconds, days are whole days (UTC) since 1970-01-01.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

DIMENSIONS: Final = ("all", "category", "source", "series", "country", "day")
BLIND_BYTES: Final = 16


class Seen(Struct, frozen=True, array_like=True, gc=False):
    """An entry explains a medium at a place. `site` and `host` are keyed HMACs (`BLIND_BYTES`), `country` is that of the
    host's server (ISO 3166-1 alpha-2), or empty."""

    entry_id: int
    sha256: bytes
    place: bytes
    site: bytes
    host: bytes
    country: str
    seen_at: float


class SiteSeen(Struct, frozen=True, array_like=True, gc=False):
    """When an entry was seen on a site, first and last."""

    site: bytes
    first_seen: float
    last_seen: float


class Recorded(Struct, frozen=True):
    """What the vault says after a batch: which of its entries may match now, and the sites of those that nobody has
    released from holds for floods, where they are more than was asked for."""

    live: frozenset[int]
    sites: Mapping[int, Sequence[SiteSeen]]


class SeriesRow(Struct, frozen=True):
    """A series: `series_id` is blind, `sealed` its name. `sightings` are media at places. Times are 0.0 if it was never seen."""

    series_id: bytes
    sealed: bytes
    entries: int
    media: int
    sightings: int
    sites: int
    hosts: int
    first_seen: float
    last_seen: float


class CountryRow(Struct, frozen=True):
    """What was seen in a country (empty: unknown)."""

    country: str
    media: int
    sites: int
    hosts: int


class SeriesView(Struct, frozen=True):
    """A series with its standings (entries by standing) and countries."""

    row: SeriesRow
    standings: dict[str, int]
    countries: list[CountryRow]


class TotalRow(Struct, frozen=True):
    """What was seen of one value of a dimension. Each medium counts once, by its strongest verdict: `standing` is "verified"
    (an exact match of a verified entry, or confirmed by people), "suspect" or "disputed". `clusters` are leading entries."""

    value: str
    standing: str
    media: int
    clusters: int
    sites: int
    hosts: int
    first_day: int
    last_day: int


class Countries(Protocol):
    """In which country servers stand."""

    def country(self, address: str) -> str:
        """ISO 3166-1 alpha-2 of an address, empty if it is not known."""


class Tallies(Protocol):
    """What counting needs of the vault."""

    async def record(self, seen: Sequence[Seen], sites: int, seconds: float) -> Recorded:
        """Keep what was seen, each thing once, in one transaction. `sites`, `seconds`: when sites are worth telling."""

    async def hold(self, entry_ids: Sequence[int], reason: str, why: str, now: float) -> int:
        """Hold entries until two people release them; how many were not held for that reason already, nor released from it."""
