"""shield.bodies: how large and how slow."""

import msgspec
import pytest

from shield.bodies import GRACE, Arriving, Room, json_bytes
from shield.questions import Refused


def test_a_body_that_says_or_is_too_large() -> None:
    with pytest.raises(Refused):
        Arriving(101, 100, 60.0, 10, 0.0)
    arriving = Arriving(None, 100, 60.0, 10, 0.0)
    arriving.took(100)
    with pytest.raises(Refused) as refused:
        arriving.took(1)
    assert refused.value.status == 413


def test_a_slow_one_has_a_grace_then_the_least_rate_and_an_end() -> None:
    arriving = Arriving(None, 1 << 20, 60.0, 10, 100.0)
    assert arriving.deadline() == 100.0 + GRACE
    arriving.took(200)
    assert arriving.deadline() == 100.0 + GRACE + 20.0
    arriving.took(10_000)
    assert arriving.deadline() == 160.0
    assert Arriving(None, 1, 60.0, 0, 100.0).deadline() == 160.0


def test_room() -> None:
    room = Room(100)
    room.hold(60)
    with pytest.raises(Refused) as refused:
        room.hold(41)
    assert (refused.value.status, refused.value.wait) == (503, 1.0)
    room.free(60)
    room.hold(100)
    assert room.held == 100


def test_questions_in_json_have_room_for_a_batch() -> None:
    digests = {"md5": "0" * 32, "sha1": "0" * 40, "sha256": "0" * 64, "pdq": "0" * 64, "size_bytes": 2**53}
    item = msgspec.json.encode(digests) + b","
    assert json_bytes(1_000) >= len(item) * 1_000
