"""What people see of messages and dead letters."""

import json

import pytest

from contracts.codec import encode_all
from contracts.errors import UsageError
from contracts.messages import DigestRecord, HostMatched, MediaDigests, Recheck
from contracts.ports import Unreadable
from crawlctl.letters import HEAD, SEALED_HEAD, contents, place, shown

SECRET = bytes(range(200, 232))
RECORD = DigestRecord(SECRET, SECRET, SECRET, SECRET[:20], SECRET[:16], 10, 1.0, MediaDigests("image/png"))


def test_messages_are_shown_without_what_is_sealed() -> None:
    assert shown(HostMatched("a.test", 3)) == {"type": "HostMatched", "host": "a.test", "bucket": 3}
    assert shown(Unreadable("too short")) == {"type": "Unreadable", "why": "too short"}
    assert SECRET.hex()[:8] not in json.dumps(shown(RECORD))


def test_what_can_be_read_is_shown_as_messages() -> None:
    found = contents("urls", encode_all([HostMatched("a.test", 3)]))
    assert found["messages"] == [{"type": "HostMatched", "host": "a.test", "bucket": 3}]
    assert "head" not in found


def test_of_what_cannot_be_read_the_first_bytes_are() -> None:
    found = contents("urls", b"\x00nonsense" * 100)
    assert found["head"] == (b"\x00nonsense" * 100)[:HEAD].hex()
    assert found["messages"][0]["type"] == "Unreadable"


@pytest.mark.parametrize("topic", ["digests", "matches", "rechecks"])
@pytest.mark.parametrize("cut", [1, 30, 60])
def test_nothing_sealed_is_among_the_first_bytes(topic: str, cut: int) -> None:
    bundle = encode_all([RECORD])
    for broken in (bundle[:-cut], bytes((9,)) + bundle, bundle[:5] + b"\x63" + bundle[6:]):
        found = contents(topic, broken)
        assert len(bytes.fromhex(found["head"])) <= SEALED_HEAD
        assert not any(bytes((byte,)) in bytes.fromhex(found["head"]) for byte in SECRET[:25])


def test_answers_to_rechecks_show_nothing_sealed() -> None:
    answer = Recheck(SECRET[:16], 1.0, 2.0, SECRET, 200, record=RECORD, moved_to=SECRET, moved_place=SECRET)
    assert SECRET.hex()[:8] not in json.dumps(shown(answer))
    found = contents("rechecks", encode_all([answer])[:-3])
    assert len(bytes.fromhex(found["head"])) <= SEALED_HEAD


def test_a_letter_whose_payload_was_too_long_to_keep() -> None:
    assert contents("urls", b"") == {"bytes": 0, "messages": []}


def test_places() -> None:
    assert place("urls/3/1200") == ("urls", 3, 1200)
    assert place("orders.pages.dead/0/7") == ("orders.pages", 0, 7)
    for wrong in ("urls", "urls/3", "urls/-1/3", "nothing/1/2", "urls/1/2/3", "urls/1/²", "urls//"):
        with pytest.raises(UsageError, match="TOPIC/PARTITION/OFFSET"):
            place(wrong)
