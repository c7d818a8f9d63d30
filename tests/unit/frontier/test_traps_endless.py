"""Every kind of endless space costs some 200 requests at most with default settings; the good page behind it is reached."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from urllib.parse import quote

import pytest

from fetchers.textkey import text_key
from tests.unit.frontier.hostcrawl import HostCrawl, Page, Site, says

MOST = 200
"""Requests to a host with one endless space: those that tell it, and what an order has under way by then."""
GOOD = "/imprint/contact.html"
SAME = 0x0F0F_1234_5678_9ABC
MENU = "Home About us News Calendar Contact Imprint Search Members Gallery Links. Copyright by the town library. "

KINDS: dict[str, tuple[Site, str]] = {}


def kind(door: str) -> Callable[[Site], Site]:
    def add(site: Site) -> Site:
        KINDS[site.__name__] = (site, door)
        return site

    return add


def _chance(path: str) -> random.Random:
    return random.Random(path)


def _word(chance: random.Random, length: int, letters: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    return "".join(chance.choices(letters, k=length))


# -- calendars: far dates are refused by name (traps.calendar_days); here, most days are near and none has anything to show --


@kind("/events/2026/11/23")
def days_by_path(path: str) -> Page:
    day = date(*(int(part) for part in path.split("/")[2:]))
    return Page(
        [(day + timedelta(step)).strftime("/events/%Y/%m/%d") for step in (-365, -31, -1, 1, 31, 365)], says(path)
    )


@kind("/cal?view=day&date=2026-11-23")
def days_weeks_and_months_by_query(path: str) -> Page:
    view, _, day = path.partition("view=")[2].partition("&date=")
    at = date.fromisoformat(day)
    step = {"day": 1, "week": 7, "month": 28}[view]
    near = [at - timedelta(step), at + timedelta(step)]
    return Page([f"/cal?view={v}&date={d}" for v in ("day", "week", "month") for d in near], says(path))


@kind("/agenda/day/20260101")
def views_in_patterns_of_their_own(path: str) -> Page:
    _, _, _, day = path.split("/")
    at = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    return Page(
        [
            f"/agenda/{view}/{at + timedelta(step):%Y%m%d}"
            for view in ("day", "week", "month", "list")
            for step in (-2, 5)
        ],
        says(path),
    )


@kind("/cal/2026/11/")
def months_that_list_their_days(path: str) -> Page:
    """A day's page leads nowhere; its text is that of the day before but for names, as in real calendars."""
    year, month, *day = (int(part) for part in path.strip("/").split("/")[1:])
    at = 12 * year + month - 1
    months = [f"/cal/{other // 12}/{other % 12 + 1:02}/" for other in (at - 1, at + 1)]
    if day:
        said = f"{date(year, month, day[0]):%A, %d %B %Y}. Previous day. Next day. There are no events on this day."
        return Page(months, text_key(MENU + said))
    days = [f"/cal/{year}/{month:02}/{day:02}" for day in range(1, 29)]
    return Page(
        months + days, text_key(f"{MENU} {date(year, month, 1):%B %Y} Monday Tuesday Wednesday Thursday Friday")
    )


@kind("/x/day/7")
def two_views_that_list_each_other(path: str) -> Page:
    view, number = path.split("/")[2:]
    return Page([f"/x/{'week' if view == 'day' else 'day'}/{int(number) * 6 + i}" for i in range(3)], says(path))


@kind("/m/0")
def maze_with_changing_advertisements(path: str) -> Page:
    number = int(path.rpartition("/")[2])
    return Page([f"/m/{3 * number + i}" for i in (1, 2, 3)], says(path), (f"/advertisement-{number % 8}.png",))


@kind("/log/0")
def days_into_the_past_as_numbers(path: str) -> Page:
    at = int(path.rpartition("/")[2])
    return Page([f"/log/{at - 86_400}", f"/log/{at - 7 * 86_400}"], says(path))


# -- sessions -----------------------------------------------------------------------------------------------------------


@kind("/shop/0123456789abcdef0123456789abcdef/0")
def sessions_in_the_path(path: str) -> Page:
    chance, shelf = _chance(path), int(path.rpartition("/")[2])
    return Page([f"/shop/{chance.getrandbits(128):032x}/{(shelf + step) % 10}" for step in range(3)], says(path))


