"""A state opened beside a crawl or without one; the settings that decide; who runs."""

import fcntl
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from crawlctl.access import runner, without_secrets
from crawlctl.schema import keys
from crawlctl.settings import load
from crawlctl.state import LOCK
from tests.integration.verbs.conftest import Crawled, Verb
from tests.postgres import Database
from tests.unit.crawlctl.conftest import Crawlctl


def test_runner_is_who_holds_the_lock(tmp_path: Path) -> None:
    assert runner(tmp_path) is None
    lock = tmp_path / LOCK
    lock.write_text(f"{os.getpid()}\n")
    assert runner(tmp_path) is None  # alive, but without the lock
    with lock.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert runner(tmp_path) == os.getpid()
        ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
        lock.write_text(ended.stdout.decode())
        assert runner(tmp_path) is None  # the number of a process that is gone
    lock.write_text("nonsense")
    assert runner(tmp_path) is None


def test_a_cluster_without_its_settings_is_asked_for(crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in (
        ["status"],
        ["matches"],
        ["explain", "http://a.test/"],
        ["seeds", "ls"],
        ["hosts", "ls"],
        ["optout", "ls"],
    ):
        for vault in ("", "postgresql://me@127.0.0.1:1/vault"):
            monkeypatch.setenv("PISAURA_POSTGRES_VAULT", vault)
            ran = crawlctl(*arguments)
            assert ran.code == 2 and "give --state DIR, or --settings FILE of a cluster" in ran.err
    assert "127.0.0.1:1/vault does not answer" in crawlctl("lists", "ls").err
    monkeypatch.delenv("PISAURA_POSTGRES_VAULT")
    assert "give --state DIR" in crawlctl("lists", "ls").err


def test_a_state_that_is_named_wins_over_a_cluster(
    beside: Verb, monkeypatch: pytest.MonkeyPatch, crawled: Crawled
) -> None:
    monkeypatch.setenv("PISAURA_POSTGRES_CRAWL", "postgresql://me@127.0.0.1:1/crawl")
    assert beside.one("status")["state"] == str(crawled.state)


def test_lists_need_the_vault_alone(clustered: Verb, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And its keys: no role with lists needs a way to URLs."""
    monkeypatch.delenv("PISAURA_POSTGRES_CRAWL")
    assert "known" in {row["name"] for row in clustered.all("lists", "ls")}
    file = tmp_path / "vaultless.csv"
    file.write_text(f"algorithm,digest,category\nsha1,{'cd' * 20},A\n")
    assert clustered.one("lists", "import", str(file), "--name", "extra list")["added"] in (0, 1)
    monkeypatch.delenv("PISAURA_CLUSTER_KEYS")
    ran = clustered("lists", "import", str(file), "--name", "extra list")
    assert ran.code == 2 and "cluster.keys is not set" in ran.err


@pytest.mark.parametrize("database", ["crawl", "vault"])
def test_a_database_of_another_version_is_not_touched(
    clustered: Verb, empty_database: Database, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    monkeypatch.setenv(f"PISAURA_POSTGRES_{database.upper()}", empty_database.tcp())
    ran = clustered("matches")
    assert ran.code == 2 and f"database {database} lacks" in ran.err and "crawlctl migrate" in ran.err


def test_a_wrong_password_is_told_without_it(
    clustered: Verb, crawled: Crawled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISAURA_POSTGRES_CRAWL", f"postgresql://pisaura_frontier:geheim@{crawled.address}:5432/crawl")
    monkeypatch.setenv("PISAURA_DEBUG", "1")
    ran = clustered("status", "-vv")
    assert ran.code == 2 and "password authentication failed" in ran.err and "geheim" not in ran.err + ran.out


def test_no_secret_is_kept_in_the_database() -> None:
    settings = load(
        None, {key.variable: "postgresql://geheim" for key in keys().values() if key.unit == "secret"}
    ).settings
    kept = without_secrets(replace(settings, workers=replace(settings.workers, orders=7)))
    assert "geheim" in msgspec.json.encode(settings).decode()
    assert "geheim" not in msgspec.json.encode(kept).decode()
    assert kept.workers.orders == 7 and kept.kafka == settings.kafka.__class__()


def test_settings_given_win_over_those_of_the_run(verb: Verb, crawled: Crawled) -> None:
    """The last run's settings decide if none are given: they allow loopback, the defaults do not."""
    url = crawled.url("site001.test")
    assert verb.one("explain", url)["host_state"]["addresses"][0]["verdict"] == "allowed"
    other = crawled.state.parent / "other.toml"
    other.write_text('[scope]\nexclude_hosts = ["site001.*"]\n')
    found = verb.one("explain", url, "--settings", str(other))
    assert found["refused"] == {
        "by": "policy", "reason": "scope_excluded", "evidence": "scope.exclude_hosts: site001.*",
    }  # fmt: skip
    assert found["host_state"]["addresses"][0]["verdict"].startswith("address_not_global")
