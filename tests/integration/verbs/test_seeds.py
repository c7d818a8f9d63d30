"""`crawlctl seeds`: given as arguments, in files and on standard input; listed with what became of them."""

from pathlib import Path

import pytest

from tests.integration.verbs.conftest import Crawled, Verb, query


def test_seeds(verb: Verb, crawled: Crawled, tmp_path: Path) -> None:
    taken = verb.all("seeds", "ls")
    assert [row["url"] for row in taken] == list(dict.fromkeys(crawled.world.seeds()))
    assert {row["state"] for row in taken} == {"taken"}
    file = tmp_path / "more.txt"
    file.write_text("# more\n\nhttp://one.test/\nHTTP://Two.test:80/a/../b\n")
    assert verb.one("seeds", "add", "http://one.test/", "--from", str(file)) == {"added": 2, "known": 0}
    assert verb.one("seeds", "add", "http://one.test/") == {"added": 0, "known": 1}
    ran = verb("seeds", "add", "-", stdin=b"http://three.test/\n")
    assert ran.code == 0 and ran.out == "1 added\n"
    assert [row["url"] for row in verb.all("seeds", "ls") if row["state"] == "new"] == [
        "http://one.test/", "http://two.test/b", "http://three.test/",
    ]  # fmt: skip
    assert "not taken yet" in verb.one("explain", "http://one.test/")["summary"]
    file.write_text("http://ok.test/\n  nonsense\n")
    bad = verb("seeds", "add", "--from", str(file))
    assert bad.code == 2 and f"{file}:2:3:" in bad.err
    assert verb("seeds", "add").code == 2
    assert verb("seeds", "add", "--from", str(tmp_path / "none")).code == 2
    assert "http://ok.test/" not in {row["url"] for row in verb.all("seeds", "ls")}
    query(crawled.state, "DELETE FROM seeds WHERE taken_at = 0")


def test_a_cluster_is_given_no_seed_with_which_its_processes_would_not_start_again(
    verb: Verb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a contact URL nothing but loopback may be crawled; beside a state `crawlctl run` says so."""
    monkeypatch.setenv("PISAURA_USER_AGENT", "Pisaura/1.0")
    ran = verb("seeds", "add", "http://contactless.test/")
    assert (ran.code, "no contact URL" in ran.err) == ((2, True) if verb.clustered else (0, False))
