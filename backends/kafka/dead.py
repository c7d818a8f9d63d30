"""Dead letters: written, read back in their newest state, marked as retried."""

from contracts.codec import encode_all
from contracts.messages import DeadLetter


def fitting(letter: DeadLetter, most: int) -> DeadLetter:
    """The letter, without its payload if that makes it longer than a record may be."""
    if len(letter.payload) < most - 4096 and len(encode_all([letter])) <= most:
        return letter
    why = f"{letter.why[:1000]} (its {len(letter.payload)} bytes are too long to be kept)"
    return DeadLetter(letter.topic, letter.partition, letter.offset, why, letter.process, letter.parked_at, b"")
