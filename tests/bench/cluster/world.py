"""A made-up web that a database already knows: its hosts, how many URLs each has, and how their paths and ids read.

Pure. Ids are MD5 instead of BLAKE2b, so that Postgres can make the rows by itself; the frontier takes them as they come.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from contracts.messages import Link, LinkKind

PAGES: Final = 70
"""Pages of an ordinary host."""
MEDIA: Final = 30
"""Pictures of an ordinary host."""
LARGE_EVERY: Final = 100
LARGE: Final = 10
"""Each hundredth host is ten times as large as the others."""


@dataclass(frozen=True)
class Shape:
    """`known` URLs of ordinary hosts, of which the first `active` have `due` pages due now; one host of `big` URLs besides.

    `far`: links of a page to any host of the web, most of which are at rest.
    """

    known: int = 100_000
    active: int = 900
    due: int = 50
    big: int = 0
    far: int = 0

    @property
    def hosts(self) -> int:
        """Ordinary hosts."""
        return max(self.active, round(self.known / (PAGES + MEDIA) / (1 + (LARGE - 1) / LARGE_EVERY)))

    def counts(self, number: int) -> tuple[int, int]:
        """Pages and pictures of an ordinary host."""
        times = LARGE if number % LARGE_EVERY == LARGE_EVERY - 1 else 1
        return PAGES * times, MEDIA * times

    def total(self) -> int:
        """Known URLs in all."""
        return sum(sum(self.counts(number)) for number in range(self.hosts)) + self.big


BIG: Final = "www.big-site.test"


def name_of(number: int) -> str:
    """Of an ordinary host; each has a site of its own."""
    return f"www.site{number:07}.test"


def number_of(name: str) -> int:
    """The number of an ordinary host."""
    return int(name[8:15])


def address_of(number: int) -> str:
    """Two hosts share an address."""
    number //= 2
    return f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def page_path(number: int) -> str:
    """Path and query of a page. The same in SQL: `fill.PAGE_PATH`."""
    return f"/topics/{number % 23}/story-{number}.html?ref=list&v={number % 7}"


def page_id(host: str, number: int) -> bytes:
    """What stands for the url_id of a page. The same in SQL: `fill.PAGE_ID`."""
    return hashlib.md5(f"{host} {number}".encode(), usedforsecurity=False).digest()


def page_link(host: str, number: int) -> Link:
    """A link to a page."""
    return Link(page_path(number), page_id(host, number), LinkKind.PAGE)


def known_numbers(seed: int, pages: int, count: int) -> Iterator[int]:
    """Pages of a host that a page links to, all of them known: spread evenly, another run for each page."""
    step = max(1, pages // count)
    return ((seed + at * step) % pages for at in range(count))
