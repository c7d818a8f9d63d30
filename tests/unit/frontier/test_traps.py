"""Endless sites stay under a budget, honest ones are not hindered: crawls of generated sites, without a network."""

import random
from collections.abc import Callable, Iterator

from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh3_64_intdigest

from contracts.messages import LinkKind
from contracts.refusals import Reason
from contracts.settings import Budgets, Traps
from frontier.traps import SESSIONS, HostTraps

NOW = 1_795_000_000.0  # November 2026
TRAPS = Traps(near_duplicates=16)
BUDGETS = Budgets()

Links = Callable[[str], list[str]]


class Crawl:
    """A breadth-first crawl of one host whose pages are functions: what was admitted, and why others were not."""

    def __init__(
        self,
        links: Links,
        text: Callable[[str], int] = lambda path: xxh3_64_intdigest(path.encode()),
        budgets: Budgets = BUDGETS,
        most: int = 5_000,
    ) -> None:
        self.host = HostTraps()
        self.admitted: list[str] = []
        self.refused: dict[Reason, int] = {}
        seen = {"/"}
        queue = ["/"]
        for path in queue:
            if len(self.admitted) >= most:
                break
            self.admitted.append(path)
            self.host.page()
            for link in links(path):
                if link in seen:
                    continue
                seen.add(link)
                refused = self.host.check(link, LinkKind.PAGE, NOW, TRAPS, budgets)
                if refused is None:
                    queue.append(link)
                else:
                    assert refused.evidence
                    self.refused[refused.reason] = self.refused.get(refused.reason, 0) + 1
            self.host.observe(path, text(path), TRAPS)
        assert len(self.host.to_bytes()) < 8 * 1024

    @property
    def ended(self) -> bool:
        return len(self.admitted) < 5_000


def checked(
    paths: Iterator[str] | list[str], budgets: Budgets = BUDGETS, kind: LinkKind = LinkKind.PAGE
) -> set[Reason]:
    """The reasons by which any of these new URLs of one host is refused."""
    host = HostTraps()
    found = (host.check(path, kind, NOW, TRAPS, budgets) for path in paths)
    return {refused.reason for refused in found if refused}


GOOD = "/contact/imprint.html"


# -- endless sites ------------------------------------------------------------------------------------------------------


def test_a_calendar_of_months_ends() -> None:
    def links(path: str) -> list[str]:
        if path == "/":
            return ["/events/2026/11/", GOOD]
        if not path.startswith("/events"):
            return []
        _, _, year, month, _ = path.split("/")
        at = int(year) * 12 + int(month) - 1
        return [f"/events/{other // 12}/{other % 12 + 1:02}/" for other in (at - 1, at + 1)]

    crawl = Crawl(links)
    assert crawl.ended
    assert GOOD in crawl.admitted
    assert set(crawl.refused) == {Reason.CALENDAR, Reason.UNPRODUCTIVE}  # into the future, into the past


def test_a_calendar_of_equal_pages_ends_much_sooner() -> None:
    def links(path: str) -> list[str]:
        return [f"/d?when={int(path.partition('=')[2] or 0) + 1}", GOOD]

    crawl = Crawl(links, text=lambda path: 7 if "when" in path else xxh3_64_intdigest(path.encode()))
    assert len(crawl.admitted) < 40
    assert GOOD in crawl.admitted
    assert set(crawl.refused) == {Reason.NEAR_DUPLICATES}


def test_relative_links_that_grow_a_path_end() -> None:
    def links(path: str) -> list[str]:
        return [path.rstrip("/") + "/about/team/", path.rstrip("/") + "/news/", GOOD]

    crawl = Crawl(links)
    assert crawl.ended
    assert GOOD in crawl.admitted
    assert Reason.PATH_REPETITION in crawl.refused


def test_paths_that_grow_at_random_end() -> None:
    rng = random.Random(1)

    def links(path: str) -> list[str]:
        return [f"{path.rstrip('/')}/{''.join(rng.choice('abcdefgh') for _ in range(5))}"]

    crawl = Crawl(links)
    assert crawl.ended
    assert set(crawl.refused) == {Reason.PATH_DEPTH}


