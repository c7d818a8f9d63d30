"""Dead letters: what fits into one, and the newest state of each place."""

import hashlib

from backends.kafka.dead import Dead, fitting, light, retried
from backends.kafka.dead import newest as newest_of
from contracts.codec import encode_all
from contracts.messages import HostMatched
from contracts.notes import DeadLetter


def letter(offset: int = 5, payload: bytes = b"x", why: str = "poison", at: float = 1.0) -> DeadLetter:
    return DeadLetter("urls", 3, offset, why, "p1", at, payload)


def newest(letters: list[DeadLetter]) -> list[Dead]:
    return newest_of(light(one, at) for at, one in enumerate(letters))


def test_of_a_payload_only_its_place_is_kept() -> None:
    bare, kept = light(letter(payload=b"xyz", why="w" * 10_000), 77)
    assert (bare.payload, len(bare.why)) == (b"", 1000)
    assert (kept.at, kept.size, kept.sha256) == (77, 3, hashlib.sha256(b"xyz").digest())


def test_a_letter_that_fits_is_left_alone() -> None:
    assert fitting(letter(), 1000) == letter()


def test_a_payload_that_is_too_long_is_left_out_and_said() -> None:
    kept = fitting(letter(payload=b"x" * 5000), 4000)
    assert kept.payload == b""
    assert kept.why == "poison (its 5000 bytes are too long to be kept)"
    assert len(encode_all([kept])) < 4000
    assert len(fitting(letter(why="w" * 10_000), 4000).why) == 1000


def test_each_place_has_one_state() -> None:
    again = letter(why="again", at=2.0)
    found = newest([letter(), letter(6), again])
    assert [(dead.offset, dead.why, [kept.at for kept in dead.kept]) for dead in found] == [
        (5, "poison", [0]),
        (6, "poison", [1]),
    ]


def test_several_messages_of_one_record_are_kept_together() -> None:
    (found,) = newest([letter(payload=b"a"), letter(payload=b"b"), letter(payload=b"a")])
    assert [(kept.at, kept.size) for kept in found.kept] == [(0, 1), (1, 1)]


def test_what_was_retried_is_marked() -> None:
    first, second = newest([letter(), letter(6)])
    marked = newest([letter(), letter(6), retried(first, "me", 9.0)])
    assert [dead.retried_at for dead in marked] == [9.0, 0.0]
    assert [kept.at for kept in marked[0].kept] == [0]
    assert retried(second, "me", 9.0).payload == b""
    assert newest([retried(first, "me", 9.0)]) == [], "its letter is gone already"


def test_what_was_too_long_to_be_sent_has_no_place_and_counts_each() -> None:
    lost = letter(-1, b"", encode_all([HostMatched("h", 1)]).hex())
    assert len(newest([lost, lost, letter()])) == 3
