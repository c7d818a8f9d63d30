"""Dead letters: what fits into one, and the newest state of each place."""

from backends.kafka.dead import fitting, newest, retried
from contracts.codec import encode_all
from contracts.messages import HostMatched
from contracts.notes import DeadLetter


def letter(offset: int = 5, payload: bytes = b"x", why: str = "poison", at: float = 1.0) -> DeadLetter:
    return DeadLetter("urls", 3, offset, why, "p1", at, payload)


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
    assert [(dead.offset, dead.why, dead.payloads) for dead in found] == [
        (5, "poison", (b"x",)),
        (6, "poison", (b"x",)),
    ]


def test_several_messages_of_one_record_are_kept_together() -> None:
    (found,) = newest([letter(payload=b"a"), letter(payload=b"b"), letter(payload=b"a")])
    assert found.payloads == (b"a", b"b")


def test_what_was_retried_is_marked() -> None:
    first, second = newest([letter(), letter(6)])
    marked = newest([letter(), letter(6), retried(first, "me", 9.0)])
    assert [dead.retried_at for dead in marked] == [9.0, 0.0]
    assert marked[0].payloads == (b"x",)
    assert retried(second, "me", 9.0).payload == b""
    assert newest([retried(first, "me", 9.0)]) == [], "its letter is gone already"


def test_what_was_too_long_to_be_sent_has_no_place_and_counts_each() -> None:
    lost = letter(-1, b"", encode_all([HostMatched("h", 1)]).hex())
    assert len(newest([lost, lost, letter()])) == 3
