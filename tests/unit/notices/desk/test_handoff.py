"""Files for the assessment tool, and its answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from contracts.errors import Corrupt, UsageError
from contracts.seal import new_keys
from notices.desk.handoff import ANSWER, HANDOFF, MOST, Assessed, answered, pack, signing_key, tool, unpack

KEYS, OTHER, SIGN = new_keys(), new_keys(), SigningKey.generate()
GOOD = {"public_key": "ab" * 32, "verify_key": SIGN.verify_key.encode().hex(), "folder": "out"}
TOOL = tool(GOOD)
SAID = Assessed("00" * 16, KEYS.public.hex(), 7, "cd" * 32, "anna", "release", 1.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"public_key": "zz"}, "public_key"),
        ({"verify_key": "ab" * 31}, "verify_key"),
        ({"folder": ""}, "either a folder or a webhook"),
        ({"webhook": "https://tool.example/in"}, "either a folder or a webhook"),
        ({"folder": "", "webhook": "http://tool.example/in"}, "https"),
        ({"more": 1}, "more"),
        ({"folder": 7}, "folder"),
    ],
)
def test_a_tool_that_is_none(change: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        tool(GOOD | change)
    assert GOOD["verify_key"] not in str(caught.value)


def test_what_is_packed_is_read_by_whom_it_is_for() -> None:
    packed = pack(ANSWER, SAID, KEYS.public, SIGN)
    assert answered(packed, TOOL, KEYS) == SAID
    assert packed != pack(ANSWER, SAID, KEYS.public, SIGN), "different each time"
    with pytest.raises(Corrupt, match="another key"):
        answered(packed, TOOL, OTHER)
    with pytest.raises(Corrupt, match="not believed"):
        answered(pack(ANSWER, SAID, KEYS.public, SigningKey.generate()), TOOL, KEYS)
    with pytest.raises(Corrupt, match="does not begin"):
        answered(pack(HANDOFF, SAID, KEYS.public, SIGN), TOOL, KEYS)
    with pytest.raises(Corrupt, match="somebody else"):
        answered(pack(ANSWER, replace(SAID, to=OTHER.public.hex()), KEYS.public, SIGN), TOOL, KEYS)
    with pytest.raises(Corrupt, match="as documented"):
        answered(pack(ANSWER, TOOL, KEYS.public, SIGN), TOOL, KEYS)
    with pytest.raises(Corrupt, match="at most"):
        answered(b"x" * (MOST + 1), TOOL, KEYS)


def test_an_answer_to_a_key_from_before_a_rotation_counts() -> None:
    rotated = replace(OTHER, old=(KEYS.secret,))
    assert answered(pack(ANSWER, SAID, KEYS.public, SIGN), TOOL, rotated) == SAID
    assert answered(pack(ANSWER, replace(SAID, to=OTHER.public.hex()), OTHER.public, SIGN), TOOL, rotated).case == 7


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_are_an_unforeseen_error(data: bytes, begins: bool) -> None:
    with pytest.raises(Corrupt):
        answered(ANSWER + data if begins else data, TOOL, KEYS)


@given(st.integers(0), st.integers(0, 7))
def test_a_changed_bit_is_found(at: int, bit: int) -> None:
    packed = bytearray(pack(ANSWER, SAID, KEYS.public, SIGN))
    packed[at % len(packed)] ^= 1 << bit
    with pytest.raises(Corrupt):
        answered(bytes(packed), TOOL, KEYS)


def test_our_signing_key_follows_from_our_keys() -> None:
    assert signing_key(KEYS) == signing_key(KEYS) != signing_key(OTHER)
    secret = PrivateKey.generate()
    packed = pack(HANDOFF, SAID, bytes(secret.public_key), signing_key(KEYS))
    assert unpack(HANDOFF, packed, bytes(secret), signing_key(KEYS).verify_key.encode(), Assessed) == SAID
