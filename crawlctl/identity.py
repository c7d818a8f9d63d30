"""Who asks: by a keys file or a token, never as the operating system knows them (docs/domain.md, section 2)."""

import argparse
import base64
import binascii
import os
import stat
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from backends.postgres.vault_accounts import VaultAccounts
from contracts.desk import Person
from contracts.errors import UsageError
from contracts.people import ACCOUNT, PEOPLE, PERMISSIONS, Identity, may
from crawlctl.access import Access
from crawlctl.arguments import KEY_VARIABLE
from crawlctl.arguments import add_key as add_key
from crawlctl.tokens import Tokens

TOKEN_VARIABLE: Final = "PISAURA_TOKEN"
FILE_BYTES: Final = 4096
HOW: Final = (
    f"give --key FILE (or {KEY_VARIABLE}=FILE), the JSON that `crawlctl keys add NAME --role R` printed, kept with mode 0600; "
    f"or {TOKEN_VARIABLE}, a token of the issuer that review.oidc_issuer names"
)


class Credentials(Struct, frozen=True):
    """What somebody shows: user and password of an account, or a token of an issuer."""

    user: str = ""
    password: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return "Credentials(not shown)"

    @property
    def header(self) -> str:
        """The value of the header field Authorization (RFC 7617, RFC 6750)."""
        if self.token:
            return f"Bearer {self.token}"
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


class _File(Struct):
    user: str
    password: str


def given(arguments: argparse.Namespace) -> Credentials | None:
    """What was given by --key or the environment; None for nothing. UsageError if it cannot be used."""
    named = getattr(arguments, "key", None) or os.environ.get(KEY_VARIABLE)
    if named:
        return read_key(Path(named))
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if token and not token.isascii():
        raise UsageError(f"{TOKEN_VARIABLE} holds no token: tokens are ASCII")
    return Credentials(token=token) if token else None


def credentials(arguments: argparse.Namespace) -> Credentials:
    """The same; UsageError that says how to get them if nothing was given."""
    found = given(arguments)
    if found is None:
        raise UsageError(f"who asks? {HOW}")
    return found


def read_key(path: Path) -> Credentials:
    """A keys file. UsageError if it is none, or others may read it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise UsageError(f"{path}: is no file")
            if about.st_mode & 0o077:
                raise UsageError(f"{path}: others may read it; run `chmod 600` on it, or revoke it and add a new one")
            data = file.read(FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'no such name'}") from None
    try:
        read = msgspec.json.decode(data[:FILE_BYTES], type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise UsageError(f'{path}: is no keys file: it must hold {{"user": ..., "password": ...}}') from None
    if not read.user or ":" in read.user or not read.password:
        raise UsageError(f"{path}: names no user, or no password")
    return Credentials(read.user, read.password)


def of_header(value: str) -> Credentials | None:
    """What a request's field Authorization shows; None if it is neither Basic nor Bearer, or holds no such thing."""
    scheme, _, rest = value.strip().partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer" and rest.isascii():
        return Credentials(token=rest) if rest else None
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return Credentials(user, password) if colon and user and password else None


async def authenticate(shown: Credentials, accounts: VaultAccounts, tokens: Tokens) -> Identity | None:
    """Whose that is; None if nobody's. `tokens` are read once by whoever serves (`Tokens.from_settings`)."""
    if shown.token:
        return tokens.identity(shown.token)
    return await accounts.authenticate(shown.user, shown.password)


async def identity(arguments: argparse.Namespace, access: Access) -> Identity:
    """Who runs this verb. UsageError if nothing was given, or it is nobody's."""
    return await _known(credentials(arguments), access)


async def identity_if_given(arguments: argparse.Namespace, access: Access) -> Identity | None:
    """The same; None if nothing was given and nobody needs to: no account of a person is there yet. Else UsageError."""
    shown = given(arguments)
    if shown is not None:
        return await _known(shown, access)
    if await (await access.accounts()).serving(PEOPLE):
        raise UsageError(f"people have accounts here: who asks? {HOW}")
    return None


async def _known(shown: Credentials, access: Access) -> Identity:
    if shown.token:
        return Tokens.from_settings(access.settings).check(shown.token)
    found = await (await access.accounts()).authenticate(shown.user, shown.password)
    if found is None:
        raise UsageError(f"user {shown.user!r} is not known with this password, or no more; {HOW}")
    return found


async def revealer(arguments: argparse.Namespace, access: Access, purpose: str) -> Identity | None:
    """Who is about to see places or names of series for this purpose; None for nobody (no purpose), or while nobody has an
    account. UsageError if people have accounts and none was shown, or its role sees no places."""
    who = await identity_if_given(arguments, access) if purpose else None
    if who is not None:
        require(who, "cases.reveal")
    return who


def require(who: Identity, act: str) -> None:
    """UsageError that names the roles that may do this, unless theirs is one of them."""
    if not may(who, act):
        roles = " or ".join(PERMISSIONS.get(act, ())) or "nobody"
        raise UsageError(f"{who.name} is {who.role}; {act} is for {roles}")


def person_of(who: Identity) -> Person:
    """Somebody with an identity, as acts that take two people know them."""
    return Person(who.name, who.account, ACCOUNT)
