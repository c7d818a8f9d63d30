"""Endless spaces and galleries through the whole machine: what is requested, what is refused, and what counts as new media."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from contracts.messages import LinkKind, Order, OrderKind, Outcome
from contracts.refusals import Reason
from tests.unit.frontier.hostcrawl import says
from tests.unit.frontier.playbook import Play, discovery, tuned

SAME = 0x0F0F_1234_5678_9ABC
Answer = Callable[[str], tuple[Sequence[str], Sequence[str], int, dict[str, bool]]]
"""From a URL to pages linked, media shown, text key, and the outcome's flags."""


def crawl(answer: Answer, *, most: int = 600) -> tuple[Play, list[str]]:
    """Fetch what is ordered until nothing is; the pages in their order."""
    play = Play(tuned(politeness={"delay": 0.0}))
    asked: list[str] = []
    orders = [play.open("http://a.test/")]

    def outcome(order: Order, n: int) -> Outcome:
        url = order.items[n].url
        if order.kind is OrderKind.MEDIA:
            return play.outcome(order, n, is_media=True)
        asked.append(url)
        pages, media, text, flags = answer(url)
        links = [discovery(pages, on=url), discovery(media, on=url, kind=LinkKind.MEDIA)]
        return replace(play.outcome(order, n, text_key=text, links=links), **flags)

    quiet = 0
    while quiet < 5 and len(asked) < most:
        orders = [
            more for order in orders for more in play.end(order, [outcome(order, n) for n in range(len(order.items))])
        ]
        orders += play.wait(0.5)
        quiet = 0 if orders else quiet + 1
    return play, asked


def _number(url: str) -> int:
    return int("0" + url.rpartition("/")[2])


def test_a_maze_ends_although_most_of_it_was_queued_before_it_showed() -> None:
    def maze(url: str) -> tuple[Sequence[str], Sequence[str], int, dict[str, bool]]:
        return [f"http://a.test/m/{6 * _number(url) + i}" for i in range(1, 7)], [], says(url), {}

    play, asked = crawl(maze)
    assert 128 <= len(asked) <= 200
    whys = {row.why.partition(":")[0] for row in play.store.urls.values() if row.why}
    assert whys == {Reason.UNPRODUCTIVE}
    waits = [play.wait(0.5) for _ in range(100)]
    assert not any(waits) and play.machine.idle(play.now)


def test_a_logo_that_its_fetcher_forgot_proves_nothing() -> None:
    def maze(url: str) -> tuple[Sequence[str], Sequence[str], int, dict[str, bool]]:
        pages = [f"http://a.test/m/{6 * _number(url) + i}" for i in range(1, 7)]
        return pages, ["http://a.test/logo.png"], says(url), {"fresh_media": True}

    assert len(crawl(maze)[1]) <= 220


def test_a_gallery_that_says_the_same_and_shows_something_else_goes_on() -> None:
    def gallery(url: str) -> tuple[Sequence[str], Sequence[str], int, dict[str, bool]]:
        number = _number(url)
        return [f"http://a.test/g/{number + 1}"], [f"http://a.test/{number}.jpg"], SAME, {"fresh_media": True}

    assert len(crawl(gallery)[1]) >= 600


def test_media_of_other_partitions_counts_by_the_fetchers_word() -> None:
    def gallery(url: str) -> tuple[Sequence[str], Sequence[str], int, dict[str, bool]]:
        return [f"http://a.test/g/{_number(url) + 1}"], [], SAME, {"fresh_media": True, "far_media": True}

    assert len(crawl(gallery)[1]) >= 600
