"""`crawlctl hosts`: found by pattern, shown, paused, resumed, slowed."""

from tests.integration.verbs.conftest import Crawled, Verb, query


def test_hosts_by_pattern(verb: Verb, crawled: Crawled) -> None:
    everything = {row["host"] for row in verb.all("hosts", "ls")}
    assert crawled.netloc("site001.test") in everything and len(everything) > 20
    assert {row["host"] for row in verb.all("hosts", "ls", "robots-*")} == {h for h in everything if h[:7] == "robots-"}
    assert [row["host"] for row in verb.all("hosts", "ls", crawled.netloc("site001.test"))] == [
        crawled.netloc("site001.test")
    ]
    assert verb.all("hosts", "ls", "rob_ts*") == [] == verb.all("hosts", "ls", "*.nowhere.test")
    assert len(verb.all("hosts", "ls", "--limit", "5")) == 5
    assert "the first 2 hosts" in verb("hosts", "ls", "--limit", "2").out
    assert f"{len(everything)} hosts" in verb("hosts", "ls", "--limit", "1000").out


def test_pause_and_resume(verb: Verb, crawled: Crawled) -> None:
    host = crawled.netloc("site002.test")
    assert verb("hosts", "pause", host).code == 2  # without --why
    said = verb.one("hosts", "pause", host.upper(), "--why", "asked for by their operator", "--until", "2h")
    assert said["target"] == host and said["until"]
    shown = verb.one("hosts", "show", host)
    assert (shown["state"], shown["why"], shown["until"]) == ("paused", "asked for by their operator", said["until"])
    assert shown["words"][0]["verb"] == "pause"
    found = verb.one("explain", crawled.url("site002.test"))
    assert found["host_state"]["state"] == "paused"
    status = verb.one("status")
    assert status["hosts"]["paused"] == 1
    assert {"state": "paused", "why": "asked for by their operator", "hosts": 1, "next": said["until"]} in status[
        "backing_off"
    ]
    verb.one("hosts", "resume", host)
    assert verb.one("hosts", "show", host)["state"] != "paused"
    assert verb("hosts", "resume", host).code == 2


def test_a_resumed_host_comes_due_although_its_row_says_never(verb: Verb, crawled: Crawled) -> None:
    """A crawl that heard of the pause wrote it to the rows of the host and its subdomains, and may be gone since."""
    host = crawled.netloc("site002.test")
    asleep = "SELECT host FROM hosts WHERE paused_until > 0"
    assert query(crawled.state, asleep) == []
    verb.one("hosts", "pause", host, "--why", "asked")
    query(crawled.state, "UPDATE hosts SET paused_until = 2::bigint ^ 53 WHERE host = $1", host)
    verb.one("hosts", "pause", "other.test", "--why", "asked")
    assert query(crawled.state, asleep) == [{"host": host}]
    verb.one("hosts", "resume", "other.test")
    verb.one("hosts", "resume", host)
    assert query(crawled.state, asleep) == []


def test_a_delay_of_ones_own(verb: Verb, crawled: Crawled) -> None:
    host = crawled.netloc("site002.test")
    own = verb.one("hosts", "show", host)["delay"]
    assert own["by"] == "politeness.delay" and 0.05 <= own["seconds"] <= 0.06
    verb.one("hosts", "delay", "site002.test", "5s")  # the name without port stands for all its ports
    assert verb.one("hosts", "show", host)["delay"]["seconds"] >= 5
    verb.one("hosts", "delay", "site002.test", "default")
    assert verb.one("hosts", "show", host)["delay"] == own
    assert verb("hosts", "delay", host, "soon").code == 2
