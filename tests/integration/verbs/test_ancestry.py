"""From a URL back to its seed: links, redirects, sitemaps."""

from tests.integration.verbs.conftest import Crawled, Verb


def test_a_seed(verb: Verb, crawled: Crawled) -> None:
    found = verb.one("explain", crawled.world.seeds()[0])
    assert [step["how"] for step in found["found"]["chain"]] == ["seed"]
    assert found["seed"]["given_at"] <= found["seed"]["taken_at"]


def test_a_chain_of_redirects(verb: Verb, crawled: Crawled) -> None:
    found = verb.one("explain", crawled.url("moved.test", "/long5"))
    chain = [(step["url"].rpartition("/")[2], step["how"]) for step in found["found"]["chain"]]
    assert chain[:6] == [*((f"long{n}", "redirect") for n in range(5, 0, -1)), ("long0", "link")]
    assert found["fetch"]["redirect_to"] == crawled.url("moved.test", "/long6")
    refused = verb.one("explain", crawled.url("moved.test", "/long11"))
    assert (refused["known"], refused["refused"]["reason"]) == (False, "redirect_hops")
    assert refused["found"]["hops"] == 11


def test_a_sitemap_named_by_robots_txt(verb: Verb, crawled: Crawled) -> None:
    chain = verb.one("explain", crawled.url("mapped.test", "/found.html"))["found"]["chain"]
    assert [(step["url"], step["how"]) for step in chain] == [
        (crawled.url("mapped.test", "/found.html"), "link"),
        (crawled.url("mapped.test", "/map.txt"), "sitemap"),
        (crawled.url("mapped.test", "/robots.txt"), ""),
    ]
