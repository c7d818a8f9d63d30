"""What pages of a directory linked lately: raw attributes that need no joining, no message and no look-up again.

Keyed by the base URL's directory, since a relative reference means the same URL there. A link enters only when its message
was acked. Media enters after eight pages, so that the frontier learns of so many pages that show it.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

MEDIA_PAGES: Final = 8
"""Pages that are kept for one media URL (`found_on`)."""

Entry = tuple[str, int]
"""A raw attribute, and its kind << 1 | flags."""


class _Directory:
    __slots__ = ("counts", "known")

    def __init__(self) -> None:
        self.known: set[Entry] = set()
        self.counts: dict[Entry, int] = {}


class Recent:
    """At most `directories` directories of at most `entries` links each; the least recently used one makes room."""

    def __init__(self, directories: int = 5_000, entries: int = 2_000) -> None:
        self._most, self._entries = directories, entries
        self._kept: OrderedDict[str, _Directory] = OrderedDict()
        self.met = 0
        self.dropped = 0

    def fresh(self, directory: str, found: dict[str, int]) -> list[Entry]:
        """Those of a page's links that were not met lately."""
        self.met += len(found)
        place = self._kept.get(directory)
        if place is None:
            return list(found.items())
        self._kept.move_to_end(directory)
        known = place.known
        new = [entry for entry in found.items() if entry not in known]
        self.dropped += len(found) - len(new)
        return new

    def learn(self, directory: str, entries: Iterable[Entry], media: Iterable[Entry] = ()) -> None:
        """These were acked; `media` ones count pages first."""
        place = self._kept.get(directory)
        if place is None:
            place = self._kept[directory] = _Directory()
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        if len(place.known) > self._entries:
            place.known = set()
        place.known.update(entries)
        for entry in media:
            count = place.counts.get(entry, 0) + 1
            if count >= MEDIA_PAGES:
                place.known.add(entry)
                place.counts.pop(entry, None)
            elif len(place.counts) < self._entries or entry in place.counts:
                place.counts[entry] = count
