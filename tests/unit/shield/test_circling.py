"""shield.circling: "more than 50 within 64 bits of each other straddling match and no match"."""

import random

from hypothesis import given
from hypothesis import strategies as st

from contracts.shielding import Probe
from shield.circling import CIRCLES, RECENT, REMEMBERED, Circling
from tests.vaults import flipped

ENTRY = random.Random(1).randbytes(32)
DAY = 86_400.0


def probe(digest: bytes, near: bool, entry: int = 7) -> Probe:
    """A picture as shown; its other forms are far away."""
    others = b"".join(random.Random(digest + bytes([n])).randbytes(32) for n in range(7))
    return Probe(digest + others, ((entry, digest),) if near else ())


def around(count: int) -> list[tuple[bytes, bool]]:
    """Pictures on both sides of the edge, in any order."""
    return [(flipped(ENTRY, 30 if n % 2 else 32, n), bool(n % 2)) for n in range(count)]


def watched(asked: list[tuple[bytes, bool]], most: int = 50) -> int:
    """After how many questions a circle is seen; 0 if never."""
    circling = Circling(most, 64, 30 * DAY)
    for number, (digest, near) in enumerate(asked, 1):
        if circling.watch([probe(digest, near)], float(number)):
            return number
    return 0


def test_more_than_fifty() -> None:
    assert watched(around(50)) == 0
    assert watched(around(51)) == 51


def test_what_is_asked_again_counts_once() -> None:
    assert watched(around(50) * 4) == 0


def test_one_side_only_is_no_circle() -> None:
    assert watched([(flipped(ENTRY, 20, n), True) for n in range(400)]) == 0
    assert watched([(flipped(ENTRY, 40, n), False) for n in range(400)]) == 0


def test_other_pictures_between_them_hide_nothing() -> None:
    chance = random.Random(4)
    asked = []
    for one in around(60):
        asked += [one, *((chance.randbytes(32), False) for _ in range(RECENT))]
    assert watched(asked)


def test_a_film_comes_and_goes() -> None:
    """Three passages and 200 pictures are a film; more of either is none."""
    film = [(flipped(ENTRY, 40, n), False) for n in range(60)] + [(flipped(ENTRY, 20, n), True) for n in range(60)]
    film += [(flipped(ENTRY, 40, 100 + n), False) for n in range(60)]
    assert watched(film) == 0
    assert watched(film + [(flipped(ENTRY, 40, 200 + n), False) for n in range(60)]) == 201


def test_misses_before_the_first_match_count() -> None:
    asked = [(flipped(ENTRY, 32, 1_000 + n), False) for n in range(45)] + around(10)
    assert watched(asked)


def test_turned_pictures_count_by_the_form_that_is_near() -> None:
    circling = Circling(50, 64, 30 * DAY)
    seen = 0
    for number in range(60):
        digest, near = flipped(ENTRY, 30 if number % 2 else 32, number), bool(number % 2)
        forms = [random.Random(number * 8 + n).randbytes(32) for n in range(8)]
        forms[number % 8] = digest
        seen = seen or circling.watch([Probe(b"".join(forms), ((7, digest),) if near else ())], 1.0)
    assert seen == 7


def test_a_video_is_bounded_as_its_frames_are() -> None:
    circling = Circling(50, 64, 30 * DAY)
    frames = [probe(*one) for one in around(48)]
    assert circling.watch(frames, 1.0) == 0, "one video of 48 frames"


def test_what_is_long_ago_is_forgotten_and_circles_are_bounded() -> None:
    circling = Circling(50, 64, 30 * DAY)
    for digest, near in around(50):
        circling.watch([probe(digest, near)], 1.0)
    chance = random.Random(8)
    for entry in range(100, 100 + CIRCLES + 50):
        circling.watch([probe(chance.randbytes(32), True, entry)], 2.0)
    assert len(circling) <= CIRCLES
    circling.watch([probe(chance.randbytes(32), True, 5)], 40 * DAY)
    assert len(circling) == 1


def test_one_that_is_lifted_begins_anew() -> None:
    circling = Circling(50, 64, 30 * DAY)
    assert any(circling.watch([probe(*one)], 1.0) for one in around(60))
    circling.lift()
    assert not any(circling.watch([probe(*one)], 1.0) for one in around(50))


def test_memory_of_a_circle_is_bounded() -> None:
    circling = Circling(10**6, 64, 30 * DAY)
    for number in range(REMEMBERED + 200):
        circling.watch([probe(flipped(ENTRY, 20, number), True)], 1.0)
    (circle,) = circling._circles.values()
    assert len(circle.seen) == REMEMBERED and circle.matched == REMEMBERED + 200


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 50)), max_size=120))
def test_fewer_than_most_never_make_one(steps: list[tuple[int, int]]) -> None:
    asked = [(flipped(ENTRY, bits, seed), bits <= 31) for bits, seed in steps]
    if len(set(asked)) <= 50:
        assert watched(asked) == 0
