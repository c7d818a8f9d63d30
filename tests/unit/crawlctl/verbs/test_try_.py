"""`crawlctl try`: its sub-commands tell how they read and what they answer."""

import pytest

from tests.unit.crawlctl.conftest import Crawlctl


@pytest.mark.parametrize("what", ["url", "robots", "policy", "digest", "match"])
def test_help_says_how_lines_are_read(crawlctl: Crawlctl, what: str) -> None:
    out = crawlctl("try", what, "--help").out
    assert "standard input is read, one a line" in out
    assert "exit code is 0" in out
    assert "Keys: " in out


@pytest.mark.parametrize("what", ["url", "links", "robots", "policy", "digest", "match"])
def test_every_one_has_json(crawlctl: Crawlctl, what: str) -> None:
    out = crawlctl("try", what, "--help").out
    assert "--json" in out
    assert f"  crawlctl try {what} " in out


@pytest.mark.parametrize("status", ["-1", "1000", "2OO", "²"])
def test_numbers_are_checked(crawlctl: Crawlctl, status: str) -> None:
    ran = crawlctl("try", "robots", "/dev/null", "--status", status, "/")
    assert ran.code == 2
    assert "--status" in ran.err
