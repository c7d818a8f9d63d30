"""Who may learn where a medium lies: whoever fetched it seals the place, only the notices role opens it (design, 7).

A sealed place is a libsodium sealed box (X25519, XSalsa20-Poly1305; nobody can tell who sealed it) around the location in
UTF-8, padded to a multiple of 64 bytes (ISO/IEC 7816-4) so that its length tells little. Beside it travels the place
key: HMAC-SHA256 of the url_id, by which one place is recognised again without being known.
"""

import hmac
from contextlib import suppress
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

FETCHER_FILE: Final = "fetcher.keys"
NOTICES_FILE: Final = "notices.keys"
HASHER_FILE: Final = "hasher.keys"
LISTS_FILE: Final = "lists.keys"
"""Names of the files that the parts of a cluster get: the first can seal, the second everything, the third reads and writes
snapshots of a hasher's index and nothing else, the fourth seals what lists say and opens nothing."""

OLD: Final = 8
"""Old secrets that a ring holds at most."""

_MAGIC: Final = b"pisaura-keys-1\n"
_RING_MAGIC: Final = b"pisaura-keys-2\n"
_FETCHER_MAGIC: Final = b"pisaura-fetcher-keys-1\n"
_HASHER_MAGIC: Final = b"pisaura-hasher-keys-1\n"
_LISTS_MAGIC: Final = b"pisaura-lists-keys-1\n"
_SUM_BYTES: Final = 16


class Keys(Struct, frozen=True):
    """All keys of a state, 32 bytes each: a ring. `public` seals; `secret` opens what was sealed to it, `old` secrets what was sealed
    before. `place_key` blinds the names of places, `series_key` those of series: under them the same thing has the same name for
    ever, so these two are never rotated."""

    public: bytes
    secret: bytes
    place_key: bytes
    series_key: bytes
    old: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return "Keys(public, secret, place_key, series_key, old: not shown)"


class FetcherKeys(Struct, frozen=True):
    """What a fetcher gets of them: enough to seal and to name places, nothing to open with."""

    public: bytes
    place_key: bytes

    def __repr__(self) -> str:
        return "FetcherKeys(public, place_key: not shown)"


class HasherKeys(Struct, frozen=True):
    """What a hasher gets: the key of its index's snapshots, which none of the others is known from."""

    snapshot: bytes

    def __repr__(self) -> str:
        return "HasherKeys(snapshot: not shown)"


class ListsKeys(Struct, frozen=True):
    """What importing lists gets: enough to seal series and notes and to blind names of series; no place is named or opened."""

    public: bytes
    series_key: bytes

    def __repr__(self) -> str:
        return "ListsKeys(public, series_key: not shown)"


AnyKeys = Keys | FetcherKeys | HasherKeys | ListsKeys


def hasher_keys(keys: Keys) -> HasherKeys:
    """A hasher's key, derived from all keys: keyed BLAKE2b of nothing, under a name of its own."""
    return HasherKeys(blake2b(key=keys.series_key, digest_size=KEY_BYTES, person=b"snapshot").digest())


def lists_keys(keys: Keys) -> ListsKeys:
    """What importing lists needs of all keys."""
    return ListsKeys(keys.public, keys.series_key)


def new_keys() -> Keys:
    """Fresh keys from the system's random source (libsodium `randombytes`)."""
    secret = bytes(PrivateKey.generate())
    return Keys(crypto_scalarmult_base(secret), secret, random(KEY_BYTES), random(KEY_BYTES))


def rotated(keys: Keys) -> Keys:
    """The same ring with a new pair, the secret of the last one kept for opening. ValueError if it is full."""
    if len(keys.old) >= OLD:
        raise ValueError(f"a ring holds {OLD} old secrets at most")
    secret = bytes(PrivateKey.generate())
    return Keys(crypto_scalarmult_base(secret), secret, keys.place_key, keys.series_key, (keys.secret, *keys.old))


def without_old(keys: Keys) -> Keys:
    """The same ring without its old secrets: what was sealed to them can be opened no more."""
    return Keys(keys.public, keys.secret, keys.place_key, keys.series_key)


def to_bytes(keys: Keys) -> bytes:
    """The key file: a magic line, secret, place key, series key, and a BLAKE2b-128 sum over all before it. One with old secrets
    has another magic line, and these before the sum."""
    return _pack(_RING_MAGIC if keys.old else _MAGIC, keys.secret, keys.place_key, keys.series_key, *keys.old)