@kind("/shop/list?visit=0")
def sessions_under_an_unknown_name(path: str) -> Page:
    chance = _chance(path)
    return Page([f"/shop/{name}?visit={chance.getrandbits(96):x}" for name in ("list", "cart", "help")], says(path[:9]))


@kind("/(S(lit3py55t21z5v55vlm25s55))/a.aspx")
def sessions_that_change_on_every_page(path: str) -> Page:
    new = f"{_chance(path).getrandbits(96):024x}"
    return Page([f"/(S({new}))/{name}.aspx" for name in "abcd"], says(path))


# -- tokens, random words, mazes ----------------------------------------------------------------------------------------


@kind("/view?item=0&token=0f")
def tokens(path: str) -> Page:
    chance = _chance(path)
    return Page([f"/view?item={chance.randrange(10)}&token={chance.getrandbits(64):x}" for _ in range(4)], says(path))


@kind("/maze/0")
def maze_of_hashes(path: str) -> Page:
    return Page([f"/maze/{_chance(f'{path} {i}').getrandbits(48):012x}" for i in range(10)], says(path))


@kind("/maze/start")
def maze_of_words(path: str) -> Page:
    return Page([f"/maze/{_word(_chance(f'{path} {i}'), 6)}" for i in range(10)], says(path))


@kind("/maze/start-here-now.html")
def maze_of_titles(path: str) -> Page:
    chance = _chance(path)
    titles = (
        "-".join(chance.choices(("river", "stone", "bridge", "garden", "letter", "window"), k=5)) for _ in range(8)
    )
    return Page([f"/maze/{title}-{chance.randrange(10**6)}.html" for title in titles], says(path))


@kind("/a8f3/")
def maze_that_deepens(path: str) -> Page:
    return Page([f"{path}{_chance(f'{path} {i}').getrandbits(16):04x}/" for i in range(3)], says(path))


@kind("/dir/")
def maze_that_deepens_by_words(path: str) -> Page:
    return Page([f"{path}{_word(_chance(f'{path} {i}'), 5)}/" for i in range(8)], says(path))


@kind("/ab/cd/ef")
def maze_of_ever_new_sections(path: str) -> Page:
    def name(i: int) -> str:
        chance = _chance(f"{path} {i}")
        return "".join(f"/{_word(chance, 4)}" for _ in range(chance.randrange(1, 6)))

    return Page([name(i) for i in range(6)], says(path))


@kind("/start")
def maze_at_the_root(path: str) -> Page:
    return Page([f"/{_word(_chance(f'{path} {i}'), 7)}" for i in range(5)], says(path))


@kind("/w1/0")
def maze_of_sections_that_each_last_a_while(path: str) -> Page:
    section, number = path.split("/")[1:]
    chance = _chance(path)
    return Page([f"/{section}/{chance.getrandbits(40)}", f"/{_word(chance, 5)}/{number}"], says(path))


@kind("/maze/0")
def maze_whose_first_pages_show_a_logo(path: str) -> Page:
    number = int(path.rpartition("/")[2])
    return Page(
        [f"/maze/{2 * number + 1}", f"/maze/{2 * number + 2}"],
        says(path),
        tuple(f"/{i}.png" for i in range(min(number, 3))),
    )


@kind("/maze/0?")
def maze_whose_pages_say_nothing(path: str) -> Page:
    return Page([f"/maze/{_chance(f'{path} {i}').getrandbits(48):012x}" for i in range(10)], 0)


# -- facets and other recombined parameters -----------------------------------------------------------------------------


@kind("/list?page=1")
def facets_in_any_order(path: str) -> Page:
    names = ("colour", "size", "price", "brand", "year", "shape", "weight", "rating", "shop", "sale", "page")
    return Page([f"{path}&{name}=v{path.count('&')}" for name in names], says(path))


@kind("/shoes")
def facets_in_one_order(path: str) -> Page:
    known = dict(part.split("=") for part in path.partition("?")[2].split("&") if part)
    links = []
    for name in ("brand", "colour", "size", "sort", "view"):
        for value in range(12):
            links.append("/shoes?" + "&".join(f"{k}={v}" for k, v in sorted({**known, name: f"v{value}"}.items())))
    return Page(links, says(path))


@kind("/c/shirts/")
def facets_as_path_segments(path: str) -> Page:
    names = ("red", "blue", "large", "small", "cheap", "new", "wool", "silk", "plain", "sale")
    return Page([f"{path}{name}/" for name in names if f"/{name}/" not in path], says(path))


