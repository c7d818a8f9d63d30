"""`crawlctl status` on a state at rest: the counters, the hosts by state, and the keys that its help names."""

import re

import pytest

from contracts.notes import Heartbeat
from crawlctl.access import opened
from crawlctl.settings import load
from crawlctl.status import KEYS, status
from tests.integration.verbs.conftest import Crawled, Verb, query

NOW = 1_800_000_000.0


def test_what_status_tells_is_what_the_tables_hold(verb: Verb, crawled: Crawled) -> None:
    found = verb.one("status")
    assert list(found) == list(KEYS)
    assert (found["running"], found["process"], found["live"]) == (False, None, None)
    assert found["state"] == (f"{crawled.address}:5432/crawl" if verb.clustered else str(crawled.state))
    assert found["partitions"] == {"all": 1, "held": 0, "shards": []} and found["processes"] == []
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
    assert ("shards      0, with 0 of 1 partitions" if verb.clustered else "not running") in ran.out
    for word in ("URLs", "fetched", "backing_off", "refusals", "robots", "matches"):
        assert word in ran.out


def test_help_names_every_key(verb: Verb) -> None:
    assert all(f"  {name} " in verb("status", "--help").out for name in KEYS)


def test_shards_and_what_they_hold(verb: Verb, crawled: Crawled) -> None:
    later = "extract(epoch FROM now() + interval '1 hour')::bigint * 1000"
    query(crawled.state, f"INSERT INTO shards VALUES ('one-7-ab', {later}), ('two-8-cd', {later}), ('gone-9-ef', 0)")
    query(crawled.state, f"UPDATE partitions SET owner = 'one-7-ab', lease_until = {later}")
    try:
        found = verb.one("status")
        assert found["partitions"] == {
            "all": 1, "held": 1,
            "shards": [{"shard": "one-7-ab", "partitions": 1}, {"shard": "two-8-cd", "partitions": 0}],
        }  # fmt: skip
        assert found["running"] is verb.clustered
        if verb.clustered:
            assert "shards      2, with 1 of 1 partitions\n            1 one-7-ab\n" in verb("status").out
    finally:
        query(crawled.state, "DELETE FROM shards")
        query(crawled.state, "UPDATE partitions SET owner = '', lease_until = 0")


async def test_what_processes_say_of_themselves_is_passed_on(clustered: Verb, crawled: Crawled) -> None:
    beats = [
        Heartbeat("frontier", "f-1", "a", NOW - 60, NOW - 10, 0.5, {"pages": 100.0, "requests": 0.0}),
        Heartbeat("frontier", "f-1", "a", NOW - 60, NOW, 0.25, {"pages": 150.0, "requests": 90.0}),
        Heartbeat("fetcher", "f-2", "b", NOW - 60, NOW - 2, 0.0, {"bytes": 100.0, "pages": 9.0}, "Kafka"),
    ]
    async with opened(None, load().settings) as access:
        found = await status(access, NOW, beats)
    assert found["rates"] == {"requests": 9.0, "pages": 5.0, "media": 0.0, "bytes": 0.0}
    assert [(one["process"], one["skew"], one["waits_for"]) for one in found["processes"]] == [
        ("f-2", 0.0, "Kafka"), ("f-1", 0.25, ""),
    ]  # fmt: skip


def test_the_vault_may_be_missing(clustered: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PISAURA_POSTGRES_VAULT")
    assert clustered.one("status")["matches"] is None
    assert "matches     not shown: postgres.vault is not set" in clustered("status").out


def test_a_state_that_is_none_is_named(crawled: Crawled) -> None:
    missing = crawled.state.parent / "nothing"
    for arguments in (("status",), ("matches",), ("explain", "http://a.test/"), ("hosts", "ls"), ("optout", "ls")):
        from crawlctl.cli import main

        assert main([*arguments, "--state", str(missing)]) == 2
    assert not missing.exists()
