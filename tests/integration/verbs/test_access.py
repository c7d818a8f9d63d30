"""A state opened beside a crawl or without one; the settings that decide; who runs."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from crawlctl.access import runner
from crawlctl.state import LOCK
from tests.integration.verbs.conftest import Crawled, Verb


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