def from_bytes(data: bytes) -> Keys:
    """The keys of a key file; `Corrupt` if it is none, cut or changed (the message shows no key)."""
    if data.startswith(_RING_MAGIC):
        count = min(max((len(data) - len(_RING_MAGIC) - _SUM_BYTES) // KEY_BYTES, 4), 3 + OLD)
        secret, place_key, series_key, *old = _unpack(_RING_MAGIC, data, count)
    else:
        old = []
        secret, place_key, series_key = _unpack(_MAGIC, data, 3)
    return Keys(crypto_scalarmult_base(secret), secret, place_key, series_key, tuple(old))


def fetcher_to_bytes(keys: FetcherKeys) -> bytes:
    """A fetcher's key file: another magic line, public key, place key, sum."""
    return _pack(_FETCHER_MAGIC, keys.public, keys.place_key)


def hasher_to_bytes(keys: HasherKeys) -> bytes:
    """A hasher's key file: a third magic line, its key, sum."""
    return _pack(_HASHER_MAGIC, keys.snapshot)


def lists_to_bytes(keys: ListsKeys) -> bytes:
    """The key file of who imports lists: a fourth magic line, public key, series key, sum."""
    return _pack(_LISTS_MAGIC, keys.public, keys.series_key)


def any_keys(data: bytes) -> AnyKeys:
    """The keys of any of the files; `Corrupt` as by `from_bytes`."""
    if data.startswith(_LISTS_MAGIC):
        return ListsKeys(*_unpack(_LISTS_MAGIC, data, 2))
    if data.startswith(_HASHER_MAGIC):
        return HasherKeys(*_unpack(_HASHER_MAGIC, data, 1))
    if not data.startswith(_FETCHER_MAGIC):
        return from_bytes(data)
    public, place_key = _unpack(_FETCHER_MAGIC, data, 2)
    return FetcherKeys(public, place_key)


def mark(keys: AnyKeys) -> str:
    """By which people see that two files belong together: 16 hex digits that tell nothing of a key. A hasher's file has one of its
    own: it knows nothing of the others."""
    public = keys.snapshot if isinstance(keys, HasherKeys) else keys.public
    return blake2b(public, digest_size=8, person=b"pisaura-mark").hexdigest()


def _pack(magic: bytes, *keys: bytes) -> bytes:
    data = magic + b"".join(keys)
    return data + blake2b(data, digest_size=_SUM_BYTES).digest()


def _unpack(magic: bytes, data: bytes, count: int) -> list[bytes]:
    """The keys behind a magic line; `Corrupt` if there are not `count` of them with their sum."""
    if not data.startswith(magic):
        raise Corrupt("the key file does not begin as one; restore it from a backup")
    body, total = data[:-_SUM_BYTES], data[-_SUM_BYTES:]
    if len(body) != len(magic) + count * KEY_BYTES:
        wanted = len(magic) + count * KEY_BYTES + _SUM_BYTES
        raise Corrupt(f"the key file has {len(data)} bytes, not {wanted}; restore it")
    if not hmac.compare_digest(total, blake2b(body, digest_size=_SUM_BYTES).digest()):
        raise Corrupt("the key file's checksum is wrong; restore it from a backup")
    return [body[at : at + KEY_BYTES] for at in range(len(magic), len(body), KEY_BYTES)]


class Sealer:
    """What a fetcher may do: seal a location to the notices role, and name a place without telling it."""

    def __init__(self, public_key: bytes, place_key: bytes = b"") -> None:
        """Without a place key it can only seal."""
        self._box = SealedBox(PublicKey(public_key))
        self._place_key = place_key

    def seal(self, location: str) -> bytes:
        """The sealed location: 48 bytes more than the padded one; different each time."""
        return self._box.encrypt(sodium_pad(location.encode("utf-8", "surrogatepass"), PADDING))

    def seal_bytes(self, data: bytes) -> bytes:
        """Data of a fixed length, like a case's key: 48 bytes more, without padding."""
        return self._box.encrypt(data)

    def place(self, url_id: bytes) -> bytes:
        """HMAC-SHA256 of a url_id (32 bytes). ValueError without a place key."""
        if not self._place_key:
            raise ValueError("these keys can seal, and name no place")
        return hmac.digest(self._place_key, url_id, "sha256")

    def content_key(self, sha256: bytes) -> bytes:
        """By which media, or the first 64 KiB of them, are recognised again without being known (16 bytes)."""
        return self.place(sha256)[:16]


class Opener:
    """What only the notices role may do: open sealed locations."""

    def __init__(self, secret_key: bytes, *old: bytes) -> None:
        """`old` secrets are tried after it."""
        self._boxes = [SealedBox(PrivateKey(secret)) for secret in (secret_key, *old)]

    def open(self, sealed: bytes) -> str:
        """The location; `Corrupt` if it was sealed to another key, was changed, or holds no text."""
        try:
            return sodium_unpad(self._opened(sealed), PADDING).decode("utf-8", "surrogatepass")
        except (CryptoError, ValueError, TypeError) as error:
            raise _unopened(sealed) from error

    def open_bytes(self, sealed: bytes) -> bytes:
        """What `Sealer.seal_bytes` sealed; `Corrupt` likewise."""
        try:
            return self._opened(sealed)
        except (CryptoError, ValueError, TypeError) as error:
            raise _unopened(sealed) from error

    def _opened(self, sealed: bytes) -> bytes:
        for box in self._boxes[:-1]:
            with suppress(CryptoError):
                return box.decrypt(sealed)
        return self._boxes[-1].decrypt(sealed)


def opener(keys: Keys) -> Opener:
    """Opens what was sealed to any secret of a ring."""
    return Opener(keys.secret, *keys.old)


class Resealer:
    """Seals anew, to a ring's newest key, what was sealed to an older one, whatever it is."""

    def __init__(self, keys: Keys) -> None:
        self._new, self._any, self._sealer = Opener(keys.secret), opener(keys), Sealer(keys.public)

    def again(self, sealed: bytes) -> bytes | None:
        """The same, sealed to the newest key; None if it is. `Corrupt` if no key of the ring opens it."""
        try:
            self._new.open_bytes(sealed)
        except Corrupt:
            return self._sealer.seal_bytes(self._any.open_bytes(sealed))
        return None


def _unopened(sealed: bytes) -> Corrupt:
    return Corrupt(
        f"a sealed location of {len(sealed)} bytes cannot be opened: it is damaged or was sealed to another key"
    )  # fmt: skip
