"""`crawlctl keys rotate`: a new pair, everything sealed anew, and only then the old secret gone."""

import base64
import json
import stat
from pathlib import Path

import pytest

from contracts import seal
from crawlctl import rotation
from crawlctl.state import replace_file
from tests.integration.people.conftest import AddKey, sql
from tests.postgres import Database
from tests.unit.crawlctl.conftest import Crawlctl


def ring(folder: Path) -> seal.Keys:
    return seal.from_bytes((folder / seal.NOTICES_FILE).read_bytes())


def other(folder: Path, name: str) -> bytes:
    """The public key in another file."""
    found = seal.any_keys((folder / name).read_bytes())
    assert isinstance(found, seal.FetcherKeys | seal.ListsKeys)
    return found.public


def sighting(database: Database, keys: seal.Keys, number: int) -> None:
    sealed = seal.Sealer(keys.public).seal(f"http://h.test/{number}")
    statement = "INSERT INTO sightings (sha256, place, first_seen, last_seen, sealed) VALUES ($1, $1, 1, 1, $2)"
    sql(database, statement, number.to_bytes(32), sealed)


def test_the_road_of_a_rotation(cluster: Database, crawlctl: Crawlctl, keys: Path) -> None:
    before = ring(keys)
    hasher = (keys / seal.HASHER_FILE).read_bytes()
    for number in range(3):
        sighting(cluster, before, number)
    turned = crawlctl("keys", "rotate", str(keys), "--json").answers[0]
    after = ring(keys)
    assert turned["new"] is True and turned["old"] == 1 and turned["pair"] == seal.mark(after) != seal.mark(before)
    assert after.old == (before.secret,) and (after.place_key, after.series_key) == (
        before.place_key,
        before.series_key,
    )
    assert other(keys, seal.FETCHER_FILE) == other(keys, seal.LISTS_FILE) == after.public
    assert (keys / seal.HASHER_FILE).read_bytes() == hasher
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in keys.iterdir())
    refused = crawlctl("keys", "rotate", str(keys), "--drop")
    assert refused.code == 2 and "3 of sightings are sealed to them" in refused.err
    assert ring(keys) == after
    done = crawlctl("keys", "rotate", str(keys), "--reseal", "--json").answers[0]
    assert done["new"] is False and done["rows"]["sightings"] == {"rows": 3, "old": 3, "unopened": 0}
    dropped = crawlctl("keys", "rotate", str(keys), "--drop", "--json").answers[0]
    assert dropped["old"] == 0 and ring(keys) == seal.without_old(after)
    opener = seal.Opener(ring(keys).secret)
    rows = sql(cluster, "SELECT sealed FROM sightings ORDER BY sha256")
    assert [opener.open(row["sealed"]) for row in rows] == [f"http://h.test/{n}" for n in range(3)]
    acts = [(row["verb"], row["purpose"]) for row in sql(cluster, "SELECT verb, purpose FROM audit ORDER BY seq")]
    assert acts == [("keys.rotate", step) for step in ("rotate", "reseal", "drop")]
    assert crawlctl("audit", "verify").code == 0, "the chain's key is not rotated"


def test_nothing_of_a_key_is_shown(cluster: Database, crawlctl: Crawlctl, keys: Path) -> None:
    shown = "".join(crawlctl("keys", "rotate", str(keys), *more).out for more in ((), ("--reseal",), ("--json",)))
    kept = ring(keys)
    for secret in (kept.secret, *kept.old, kept.place_key, kept.series_key):
        assert secret.hex() not in shown and base64.b64encode(secret).decode() not in shown


def test_sealing_anew_without_an_old_secret_makes_a_new_pair_first(
    cluster: Database, crawlctl: Crawlctl, keys: Path
) -> None:
    before = ring(keys)
    assert crawlctl("keys", "rotate", str(keys), "--reseal", "--json").answers[0]["new"] is True
    after = ring(keys)
    assert after.old == (before.secret,)
    assert crawlctl("keys", "rotate", str(keys), "--reseal", "--json").answers[0]["new"] is False, (
        "begun again, it goes on"
    )
    assert ring(keys) == after


