"""`crawlctl audit show|verify|anchor`."""

from pathlib import Path

import pytest

from tests.integration.people.conftest import AddKey, sql
from tests.postgres import Database
from tests.unit.crawlctl.conftest import Crawlctl


def test_the_record_is_shown_in_part_and_looking_is_in_it(add: AddKey, crawlctl: Crawlctl) -> None:
    olga = add("olga", "auditor")
    add("Host Inc", "provider")
    rows = crawlctl("audit", "show", "--json", "--key", str(olga)).answers
    assert [row["act"] for row in rows] == ["keys.add", "keys.add", "audit.show"]
    assert set(rows[0]) == {"seq", "at", "person", "account", "role", "act", "purpose", "places", "subject", "machine"}
    (mine,) = crawlctl("audit", "show", "--json", "--person", "nobody", "--key", str(olga)).answers or [{}]
    assert mine == {}
    assert crawlctl("audit", "show", "--json", "--from", "7d", "--to", "1d", "--key", str(olga)).answers == []
    table = crawlctl("audit", "show", "--from", "1h", "--key", str(olga)).out
    assert "keys.add" in table and "olga" in table


def test_it_is_for_auditors_and_supervisors(add: AddKey, crawlctl: Crawlctl) -> None:
    analyst = add("anna", "analyst")
    assert crawlctl("audit", "show", "--key", str(analyst)).code == 2
    assert crawlctl("audit", "verify", "--key", str(analyst)).code == 2
    ran = crawlctl("audit", "show")
    assert ran.code == 2 and "who asks?" in ran.err


def test_what_was_changed_is_said_with_its_line(
    add: AddKey, cluster: Database, crawlctl: Crawlctl, tmp_path: Path
) -> None:
    anchor = tmp_path / "audit.anchor"
    assert "no line yet" in crawlctl("audit", "anchor", "--to", str(anchor)).out
    for name in ("anna", "bert", "carl"):
        add(name, "analyst")
    assert "ends with line 3" in crawlctl("audit", "anchor", "--to", str(anchor)).out
    verify = ("audit", "verify", "--anchor", str(anchor))
    ran = crawlctl(*verify)
    assert ran.code == 0 and "as it was written" in ran.out
    sql(cluster, "ALTER TABLE audit DISABLE TRIGGER USER")
    sql(cluster, "UPDATE audit SET person = 'mallory' WHERE seq = 2")
    ran = crawlctl(*verify)
    assert ran.code == 1 and "line 2 is not as it was written" in ran.out
    sql(cluster, "DELETE FROM audit WHERE seq > 1")
    assert crawlctl("audit", "verify").code == 0, "without an anchor nobody knows"
    ran = crawlctl(*verify, "--json")
    assert ran.code == 1
    (report,) = ran.answers
    assert (
        report["whole"] is False and report["faults"][0]["seq"] == 1 and "lines 2 to 3" in report["faults"][0]["what"]
    )


def test_without_its_key_nothing_is_checked_nor_written(
    cluster: Database, crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch, keys: Path
) -> None:
    monkeypatch.setenv("PISAURA_CLUSTER_KEYS", str(keys / "fetcher.keys"))
    assert crawlctl("audit", "verify").code == 2
    assert crawlctl("audit", "anchor").code == 2
    monkeypatch.setenv("PISAURA_CLUSTER_KEYS", str(keys / "lists.keys"))
    assert crawlctl("audit", "verify").code == 0
    ran = crawlctl("audit", "anchor")
    assert ran.code == 2 and "--to FILE" in ran.err
