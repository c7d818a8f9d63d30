"""What pages linked lately: raw attributes that need no joining, no message and no look-up again.

What begins with a slash or a scheme means the same URL on every page of an origin and is kept by origin; any other reference
by the base URL's directory, since it means the same URL there. A link enters only when its message was acked. Media enters
after eight pages, so that the frontier learns of so many pages that show it.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

MEDIA_PAGES: Final = 8
"""Pages that are kept for one media URL (`found_on`)."""
BLANKS: Final = "".join(map(chr, range(33)))
"""C0 controls and space, which URL parsers skip at the beginning."""

Entry = tuple[str, int]
"""A raw attribute, and its kind << 1 | flags."""

_SCHEMES: Final = ("/", "http://", "https://")
_EMPTY: Final[frozenset[int]] = frozenset()


class _Place:
    __slots__ = ("counts", "known")

    def __init__(self) -> None:
        self.known: set[int] = set()
        self.counts: dict[int, int] = {}


class Recent:
    """At most `places` origins and directories of about `entries` links each, and `total` links in all; the least recently
    used place makes room. Links are kept as 64-bit hashes under this process' secret: their length costs no memory, and
    nobody can make one that is taken for another."""

    def __init__(self, places: int = 20_000, entries: int = 4_000, total: int = 2_000_000) -> None:
        self._most, self._entries, self._total = places, entries, total
        self._kept: OrderedDict[str, _Place] = OrderedDict()
        self._held = 0
        self.met = 0
        self.dropped = 0

    def fresh(self, directory: str, found: dict[str, int]) -> list[Entry]:
        """Those of a page's links that were not met lately. `directory` is an absolute URL up to its last slash."""
        self.met += len(found)
        home, here = self._known(_origin(directory)), self._known(directory)
        if not home and not here:
            return list(found.items())
        new = [entry for entry in found.items() if (key := hash(entry)) not in home and key not in here]
        self.dropped += len(found) - len(new)
        return new

    def _known(self, name: str) -> set[int] | frozenset[int]:
        place = self._kept.get(name)
        if place is None:
            return _EMPTY
        self._kept.move_to_end(name)
        return place.known

    def learn(self, directory: str, entries: Iterable[Entry], media: Iterable[Entry] = ()) -> None:
        """These were acked; `media` ones count pages first. What does not mean the same on every page is left out."""
        home: list[int] = []
        here: list[int] = []
        for entry in entries:
            raw = entry[0]
            if raw.startswith(_SCHEMES):
                home.append(hash(entry))
            elif _anywhere(raw):
                here.append(hash(entry))
        for entry in media:
            absolute = entry[0].startswith(_SCHEMES)
            if not absolute and not _anywhere(entry[0]):
                continue
            counts = self._place(_origin(directory) if absolute else directory).counts
            key, before = hash(entry), len(counts)
            count = counts.get(key, 0) + 1
            if count >= MEDIA_PAGES:
                (home if absolute else here).append(key)
                counts.pop(key, None)
            elif before < self._entries or key in counts:
                counts[key] = count
            self._held += len(counts) - before
        if home:
            self._add(_origin(directory), home)
        if here:
            self._add(directory, here)
        while len(self._kept) > 1 and (len(self._kept) > self._most or self._held > self._total):
            gone = self._kept.popitem(last=False)[1]
            self._held -= len(gone.known) + len(gone.counts)

    def _place(self, name: str) -> _Place:
        place = self._kept.get(name)
        if place is None:
            place = self._kept[name] = _Place()
        return place

    def _add(self, name: str, keys: list[int]) -> None:
        place = self._place(name)
        before = len(place.known)
        if before > self._entries:
            self._held -= before
            place.known, before = set(), 0
        place.known.update(keys)
        self._held += len(place.known) - before


def _origin(directory: str) -> str:
    """Scheme and authority, without the slash that a directory ends with."""
    return directory[: directory.find("/", 8)]


def _anywhere(raw: str) -> bool:
    """Whether a raw attribute means the same URL on every page of a directory: `?page=2`, `#x` and nothing do not."""
    return raw.lstrip(BLANKS)[:1] not in ("", "?", "#")
