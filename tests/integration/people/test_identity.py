"""Who is believed by the verbs: a keys file, or a token."""

import json
import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.integration.people.conftest import AddKey, sql
from tests.postgres import Database
from tests.unit.crawlctl.conftest import Crawlctl


def test_a_token_of_the_issuer_serves_as_a_key(
    cluster: Database, crawlctl: Crawlctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    (tmp_path / "jwks").write_text(json.dumps({"keys": [jwk]}))
    for name, value in (("ISSUER", "https://id.example"), ("AUDIENCE", "pisaura"), ("KEYS", str(tmp_path / "jwks"))):
        monkeypatch.setenv(f"PISAURA_REVIEW_OIDC_{name}", value)

    def shows(role: str, seconds: float = 60) -> None:
        claims = {
            "iss": "https://id.example",
            "aud": "pisaura",
            "sub": "4711",
            "exp": time.time() + seconds,
            "roles": [role],
        }
        monkeypatch.setenv("PISAURA_TOKEN", jwt.encode(claims, key, "EdDSA"))

    shows("auditor")
    assert crawlctl("audit", "show").code == 0
    (row,) = sql(cluster, "SELECT person, account, person_role FROM audit")
    assert (row["person"], row["account"], row["person_role"]) == ("4711", 0, "auditor")
    shows("viewer")
    assert "4711 is viewer; audit.show is for auditor or supervisor" in crawlctl("audit", "show").err
    shows("auditor", -3600)
    assert "the token has expired" in crawlctl("audit", "show").err


def test_a_key_that_is_wrong_is_told_and_not_shown(add: AddKey, crawlctl: Crawlctl) -> None:
    path = add("anna", "auditor")
    shown = json.loads(path.read_text())
    path.write_text(json.dumps({**shown, "password": "hunter2hunter2"}))
    ran = crawlctl("audit", "show", "--key", str(path))
    assert ran.code == 2 and shown["user"] in ran.err and "hunter2" not in ran.err
