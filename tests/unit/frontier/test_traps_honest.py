"""Honest sites of every size are crawled to the end: nothing of them is refused with default settings."""

import random
from collections.abc import Callable

import pytest

from tests.unit.frontier.hostcrawl import HostCrawl, Page, Site, says

SAME = 0x0F0F_1234_5678_9ABC

SITES: dict[str, tuple[Site, int]] = {}


def site(pages: int) -> Callable[[Site], Site]:
    """`pages` is how many a full crawl requests."""

    def add(made: Site) -> Site:
        SITES[made.__name__] = (made, pages)
        return made

    return add


def _share(path: str, share: float) -> bool:
    """True for this share of all paths."""
    return says(path + "?") % 1_000 < share * 1_000


def _number(path: str) -> int:
    return int(path.rpartition("/")[2] or 0)


def _pages(base: str, page: int, last: int) -> list[str]:
    """Links of a pager: the next ones and the last."""
    return [f"{base}{other}" for other in {page - 1, page + 1, page + 2, last} if 1 <= other <= last]


TITLES = [
    f"/{2001 + n // 2000}/{n // 170 % 12 + 1:02}/"
    + "-".join(random.Random(n).choices(("river", "vote", "town", "fire", "game"), k=4))
    + f"-{n}"
    for n in range(25_000)
]


@site(1 + 25_000 + 156)
def news_by_date_and_title(path: str) -> Page:
    """Home and months list articles; an article links to others of its time; a third have a picture of their own."""
    if path == "/":
        return Page(
            TITLES[-300:] + [f"/{year}/{month:02}/" for year in range(2001, 2014) for month in range(1, 13)], says(path)
        )
    if path.endswith("/"):
        return Page([title for title in TITLES if title.startswith(path)], says(path))
    number = int(path.rpartition("-")[2])
    return Page(
        [TITLES[(number + step) % 25_000] for step in (-2, -1, 1, 2, 7)] + [path.rpartition("/")[0] + "/"],
        says(path),
        ("/logo.png", f"{path}.jpg") if _share(path, 0.33) else ("/logo.png",),
    )


@site(1 + 500 + 25_000)
def articles_by_number_behind_a_pager(path: str) -> Page:
    if path == "/":
        return Page(["/news/1"], says(path))
    if path.startswith("/news/"):
        page = _number(path)
        return Page([f"/article/{50 * (page - 1) + i}" for i in range(50)] + _pages("/news/", page, 500), says(path))
    number = _number(path)
    return Page(
        [f"/article/{(number + step) % 25_000}" for step in range(5)],
        says(path),
        (f"{path}.jpg",) if _share(path, 0.2) else (),
    )


@site(1 + 20 + 20 * 19 + 20_000 + 5_000)
def forum(path: str) -> Page:
    """20 boards of 20 pages, 20,000 topics, a quarter of them with a second page; one page in twenty shows a picture."""
    if path == "/":
        return Page([f"/viewforum.php?f={board}" for board in range(20)], says(path))
    fields = dict(part.split("=") for part in path.partition("?")[2].split("&"))
    page = int(fields.get("page", 1))
    if "f" in fields:
        board = int(fields["f"])
        topics = [f"/viewtopic.php?t={board * 1_000 + 50 * (page - 1) + i}" for i in range(50)]
        return Page(
            topics + [link for link in _pages(f"/viewforum.php?f={board}&page=", page, 20) if not link.endswith("=1")],
            says(path),
        )
    topic = int(fields["t"])
    more = [f"/viewtopic.php?t={topic}&page=2"] if topic % 4 == 0 and page == 1 else []
    return Page(
        [*more, f"/viewforum.php?f={topic // 1_000}"], says(path), (f"/a/{path}.jpg",) if _share(path, 0.05) else ()
    )


@site(1 + 20 + 20 * 19 + 20_000)
def forum_without_a_picture(path: str) -> Page:
    return Page([link for link in forum(path).links if "viewtopic" not in link or "page" not in link], says(path))


@site(1 + 40 + 40 * 12 + 5_000)
def shop_with_moderate_facets(path: str) -> Page:
    """40 categories of 125 products on 5 pages, sorted in three ways, or by one of three colours: the same products again."""
    if path == "/":
        return Page([f"/c/{name}" for name in range(40)], says(path), ("/logo.png",))
    head, _, query = path.partition("?")
    if head.startswith("/p/"):
        number = _number(head)
        return Page(
            [f"/p/{(number * 3 + step) % 5_000}" for step in range(4)] + [f"/c/{number // 125}"],
            says(path),
            (f"{head}.jpg",),
        )
    category, page = _number(head), int(query[5:]) if query.startswith("page=") else 1
    shown = [125 * category + (25 * (page - 1) + i) % 125 for i in range(25)]
    links = [f"/p/{number}" for number in shown] + [f"{head}?page={other}" for other in range(2, 6)]
    links += [f"{head}?sort={key}" for key in ("price", "name", "new")] + [
        f"{head}?colour={key}" for key in ("red", "blue", "green", "grey", "black")
    ]
    return Page(links, says(path), tuple(f"/thumb/{number}.jpg" for number in shown))