def test_what_was_stopped_between_two_files_is_ended(
    cluster: Database, crawlctl: Crawlctl, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, written = replace_file, list[str]()

    def once(path: Path, data: bytes) -> None:
        if written:
            raise KeyboardInterrupt
        written.append(path.name)
        real(path, data)

    monkeypatch.setattr(rotation, "replace_file", once)
    assert crawlctl("keys", "rotate", str(keys)).code == 130
    after = ring(keys)
    assert written == [seal.NOTICES_FILE], "who opens gets the new pair before anybody seals to it"
    assert other(keys, seal.FETCHER_FILE) != after.public
    monkeypatch.setattr(rotation, "replace_file", real)
    assert crawlctl("keys", "rotate", str(keys)).code == 0
    assert ring(keys) == after and other(keys, seal.FETCHER_FILE) == other(keys, seal.LISTS_FILE) == after.public


def test_it_is_for_operators(add: AddKey, crawlctl: Crawlctl, keys: Path) -> None:
    carl, anna = add("carl", "analyst"), add("anna", "operator")
    add("bert", "operator")
    before = ring(keys)
    assert crawlctl("keys", "rotate", str(keys), "--key", str(carl)).code == 2
    refused = crawlctl("keys", "rotate", str(keys))
    assert refused.code == 2 and "which of them asks?" in refused.err and ring(keys) == before
    assert crawlctl("keys", "rotate", str(keys), "--key", str(anna)).code == 0


def test_a_ring_that_is_full(cluster: Database, crawlctl: Crawlctl, keys: Path) -> None:
    for _ in range(seal.OLD):
        assert crawlctl("keys", "rotate", str(keys)).code == 0
    ran = crawlctl("keys", "rotate", str(keys))
    assert ran.code == 2 and "keys rotate --drop" in ran.err


def test_keys_that_are_not_to_be_rotated(cluster: Database, crawlctl: Crawlctl, keys: Path, tmp_path: Path) -> None:
    for wrong in (
        (),
        (str(keys), "--state", str(tmp_path)),
        (str(keys), "--reseal", "--drop"),
        (str(tmp_path / "none"),),
    ):
        assert crawlctl("keys", "rotate", *wrong).code == 2
    (keys / seal.NOTICES_FILE).write_bytes((keys / seal.FETCHER_FILE).read_bytes())
    ran = crawlctl("keys", "rotate", str(keys))
    assert ran.code == 2 and "open nothing" in ran.err


def test_keys_of_the_environment_serve_as_those_of_a_file(
    cluster: Database, crawlctl: Crawlctl, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PISAURA_CLUSTER_KEYS")
    assert crawlctl("audit", "verify").code == 2
    monkeypatch.setenv("PISAURA_KEYS", base64.b64encode((keys / seal.NOTICES_FILE).read_bytes()).decode())
    assert crawlctl("audit", "verify").code == 0
    assert json.loads(crawlctl("keys", "add", "x", "--role", "viewer").out)["user"]


def test_a_new_pair_and_dropping_take_two_operators(
    cluster: Database, crawlctl: Crawlctl, keys: Path, add: AddKey
) -> None:
    """ "adding trusted lists, auto-send, releasing holds, exports and keys take two people" """
    anna, bert = add("anna", "operator"), add("bert", "operator")
    for step in ((), ("--drop",)):
        before = ring(keys)
        asked = crawlctl("keys", "rotate", str(keys), *step, "--key", str(anna), "--json")
        assert asked.code == 0 and asked.answers[0]["done"] is False and ring(keys) == before
        again = crawlctl("keys", "rotate", str(keys), *step, "--key", str(anna), "--json")
        assert again.answers[0]["done"] is False and ring(keys) == before, "nobody approves an act of their own"
        done = crawlctl("keys", "rotate", str(keys), *step, "--key", str(bert), "--json")
        assert done.code == 0 and ring(keys) != before
