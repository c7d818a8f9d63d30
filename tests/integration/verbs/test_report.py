"""`crawlctl report` on a crawl that has ended."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.verbs.conftest import Crawled, Verb
from tests.postgres import by_tcp


@pytest.fixture(autouse=True)
def as_notices(request: pytest.FixtureRequest, crawled: Crawled, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are the notices role's."""
    if "clustered" in request.node.name:
        request.getfixturevalue("clustered")
        monkeypatch.setenv("PISAURA_POSTGRES_VAULT", by_tcp(crawled.address, "vault", "pisaura_notices"))


MONTH = f"{datetime.now(UTC):%Y-%m}"


def test_a_report_of_a_crawl(verb: Verb, crawled: Crawled, tmp_path: Path) -> None:
    made = verb("report", "--from", MONTH, "--to", MONTH, "--format", "json", "--by", "month").answers[0]
    found = verb.all("matches")
    assert made["all"]["media"] == len({row["sha256"] for row in found if row["counts"]})
    assert made["all"]["new"] == made["all"]["media"]
    assert made["pages"] > 0 and made["examined"] > 0
    assert [group["value"] for group in made["groups"]] == [MONTH]
    rows = list(csv.reader(io.StringIO(verb("report", "--from", MONTH, "--to", MONTH, "--format", "csv").out)))
    assert rows[1][0] == "all" and int(rows[1][rows[0].index("media")]) == made["all"]["media"]
    out = tmp_path / "report.html"
    assert verb("report", "--from", MONTH, "--to", MONTH, "--out", str(out)).code == 0
    page = out.read_text()
    assert page.startswith("<!DOCTYPE html>") and "The period has not ended yet" in page
    assert not any(row["url"] in page for row in found)


def test_what_cannot_be_reported_is_said(verb: Verb, tmp_path: Path) -> None:
    assert verb("report", "--from", "x", "--to", MONTH).code == 2
    assert verb("report", "--from", MONTH).code == 2
    ran = verb("report", "--from", MONTH, "--to", MONTH, "--out", str(tmp_path / "none" / "x.html"))
    assert ran.code == 2 and "cannot be written" in ran.err
