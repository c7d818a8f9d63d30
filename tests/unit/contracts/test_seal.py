"""Sealed places: who can seal, who can open, and what a length tells (design, section 7)."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.casekeys import new_case_key
from contracts.errors import Corrupt
from contracts.seal import (
    KEY_BYTES,
    OLD,
    FetcherKeys,
    HasherKeys,
    Opener,
    Resealer,
    Sealer,
    any_keys,
    fetcher_to_bytes,
    from_bytes,
    hasher_keys,
    hasher_to_bytes,
    mark,
    new_keys,
    opener,
    rotated,
    to_bytes,
    without_old,
)

KEYS = new_keys()
SEALER = Sealer(KEYS.public, KEYS.place_key)
OPENER = Opener(KEYS.secret)


@given(st.text(max_size=200) | st.just("http://h/\ud800"))
def test_what_is_sealed_can_be_opened(location: str) -> None:
    assert OPENER.open(SEALER.seal(location)) == location


def test_sealing_shows_neither_place_nor_its_length() -> None:
    short, long = SEALER.seal("http://h/"), SEALER.seal("http://h/" + "a" * 54)
    assert len(short) == len(long) == 48 + 64
    assert len(SEALER.seal("a" * 64)) == 48 + 128
    assert SEALER.seal("http://h/") != short
    assert b"http" not in short


def test_only_the_secret_key_opens() -> None:
    sealed = SEALER.seal("http://h/")
    with pytest.raises(Corrupt, match="another key"):
        Opener(new_keys().secret).open(sealed)


@given(st.binary(max_size=200))
def test_other_bytes_are_corrupt(data: bytes) -> None:
    with pytest.raises(Corrupt):
        OPENER.open(data)


def test_a_changed_seal_is_corrupt() -> None:
    sealed = SEALER.seal("http://h/")
    for changed in (sealed[:-1], sealed + b"x", sealed[:50] + bytes([sealed[50] ^ 1]) + sealed[51:]):
        with pytest.raises(Corrupt):
            OPENER.open(changed)


def test_a_sealed_thing_that_is_no_text_is_corrupt() -> None:
    from nacl.public import PublicKey, SealedBox

    box = SealedBox(PublicKey(KEYS.public))
    for plain in (b"", b"no padding", b"\xff" * 63 + b"\x80", b"\x00" * 64):
        with pytest.raises(Corrupt):
            OPENER.open(box.encrypt(plain))


# RFC 2104, with SHA-256.
def test_a_place_is_the_keyed_hmac_of_its_url_id() -> None:
    identity = b"u" * 16
    assert SEALER.place(identity) == hmac.new(KEYS.place_key, identity, hashlib.sha256).digest()
    assert Sealer(KEYS.public, b"k" * 32).place(identity) != SEALER.place(identity)


def test_a_content_key_is_half_the_keyed_hmac_of_a_digest() -> None:
    """A re-check's `head_key` is made by notices, and compared by a fetcher."""
    digest = hashlib.sha256(b"first 64 KiB").digest()
    assert SEALER.content_key(digest) == hmac.digest(KEYS.place_key, digest, "sha256")[:16]


def test_the_key_file_comes_back_and_notices_damage() -> None:
    data = to_bytes(KEYS)
    assert from_bytes(data) == KEYS
    assert len({KEYS.secret, KEYS.public, KEYS.place_key, KEYS.series_key}) == 4
    for at in range(0, len(data), 7):
        with pytest.raises(Corrupt):
            from_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(Corrupt):
            from_bytes(data[:at])
    with pytest.raises(Corrupt):
        from_bytes(data + b"x")


def test_keys_are_not_shown() -> None:
    shown = f"{KEYS!r} {KEYS}"
    assert KEYS.secret.hex() not in shown
    assert repr(KEYS.secret) not in shown
    assert "not shown" in shown


