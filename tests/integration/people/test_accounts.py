"""`crawlctl keys add|ls|revoke`: who may make whom, and what is told once."""

import json
from pathlib import Path

import pytest

from contracts.people import ROLES
from tests.integration.people.conftest import AddKey, sql
from tests.postgres import Database
from tests.unit.crawlctl.conftest import Crawlctl


def test_user_and_password_of_a_provider_are_printed_once_as_json(cluster: Database, crawlctl: Crawlctl) -> None:
    ran = crawlctl("keys", "add", "Host Inc", "--role", "provider", "--grant", "pdq")
    (answer,) = ran.answers
    assert {"user", "password"} <= set(answer) and answer["password"]
    listed = crawlctl("keys", "ls", "--json")
    (row,) = listed.answers
    assert (row["user"], row["role"], row["grants"], row["revoked_at"]) == (
        answer["user"],
        "provider",
        ["pdq"],
        None,
    )
    assert answer["password"] not in listed.out + crawlctl("keys", "ls").out
    assert answer["password"] not in json.dumps(sql(cluster, "SELECT * FROM audit"), default=str)


@pytest.mark.parametrize(("role", "grant"), [("provider", "v1/pdq"), ("provider", "url:"), ("analyst", "pdq")])
def test_a_grant_that_would_allow_nothing_is_refused(
    cluster: Database, crawlctl: Crawlctl, role: str, grant: str
) -> None:
    ran = crawlctl("keys", "add", "x", "--role", role, "--grant", grant)
    assert ran.code == 2 and "pdq (asking by PDQ) and url:HOST" in ran.err
    assert not crawlctl("keys", "ls", "--json").answers


# Domain, section 2: "Nobody approves an act of their own; adding ... keys take two people".
def test_people_take_two_operators_as_soon_as_there_are_two(cluster: Database, add: AddKey, crawlctl: Crawlctl) -> None:
    anna, bert = add("anna", "operator"), add("bert", "operator")
    carl = ("keys", "add", "carl", "--role", "analyst")
    refused = crawlctl(*carl)
    assert refused.code == 2 and "which of them asks?" in refused.err
    first = crawlctl(*carl, "--key", str(anna), "--json")
    assert first.answers == [{"name": "carl", "role": "analyst", "done": False, "by": ["anna"]}]
    assert crawlctl(*carl, "--key", str(anna), "--json").answers[0]["done"] is False, "not by oneself"
    again = crawlctl(*carl, "--key", str(anna))
    assert "another person must ask" in again.err and not again.out, "standard output goes into the keys file"
    second = crawlctl(*carl, "--key", str(bert))
    assert second.answers[0]["user"].startswith("carl-")
    lines = sql(
        cluster,
        "SELECT person, purpose FROM audit WHERE verb = 'keys.add' AND purpose LIKE '%carl' ORDER BY seq",
    )
    assert [(line["person"], line["purpose"]) for line in lines] == [
        *[("anna", "asked for: analyst carl")] * 3,
        ("bert", "analyst carl"),
    ]
    host = add("Host Inc", "provider", "--key", str(bert))
    assert json.loads(host.read_text())["role"] == "provider", "a provider's takes one"
    assert crawlctl("keys", "add", "Other Inc", "--role", "provider").code == 2, "but one it takes"


def test_only_operators_make_accounts(add: AddKey, crawlctl: Crawlctl) -> None:
    for role in ROLES:
        path = add(role, role)
        ran = crawlctl("keys", "add", f"by {role}", "--role", "provider", "--key", str(path))
        assert (ran.code == 0) is (role == "operator"), ran.err
        assert crawlctl("keys", "ls", "--key", str(path)).code == (0 if role in ("operator", "auditor") else 2)


def test_a_revoked_account_asks_for_nothing(add: AddKey, crawlctl: Crawlctl) -> None:
    anna, bert = add("anna", "operator"), add("bert", "operator")
    assert crawlctl("keys", "revoke", "anna", "--key", str(bert), "--json").answers[0]["revoked_by"] == "bert"
    ran = crawlctl("keys", "ls", "--key", str(anna))
    assert ran.code == 2 and "is not known with this password, or no more" in ran.err
    assert json.loads(anna.read_text())["password"] not in ran.err
    assert crawlctl("keys", "revoke", "anna", "--key", str(bert)).code == 2


def test_before_there_are_operators_who_has_the_keys_of_the_notices_role_is_the_owner(
    cluster: Database, crawlctl: Crawlctl, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISAURA_CLUSTER_KEYS", str(keys / "fetcher.keys"))
    ran = crawlctl("keys", "add", "eve", "--role", "operator")
    assert ran.code == 2 and "open nothing" in ran.err


def test_who_makes_and_revokes_is_in_the_audit(add: AddKey, cluster: Database, crawlctl: Crawlctl) -> None:
    anna = add("anna", "operator")
    add("Host Inc", "provider", "--key", str(anna))
    crawlctl("keys", "revoke", "Host Inc", "--key", str(anna))
    rows = sql(cluster, "SELECT verb, purpose, person, account FROM audit ORDER BY seq")
    assert [(row["verb"], row["purpose"]) for row in rows] == [
        ("keys.add", "operator anna"), ("keys.add", "provider Host Inc"), ("keys.revoke", "provider Host Inc"),
    ]  # fmt: skip
    assert [(row["person"], row["account"]) for row in rows[1:]] == [("anna", 1)] * 2 and rows[0]["account"] == 0


def test_what_cannot_be_meant(cluster: Database, crawlctl: Crawlctl) -> None:
    for wrong in (("x", "--role", "king"), ("x" * 101, "--role", "viewer"), ("x", "--role", "provider", "--grant", "")):
        ran = crawlctl("keys", "add", *wrong)
        assert ran.code == 2 and ran.err


# "must refuse the operating system's user once the state has any account of a person"
def test_lists_acts_are_of_people_with_accounts_once_there_are_any(
    add: AddKey, cluster: Database, crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = ("lists", "add", "sure", "--format", "csv", "--from", "https://lists.example/l.csv", "--kind", "csam", "--trust", "verified", "--json")  # fmt: skip
    assert crawlctl(*sure).answers[0]["done"] is False, "while nobody has an account, of the operating system's user"
    add("Host Inc", "provider")
    assert crawlctl(*sure).answers[0]["done"] is False, "a provider is no person here"
    anna, bert, carl = add("anna", "operator"), add("bert", "supervisor"), add("carl", "analyst")
    monkeypatch.setenv("PISAURA_POSTGRES_VAULT", cluster.dsn("pisaura_hasher"))
    refused = crawlctl(*sure)
    assert refused.code == 2 and "people have accounts here: who asks?" in refused.err
    assert crawlctl(*sure, "--key", str(carl)).code == 2, "not for analysts"
    first = crawlctl(*sure, "--key", str(anna)).answers[0]
    assert first["done"] is False, "what the operating system's user asked for counts no more"
    assert crawlctl(*sure, "--key", str(anna)).answers[0]["done"] is False
    last = crawlctl(*sure, "--key", str(bert)).answers[0]
    assert last["done"] is True and {"anna", "bert"} <= set(last["by"])
    assert crawlctl("lists", "ls").code == 0, "to look at lists nobody needs one"