@kind("/search?f=a")
def one_parameter_repeated(path: str) -> Page:
    return Page([f"{path}&f={letter}" for letter in "abcde"], says(path))


@kind("/table?sort=a")
def sort_orders_piled_up(path: str) -> Page:
    return Page([f"/table?sort={path.partition('=')[2]},{key}" for key in ("name", "-name", "date", "-date")], SAME)


# -- paths that grow, pages beyond the content, counters ----------------------------------------------------------------


@kind("/docs/")
def relative_links(path: str) -> Page:
    return Page([f"{path}{more}" for more in ("docs/", "more/", "more/docs/", "next/", "intro/")], says(path))


@kind("/list?page=0")
def pages_beyond_the_content(path: str) -> Page:
    return Page([f"/list?page={int(path.rpartition('=')[2]) + 1}"], SAME)


@kind("/list?offset=0")
def offsets_whose_pages_differ(path: str) -> Page:
    return Page([f"/list?offset={int(path.rpartition('=')[2]) + 20}"], says(path))


@kind("/list/page/1/")
def pages_by_path(path: str) -> Page:
    return Page([f"/list/page/{int(path.split('/')[3]) + step}/" for step in range(1, 6)], says(path))


@kind("/item/1")
def counters_with_the_same_text(path: str) -> Page:
    return Page([f"/item/{int(path.rpartition('/')[2]) + 1}"], SAME ^ 1 << int(path.rpartition("/")[2]) % 3)


@kind("/t/1")
def pages_each_with_a_print_version(path: str) -> Page:
    number = path.split("?")[0].rpartition("/")[2]
    links = [] if "?" in path else [f"/t/{int(number) + 1}", f"/t/{number}?print=1", f"/t/{number}?share=mail"]
    return Page(links, says(f"/t/{number}"))


# -- one page under many spellings --------------------------------------------------------------------------------------


@kind("/about/ourcompanytoday")
def upper_and_lower_case(path: str) -> Page:
    chance = _chance(path)
    return Page(["".join(chance.choice((c.upper(), c.lower())) for c in path) for _ in range(4)], SAME)


@kind("/wiki/a/b/c/d/e/f/g/h")
def doubled_slashes(path: str) -> Page:
    chance = _chance(path)
    return Page(["/wiki" + "".join(chance.choice(("/", "//")) + c for c in "abcdefgh") for _ in range(4)], SAME)


@kind("/wiki/some-words-that-are-escaped")
def escapes(path: str) -> Page:
    chance = _chance(path)
    name = "some-words-that-are-escaped"
    return Page(["/wiki/" + "".join(chance.choice((c, f"%{ord(c):02X}")) for c in name) for _ in range(4)], says(path))


@kind("/go?to=/go")
def addresses_within_addresses(path: str) -> Page:
    return Page([f"/go?to={quote(path, safe='')}", f"/login?next={quote(path, safe='')}"], says(path))


@pytest.mark.parametrize("name", KINDS)
def test_an_endless_space_ends_soon(name: str) -> None:
    site, door = KINDS[name]

    def host(path: str) -> Page:
        if path == "/":
            return Page([door, "/imprint/"], says(path))
        return Page([GOOD], says(path)) if path.startswith("/imprint/") else site(path)

    crawl = HostCrawl(host, "/")
    assert crawl.ended
    assert len(crawl.requested) <= MOST
    assert GOOD in crawl.requested
    assert crawl.refused or crawl.dropped
    assert crawl.widest < 8 * 1024


def test_an_endless_space_within_a_large_honest_host_ends_too() -> None:
    """What the honest part has earned prolongs the maze's run within the same section, four times at most."""
    numbers = count()

    def host(path: str) -> Page:
        if path == "/":
            return Page([f"/shop/item/{i}" for i in range(1_000)] + ["/shop/maze/0"], says(path))
        if path.startswith("/shop/item"):
            return Page(["/"], says(path), (f"{path}.jpg",))
        return Page(
            [f"/shop/maze/{_word(_chance(f'{path} {i}'), 6)}" for i in range(next(numbers) % 3 + 1)], says(path)
        )

    crawl = HostCrawl(host, "/")
    assert crawl.ended
    assert sum("item" in path for path in crawl.requested) == 1_000
    assert sum("maze" in path for path in crawl.requested) <= 4 * MOST
