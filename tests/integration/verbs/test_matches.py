"""`crawlctl matches`: every planted picture in every form of output; places off loopback only for a recorded purpose."""

import csv
import io
import json
import socket
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.seal import FetcherKeys, fetcher_to_bytes, from_bytes
from contracts.sites import site_of
from crawlctl.audit import user_name
from crawlctl.matches import KEYLESS, SEALED
from crawlctl.verbs.matches import COLUMNS, _flat
from tests.integration.verbs.conftest import Crawled, Verb, execute, query

AWAY = "192.0.2.7"


def test_json_lines_tell_every_planted_picture(verb: Verb, crawled: Crawled) -> None:
    rows = verb.all("matches")
    assert all(list(row) == list(COLUMNS) for row in rows)
    assert Counter((row["url"], row["algorithm"]) for row in rows) == Counter(crawled.world.expected_matches())
    wanted = {"url", "found_on", "algorithm", "digest", "distance", "quality", "list", "entry", "category", "series"}
    for row in rows:
        assert wanted | {"first_seen", "last_seen"} <= row.keys()
        assert row["list"] == "known" and row["category"] and row["found_on"]
        assert row["strength"] == ("exact" if row["algorithm"].startswith("sha") else "near")  # MD5 alone can be made
        assert row["first_seen"].endswith("Z") and row["first_seen"] <= row["last_seen"]
        bytes.fromhex(row["digest"])
        assert row["address"].startswith("127.")
    planted = {match.url: match.distance for match in crawled.world.truth.matches if match.how == "pdq"}
    assert all(row["distance"] <= 31 for row in rows if row["url"] in planted)


def test_the_crawl_wrote_down_every_match(verb: Verb, crawled: Crawled) -> None:
    """One row of the figures for each match at each place, of as many sites as there are."""
    rows = verb.all("matches")
    sql = "SELECT count(*) AS places, count(DISTINCT site) AS sites, count(DISTINCT host) AS hosts FROM entry_places"
    (found,) = query(crawled.state, sql, database="vault", role="pisaura_notices")
    hosts = {row["url"].split("/")[2] for row in rows}
    assert found == {"places": len(rows), "sites": len({site_of(host) for host in hosts}), "hosts": len(hosts)}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ([{"at": 1.5, "distance": 4}, {"at": 60.0, "distance": 31}], "1.5/4 60/31"),
        (["a", "b"], "a b"),
        ([], ""),
        (3, 3),
    ],
)
def test_lists_in_a_cell(value: object, shown: object) -> None:
    assert _flat(value) == shown


def test_csv_and_table_tell_the_same(verb: Verb) -> None:
    rows = verb.all("matches")
    found = list(csv.DictReader(io.StringIO(verb("matches", "--csv").out)))
    assert [row["url"] for row in found] == [row["url"] for row in rows]
    assert [row["sha256"] for row in found] == [row["sha256"] for row in rows]
    assert f"{len(rows)} matches" in verb("matches").out


@pytest.fixture
def away(crawled: Crawled) -> Iterator[str]:
    """A host whose address is not on loopback."""
    host = crawled.netloc("gallery.test")
    before = query(crawled.state, "SELECT addresses FROM hosts WHERE host = $1", host)[0]["addresses"]
    change = "UPDATE hosts SET addresses = $2 WHERE host = $1 RETURNING host"
    query(crawled.state, change, host, [AWAY])
    yield host
    query(crawled.state, change, host, before)


def test_places_off_loopback_are_sealed_without_a_purpose(verb: Verb, crawled: Crawled, away: str) -> None:
    rows = verb.all("matches")
    assert away not in json.dumps(rows)
    hidden = [row for row in rows if row["url"] == SEALED]
    assert len(hidden) == sum(1 for url, _ in crawled.world.expected_matches() if f"//{away}/" in url)
    assert away not in verb("matches", "--csv").out + verb("matches").out
    url = crawled.url("gallery.test", "/pictures/original0.jpg")
    assert verb.one("explain", url)["matches"] is None
    assert verb.one("explain", crawled.url("gallery.test", "/nothing-there"))["matches"] is None  # says as little


def test_a_purpose_shows_them_and_is_written_down_first(verb: Verb, crawled: Crawled, away: str) -> None:
    before = verb.audit()
    rows = verb.all("matches", "--purpose", "case  2027-4\nx")
    places = {url for row in rows for url in (row["url"], *row["found_on"]) if f"//{away}/" in url}
    line = verb.audit()[len(before)]
    assert line["purpose"] == "case 2027-4 x"
    assert (line["verb"], line["places"]) == ("matches", len(places))
    assert line["user"] == user_name() and line["machine"] == socket.gethostname() and line["time"]
    if verb.clustered:
        assert (line["role"], str(line["address"])) == ("pisaura_hasher", "127.0.0.1")
    else:
        assert stat.S_IMODE((crawled.state / "audit.log").stat().st_mode) == 0o600
    assert verb.audit()[: len(before)] == before
    assert {url for url, _ in crawled.world.expected_matches()} == {row["url"] for row in rows}


@pytest.mark.parametrize("keys", ["none", "missing", "fetcher"])
def test_without_keys_all_but_places_is_shown(
    clustered: Verb, crawled: Crawled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    whole = clustered.all("matches")
    own = from_bytes((crawled.state / "keys").read_bytes())
    (tmp_path / "fetcher").write_bytes(fetcher_to_bytes(FetcherKeys(own.public, own.place_key)))
    monkeypatch.setenv("PISAURA_CLUSTER_KEYS", "" if keys == "none" else str(tmp_path / keys))
    ran = clustered("matches", "--json")
    assert ran.code == 0 and "crawlctl: places are not shown: " in ran.err
    assert {"none": "cluster.keys is not set", "missing": "cannot be read", "fetcher": "open nothing"}[keys] in ran.err
    hidden = {"url": KEYLESS, "found_on": [], "address": ""}
    series = [row["series"] for row in ran.answers]
    assert [row | {"series": ""} for row in ran.answers] == [row | hidden | {"series": ""} for row in whole]
    assert [bool(name) for name in series] == [bool(row["series"]) for row in whole]
    before = clustered.audit()
    assert clustered("matches", "--purpose", "case 9").code == 2
    assert clustered.audit() == before


def test_who_may_not_write_it_down_sees_nothing(
    clustered: Verb, crawled: Crawled, away: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = "{} INSERT (person, uid, machine, verb, purpose, places) ON audit {} pisaura_hasher"
    execute(crawled.state, statement.format("REVOKE", "FROM"))
    try:
        ran = clustered("matches", "--json", "--purpose", "case 9")
        assert ran.code == 2 and "permission denied for table audit" in ran.err and away not in ran.out
    finally:
        execute(crawled.state, statement.format("GRANT", "TO"))


def test_a_purpose_says_something(verb: Verb) -> None:
    assert verb("matches", "--purpose", "  ").code == 2
    assert verb("matches", "--purpose", "x" * 501).code == 2
    assert verb("matches", "--json", "--csv").code == 2
