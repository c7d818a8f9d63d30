"""The bench world has the pages that the issue's figures are for: 30 KB, 100 links, about 9 of them new."""

import gzip
import re

from tests.fakeweb.bench import FRESH, NAVIGATION, build_bench, number_of, path_of
from tests.fakeweb.model import Answer


def hrefs(body: bytes) -> list[str]:
    return re.findall(r'<a [^>]*href="([^"]*)"', body.decode())


def test_pages_have_thirty_kilobytes_and_a_hundred_links() -> None:
    world = build_bench(hosts=3)
    netloc = world.netloc("bench001.test", "http")
    for number in (0, 5, 71, 12345):
        answer = world.find("http", netloc, path_of(number).replace("&amp;", "&"))
        assert isinstance(answer, Answer)
        assert 28_000 < len(answer.body) < 32_000
        assert len(hrefs(answer.body)) == 100


def test_a_page_brings_fresh_links() -> None:
    world = build_bench(hosts=3)
    netloc = world.netloc("bench000.test", "http")
    seen: set[str] = set()
    counts = []
    for number in range(200):
        answer = world.find("http", netloc, path_of(number).replace("&amp;", "&"))
        assert isinstance(answer, Answer)
        found = set(hrefs(answer.body))
        counts.append(len(found - seen))
        seen |= found
    assert counts[0] >= NAVIGATION
    assert FRESH - 0.5 < sum(counts[1:]) / len(counts[1:]) < FRESH + 1


def test_compressed_pages_are_the_same_pages() -> None:
    plain, packed = build_bench(hosts=2), build_bench(hosts=2, gzip=True)
    path = path_of(500).replace("&amp;", "&")
    netloc = plain.netloc("bench000.test", "http")
    one, other = plain.find("http", netloc, path), packed.find("http", netloc, path)
    assert isinstance(one, Answer) and isinstance(other, Answer)
    assert gzip.decompress(other.body) == one.body
    assert len(other.body) < len(one.body) / 2


def test_only_pages_of_the_world_exist() -> None:
    assert number_of("/topics/5/story-5.html?ref=list&v=5") == 5
    for path in ("/topics/6/story-5.html?ref=list&v=5", "/story-", "/topics/0/story-²3.html", "/x"):
        assert number_of(path) is None
    world = build_bench(hosts=1, pages=10)
    assert world.find("http", world.netloc("bench000.test", "http"), "/topics/11/story-11.html?ref=list&v=4") is None
    assert len(world.expected_urls()) == 11
