"""A crawl of one host as the frontier does it, whose pages are a function: breadth first, in orders, without a network."""

from collections import Counter, deque
from collections.abc import Callable
from typing import Final, NamedTuple

from xxhash import xxh3_64_intdigest

from contracts.messages import LinkKind
from contracts.refusals import Reason
from contracts.settings import Settings
from contracts.urls import Cleaner
from frontier.traps import HostTraps

NOW: Final = 1_795_000_000.0  # November 2026
SETTINGS: Final = Settings()
ORDER: Final = 15
"""URLs that are under way when the first of them shows that there should be no more."""


class Page(NamedTuple):
    """Paths that a page links, the similarity key of its text, and the media that it shows."""

    links: list[str]
    text: int = 0
    media: tuple[str, ...] = ()


Site = Callable[[str], Page]


def says(text: str) -> int:
    """The key of a text like no other."""
    return xxh3_64_intdigest(text.encode())


class HostCrawl:
    """What was requested, what was refused when it was found, and what was not issued any more."""

    def __init__(self, site: Site, *doors: str, most: int = 3_000, settings: Settings = SETTINGS) -> None:
        self.host = HostTraps()
        self.requested: list[str] = []
        self.refused: Counter[Reason] = Counter()
        self.dropped: Counter[Reason] = Counter()
        self.media: set[str] = set()
        self.widest = 0
        clean = Cleaner(settings.traps.drop_parameters)
        seen: set[str] = set(doors)
        queue = deque((door, True) for door in doors)
        while queue and len(self.requested) < most:
            order: list[str] = []
            while queue and len(order) < ORDER:
                path, seed = queue.popleft()
                refused = None if seed else self.host.worn(path, settings.traps)
                if refused is None:
                    order.append(path)
                else:
                    assert refused.evidence
                    self.dropped[refused.reason] += 1
            for path in order:
                self.requested.append(path)
                page = site(path)
                fresh = not self.media.issuperset(page.media)
                self.media.update(page.media)
                self.host.page(fresh)
                for link in page.links:
                    link = clean(link) if "?" in link or ";" in link else link
                    if link in seen:
                        continue
                    refused = self.host.check(link, LinkKind.PAGE, NOW, settings.traps, settings.budgets)
                    if refused is None:
                        seen.add(link)
                        queue.append((link, False))
                    else:
                        assert refused.evidence
                        self.refused[refused.reason] += 1
                self.host.observe(path, page.text, settings.traps, fresh)
            if self.host.changed:
                self.widest = max(self.widest, len(self.host.to_bytes()))
        self.ended = not queue
