"""DKIM: what we sign can be verified by the key of our domain, and nothing that was changed."""

from base64 import b64encode
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from contracts.errors import UsageError
from notices.compose.mail import message
from notices.compose.whole import compose
from notices.senders.signing import Signer
from tests.notices import OPERATOR, notice


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def put(path: Path, key: rsa.RSAPrivateKey) -> Path:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    path.chmod(0o600)
    return path


def test_a_signed_notice_is_verified_and_a_changed_one_is_not(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    signer = Signer(put(tmp_path / "dkim.pem", key), "s1", "hotline.example")
    signed = signer.sign(message(notice(), compose(notice(), OPERATOR), OPERATOR))
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def record(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"s1._domainkey.hotline.example."
        return b"v=DKIM1; k=rsa; p=" + b64encode(public)

    assert signed.startswith(b"DKIM-Signature: ")
    assert dkim.verify(signed, dnsfunc=record)
    assert not dkim.verify(signed.replace(b"Host Example", b"Ghost Example"), dnsfunc=record)
    assert not dkim.verify(signed.replace(b"To: abuse@host", b"To: other@host"), dnsfunc=record)


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dkim.pem"
    for data in (b"", b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", b"\xff" * 100):
        path.write_bytes(data)
        path.chmod(0o600)
        with pytest.raises(UsageError, match=r"notices\.dkim_key"):
            Signer(path, "s1", "hotline.example")