def test_a_fetchers_keys_can_seal_and_their_file_holds_no_secret() -> None:
    data = fetcher_to_bytes(FetcherKeys(KEYS.public, KEYS.place_key))
    assert KEYS.secret not in data and KEYS.series_key not in data
    read = any_keys(data)
    assert read == FetcherKeys(KEYS.public, KEYS.place_key)
    assert any_keys(to_bytes(KEYS)) == KEYS
    assert mark(read) == mark(KEYS) != mark(new_keys())
    assert "not shown" in repr(read)


@given(st.integers(0, 102), st.integers(1, 255))
def test_a_changed_file_of_a_fetcher_is_corrupt(at: int, by: int) -> None:
    data = bytearray(fetcher_to_bytes(FetcherKeys(KEYS.public, KEYS.place_key)))
    data[at] ^= by
    with pytest.raises(Corrupt):
        any_keys(bytes(data))
    with pytest.raises(Corrupt):
        any_keys(bytes(data[:at]))


def test_a_hashers_key_is_its_own_and_leads_to_no_other() -> None:
    own = hasher_keys(KEYS)
    data = hasher_to_bytes(own)
    assert any_keys(data) == own == hasher_keys(KEYS) != hasher_keys(new_keys())
    assert not any(key in data for key in (KEYS.secret, KEYS.public, KEYS.place_key, KEYS.series_key))
    assert "not shown" in repr(own) and mark(own) == mark(HasherKeys(own.snapshot)) != mark(KEYS)
    for at in range(0, len(data), 5):
        with pytest.raises(Corrupt):
            any_keys(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_a_ring_opens_what_was_sealed_before_and_seals_to_its_newest_key() -> None:
    sealed = SEALER.seal("http://h/")
    ring = rotated(rotated(KEYS))
    assert opener(ring).open(sealed) == "http://h/"
    assert opener(ring).open(Sealer(ring.public).seal("http://i/")) == "http://i/"
    with pytest.raises(Corrupt):
        Opener(ring.secret).open(sealed)
    with pytest.raises(Corrupt):
        opener(without_old(ring)).open(sealed)
    assert (ring.place_key, ring.series_key) == (KEYS.place_key, KEYS.series_key), "what has a name keeps it"
    assert hasher_keys(ring) == hasher_keys(KEYS) and mark(ring) != mark(KEYS)


def test_a_ring_comes_back_from_its_file_and_files_of_one_key_are_read_as_before() -> None:
    ring = KEYS
    for _ in range(OLD):
        ring = rotated(ring)
        data = to_bytes(ring)
        assert from_bytes(data) == any_keys(data) == ring
        for cut in (data[:-1], data[:-KEY_BYTES], data[: len(data) // 2], data + bytes(KEY_BYTES)):
            with pytest.raises(Corrupt):
                from_bytes(cut)
        changed = bytearray(data)
        changed[60] ^= 1
        with pytest.raises(Corrupt):
            from_bytes(bytes(changed))
    with pytest.raises(ValueError, match="8 old secrets"):
        rotated(ring)
    assert len(to_bytes(KEYS)) == 127 and to_bytes(without_old(ring)).startswith(b"pisaura-keys-1\n")
    assert not any(secret.hex() in f"{ring!r}" or repr(secret) in f"{ring!r}" for secret in ring.old)


def test_what_is_sealed_to_an_older_key_is_sealed_anew_whatever_it_is() -> None:
    ring = rotated(KEYS)
    resealer, key = Resealer(ring), new_case_key()
    for old in (SEALER.seal("http://h/"), SEALER.seal_bytes(key)):
        anew = resealer.again(old)
        assert anew is not None and len(anew) == len(old)
        assert Opener(ring.secret).open_bytes(anew) == OPENER.open_bytes(old)
        assert resealer.again(anew) is None, "it is sealed to the newest key"
    for other in (b"", b"x" * 100, Sealer(new_keys().public).seal("http://h/")):
        with pytest.raises(Corrupt):
            resealer.again(other)
