"""Endless spaces, a host each: calendar, session ids, facets, growing paths, mazes. Behind each host waits a good page.

What a trap may cost is a budget of requests for its host: far below the space, and soon over at one request a second.
"""

import datetime
import hashlib
import random
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from tests.fakeweb.media import Gallery
from tests.fakeweb.model import Answer, Resource, World
from tests.fakeweb.pages import img, link, links, page

BUDGET = 250
"""Most requests that one endless space may cost with default settings."""

SAME = "<p>There are no events on this day. Choose another one, or subscribe to our letter.</p>"


def calendar(path: str) -> Resource | None:
    """/events/YYYY/MM/DD for ever, with the days, months and years around."""
    found = re.fullmatch(r"/events/(\d{4})/(\d\d)/(\d\d)", path)
    if found is None:
        return None
    try:
        day = datetime.date(*(int(part) for part in found.groups()))
        near = [day + datetime.timedelta(days=step) for step in (-365, -31, -1, 1, 31, 365)]
    except (ValueError, OverflowError):
        return None
    return Answer(page(f"Events of {day}", links([each.strftime("/events/%Y/%m/%d") for each in near]) + SAME, text=0))


def sessions(path: str) -> Resource | None:
    """/shop/SESSION/N: each page hands out new session ids in its links; ten pages in truth."""
    found = re.fullmatch(r"/shop/([0-9a-f]{32})/(\d)", path)
    if found is None:
        return None
    keys = [hashlib.md5(f"{path}{step}".encode(), usedforsecurity=False).hexdigest() for step in range(3)]
    hrefs = [f"/shop/{key}/{(int(found[2]) + step + 1) % 10}" for step, key in enumerate(keys)]
    return Answer(page(f"Shelf {found[2]}", links(hrefs) + "<p>Ten shelves, no more.</p>", text=0))


def facets(path: str) -> Resource | None:
    """/list?colour=..&size=..: every page links to itself with one more facet, in any order."""
    stem, _, query = path.partition("?")
    if stem != "/list":
        return None
    now = parse_qsl(query)
    names = ("colour", "size", "price", "brand", "year", "shape", "weight", "rating", "shop", "sale", "page")
    hrefs = [f"/list?{urlencode([*now, (name, f'v{len(now)}')])}" for name in names if len(now) < 40]
    return Answer(page("All things", links(hrefs) + "<p>The same things, sorted in another way.</p>", text=0))


def growth(path: str) -> Resource | None:
    """Relative links that make paths longer for ever: docs/more/docs/more/..."""
    if not path.startswith("/docs/") or len(path) > 4000:
        return None
    return Answer(page("Documentation", links(["docs/", "more/", "./more/docs/"]) + "<p>Read more below.</p>", text=0))


def maze(path: str) -> Resource | None:
    """/maze/WORDS: endless pages whose text differs, each with ten links to others; nothing but their number tells."""
    if not re.fullmatch(r"/maze/[0-9a-f]+", path):
        return None
    chance = random.Random(path)
    hrefs = [f"/maze/{chance.getrandbits(48):012x}" for _ in range(10)]
    return Answer(page(f"Room {path[6:]}", links(hrefs), seed=path, text=4))


def identifiers(path: str) -> Resource | None:
    """/view?item=N&token=RANDOM: the same ten items under ever new tokens."""
    found = re.fullmatch(r"/view\?item=(\d+)&token=([0-9a-f]+)", path)
    if found is None:
        return None
    chance = random.Random(path)
    hrefs = [f"/view?item={(int(found[1]) + step) % 10}&token={chance.getrandbits(64):016x}" for step in range(1, 5)]
    return Answer(page(f"Item {found[1]}", links(hrefs) + "<p>One of ten items.</p>", text=0))


TRAPS: dict[str, tuple[Callable[[str], Resource | None], str]] = {
    "calendar": (calendar, "/events/2026/01/01"),
    "sessions": (sessions, "/shop/0123456789abcdef0123456789abcdef/0"),
    "facets": (facets, "/list?page=1"),
    "growth": (growth, "/docs/"),
    "tokens": (identifiers, "/view?item=0&token=0f"),
}
"""By name: what answers, and the door into it. The maze is apart: nothing ends it but that it brings nothing."""


def build_traps(
    world: World, gallery: Gallery, *, names: tuple[str, ...] = tuple(TRAPS), with_maze: bool = False
) -> None:
    """A host trap-NAME.test for each; its good page is linked after the door, its picture is planted."""
    chosen = {name: TRAPS[name] for name in names}
    if with_maze:
        chosen["maze"] = (maze, "/maze/0")
    for name, (dynamic, door) in chosen.items():
        host = world.host(f"trap-{name}.test")
        host.dynamic = dynamic
        world.amend_host(host.netloc, budget=BUDGET)
        item = gallery.planted()
        gallery.put(host, "/good/picture.jpg", item, "behind a trap")
        way = link("/about.html", "About us")
        host.put("/about.html", Answer(page(f"About {name}", link("/good/page.html"))), "behind a trap")
        host.put("/good/page.html", Answer(page(f"The good page of {name}", img("/good/picture.jpg"))), "behind a trap")
        home = page(f"Home of {name}", link(door, "enter") + way, seed=world.seed)
        world.truth.seeds.append(host.put("/", Answer(home), "seed"))
    duplicates(world)


def duplicates(world: World) -> None:
    """One page under several URLs, each naming the canonical one; all are linked, so all are fetched once."""
    host = world.host("duplicates.test")
    body = page("The same page", "<p>Once more.</p>", head=f'<link rel="canonical" href="{host.url("/same.html")}">')
    paths = ["/same.html", "/same.html?from=home", "/SAME.html", "/same.html?print=1", "/copy/same.html"]
    for path in paths:
        host.put(path, Answer(body), "canonical duplicate")
    sessions_in = [f"/item.html?id=5&PHPSESSID={key}" for key in ("aa11", "bb22")]
    sessions_in += ["/item.html;jsessionid=0A1B?id=5", "/item.html?sid=9&id=5"]
    host.put("/item.html?id=5", Answer(page("Item 5", "<p>One item, many sessions.</p>")), "session dropped")
    home = page("Duplicates", links([*paths, *sessions_in]), seed=world.seed)
    world.truth.seeds.append(host.put("/", Answer(home), "seed"))
