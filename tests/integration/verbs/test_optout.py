"""`crawlctl optout`: a host, its subdomains or a network, and what status and explain say of it."""

import pytest

from crawlctl.verbs.optout import SHOWN
from tests.integration.verbs.conftest import Crawled, Verb, query


@pytest.mark.parametrize("target", ["site002.test", "127.20.0.0/16", "test"])
def test_opt_out(verb: Verb, crawled: Crawled, target: str) -> None:
    """By host, by a network that its address is in, by parent domain: explain names what decided."""
    url = crawled.url("site002.test", "/new")
    assert verb("optout", "add", target).code == 2  # without --why
    verb.one("optout", "add", target, "--why", "asked on 3 May", "--until", "2099-01-31")
    assert verb.all("optout", "ls")[0] | {"added_at": ""} == {
        "target": target, "why": "asked on 3 May", "until": "2099-01-31T00:00:00Z", "added_at": "",
    }  # fmt: skip
    found = verb.one("explain", url)
    assert found["refused"]["reason"] == "opted_out"
    assert found["refused"]["evidence"].startswith(f"block {target}: asked on 3 May")
    assert verb.one("status")["hosts"]["opted_out"] > 0
    queued = verb.one("explain", crawled.url("site002.test"))
    assert queued["next"]["at"] is None and "opted out" in queued["next"]["why"]
    verb.one("optout", "rm", target)
    assert verb.all("optout", "ls") == []
    assert verb("optout", "rm", target).code == 2
    assert verb.one("explain", url)["refused"] is None


def test_a_table_for_people_ends(verb: Verb, crawled: Crawled) -> None:
    added = "INSERT INTO controls (verb, target, why, added_at) SELECT 'block', 'o' || n || '.test', 'asked', 1 FROM generate_series(1, $1) n"
    query(crawled.state, added, SHOWN + 1)
    try:
        assert f"the first {SHOWN} of {SHOWN + 1}; --json shows all" in verb("optout", "ls").out
        assert len(verb.all("optout", "ls")) == SHOWN + 1
    finally:
        query(crawled.state, "DELETE FROM controls WHERE why = 'asked' AND added_at = 1")