@site(1 + 100 + 5_000)
def gallery_whose_pages_say_the_same(path: str) -> Page:
    if path == "/":
        return Page(["/album/0"], SAME)
    if path.startswith("/album/"):
        album = _number(path)
        return Page(
            [f"/album/{min(album + 1, 99)}"] + [f"/show/{50 * album + i}" for i in range(50)],
            SAME,
            tuple(f"/t/{50 * album + i}.jpg" for i in range(50)),
        )
    number = _number(path)
    return Page([f"/show/{min(number + 1, 4_999)}"], SAME, (f"/full/{number}.jpg",))


@site(1 + 4_000)
def gallery_that_only_leads_on(path: str) -> Page:
    if path == "/":
        return Page(["/next?picture=0"], says(path))
    number = int(path.partition("=")[2])
    return Page([f"/next?picture={number + 1}"] if number < 3_999 else [], SAME, (f"/full/{number}.jpg",))


@site(1 + 8_000)
def wiki(path: str) -> Page:
    """Words as names, each page links to 25 others anywhere; the main page and a quarter of all show new pictures."""
    chance = random.Random(path)
    names = [chance.randrange(8_000) for _ in range(25)]
    if path == "/":
        return Page([f"/wiki/{_name(n)}" for n in range(40)], says(path), ("/main.jpg",))
    number = _unname(path.rpartition("/")[2])
    return Page(
        [f"/wiki/{_name(n)}" for n in [(number + 1) % 8_000, *names]],
        says(path),
        (f"{path}.jpg",) if _share(path, 0.25) else (),
    )


def _name(number: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in range(4)).capitalize()


def _unname(name: str) -> int:
    return sum((ord(letter) - 97) * 26**place for place, letter in enumerate(name.lower()))


@site(1 + 200 + 10_000)
def photos_under_hashes(path: str) -> Page:
    if path == "/":
        return Page([f"/u/{user}" for user in range(200)], says(path))
    if path.startswith("/u/"):
        return Page([f"/p/{says(f'{path} {i}'):016x}"[:11] for i in range(50)], says(path))
    return Page([], says(path), (f"{path}.jpg",))


@site(1 + 600 + 2_000 + 3_000)
def tags(path: str) -> Page:
    """3,000 posts on a pager of 600, each with two of 2,000 tags; a tag's page lists posts and shows nothing new."""
    if path == "/":
        return Page(["/page/1"], says(path), ("/logo.png",))
    number = _number(path)
    if path.startswith("/page/"):
        return Page([f"/post/{5 * (number - 1) + i}" for i in range(5)] + _pages("/page/", number, 600), says(path))
    if path.startswith("/tag/"):
        return Page([f"/post/{number % 5}", "/page/1"], says(path))
    return Page(
        [f"/tag/{number % 2_000}", f"/tag/{number * 3 % 2_000}"],
        says(path),
        (f"{path}.jpg",) if _share(path, 0.3) else (),
    )


@site(1 + 30 + 30 * 20 + 30 * 200)
def thirty_languages(path: str) -> Page:
    """The same 200 pages about the same pictures, in folders by language; 20 lists in each."""
    languages = [f"{a}{b}" for a in "abcdef" for b in "nrstz"]
    if path == "/":
        return Page([f"/{language}/" for language in languages], says(path), ("/flag.png",))
    _, language, *rest = path.split("/")
    if not rest[0]:
        return Page([f"/{language}/list/{i}" for i in range(20)], says(path))
    if rest[0] == "list":
        return Page([f"/{language}/page/{10 * int(rest[1]) + i}" for i in range(10)], says(path))
    return Page([f"/{other}/page/{rest[1]}" for other in languages], says(path), (f"/pictures/{rest[1]}.jpg",))


@site(1 + 60 + 60 * 12 + 60 * 12 * 10)
def archive_by_year(path: str) -> Page:
    if path == "/":
        return Page([f"/archive/{year}/" for year in range(1960, 2020)], says(path))
    parts = path.strip("/").split("/")
    if len(parts) == 2:
        return Page([f"{path}{month:02}/" for month in range(1, 13)], says(path))
    if len(parts) == 3:
        return Page([f"{path}scan-{i}.html" for i in range(10)], says(path))
    return Page([path.rpartition("/")[0] + "/"], says(path), (f"{path}.png",))


@pytest.mark.parametrize("name", SITES)
def test_an_honest_site_is_crawled_to_the_end(name: str) -> None:
    made, pages = SITES[name]
    crawl = HostCrawl(made, "/", most=60_000)
    assert (dict(crawl.refused), dict(crawl.dropped)) == ({}, {})
    assert len(crawl.requested) == pages
    assert crawl.widest < 8 * 1024
