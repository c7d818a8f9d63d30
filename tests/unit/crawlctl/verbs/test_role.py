"""`crawlctl.verbs.role`: a verb for each role, and each serves its own."""

from typing import Any

import pytest

from contracts.settings import Settings
from crawlctl import cli
from crawlctl.registry import BY_NAME
from crawlctl.roles import fetcher, frontier, hasher, notices

ROLES = {
    "frontier": frontier.FrontierRole,
    "fetcher": fetcher.FetcherRole,
    "hasher": hasher.HasherRole,
    "notices": notices.NoticesRole,
}


@pytest.mark.parametrize("name", ROLES)
def test_a_verb_serves_its_role(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[Any, ...]] = []

    def serve(*given: Any) -> int:
        served.append(given)
        return 7

    monkeypatch.setattr("crawlctl.roles.shell.serve", serve)
    assert cli.main([name]) == 7
    assert served == [(name, ROLES[name], Settings())]


def test_no_role_is_without_its_verb() -> None:
    """That of `notices` has sub-commands for people besides."""
    plain = {verb.name for verb in BY_NAME.values() if verb.module == "crawlctl.verbs.role"}
    assert plain | {"notices"} == ROLES.keys() and "notices" in BY_NAME
