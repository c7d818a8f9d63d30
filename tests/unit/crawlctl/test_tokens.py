"""Tokens of an OIDC issuer: believed by signature, issuer, audience, expiry and role, by asymmetric keys only."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from contracts.errors import UsageError
from contracts.people import PEOPLE
from contracts.settings import Settings
from crawlctl.tokens import SUBJECT_CHARS, TOKEN_BYTES, Tokens, read_keys

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ISSUER, AUDIENCE = "https://id.example/realms/hotline", "pisaura"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of an issuer with two keys."""
    keys = [
        {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key())), "kid": "r", "use": "sig"},
        {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(EC.public_key())), "kid": "e"},
        {"kty": "oct", "kid": "shared", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"},
    ]
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": keys}))
    review = replace(Settings().review, oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_keys=str(path))
    return replace(Settings(), review=review)


def token(
    claims: dict[str, Any] | None = None, *, key: Any = RSA, algorithm: str = "RS256", kid: str | None = "r"
) -> str:
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "4711", "exp": time.time() + 300, "roles": ["analyst", "other"]}
    merged = {name: value for name, value in {**said, **(claims or {})}.items() if value is not None}
    return jwt.encode(merged, key, algorithm, headers={"kid": kid} if kid else None)


def test_a_token_that_is_right(settings: Settings) -> None:
    tokens = Tokens.from_settings(settings)
    who = tokens.check(token())
    assert (who.name, who.role, who.account, who.grants, who.how) == ("4711", "analyst", 0, (), "oidc")
    assert tokens.check(token(key=EC, algorithm="ES256", kid="e")).name == "4711"
    assert tokens.check(token({"roles": "supervisor", "name": "Somebody else"})).role == "supervisor"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": 1_000_000_000}, "has expired"),
        ({"exp": None}, "not believed"),
        ({"exp": "never"}, "not believed"),
        ({"nbf": 4_000_000_000}, "not believed"),
        ({"iss": "https://other.example"}, "not believed"),
        ({"iss": None}, "not believed"),
        ({"aud": "other"}, "not believed"),
        ({"aud": None}, "not believed"),
        ({"sub": None}, "not believed"),
        ({"sub": 7}, "not believed"),
        ({"sub": ""}, "no name"),
        ({"sub": "a\nb"}, "no name"),
        ({"sub": "x" * (SUBJECT_CHARS + 1)}, "no name"),
        ({"roles": []}, "no role of ours"),
        ({"roles": None}, "no role of ours"),
        ({"roles": {"analyst": 1}}, "no role of ours"),
        ({"roles": ["provider"]}, "no role of ours"),
        ({"roles": ["analyst", "supervisor"]}, "analyst and supervisor"),
    ],
    ids=str,
)
def test_claims_that_are_not_right(settings: Settings, claims: dict[str, Any], said: str) -> None:
    tokens, shown = Tokens.from_settings(settings), token(claims)
    with pytest.raises(UsageError, match=said) as caught:
        tokens.check(shown)
    assert shown not in str(caught.value) and tokens.identity(shown) is None


def test_signatures_that_are_not_the_issuers(settings: Settings) -> None:
    tokens, stranger = Tokens.from_settings(settings), rsa.generate_private_key(public_exponent=65537, key_size=2048)
    whole = token()
    for wrong in (
        token(key=stranger),
        token(key="secret-secret-secret-secret-secret", algorithm="HS256", kid="shared"),
        token(key="", algorithm="none"),
        token(kid="unknown"),
        token(kid=None),  # two keys: which?
        whole[:-8],
        whole[: whole.rindex(".")] + ".",
        "x" * (TOKEN_BYTES + 1),
        "a.b.c",
        "",
        "\0",
        f"{whole}.{whole}",
    ):
        assert tokens.identity(wrong) is None


def test_a_public_key_is_no_shared_secret(settings: Settings) -> None:
    """The old trick: a token signed with the issuer's public key as if it were a shared secret."""
    import base64
    import hashlib
    import hmac

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "typ": "JWT", "kid": "r"}
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "4711", "exp": time.time() + 300, "roles": "analyst"}
    body = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)
    )
    signed = base64.urlsafe_b64encode(hmac.digest(public, body.encode(), hashlib.sha256)).rstrip(b"=").decode()
    assert Tokens.from_settings(settings).identity(f"{body}.{signed}") is None


def test_a_role_may_lie_deeper(settings: Settings) -> None:
    deeper = replace(settings, review=replace(settings.review, oidc_roles="realm_access.roles"))
    tokens = Tokens.from_settings(deeper)
    assert tokens.check(token({"realm_access": {"roles": ["auditor"]}})).role == "auditor"
    assert tokens.identity(token({"realm_access": "auditor"})) is None
    assert all(tokens.check(token({"realm_access.roles": [role]})).role == role for role in PEOPLE)


def test_without_an_issuer_none_is_believed() -> None:
    with pytest.raises(UsageError, match="oidc_issuer is not set"):
        Tokens.from_settings(Settings()).check(token())


def test_an_issuer_is_given_whole(settings: Settings) -> None:
    for missing in ("oidc_audience", "oidc_keys"):
        half = replace(settings, review=replace(settings.review, **{missing: ""}))  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="as well"):
            Tokens.from_settings(half)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"keys": []}', '{"keys": [1]}', '{"keys": 7}', "\ud800", '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', "[" * 100_000],
    ids=range(9),
)  # fmt: skip
def test_files_without_public_keys(tmp_path: Path, text: str) -> None:
    path = tmp_path / "jwks"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(UsageError, match="public key"):
        read_keys(path)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_keys(tmp_path / "none")
    (tmp_path / "long").write_bytes(b" " * 300_000)
    with pytest.raises(UsageError, match="longer than"):
        read_keys(tmp_path / "long")
