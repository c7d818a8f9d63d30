"""`crawlctl status` on a state at rest: the counters, the hosts by state, and the keys that its help names."""

import re

from crawlctl.status import KEYS
from tests.integration.verbs.conftest import Crawled, Verb, query


def test_what_status_tells_is_what_the_tables_hold(verb: Verb, crawled: Crawled) -> None:
    found = verb.one("status")
    assert list(found) == list(KEYS)
    assert (found["running"], found["process"], found["live"]) == (False, None, None)
    assert found["state"] == str(crawled.state)
    rows = query(
        crawled.state,
        "SELECT state, count(*) FROM (SELECT state FROM urls UNION ALL SELECT state FROM media_urls) u GROUP BY state",
    )
    names = ("queued", "fetched", "redirect", "gone", "failed", "refused")
    assert {name: count for name, count in found["urls"].items() if count} == {
        names[row["state"]]: row["count"] for row in rows
    }
    hosts = found["hosts"]
    looked_at, complete = hosts.pop("looked_at"), hosts.pop("complete")
    assert complete and sum(hosts.values()) == looked_at
    assert looked_at == query(crawled.state, "SELECT count(*) FROM hosts WHERE queued > 0")[0]["count"]
    assert found["refusals"]["robots"] > 0
    assert found["robots"]["rules"] > 0
    assert found["totals"]["requests"] >= found["totals"]["pages"] > 0
    assert found["matches"]["exact"] > 0 and found["matches"]["near"] > 0 and not found["matches"]["more"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["at"])


def test_why_hosts_back_off_is_told(verb: Verb, crawled: Crawled) -> None:
    found = verb.one("status")
    held = {row["why"] for row in found["backing_off"]}
    assert any(why.startswith("robots_unreachable") for why in held)
    assert sum(row["hosts"] for row in found["backing_off"]) == found["hosts"]["backing_off"]


def test_status_for_people(verb: Verb) -> None:
    ran = verb("status")
    assert ran.code == 0
    for word in ("not running", "URLs", "fetched", "backing_off", "refusals", "robots", "matches"):
        assert word in ran.out


def test_help_names_every_key(verb: Verb) -> None:
    assert all(f"  {name} " in verb("status", "--help").out for name in KEYS)


def test_a_state_that_is_none_is_named(verb: Verb, crawled: Crawled) -> None:
    ran = verb("status", "--state", "/nonexistent")  # the last --state wins
    assert ran.code == 0
    missing = crawled.state.parent / "nothing"
    for arguments in (("status",), ("matches",), ("explain", "http://a.test/"), ("hosts", "ls"), ("optout", "ls")):
        from crawlctl.cli import main

        assert main([*arguments, "--state", str(missing)]) == 2
    assert not missing.exists()
