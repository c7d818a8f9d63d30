"""What comes next for a URL, and why then."""

from typing import Any

from tests.integration.verbs.conftest import Crawled, Verb


def test_what_was_never_found(verb: Verb, crawled: Crawled) -> None:
    """It says that it was never found, and what would happen."""
    unknown = verb.one("explain", "http://nobody.test/x")
    assert (unknown["known"], unknown["refused"], unknown["next"]["at"]) == (False, None, None)
    assert "never found" in unknown["summary"] and "resolve the host" in unknown["summary"]
    assert unknown["host_state"]["known"] is False
    page = verb.one("explain", crawled.url("site001.test", "/never-linked"))
    assert page["known"] is False and page["refused"] is None and page["robots"]["allowed"] is True


def test_robots_txt_itself(verb: Verb, crawled: Crawled) -> None:
    found: dict[str, Any] = verb.one("explain", crawled.url("site001.test", "/robots.txt"))
    assert found["next"]["at"] == found["robots"]["refresh_at"]


def test_what_waits_for_its_robots_txt(verb: Verb, crawled: Crawled) -> None:
    """Its turn in the queue may have come: it is not fetched before the next try at the robots.txt."""
    found: dict[str, Any] = verb.one("explain", crawled.url("robots-away.test", "/"))
    assert (found["state"], found["refused"]["reason"]) == ("queued", "robots_unreachable")
    assert found["next"]["at"] >= found["robots"]["refresh_at"]
    assert "robots" in found["next"]["why"]