def test_random_words_with_the_same_text_end() -> None:
    rng = random.Random(2)

    def links(path: str) -> list[str]:
        return [f"/maze/{''.join(rng.choice('abcdefgh') for _ in range(7))}" for _ in range(3)] + [GOOD]

    crawl = Crawl(links, text=lambda path: 5 if "maze" in path else xxh3_64_intdigest(path.encode()))
    assert len(crawl.admitted) < 600
    assert GOOD in crawl.admitted
    assert set(crawl.refused) == {Reason.NEAR_DUPLICATES}


def test_a_server_that_makes_a_session_for_each_visit_ends() -> None:
    rng = random.Random(3)

    def links(path: str) -> list[str]:
        new = f"{rng.getrandbits(96):024x}"
        found = [f"/shop/{name}?zenid={new}" for name in ("cart", "list", "help")]
        return [*found, f"/(S({new}))/home.aspx", GOOD]

    crawl = Crawl(links)
    assert crawl.ended
    assert GOOD in crawl.admitted
    assert set(crawl.refused) == {Reason.SESSION_ID}
    sessions = {path.partition("zenid=")[2] for path in crawl.admitted if "zenid" in path}
    assert len(sessions) <= SESSIONS


def test_facets_end() -> None:
    names = ["brand", "color", "size", "sort", "view"]

    def links(path: str) -> list[str]:
        known = dict(part.split("=") for part in path.partition("?")[2].split("&") if part)
        found = [GOOD]
        for name in names:
            for value in range(12):
                query = "&".join(f"{key}={value}" for key, value in sorted({**known, name: f"v{value}"}.items()))
                found.append(f"/shoes?{query}")
        return found

    crawl = Crawl(links)  # 13 ** 5 = 371,293 query strings of 60 values
    assert crawl.ended
    assert GOOD in crawl.admitted
    assert set(crawl.refused) <= {Reason.PARAMETER_EXPLOSION, Reason.UNPRODUCTIVE}
    assert len(crawl.admitted) < TRAPS.parameter_values + 500


def test_ever_new_parameter_names_end() -> None:
    assert checked(f"/a?p{i:x}z=1" for i in range(200)) == {Reason.PARAMETER_EXPLOSION}
    assert checked(["/a?" + "&".join(f"{i}=1" for i in range(17))]) == {Reason.PARAMETER_EXPLOSION}
    assert checked(["/a?" + "&".join(f"{i}=1" for i in range(16))]) == set()


def test_one_pattern_has_a_budget_and_others_go_on() -> None:
    budgets = Budgets(pattern_urls=50)
    host = HostTraps()
    found = [host.check(f"/item/{i}", LinkKind.PAGE, NOW, TRAPS, budgets) for i in range(60)]
    assert sum(refused is None for refused in found) == 50
    assert str(found[-1]) == "pattern_budget: pattern /item/*: budgets.pattern_urls used up"
    assert host.check(GOOD, LinkKind.PAGE, NOW, TRAPS, budgets) is None


def test_many_patterns_cannot_hide_one_behind_them() -> None:
    budgets = Budgets(pattern_urls=500)
    host = HostTraps()
    admitted = 0
    for i in range(4_000):
        host.check(
            f"/{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}", LinkKind.PAGE, NOW, TRAPS, budgets
        )
        admitted += host.check(f"/item/{i}", LinkKind.PAGE, NOW, TRAPS, budgets) is None
    assert admitted <= 500
    assert len(host.to_bytes()) < 8 * 1024


# -- honest sites -------------------------------------------------------------------------------------------------------


def test_a_large_news_archive_is_admitted() -> None:
    paths = [
        f"/{year}/{month:02}/{day:02}/title-number-{n}.html"
        for year in range(2015, 2027)
        for month in range(1, 13)
        for day in range(1, 29)
        for n in range(4)
    ]
    assert len(paths) > 16_000
    assert checked(paths) == set()


def test_articles_by_number_are_admitted_up_to_the_budget() -> None:
    budgets = Budgets(pattern_urls=20_000)
    assert checked(f"/article/{i}" for i in range(19_900)) == set()
    assert checked((f"/article/{i}" for i in range(19_900)), budgets) == set()
    assert checked((f"/article/{i}" for i in range(20_100)), budgets) == {Reason.PATTERN_BUDGET}


def test_catalogues_and_forums_with_queries_are_admitted() -> None:
    assert checked(f"/index.php?option=com_content&view=article&id={i}" for i in range(15_000)) == set()
    assert checked(f"/viewtopic.php?f={t % 20}&t={t}&start={s * 15}" for t in range(4_000) for s in range(3)) == set()
    assert checked(f"/list?page={i}" for i in range(5_000)) == set()


