"""Issue: "`try robots FILE URL... [--agent A] [--status N]` allowed or not, the line number and line that decided,
crawl-delay, sitemaps"."""

from pathlib import Path

import pytest

from tests.unit.crawlctl.conftest import Crawlctl

RULES = b"""\
User-agent: *
Disallow: /private
Allow: /private/ok
Crawl-delay: 2.5
Sitemap: https://e.example/s.xml

User-agent: other
Disallow: /
"""


@pytest.fixture
def robots(tmp_path: Path) -> str:
    path = tmp_path / "robots.txt"
    path.write_bytes(RULES)
    return str(path)


def test_the_line_that_decides(crawlctl: Crawlctl, robots: str) -> None:
    ran = crawlctl(
        "try", "robots", robots, "/private/x", "https://e.example/private/ok?q", "http://e.example", "--json"
    )
    assert ran.code == 0
    common = {"crawl_delay": 2.5, "sitemaps": ["https://e.example/s.xml"]}
    assert ran.answers == [
        {"url": "/private/x", "allowed": False, "line_number": 2, "line": "Disallow: /private",
         "why": "longest match in the group of *", **common},
        {"url": "https://e.example/private/ok?q", "allowed": True, "line_number": 3, "line": "Allow: /private/ok",
         "why": "longest match in the group of *", **common},
        {"url": "http://e.example", "allowed": True, "line_number": 0, "line": "", "why": "no rule for * matches", **common},
    ]  # fmt: skip


def test_another_agent(crawlctl: Crawlctl, robots: str) -> None:
    answer = crawlctl("try", "robots", robots, "--agent", "Other/2.0 (x)", "/a", "--json").answers[0]
    assert (answer["allowed"], answer["line_number"]) == (False, 8)


# RFC 9309, 2.3.1: what the answer to a robots.txt means.
@pytest.mark.parametrize(
    ("status", "allowed"), [(200, False), (204, False), (404, True), (403, True), (302, True), (429, False), (503, False), (0, False)]
)  # fmt: skip
def test_the_status_counts(crawlctl: Crawlctl, robots: str, status: int, allowed: bool) -> None:
    answer = crawlctl("try", "robots", robots, "--status", str(status), "/private", "--json").answers[0]
    assert answer["allowed"] is allowed
    if status not in (200, 204):
        assert answer["line_number"] == 0
        assert ("no answer" if status == 0 else str(status)) in answer["why"]


def test_lines_are_answered_one_by_one(crawlctl: Crawlctl, robots: str) -> None:
    ran = crawlctl("try", "robots", robots, "--json", stdin=b"/private\n\n\0\xff\nmailto:x\nhttp://[/\n/private/ok\r\n")
    assert ran.code == 0
    assert [answer["allowed"] for answer in ran.answers] == [False, True, True, None, None, True]
    assert "scheme" in ran.answers[3]["why"]


# Issue: "Crawl-delay honoured up to `max_crawl_delay`, above it the host is refused by name."
def test_a_crawl_delay_that_is_too_long_is_told_beside_the_rules(crawlctl: Crawlctl, tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_bytes(b"User-agent: *\nCrawl-delay: 61\nDisallow: /a\n")
    a, b = crawlctl("try", "robots", str(path), "/a", "/b", "--json").answers
    assert (a["allowed"], b["allowed"]) == (False, True)
    assert a["refused"] == b["refused"] == "crawl_delay: line 2: Crawl-delay: 61 (limit 60 s)"
    assert (a["line_number"], a["crawl_delay"]) == (3, 61.0)
    assert "but crawl_delay: line 2" in crawlctl("try", "robots", str(path), "/b").out


def test_for_people(crawlctl: Crawlctl, robots: str) -> None:
    assert crawlctl("try", "robots", robots, "/private", "x:y").out == (
        "disallowed /private  line 2: Disallow: /private (longest match in the group of *)\n"
        "invalid    x:y  no URL that could be fetched: scheme: x\n"
        "crawl-delay 2.5 s\nsitemap https://e.example/s.xml\n"
    )


def test_a_long_path_is_judged(crawlctl: Crawlctl, robots: str) -> None:
    assert crawlctl("try", "robots", robots, "/private" + "x" * 16_000, "--json").answers[0]["allowed"] is False


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["missing", "/"], "missing: cannot be read"), (["-"], "standard input"), ([], "FILE"), (["x", "--status", "abc"], "--status")],
)  # fmt: skip
def test_unusable_input(crawlctl: Crawlctl, arguments: list[str], word: str) -> None:
    ran = crawlctl("try", "robots", *arguments)
    assert ran.code == 2
    assert word in ran.err
