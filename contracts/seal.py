"""Who may learn where a medium lies: whoever fetched it seals the place, only the notices role opens it (design, 7).

A sealed place is a libsodium sealed box (X25519, XSalsa20-Poly1305; nobody can tell who sealed it) around the location in
UTF-8, padded to a multiple of 64 bytes (ISO/IEC 7816-4) so that its length tells little. Beside it travels the place
key: HMAC-SHA256 of the url_id, by which one place is recognised again without being known.
"""

import hmac
from hashlib import blake2b
from typing import Final

from msgspec import Struct
from nacl.bindings import crypto_scalarmult_base, sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.utils import random

from contracts.errors import Corrupt

KEY_BYTES: Final = 32
PADDING: Final = 64
"""Locations are padded to a multiple of this many bytes; at least one byte is added."""

_MAGIC: Final = b"pisaura-keys-1\n"
_SUM_BYTES: Final = 16


class Keys(Struct, frozen=True):
    """All keys of a state, 32 bytes each. `series_key` blinds the series names in the vault."""

    public: bytes
    secret: bytes
    place_key: bytes
    series_key: bytes

    def __repr__(self) -> str:
        return "Keys(public, secret, place_key, series_key: not shown)"


def new_keys() -> Keys:
    """Fresh keys from the system's random source (libsodium `randombytes`)."""
    secret = bytes(PrivateKey.generate())
    return Keys(crypto_scalarmult_base(secret), secret, random(KEY_BYTES), random(KEY_BYTES))


def to_bytes(keys: Keys) -> bytes:
    """The key file: a magic line, secret, place key, series key, and a BLAKE2b-128 sum over all before it."""
    data = _MAGIC + keys.secret + keys.place_key + keys.series_key
    return data + blake2b(data, digest_size=_SUM_BYTES).digest()


def from_bytes(data: bytes) -> Keys:
    """The keys of a key file; `Corrupt` if it is none, cut or changed (the message shows no key)."""
    if not data.startswith(_MAGIC):
        raise Corrupt("the key file does not begin as one; restore it from a backup")
    body, total = data[:-_SUM_BYTES], data[-_SUM_BYTES:]
    if len(body) != len(_MAGIC) + 3 * KEY_BYTES:
        raise Corrupt(f"the key file has {len(data)} bytes, not {len(_MAGIC) + 3 * KEY_BYTES + _SUM_BYTES}; restore it")
    if not hmac.compare_digest(total, blake2b(body, digest_size=_SUM_BYTES).digest()):
        raise Corrupt("the key file's checksum is wrong; restore it from a backup")
    start = len(_MAGIC)
    secret, place_key, series_key = (body[at : at + KEY_BYTES] for at in range(start, len(body), KEY_BYTES))
    return Keys(crypto_scalarmult_base(secret), secret, place_key, series_key)


class Sealer:
    """What a fetcher may do: seal a location to the notices role, and name a place without telling it."""

    def __init__(self, public_key: bytes, place_key: bytes) -> None:
        self._box = SealedBox(PublicKey(public_key))
        self._place_key = place_key

    def seal(self, location: str) -> bytes:
        """The sealed location: 48 bytes more than the padded one; different each time."""
        return self._box.encrypt(sodium_pad(location.encode("utf-8", "surrogatepass"), PADDING))

    def place(self, url_id: bytes) -> bytes:
        """HMAC-SHA256 of a url_id (32 bytes)."""
        return hmac.digest(self._place_key, url_id, "sha256")


class Opener:
    """What only the notices role may do: open sealed locations."""

    def __init__(self, secret_key: bytes) -> None:
        self._box = SealedBox(PrivateKey(secret_key))

    def open(self, sealed: bytes) -> str:
        """The location; `Corrupt` if it was sealed to another key, was changed, or holds no text."""
        try:
            padded = self._box.decrypt(sealed)
            return sodium_unpad(padded, PADDING).decode("utf-8", "surrogatepass")
        except (CryptoError, ValueError, TypeError) as error:
            raise Corrupt(
                f"a sealed location of {len(sealed)} bytes cannot be opened: it is damaged or was sealed to another key"
            ) from error
