"""What the spaces of a host have brought: a space that only leads on to itself must earn its pages with new media.

Endless spaces have two things in common: page after page shows nothing new, and they find at least as many pages as are
fetched. So pages without new media are counted, and what they lead on to, for their path pattern, their section and their
host, until a page with new media ends the run. However long a run, a space that finds fewer pages than it has ends by
itself, as texts of a forum do. Pages that lead to spaces which are worth it, as a forum's lists do, hardly count. The
allowance grows with what a space has brought.
"""

from typing import Final

from msgspec import Struct, field
from xxhash import xxh3_64_intdigest

from contracts.refusals import Reason, Refusal, refuse
from frontier.shapes import section_of

PAGE: Final = 8
"""Cost of a page without new media, in eighths of a page; of a near-duplicate that leads on twice that."""
LISTING: Final = 1
"""Cost of a page that leads to many new pages of distinct texts, most of which lead no further."""
EARNED: Final = 8
"""Pages by which each page with new media prolongs the longest run."""
MOST: Final = 4
"""How many times longer than at first the longest run may become."""
GRACE: Final = 4
"""URLs that wait in the queue are still fetched for a run that is longer by one in so many: they may prove the space."""
_JUDGED: Final = 8
"""Pages of a space that must be fetched before it can be called worth it."""
_PROOFS: Final = 3
_RICH: Final = 25
_LISTED: Final = 5
_LEVELS: Final = 3
_BACK: Final = 8
_KEPT: Final = 128


class Space(Struct, array_like=True, gc=False):
    """`fetched` pages and `fresh` ones among them; `idle` counts pages that were alike and what pages without new media led on to.

    Since the last fresh page: `run` in eighths of a page, the `dry` pages, what they `led` on to. `level` counts the lists on
    the way to a pattern, from the last page that showed something.
    """

    fetched: int = 0
    fresh: int = 0
    idle: int = 0
    run: int = 0
    dry: int = 0
    led: int = 0
    level: int = 0


class Yields(Struct, array_like=True):
    """Patterns and sections by the 64-bit hashes of their names, and the host as a whole. At most about 3 KiB stored."""

    spaces: dict[int, Space] = {}
    host: Space = field(default_factory=Space)
    worn: bool = False

    def listing(self, shape: str, led: dict[str, int], fresh: bool) -> int:
        """What a page costs that led to so many new pages by pattern: less than PAGE if they are, or may be, worth it.

        Patterns of which little was fetched may be, if the page lists several: sites list first and show later. But not
        the same path with other parameters, and not for ever: the pattern `_LEVELS` lists away must show something.
        """
        own, head = self.spaces.get(key_of(shape)), shape.partition("?")[0]
        level = 1 if fresh or own is None else own.level + 1
        texts = 0
        cost = PAGE
        for other, found in led.items():
            if other == shape:
                continue
            key = key_of(other)
            space = self.spaces.get(key)
            if space is None or space.fetched < _JUDGED:
                if found >= _LISTED and other.partition("?")[0] != head:
                    if space is None:
                        space = self.spaces[key] = Space(level=level)
                    if level <= space.level <= _LEVELS:
                        cost = LISTING
            elif space.fresh * _RICH >= space.fetched and space.fresh >= _PROOFS:
                return 0
            elif space.idle * 4 <= space.fetched:
                texts += found
        return LISTING if texts >= _LISTED else cost

    def observe(self, path: str, pattern: int, cost: int, led: int, alike: bool, fresh: bool, pages: int) -> None:
        """A page was fetched that led to `led` new ones, and said about the same as the one before if it was `alike`.

        `pages` is the longest run, `cost` what the page adds to it if it is not `fresh`.
        """
        section = key_of(f"section {section_of(path)}")
        within = [self.spaces.setdefault(pattern, Space()), self.spaces.setdefault(section, Space()), self.host]
        worn = self.worn
        for at, space in enumerate(within):
            space.fetched += 1
            if fresh:
                space.fresh += 1
                space.run = space.dry = space.led = 0
                continue
            known = _over(space, pages, 0)
            space.run += cost
            space.idle += led + alike
            if cost >= PAGE:
                space.dry += 1
                space.led += led
            if known:
                break  # what is left of an endless space says nothing about the larger one
            if _over(space, pages, 0):
                worn = True
                # The run is explained. A rest stays, so that many endless spaces end the host.
                for larger in within[at + 1 :]:
                    larger.run = max(0, larger.run - space.run * (_BACK - 1) // _BACK)
        if len(self.spaces) > _KEPT:
            ranked = sorted(self.spaces.items(), key=lambda item: -item[1].run - item[1].fetched)
            self.spaces = dict(ranked[: _KEPT // 2])
        if worn:
            self.worn = _over(self.host, pages, 0) or any(_over(space, pages, 0) for space in self.spaces.values())

    def verdict(self, path: str, shape: str, pattern: int, pages: int, grace: int = 0) -> Refusal | None:
        """UNPRODUCTIVE if the pattern has used up its run, or its section or host has and it has brought nothing itself.

        `shape` is the pattern as text; `grace` (eighths of a run) is for what is queued already.
        """
        if not self.worn:
            return None
        space = self.spaces.get(pattern)
        if space is not None:
            if _over(space, pages, grace):
                return _refusal(f"pattern {shape}", space, pages)
            if space.fresh or (space.fetched >= _JUDGED and space.idle * 4 <= space.fetched):
                return None
        section = section_of(path)
        space = self.spaces.get(key_of(f"section {section}"))
        if space is not None and _over(space, pages, grace):
            return _refusal(f"section {section}", space, pages)
        return _refusal("this host", self.host, pages) if _over(self.host, pages, grace) else None


def limit(space: Space, pages: int) -> int:
    """The longest run of a space, in eighths of a page."""
    return PAGE * min(pages + EARNED * space.fresh, MOST * pages)


def key_of(text: str) -> int:
    """The 64-bit hash by which a name is kept."""
    return xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


def _over(space: Space, pages: int, grace: int) -> bool:
    """Whether a run is as long as it may be (and `grace` eighths of that longer) and goes on by itself."""
    return space.run * 8 >= limit(space, pages) * (8 + grace) and 4 * space.led >= 3 * space.dry


def _refusal(what: str, space: Space, pages: int) -> Refusal:
    return refuse(
        Reason.UNPRODUCTIVE,
        f"{what[:160]}: {space.dry} pages in a row without new media led on to {space.led}, {space.fresh} of"
        f" {space.fetched} had some;"
        f" traps.unproductive_pages = {pages}",
    )
