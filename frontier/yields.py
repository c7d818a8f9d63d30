"""What the spaces of a host have brought: a space that only leads on to itself must earn its pages with new media.

Endless spaces have one thing in common: page after page brings links to more of the same and nothing to look at. So each
page that leads on without new media is counted, for its path pattern, its section and its host, until a page with new media
ends the run. Pages that lead to nothing new are not counted, however many: such a space ends by itself. Nor are pages, like
a forum's or a tag's lists, that lead to spaces which are worth it. The allowance grows with what a space has brought.
"""

from typing import Final

from msgspec import Struct
from xxhash import xxh3_64_intdigest

from contracts.refusals import Reason, Refusal, refuse
from frontier.shapes import section_of

PAGE: Final = 8
"""Cost of a page that leads on without new media, in eighths of a page; of a near-duplicate twice that."""
LISTING: Final = 1
"""Cost of a page that leads to a space of distinct texts in which most pages lead no further."""
EARNED: Final = 8
"""Pages by which each page with new media prolongs the longest run."""
MOST: Final = 4
"""How many times longer than at first the longest run may become."""
GRACE: Final = 4
"""URLs that wait in the queue are still fetched for a run that is longer by one in so many: they may prove the space."""
_JUDGED: Final = 8
"""Pages of a space that must be fetched before it can be called worth it."""
_RICH: Final = 50
_BACK: Final = 8
_KEPT: Final = 128


class Space(Struct, array_like=True, gc=False):
    """`fetched` pages, `idle` ones of them that led on or said nothing new, and `fresh` ones; `run` in eighths of a page."""

    fetched: int = 0
    idle: int = 0
    fresh: int = 0
    run: int = 0


class Yields(Struct, array_like=True):
    """Patterns and sections by the 64-bit hashes of their names, and the host as a whole. At most about 3 KiB stored."""

    spaces: dict[int, Space] = {}
    host: Space = Space()
    worn: bool = False

    def worth(self, pattern: int) -> int | None:
        """What a page costs that leads to this pattern: 0 if it shows new media, LISTING if it says new things; or None."""
        space = self.spaces.get(pattern)
        return _worth(space) if space is not None else None

    def observe(self, path: str, pattern: int, cost: int, near: bool, fresh: bool, pages: int) -> None:
        """A page was fetched. `pages` is the longest run, `cost` what the page adds to it if it is not `fresh`."""
        section = key_of(f"section {section_of(path)}")
        within = [self.spaces.setdefault(pattern, Space()), self.spaces.setdefault(section, Space()), self.host]
        idle = not fresh and (near or cost >= PAGE)
        for at, space in enumerate(within):
            space.fetched += 1
            space.idle += idle
            if fresh:
                space.fresh += 1
                space.run = 0
                continue
            before, most = space.run, limit(space, pages)
            space.run += cost
            if before >= most:
                break  # known as endless: what is left of it says nothing about the larger space
            if space.run >= most:
                for larger in within[at + 1 :]:  # it is explained, but for a rest, so that many endless spaces end the host
                    larger.run = max(0, larger.run - before * (_BACK - 1) // _BACK)
        if len(self.spaces) > _KEPT:
            ranked = sorted(self.spaces.items(), key=lambda item: -item[1].run - item[1].fetched)
            self.spaces = dict(ranked[: _KEPT // 2])
        if cost or fresh:
            self.worn = self.host.run >= limit(self.host, pages) or any(
                space.run >= limit(space, pages) for space in self.spaces.values()
            )

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
            if space.fresh or _worth(space) is not None:
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
    return space.run * 8 >= limit(space, pages) * (8 + grace)


def _worth(space: Space) -> int | None:
    if space.fetched < _JUDGED or space.idle * 4 > space.fetched:
        return None
    return 0 if space.fresh * _RICH >= space.fetched and space.fresh > 1 else LISTING


def _refusal(what: str, space: Space, pages: int) -> Refusal:
    return refuse(
        Reason.UNPRODUCTIVE,
        f"{what[:160]}: {space.run // PAGE} pages in a row led on without new media, {space.fresh} of {space.fetched} had some;"
        f" traps.unproductive_pages = {pages}",
    )
