"""A certificate authority for loopback, made per test: certificates of brokers and of their clients, as files in PEM."""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Files:
    """Where everything is. Keys are not encrypted: they live as long as a test."""

    authority: Path
    """Certificate to verify the others by."""
    broker: Path
    """Private key, then certificate."""
    client: Path
    """Certificate."""
    client_key: Path


def make(folder: Path, addresses: Sequence[str] = ("127.0.0.1", "127.0.0.2", "127.0.0.3")) -> Files:
    """A fresh authority, a certificate for `addresses` and one for a client, in a folder that exists."""
    root, root_key = issue("Pisaura's tests")
    broker, broker_key = issue("broker", root, root_key, addresses)
    client, client_key = issue("client", root, root_key)
    files = Files(*(folder / name for name in ("ca.pem", "broker.pem", "client.pem", "client.key")))
    files.authority.write_bytes(pem(root))
    files.broker.write_bytes(pem(broker_key) + pem(broker))
    files.client.write_bytes(pem(client))
    files.client_key.write_bytes(pem(client_key))
    return files


def issue(
    name: str,
    issuer: x509.Certificate | None = None,
    issuer_key: ec.EllipticCurvePrivateKey | None = None,
    addresses: Sequence[str] = (),
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate and its key; without an issuer that of an authority, signed by itself. Backdated by a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signer = issuer_key or key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if addresses:
        names = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256()), key


def pem(thing: x509.Certificate | ec.EllipticCurvePrivateKey) -> bytes:
    """A certificate, or a key as PKCS #8, which is the only form that Java reads."""
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return thing.private_bytes(serialization.Encoding.PEM, form, plain)
