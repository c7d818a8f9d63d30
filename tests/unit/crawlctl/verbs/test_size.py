"""`crawlctl size`."""

import pytest

from crawlctl.costs import figures
from crawlctl.verbs.size import shown
from tests.unit.crawlctl.conftest import Crawlctl


def test_as_json(crawlctl: Crawlctl) -> None:
    ran = crawlctl("size", "--pages-per-second", "50", "--images-per-page", "2.5", "--known-urls", "1e6", "--json")
    assert ran.code == 0
    (answer,) = ran.answers
    assert answer["wanted"] == {"pages_per_second": 50, "images_per_page": 2.5, "known_urls": 1e6}
    assert answer["bottleneck"] == answer["limits"][0]["part"]
    needs = {(need["part"], need["name"]): need["value"] for need in answer["needs"]}
    assert needs["web", "requests"] == 175


def test_for_people(crawlctl: Crawlctl) -> None:
    ran = crawlctl("size")
    assert ran.code == 0
    assert ran.out.startswith("3,000 pages/s with 10 pictures each (30,000 pictures/s), 1,000,000,000 known URLs\n")
    last = ran.out.splitlines()[-1]
    assert last.startswith("first bottleneck: ") and "used up at" in last and "then: " in last
    for part in ("fetchers", "decode cores", "partitions", "brokers", "WAL", "DNS queries", "connections", "Gbit/s"):
        assert part in ran.out


def test_small_crawls_are_told_that_it_is_enough(crawlctl: Crawlctl) -> None:
    ran = crawlctl("size", "--pages-per-second", "10", "--known-urls", "1e6")
    assert "pages/s: enough for this; then: " in ran.out


def test_the_settings_count(crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("size", "--pages-per-second", "10", "--images-per-page", "0", "--json")
    monkeypatch.setenv("PISAURA_POLITENESS_DELAY", "9.5s")
    (answer,) = crawlctl(*arguments).answers
    assert {need["name"]: need["value"] for need in answer["needs"]}["hosts at a time"] == 100


def test_what_it_is_computed_from(crawlctl: Crawlctl) -> None:
    assert [answer["name"] for answer in crawlctl("size", "--figures", "--json").answers] == [
        figure.name for figure in figures()
    ]
    shown_to_people = crawlctl("size", "--figures").out
    assert "measured" in shown_to_people and "assumed" in shown_to_people


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "many", ""])
@pytest.mark.parametrize("option", ["--pages-per-second", "--images-per-page", "--known-urls"])
def test_what_is_no_number(crawlctl: Crawlctl, option: str, value: str) -> None:
    ran = crawlctl("size", f"{option}={value}")
    assert ran.code == 2 and "must be a number like" in ran.err


def test_what_nobody_can_want(crawlctl: Crawlctl) -> None:
    ran = crawlctl("size", "--pages-per-second", "0")
    assert ran.code == 2 and "pages above 0" in ran.err
    assert crawlctl("size", "--known-urls", "1e300").code == 2


def test_numbers_for_people() -> None:
    assert [shown(value) for value in (0.0, 0.004, 1.0, 29.0, 98.44, 100.4, 3e9)] == [
        "0", "0.004", "1", "29", "98.4", "100", "3,000,000,000",
    ]  # fmt: skip
