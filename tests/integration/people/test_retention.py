"""`crawlctl retention run`: a table of what went; the rules themselves are tested in tests/integration/test_vault_retention.py."""

import time

import pytest

from tests.integration.people.conftest import AddKey, sql
from tests.postgres import Database
from tests.unit.crawlctl.conftest import Crawlctl

WHAT = ["cases", "replies", "sightings", "media", "shield matches", "audit"]


def sightings(database: Database, days: int, count: int) -> None:
    at = int((time.time() - days * 86_400) * 1000)
    statement = "INSERT INTO sightings (sha256, place, first_seen, last_seen, sealed) VALUES ($1, $2, $3, $3, 's')"
    for number in range(count):
        sql(database, statement, number.to_bytes(32), days.to_bytes(32), at)


def test_a_dry_run_says_what_would_go_and_a_real_one_what_went(cluster: Database, crawlctl: Crawlctl) -> None:
    sightings(cluster, 181, 3)
    sightings(cluster, 179, 2)
    dry = crawlctl("retention", "run", "--dry-run", "--json").answers
    assert [row["what"] for row in dry] == WHAT
    (told,) = [row for row in dry if row["what"] == "sightings"]
    assert (told["deleted"], told["held"], told["dry"], told["age"]) == (3, 0, True, 180 * 86_400)
    assert "would go" in crawlctl("retention", "run", "--dry-run").out
    assert sql(cluster, "SELECT count(*) FROM sightings") == [{"count": 5}]
    table = crawlctl("retention", "run").out
    assert "gone" in table and "sightings" in table and "180d" in table
    assert sql(cluster, "SELECT count(*) FROM sightings") == [{"count": 2}]
    acts = [(row["verb"], row["purpose"]) for row in sql(cluster, "SELECT verb, purpose FROM audit ORDER BY seq")]
    assert acts == [("retention.run", "a dry run")] * 2 + [("retention.run", "")]


def test_ages_are_settings(cluster: Database, crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch) -> None:
    sightings(cluster, 20, 2)
    monkeypatch.setenv("PISAURA_RETENTION_SIGHTINGS", "10d")
    assert [row["deleted"] for row in crawlctl("retention", "run", "--json").answers if row["what"] == "sightings"] == [
        2
    ]


def test_it_is_for_operators(add: AddKey, crawlctl: Crawlctl) -> None:
    carl, anna = add("carl", "analyst"), add("anna", "operator")
    add("bert", "operator")
    assert crawlctl("retention", "run").code == 2
    assert crawlctl("retention", "run", "--key", str(carl)).code == 2
    assert crawlctl("retention", "run", "--key", str(anna)).code == 0
