"""Ordinary sites: pages in a tree with navigation, links across, pictures; sub-domains, shared addresses, odd hosts."""

import random

from tests.fakeweb.media import Gallery
from tests.fakeweb.model import Answer, Host, Name, World, tag_of
from tests.fakeweb.pages import img, link, links, page


def _path(number: int) -> str:
    return "/" if number == 0 else f"/section-{number % 4}/article-{number}.html"


def fill(host: Host, gallery: Gallery, pages: int, others: list[str], *, pictures: bool = True) -> None:
    """Give a host a home page and `pages` - 1 articles that reach one another, linking to `others` and showing pictures."""
    world = host.world
    chance = random.Random(f"{world.seed} {host.origin}")
    for number in range(pages):
        children = [_path(child) for child in range(3 * number + 1, min(3 * number + 4, pages))]
        around = [_path(chance.randrange(pages)) for _ in range(4)]
        body = f"<nav>{links(['/', *around[:2]])}</nav>\n{links(children)}\n<p>See also {link(around[2])}.</p>"
        if pictures and number % 3 == 1:
            item = gallery.planted() if number % 2 else gallery.innocent()
            path = f"/media/{number}.{item.suffix}"
            gallery.put(host, path, item)
            body += img(path, ' width="256" height="192"')
        if number < len(others):
            body += f"<p>A friend's site: {link(others[number], 'over there', ' rel=external')}</p>"
        made = page(f"{host.name} article {number}", body, seed=world.seed)
        host.put(_path(number), Answer(made, etag=tag_of(made), modified="Sun, 02 Mar 2025 08:30:00 GMT"))


def build_sites(world: World, gallery: Gallery, count: int, pages: int) -> None:
    """`count` sites of about `pages` pages in a ring; every fourth is a seed, every fifth speaks HTTPS."""
    hosts = [
        world.host(f"site{number:03}.test", scheme="https" if number % 5 == 4 else "http") for number in range(count)
    ]
    for number, host in enumerate(hosts):
        others = [hosts[(number + step) % count].url("/") for step in (1, 2, 7) if count > 1]
        fill(host, gallery, max(1, pages + number % 3 - 1), others)
        if number % 4 == 0:
            world.truth.seeds.append(host.url("/"))


CROWD = 12
"""Sites on one address that earn it a second permit (design, rule 9)."""


def build_odd_hosts(world: World, gallery: Gallery, *, full: bool = True) -> None:
    """Sub-domains, sites on one address, an IP literal, another port, an IDN, aliases, many addresses."""
    subs = [world.host(f"{name}.family.test") for name in ("www", "blog", "img")]
    for number, host in enumerate(subs):
        fill(host, gallery, 3, [subs[(number + 1) % 3].url("/")])
    world.truth.seeds.append(subs[0].url("/"))
    shared = world.new_address()
    crowd = [world.host(f"shared{number}.test", address=shared) for number in range(4)]
    for host in crowd:
        fill(host, gallery, 3, [])
    if full:
        crowded = world.new_address()
        for number in range(CROWD):
            crowd.append(world.host(f"crowd{number:02}.test", address=crowded))
            fill(crowd[-1], gallery, 2, [], pictures=False)
    literal_address = world.new_address()
    literal = world.host(literal_address, address=literal_address)
    other_port = world.host("port.test", port=world.ports.other)
    alias = world.host("alias.test")
    world.names["alias.test"] = Name(cname="edge.alias-cdn.test", ttl=60)
    world.names["edge.alias-cdn.test"] = Name((alias.address,), ttl=60)
    many = world.host("many.test")
    spare = [world.new_address() for _ in range(3)]
    world.names["many.test"] = Name((many.address, *spare))
    world.also_at(many, spare)
    foreign = world.host("xn--bcher-kva.test")
    for host in (literal, other_port, alias, many, foreign):
        fill(host, gallery, 3, [])
    doors = [host.url("/") for host in (*crowd, literal, other_port, alias, many)]
    doors.append(foreign.url("/").replace("xn--bcher-kva", "Bücher"))
    index = world.host("index.test")
    world.truth.seeds.append(index.put("/", Answer(page("Index of odd hosts", links(doors), seed=world.seed)), "seed"))
