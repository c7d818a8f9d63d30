"""A case on its way to the hotline's own assessment tool, and the tool's answer (docs/domain.md, section 2).

A file is a line of magic, an Ed25519 signature (64 bytes) over the magic and all that follows it, and a libsodium sealed box
(X25519, XSalsa20-Poly1305) to the receiver around JSON in UTF-8. Who receives checks the signature before opening anything. The JSON
names the receiver's public key, so that a file cannot be sent on to somebody else as if it had been meant for them.

JSON of a hand-off: format, reference (hex), to (hex), case, sha256 (hex), made_at, organisation, url, address, pages, first_seen,
confirmed_at, media_type, size, kind, near, and evidence: a list of entry, lists, standing, category, legality, near, algorithm,
distance, band. JSON of an answer: format, reference, to, case, sha256, person (the name of an account), decision (release, hold,
dispute or close), why, at. Times are unix seconds.
"""

from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from nacl.bindings import crypto_scalarmult_base
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey

from contracts.errors import Corrupt, UsageError
from contracts.seal import Keys

T = TypeVar("T", bound=Struct)

HANDOFF: Final = b"pisaura-handoff-1\n"
ANSWER: Final = b"pisaura-answer-1\n"
SIGNATURE: Final = 64
MOST: Final = 64 * 1024
"""Bytes of an answer that are looked at."""


class Tool(Struct, frozen=True, forbid_unknown_fields=True):
    """The assessment tool, by the TOML file of `review.handoff`: `public_key` (X25519) to which files are sealed, `verify_key`
    (Ed25519) by which its answers are known, both in hex; and a `folder` or a `webhook` (https), whose authorities may be in `ca`."""

    public_key: str
    verify_key: str
    folder: str = ""
    webhook: str = ""
    ca: str = ""


class Explained(Struct, frozen=True):
    """An entry, in a hand-off."""

    entry: str
    lists: list[str]
    standing: str
    category: str
    legality: str
    near: bool
    algorithm: str
    distance: int
    band: int


class HandedOff(Struct, frozen=True):
    """The JSON of a hand-off."""

    reference: str
    to: str
    case: int
    sha256: str
    made_at: float
    organisation: str
    url: str
    address: str
    pages: list[str]
    first_seen: float
    confirmed_at: float
    media_type: str
    size: int
    kind: str
    near: bool
    evidence: list[Explained]
    format: str = "pisaura-handoff-1"


class Assessed(Struct, frozen=True):
    """The JSON of an answer."""

    reference: str
    to: str
    case: int
    sha256: str
    person: str
    decision: str
    at: float
    why: str = ""
    format: str = "pisaura-answer-1"


def tool(data: dict[str, Any]) -> Tool:
    """The tool that a TOML file describes. UsageError that says what is wrong, and shows no key."""
    try:
        found = msgspec.convert(data, Tool)
    except msgspec.ValidationError as error:
        raise UsageError(f"review.handoff: {error}") from None
    for name in ("public_key", "verify_key"):
        _key(getattr(found, name), name)
    if bool(found.folder) == bool(found.webhook):
        raise UsageError("review.handoff: name either a folder or a webhook")
    if found.webhook and not found.webhook.startswith("https://"):
        raise UsageError("review.handoff: the webhook must be an https URL")
    return found


def _key(text: str, name: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise UsageError(f"review.handoff: {name} must be 64 hex digits")
    return key


def signing_key(keys: Keys) -> SigningKey:
    """Ours, derived from the keys of the notices role: keyed BLAKE2b of nothing, under a name of its own."""
    return SigningKey(blake2b(key=keys.secret, digest_size=32, person=b"handoff-sign").digest())


def packed(handed: HandedOff, to: Tool, keys: Keys) -> bytes:
    """The file of a hand-off; different each time."""
    return pack(HANDOFF, handed, _key(to.public_key, "public_key"), signing_key(keys))


def pack(magic: bytes, content: Struct, public_key: bytes, sign: SigningKey) -> bytes:
    """A file for whoever has the secret half of `public_key` (X25519), signed."""
    sealed = SealedBox(PublicKey(public_key)).encrypt(msgspec.json.encode(content))
    return magic + sign.sign(magic + sealed).signature + sealed


def unpack(magic: bytes, data: bytes, secret_key: bytes, verify_key: bytes, kind: type[T]) -> T:
    """What is in a file. Corrupt if it is none, was signed by somebody else, is sealed to another key, or says something else."""
    if not data.startswith(magic) or len(data) <= len(magic) + SIGNATURE:
        raise Corrupt("the file does not begin as one of the assessment tool's")
    signature, sealed = data[len(magic) : len(magic) + SIGNATURE], data[len(magic) + SIGNATURE :]
    try:
        VerifyKey(verify_key).verify(magic + sealed, signature)
    except (CryptoError, ValueError, TypeError):
        raise Corrupt("the file's signature is not by the key that review.handoff names: it is not believed") from None
    try:
        return msgspec.json.decode(SealedBox(PrivateKey(secret_key)).decrypt(sealed), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Corrupt("the file's signature is good, and what it says is not as documented") from None
    except (CryptoError, ValueError, TypeError):
        raise Corrupt("the file is sealed to another key") from None


def answered(data: bytes, by: Tool, keys: Keys) -> Assessed:
    """What the tool says. Corrupt if it is not to be believed."""
    if len(data) > MOST:
        raise Corrupt(f"an answer has at most {MOST} bytes")
    said = _unpacked(data, by, (keys.secret, *keys.old))
    ours = {crypto_scalarmult_base(secret).hex() for secret in (keys.secret, *keys.old)}
    if said.to.lower() not in ours or said.format != ANSWER.decode().strip():
        raise Corrupt("the answer is meant for somebody else, or of another format")
    return said


def _unpacked(data: bytes, by: Tool, secrets: Sequence[bytes]) -> Assessed:
    """An answer may be sealed to a key of ours from before a rotation."""
    verify = _key(by.verify_key, "verify_key")
    for secret in secrets[:-1]:
        with suppress(Corrupt):
            return unpack(ANSWER, data, secret, verify, Assessed)
    return unpack(ANSWER, data, secrets[-1], verify, Assessed)
