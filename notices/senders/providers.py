"""Providers whose API takes notices, as the file of `notices.webhooks` names them (TOML):

[host]                                # the contact of a recipient `webhook:host`
url = "https://abuse.host.example/v1/notices"
secret = "host.secret"                # file of the shared secret, relative to this one
ca = "host-ca.pem"                    # authorities of its certificate; the system's if left out
"""

import ssl
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import ada_url
import msgspec
from msgspec import Struct

from contracts.errors import UsageError
from notices.senders.secret import read_secret

SECRET_BYTES: Final = 16
"""Shortest secret."""
_SETTING: Final = "notices.webhooks"
_FILE_BYTES: Final = 1 << 20
_LOOPBACK: Final = ("127.0.0.1", "[::1]", "localhost")


class _Line(Struct, forbid_unknown_fields=True):
    url: str
    secret: str
    ca: str = ""


class Provider(Struct, frozen=True):
    """One of them. `context` verifies its certificate; None without TLS, on loopback only."""

    name: str
    url: str
    secret: bytes
    context: ssl.SSLContext | None

    def __repr__(self) -> str:
        return f"Provider({self.name!r}, secret: not shown)"


def read_providers(path: str) -> Mapping[str, Provider]:
    """Providers by name, none for an empty path. UsageError with the name of what is wrong, never with a secret."""
    if not path:
        return {}
    try:
        with Path(path).open("rb") as file:
            data = file.read(_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{_SETTING}: {path} cannot be read: {error.strerror}") from error
    if len(data) > _FILE_BYTES:
        raise UsageError(f"{_SETTING}: {path} has more than {_FILE_BYTES} bytes")
    try:
        lines = msgspec.convert(tomllib.loads(data.decode()), dict[str, _Line])
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{_SETTING}: {path}: {error}; each [name] needs url and secret") from error
    return {name: _provider(name, line, Path(path)) for name, line in lines.items()}


def _provider(name: str, line: _Line, path: Path) -> Provider:
    where = f"{_SETTING}: {path}, [{name}]"
    try:
        url = ada_url.URL(line.url)
    except ValueError:
        raise UsageError(f"{where}: url is no URL") from None
    if url.protocol != "https:" and not (url.protocol == "http:" and url.hostname in _LOOPBACK):
        raise UsageError(f"{where}: url must be https; http is for this machine only")
    if url.username or url.password:
        raise UsageError(f"{where}: url may hold no credentials; requests are signed with the secret")
    secret = read_secret(path.parent / line.secret, f"{where}: secret").strip()
    if len(secret) < SECRET_BYTES:
        raise UsageError(f"{where}: the secret has {len(secret)} bytes, fewer than {SECRET_BYTES}")
    context = None
    if url.protocol == "https:":
        try:
            context = ssl.create_default_context(cafile=path.parent / line.ca if line.ca else None)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"{where}: ca holds no certificates that can be read") from error
    return Provider(name, url.href, secret, context)
