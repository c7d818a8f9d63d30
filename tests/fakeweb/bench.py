"""The world that speed is measured on: many hosts of 30 KB pages with 100 links, made on the fly from cached parts.

Every page of a host repeats the host's navigation, links to pages around it and to `FRESH` pages that nothing
before it linked to, so that a breadth-first crawler learns 9 new URLs a page until `pages` are known.
"""

import random
import zlib
from dataclasses import dataclass
from functools import lru_cache

from tests.fakeweb.model import Answer, Host, Ports, Resource, World
from tests.fakeweb.pages import words
from tests.fakeweb.truth import Fate

FRESH = 9
NAVIGATION = 70
AROUND = 19
ACROSS = 2
PAGE_BYTES = 30_000
VARIANTS = 16
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def path_of(number: int) -> str:
    """Path of a page of a bench host; 0 is the home page."""
    return f"/topics/{number % 23}/story-{number}.html?ref=list&amp;v={number % 7}" if number else "/"


def number_of(path: str) -> int | None:
    """The page that a path names, or None."""
    if path == "/":
        return 0
    _, found, rest = path.partition("/story-")
    text = rest.partition(".")[0]
    if not found or not text.isdecimal() or len(text) > 12:
        return None
    number = int(text)
    return number if path == path_of(number).replace("&amp;", "&") else None


def _packed(data: bytes, level: int = 6) -> bytes:
    """A piece of a raw deflate stream that ends on a byte and refers to nothing before it (RFC 1951, 3.2.4)."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
    return deflate.compress(data) + deflate.flush(zlib.Z_FULL_FLUSH)


@dataclass(frozen=True)
class Parts:
    """What all pages of all hosts share, plain and deflated."""

    head: bytes
    fills: list[bytes]
    packed_head: bytes
    packed_fills: list[bytes]


@lru_cache(maxsize=4)
def parts(seed: int, size: int) -> Parts:
    """Head with navigation, and `VARIANTS` stretches of prose, so that pages have about `size` bytes."""
    chance = random.Random(f"bench {seed}")
    rows = "\n".join(
        f'<li class="nav-item"><a class="nav-link" href="{path_of(n)}" data-id="{n}">{words(chance, 3)}</a></li>'
        for n in range(NAVIGATION)
    )
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Stories &ndash; daily</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<style>.nav{display:flex;margin:0} .nav-item{padding:4px 8px} p{line-height:1.5}</style>\n"
        "<script>window.page = {lang: 'en', tags: ['a', 'b']}; function go(x) { return x < 3 && x > 1; }</script>\n"
        f'</head>\n<body class="story">\n<nav><ul class="nav">\n{rows}\n</ul></nav>\n<main>\n'
    ).encode()
    fills = []
    left = size - len(head) - (FRESH + AROUND + ACROSS) * 108
    for variant in range(VARIANTS):
        text: list[str] = []
        have = 0
        while have < left:
            text.append(
                f'<p class="p{variant}" data-n="{len(text)}">{words(chance, 50)} <em>{words(chance, 3)}</em></p>'
            )
            have += len(text[-1]) + 1
        fills.append(
            (
                "\n".join(text) + "\n</main>\n<footer>&copy; 2025 stories &mdash; contact</footer></body></html>\n"
            ).encode()
        )
    return Parts(head, fills, _packed(head), [_packed(fill) for fill in fills])


class BenchPages:
    """The dynamic part of one bench host: its answer to every path."""

    def __init__(self, host: Host, count: int, size: int, neighbours: list[str], gzip: bool, images: int) -> None:
        self.host = host
        self.count = count
        self.neighbours = neighbours
        self.gzip = gzip
        self.images = images
        self.parts = parts(host.world.seed, size)
        self.image = b""

    def __call__(self, path: str) -> Resource | None:
        if self.images and path.startswith("/img/"):
            return Answer(self.image, "image/jpeg")
        number = number_of(path)
        if number is None or number >= self.count:
            return None
        middle = self.middle(number)
        variant = number % VARIANTS
        body = self.parts.head + middle + self.parts.fills[variant]
        if not self.gzip:
            return Answer(body)
        tail = zlib.crc32(body).to_bytes(4, "little") + len(body).to_bytes(4, "little")
        pieces = (GZIP_HEAD, self.parts.packed_head, _packed(middle, 1), self.parts.packed_fills[variant])
        return Answer(b"".join(pieces) + b"\x03\x00" + tail, coding="gzip")

    def middle(self, number: int) -> bytes:
        """The part of a page that no other page has: 30 links."""
        first = NAVIGATION + FRESH * number
        targets = list(range(first, first + FRESH))
        targets += [max(0, number - step) for step in range(1, AROUND + 1)]
        rows = [
            f'<div class="card" id="c{at}"><a href="{path_of(n if n < self.count else n % self.count)}" title="Story &quot;{n}&quot;">Read story {n}</a></div>'
            for at, n in enumerate(targets)
        ]
        rows += [
            f'<aside><a rel="external" href="{self.neighbours[(number + step) % len(self.neighbours)]}">Elsewhere</a></aside>'
            for step in range(ACROSS)
        ]
        rows += [f'<img src="/img/{number}-{k}.jpg" alt="picture" loading="lazy">' for k in range(self.images)]
        return f"<h1>Story {number} of {self.host.name}</h1>\n{chr(10).join(rows)}\n".encode()


def build_bench(
    seed: int = 1,
    *,
    hosts: int = 200,
    pages: int = 1_000_000,
    size: int = PAGE_BYTES,
    https: bool = False,
    gzip: bool = False,
    images: int = 0,
    image: bytes = b"",
    ports: Ports | None = None,
) -> World:
    """`hosts` hosts of `pages` pages each; more pages than a bench fetches keep the frontier growing.

    `images` pictures a page, all of the bytes `image`. The truth lists hosts and seeds, and URLs only up to 2,000 in all.
    """
    world = World(seed, ports, network="127.30")
    scheme = "https" if https else "http"
    made = [world.host(f"bench{number:03}.test", scheme=scheme) for number in range(hosts)]
    for number, host in enumerate(made):
        near = [made[(number + step) % hosts].url("/") for step in (1, 3, 11)]
        dynamic = BenchPages(host, pages, size, near, gzip, images)
        dynamic.image = image
        host.dynamic = dynamic
        world.truth.seeds.append(host.url("/"))
        if hosts * pages <= 2_000:
            for page in range(pages):
                world.tell(host.url(path_of(page).replace("&amp;", "&")), "a", fate=Fate.FETCH)
    return world
