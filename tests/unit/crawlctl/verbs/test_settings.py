"""`crawlctl settings`, and the page made of it."""

from pathlib import Path

import pytest

import contracts
from contracts.settings import Settings
from crawlctl.schema import HIDDEN, groups, keys
from crawlctl.settings import load
from crawlctl.verbs.settings import example, markdown
from tests.unit.crawlctl.conftest import Crawlctl

PAGE = Path(contracts.__file__).parent.parent / "docs" / "settings.md"


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text() == "\n".join(markdown()) + "\n", "run: crawlctl settings --markdown > docs/settings.md"


def test_the_page_names_every_key_and_group() -> None:
    page = PAGE.read_text()
    assert all(f"`{key.variable}`" in page for key in keys().values())
    assert all(f"## `[{group}]`" in page for group in groups())


def test_the_example_sets_every_key_to_its_default(tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text("\n".join(example()) + "\n")
    settings, sources = load(path, {})
    assert settings == Settings()
    assert all(source.startswith(f"{path}:") for source in sources.values())


def test_where_each_value_came_from(crawlctl: Crawlctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.toml"
    path.write_text('[politeness]\ndelay = "1500ms"\n[limits]\ndepth = 3\n')
    monkeypatch.setenv("PISAURA_LIMITS_DEPTH", "5")
    ran = crawlctl("settings", "--settings", str(path), "--json")
    found = {answer["key"]: answer for answer in ran.answers}
    assert set(found) == set(keys())
    delay = found["politeness.delay"]
    assert (delay["value"], delay["plain"], delay["unit"], delay["from"]) == ("1.5s", 1.5, "seconds", f"{path}:2")
    assert delay["default"] == "1s"
    assert delay["doc"]
    assert (found["limits.depth"]["plain"], found["limits.depth"]["from"]) == (
        5,
        "environment variable PISAURA_LIMITS_DEPTH",
    )
    assert found["limits.total"]["from"] == "default"
    told = crawlctl("settings", "--settings", str(path)).out
    assert f'politeness.delay = "1.5s"  # {path}:2\n' in told
    assert "limits.depth = 5  # environment variable PISAURA_LIMITS_DEPTH\n" in told


def test_secrets_are_hidden_with_where_they_came_from(crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISAURA_POSTGRES_CRAWL", "postgresql://me:geheim@db.test/crawl")
    ran = crawlctl("settings", "--json")
    found = {answer["key"]: answer for answer in ran.answers}
    assert (found["postgres.crawl"]["value"], found["postgres.crawl"]["plain"]) == (HIDDEN, HIDDEN)
    assert found["postgres.crawl"]["from"] == "environment variable PISAURA_POSTGRES_CRAWL"
    assert (found["postgres.vault"]["value"], found["postgres.vault"]["plain"]) == ("", "")
    assert "geheim" not in ran.out + crawlctl("settings").out + crawlctl("settings", "--example").out


def test_what_it_prints_can_be_used(crawlctl: Crawlctl, tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(crawlctl("settings", "--example").out)
    assert crawlctl("settings", "--settings", str(path)).code == 0
    assert crawlctl("settings", "--markdown").out == PAGE.read_text()
