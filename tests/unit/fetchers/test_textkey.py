"""The similarity key: near-duplicates differ in at most 3 of 64 bits, other texts in many more."""

import random

from hypothesis import given
from hypothesis import strategies as st

from fetchers.textkey import distance, text_key

WORDS = random.Random(5)
VOCABULARY = ["".join(WORDS.choice("abcdefghijklmnoprstu") for _ in range(WORDS.randint(3, 9))) for _ in range(2000)]


def page(chance: random.Random, words: int) -> list[str]:
    return [chance.choice(VOCABULARY) for _ in range(words)]


def test_digits_and_blanks_do_not_count() -> None:
    one = text_key("Events of 2031-05-01: nothing happened today, 12 visitors")
    assert one == text_key("Events  of 1999-12-31:\nnothing happened today, 7 visitors")


def test_no_text_has_no_key() -> None:
    assert text_key("") == text_key("12 34") == text_key("short") == 0
    assert text_key("shorter!") != 0


def test_near_duplicates_are_near() -> None:
    chance = random.Random(1)
    for words in (300, 1000, 4000):
        far, near = [], []
        for _ in range(30):
            first, other = page(chance, words), page(chance, words)
            changed = first[:]
            changed[chance.randrange(words)] = "elsewhere"
            near.append(distance(text_key(" ".join(first)), text_key(" ".join(changed))))
            far.append(distance(text_key(" ".join(first)), text_key(" ".join(other))))
        assert sorted(near)[27] <= 3
        assert min(far) > 10


def test_a_shared_template_is_no_duplicate() -> None:
    chance = random.Random(2)
    frame = page(chance, 300)
    keys = [text_key(" ".join(frame + page(chance, 300))) for _ in range(10)]
    assert min(distance(a, b) for i, a in enumerate(keys) for b in keys[:i]) > 3


@given(st.text(max_size=10_000))
def test_any_text_has_a_key_of_64_bits(text: str) -> None:
    assert 0 <= text_key(text) < 1 << 64