def test_galleries_by_hash_are_admitted() -> None:
    rng = random.Random(4)
    assert checked(f"/photo/{rng.getrandbits(128):032x}?size=large" for _ in range(5_000)) == set()


def test_pictures_and_style_sheets_are_judged_by_their_path_only() -> None:
    for kind in (LinkKind.MEDIA, LinkKind.STYLESHEET, LinkKind.SITEMAP):
        assert checked((f"/img/{i}.jpg?w={i % 7}&h={i % 5}" for i in range(30_000)), kind=kind) == set()
        assert checked(["/2031/05/x.jpg", "/a?sid=" + "a" * 20], kind=kind) == set()
        assert checked(["/x/x/x/x.jpg"], kind=kind) == {Reason.PATH_REPETITION}
        assert checked(["/a" * 40], kind=kind) == {Reason.PATH_DEPTH}


def test_pages_that_say_different_things_end_a_streak() -> None:
    host = HostTraps()
    for i in range(200):
        host.observe(f"/item/{i}", 0xFFFF if i % 15 else 0, TRAPS)
        host.observe(f"/item/{i}", 0xABCDEF << (i % 30), TRAPS)
    assert host.check("/item/x", LinkKind.PAGE, NOW, TRAPS, BUDGETS) is None


def test_a_streak_is_of_keys_within_three_bits_and_zero_is_none() -> None:
    def after(keys: list[int], fresh: bool = False) -> bool:
        host = HostTraps()
        for i in range(40):
            host.check(f"/warm/{i}", LinkKind.PAGE, NOW, TRAPS, BUDGETS)
        for i, key in enumerate(keys):
            host.observe(f"/item/{i}", key, TRAPS, fresh)
        return host.check("/item/999", LinkKind.PAGE, NOW, TRAPS, BUDGETS) is None

    assert not after([0xFF00 | 1 << (i % 3) for i in range(16)])
    assert after([0xFF00 | 1 << (i % 3) for i in range(15)])
    assert after([0xFF00 if i % 2 else 0xFF0F for i in range(40)])  # four bits apart
    assert after([0] * 40)
    assert after([0xFF00] * 40, fresh=True)  # the same words about new pictures
    assert after([0xFF00] * 16 + [0xFF])  # a queued page proved the pattern good again


# -- the state ----------------------------------------------------------------------------------------------------------


def test_small_hosts_need_no_state() -> None:
    host = HostTraps()
    for i in range(30):
        assert host.check(f"/a/{i}?b={i}", LinkKind.PAGE, NOW, TRAPS, BUDGETS) is None
    assert not host.changed
    assert host.to_bytes() == b""
    assert host.admitted == 30


def test_a_stored_state_goes_on_where_it_was() -> None:
    budgets = Budgets(pattern_urls=100)
    host = HostTraps()
    for i in range(90):
        host.check(f"/item/{i}?a={i}&b", LinkKind.PAGE, NOW, TRAPS, budgets)
    due = host.changed
    stored = host.to_bytes()
    assert (due, host.changed) == (True, False)
    again = HostTraps.from_bytes(stored)
    assert again.to_bytes() == stored
    found = [again.check(f"/item/{i}?a={i}&b", LinkKind.PAGE, NOW, TRAPS, budgets) for i in range(90, 120)]
    assert sum(refused is None for refused in found) == 10
    assert again.admitted == 100


@given(st.binary(max_size=60))
def test_a_damaged_state_is_as_none(stored: bytes) -> None:
    host = HostTraps.from_bytes(stored)
    host.observe("/a", 5, TRAPS)
    assert host.check("/a/b?c=1&d=2", LinkKind.PAGE, NOW, TRAPS, BUDGETS) is None or stored


@given(
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from(list(LinkKind)), st.integers(0, 2**64 - 1)), max_size=60)
)
def test_no_path_makes_it_fail(found: list[tuple[str, LinkKind, int]]) -> None:
    host = HostTraps()
    for text, kind, key in found:
        host.check("/" + text, kind, NOW, TRAPS, Budgets(pattern_urls=20))
        host.observe("/" + text, key, TRAPS)
    assert HostTraps.from_bytes(host.to_bytes()).to_bytes() == host.to_bytes()
