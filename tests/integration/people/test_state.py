"""The same on one machine: a state with its own keys, where the record is a chain and a copy for people."""

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts import seal
from contracts.settings import Settings
from crawlctl.state import KEYS, State, load_keys
from tests.unit.crawlctl.conftest import Crawlctl


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state that nothing was crawled into, its server running."""
    folder = tmp_path_factory.mktemp("people") / "state"
    with asyncio.Runner() as runner:
        running = State(folder, Settings(), create=True)
        runner.run(running.__aenter__())
        try:
            yield folder
        finally:
            runner.run(running.__aexit__(None, None, None))


def test_the_line_of_the_issue_and_what_is_written_down(state: Path, crawlctl: Crawlctl, tmp_path: Path) -> None:
    """`crawlctl keys add NAME --role provider --state DIR` prints the new `user` and `password` once, as JSON."""
    at = ("--state", str(state))
    (host,) = crawlctl("keys", "add", "Host Inc", "--role", "provider", *at).answers
    assert host["user"] and host["password"]
    assert crawlctl("matches", "--purpose", "case 7", *at).code == 0, "a provider is no person: as before"
    key = tmp_path / "anna"
    key.write_text(crawlctl("keys", "add", "anna", "--role", "analyst", *at).out)
    key.chmod(0o600)
    assert crawlctl("matches", "--purpose", "case 8", *at).code == 2
    assert crawlctl("matches", "--purpose", "case 8", "--key", str(key), *at).code == 0
    lines = [json.loads(line) for line in (state / "audit.log").read_text().splitlines()]
    assert [(line["verb"], line["purpose"], line.get("account")) for line in lines] == [
        ("matches", "case 7", None), ("matches", "case 8", 2),
    ]  # fmt: skip
    assert crawlctl("audit", "anchor", *at).code == 0 and (state / "audit.anchor").exists()
    (report,) = crawlctl("audit", "verify", "--json", *at).answers
    assert report["whole"] is True and report["lines"] == 4 and report["anchors"] == 1


# Domain, section 4: "with role and `--purpose`".
def test_places_are_shown_to_roles_that_may_see_them(state: Path, crawlctl: Crawlctl, tmp_path: Path) -> None:
    at = ("--state", str(state))
    for name, role in (("bert", "supervisor"), ("olga", "operator")):
        (tmp_path / name).write_text(crawlctl("keys", "add", name, "--role", role, *at).out)
        (tmp_path / name).chmod(0o600)
    for verb in (("matches",), ("series", "ls"), ("explain", "http://h.test/")):
        ran = crawlctl(*verb, *at, "--purpose", "case 9")
        assert ran.code == 2 and "people have accounts here: who asks?" in ran.err
        ran = crawlctl(*verb, *at, "--purpose", "case 9", "--key", str(tmp_path / "olga"))
        assert ran.code == 2 and "cases.reveal is for analyst or supervisor" in ran.err
        assert crawlctl(*verb, *at, "--purpose", "case 9", "--key", str(tmp_path / "bert")).code == 0
    assert crawlctl("matches", *at).code == 0, "without places it needs nobody"


def test_its_keys_are_rotated_while_nothing_crawls(state: Path, crawlctl: Crawlctl) -> None:
    at, before = ("--state", str(state)), load_keys(state, create=False)
    assert crawlctl("keys", "rotate", "--reseal", *at).code == 0
    assert load_keys(state, create=False).old == (before.secret,)
    assert crawlctl("keys", "rotate", "--drop", *at).code == 0
    after = load_keys(state, create=False)
    assert not after.old and after.secret != before.secret and after.place_key == before.place_key
    assert not [path for path in state.iterdir() if path.name.startswith(f".{KEYS}")]


def test_not_while_it_crawls(state: Path, crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (state / KEYS).read_bytes()
    monkeypatch.setattr("crawlctl.rotation.runner", lambda _folder: 4711)
    ran = crawlctl("keys", "rotate", "--state", str(state))
    assert ran.code == 2 and "process 4711" in ran.err and (state / KEYS).read_bytes() == before


def test_a_state_s_keys_may_be_in_the_environment(state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = seal.new_keys()
    monkeypatch.setenv("PISAURA_KEYS", base64.b64encode(seal.to_bytes(keys)).decode())
    assert load_keys(tmp_path, create=False) == keys
    assert load_keys(state, create=False) != keys, "its own come first"
