"""hasher.agreement: largest matchings by brute force, groups, and when two videos are the same."""

import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import FrameDigest
from contracts.vault import VideoFrames
from hasher.agreement import agreeing, groups, related, required, whole
from tests.vaults import flipped, forms

PAIRS = st.sets(st.tuples(st.integers(0, 5), st.integers(10, 15)), max_size=9)


@given(PAIRS)
def test_as_many_pairs_as_there_can_be(pairs: set[tuple[int, int]]) -> None:
    def apart(some: tuple[tuple[int, int], ...]) -> bool:
        return len({left for left, _ in some}) == len({right for _, right in some}) == len(some)

    best = max(n for n in range(len(pairs) + 1) if any(apart(some) for some in combinations(sorted(pairs), n)))
    assert agreeing(pairs) == best


def test_many_frames_take_no_deep_stack() -> None:
    chain: list[tuple[int, int]] = [(n, n + 5000) for n in range(3000)] + [(n, n + 5001) for n in range(3000)]
    assert agreeing(chain[::-1]) == 3000


def test_pictures_within_a_match_are_one() -> None:
    first = forms(1)[0]
    near, far = flipped(first, 31), flipped(first, 32)
    assert groups([first, near, far]) == {first: first, near: first, far: far}
    assert groups([]) == {}


# "at least 3 distinct frames (2 under 10 s, all where fewer)"
def test_how_many_must_agree() -> None:
    assert [required(60.0, 8, 8), required(9.9, 8, 8), required(60.0, 2, 8), required(60.0, 8, 1), required(60.0, 0, 8)] == [
        3, 2, 2, 1, 1
    ]  # fmt: skip
    assert whole(forms(1)) and not whole(forms(1)[:7]) and not whole([b"short"] * 8)


def video(name: int, *scenes: int, duration: float = 60.0, noise: int = 0) -> VideoFrames:
    def shown(scene: int) -> list[bytes]:
        return [flipped(form, noise, seed=name) for form in forms(scene)]

    return VideoFrames(name.to_bytes(32, "big"), duration, [FrameDigest(shown(scene), 80) for scene in scenes])


def test_videos_with_three_frames_in_common_are_related() -> None:
    one = video(1, 1, 2, 3, 4, 5)
    assert related(one, video(2, 9, 5, 1, 3, noise=12), 31)
    assert not related(one, video(2, 9, 5, 1, 8), 31)
    assert related(one, video(2, 9, 5, 1, 8, duration=9.0), 31)
    assert not related(one, video(2, 9, 5, 1, 3, noise=32), 31)
    assert related(one, one, 31) and not related(one, video(2), 31)


def test_a_turned_copy_is_related() -> None:
    turned = [FrameDigest([*forms(n)[3:], *forms(n)[:3]], 80) for n in (1, 2, 3)]
    assert related(video(1, 1, 2, 3, 4), VideoFrames(b"2" * 32, 60.0, turned), 31)
    assert related(VideoFrames(b"2" * 32, 60.0, turned), video(1, 1, 2, 3, 4), 31)
    seeds = random.Random(4).sample(range(100, 900), 12)
    assert not related(video(1, *seeds[:6]), video(2, *seeds[6:]), 31)
