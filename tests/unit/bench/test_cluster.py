"""The arithmetic of `tests.bench.cluster`: what its figures are made of."""

from collections import Counter

import pytest

from contracts.messages import Discovery, Link, LinkGroup, LinkKind, Outcome, OutcomeBatch, Purpose, Result
from tests.bench.cluster.crawl import Look, between
from tests.bench.cluster.decisions import Decided
from tests.bench.cluster.repeats import Carried, dropped
from tests.bench.cluster.world import LARGE, LARGE_EVERY, Shape, address_of, known_numbers, name_of, number_of


@pytest.mark.parametrize("known", [100_000, 1_000_000])
def test_a_shape_has_about_the_urls_that_were_asked_for(known: int) -> None:
    shape = Shape(known)
    assert shape.total() == pytest.approx(known, rel=0.02)
    assert shape.counts(LARGE_EVERY - 1)[0] == LARGE * shape.counts(0)[0]
    assert Shape(known, big=5).total() == shape.total() + 5


def test_a_small_shape_still_has_its_hosts_at_work() -> None:
    assert Shape(100, active=20).hosts == 20


def test_names_tell_their_numbers_and_two_hosts_share_an_address() -> None:
    assert [number_of(name_of(number)) for number in (0, 7, 123_456)] == [0, 7, 123_456]
    addresses = Counter(address_of(number) for number in range(200_000))
    assert len(addresses) == 100_000 and set(addresses.values()) == {2}


def test_known_numbers_are_known() -> None:
    for seed in range(50):
        numbers = list(known_numbers(seed, 70, 10))
        assert len(set(numbers)) == 10 and max(numbers) < 70


def test_decisions_are_urls_out_urls_back_and_links() -> None:
    one = Decided(10, 200, 0, 1, frontier=1.0, postgres=1.0, wall=1.0, first=0.0, memory=0, rows=0.0, wal=0)
    assert one.decisions == 220


def test_dropped_share_of_repeats() -> None:
    assert dropped(met=110, carried=10, urls=10) == 1.0
    assert dropped(met=110, carried=60, urls=10) == 0.5
    assert dropped(met=10, carried=10, urls=10) == 1.0


def test_what_a_log_carried_counts_links_in_both_topics_but_no_seeds() -> None:
    def found(parent: bytes, *links: tuple[bytes, LinkKind]) -> Discovery:
        group = LinkGroup(True, "a.test", 1, [Link("/", url_id, kind) for url_id, kind in links])
        return Discovery(Purpose.LINK, parent, 1, 0.0, [group])

    carried, page, media = Carried(), LinkKind.PAGE, LinkKind.MEDIA
    carried.take([found(b"", (b"seed", page)), found(b"p", (b"a", page), (b"m", media))])
    outcome = Outcome(b"o", b"u", Result.FETCHED, 0.0, 0.0, links=[found(b"p", (b"a", page), (b"b", page))])
    carried.take([OutcomeBatch([outcome], [])])
    assert (carried.pages, carried.media) == (3, 1)
    assert (carried.page_urls, carried.media_urls) == ({b"a", b"b"}, {b"m"})


def test_what_lies_between_two_looks() -> None:
    before = Look(1.0, {"fetcher": 1.0, "broker": 1.0}, 10, 5.0, 100, Counter(urls=3), Counter(urls=30))
    after = Look(3.0, {"fetcher": 2.0, "broker": 5.0}, 20, 25.0, 400, Counter(urls=8, outcomes=2), Counter(urls=90))
    crawled = between(before, after, {"fetcher": 0.01})
    assert (crawled.pages, crawled.seconds, crawled.rows, crawled.wal) == (10, 2.0, 20.0, 300)
    assert crawled.records == {"urls": 5, "outcomes": 2} and crawled.bytes == {"urls": 60}
    assert crawled.each() == 0.1 and crawled.each("broker") == 0.4
