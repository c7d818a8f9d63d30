"""Scope and trap rules by hand."""

from pathlib import Path

import pytest

from tests.unit.crawlctl.conftest import Crawlctl


@pytest.fixture
def settings(tmp_path: Path) -> str:
    path = tmp_path / "p.toml"
    path.write_text(
        '[scope]\nexclude_hosts = ["*.bad.example"]\nfollow_nofollow = false\n[limits]\ndepth = 3\n[traps]\npath_segments = 5\n'
    )
    return str(path)


def test_the_rule_that_refuses_is_named(crawlctl: Crawlctl, settings: str) -> None:
    lines = b"https://e.example/a?utm_source=x&b=1\nhttp://www.bad.example/\nhttp://e.example/1/2/3/4/5/6\nftp://x\n\n\xff\n"
    ran = crawlctl("try", "policy", "--settings", settings, "--json", stdin=lines)
    assert ran.code == 0
    assert [(answer["admitted"], answer.get("refused")) for answer in ran.answers] == [
        (True, None), (False, "scope_excluded"), (False, "path_depth"), (False, "scheme"), (False, "malformed"),
        (False, "malformed"),
    ]  # fmt: skip
    assert ran.answers[0]["url"] == "https://e.example/a?b=1"
    assert ran.answers[1]["evidence"] == "scope.exclude_hosts: *.bad.example"


def test_depth_nofollow_and_kind(crawlctl: Crawlctl, settings: str) -> None:
    def refused(*more: str, url: str = "http://e.example/2199/01/01/") -> str | None:
        answer: str | None = (
            crawlctl("try", "policy", "--settings", settings, "--json", url, *more).answers[0].get("refused")
        )
        return answer

    assert refused() == "calendar"
    assert refused("--media") is None
    assert refused("--depth", "4") == "depth"
    assert refused("--nofollow") == "nofollow"


def test_for_people(crawlctl: Crawlctl, settings: str) -> None:
    ran = crawlctl("try", "policy", "--settings", settings, "http://e.example/", "http://a.bad.example/")
    assert ran.out == (
        "http://e.example/  admitted\n"
        "http://a.bad.example/  refused: scope_excluded (scope.exclude_hosts: *.bad.example)\n"
    )
