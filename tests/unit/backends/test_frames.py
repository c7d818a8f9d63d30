"""backends.postgres.frames: frames in one column and back."""

from hypothesis import given
from hypothesis import strategies as st

from backends.postgres.frames import FRAME, pack, unpack
from contracts.messages import FrameDigest

FRAMES = st.lists(
    st.builds(
        FrameDigest,
        st.lists(st.binary(min_size=32, max_size=32), min_size=8, max_size=8),
        st.integers(0, 100),
        st.integers(0, 10**6).map(lambda millis: millis / 1000),
    ),
    max_size=4,
)


@given(FRAMES)
def test_there_and_back(frames: list[FrameDigest]) -> None:
    packed = pack(frames)
    assert len(packed) == FRAME * len(frames) and unpack(packed) == frames


def test_frames_that_are_none_are_left_out() -> None:
    good = FrameDigest([b"x" * 32] * 8, 50, 1.5)
    bad = [FrameDigest([b"x" * 32] * 7, 50), FrameDigest([b"x" * 31] * 8, 50), FrameDigest([], 50)]
    assert unpack(pack([bad[0], good, bad[1], bad[2]])) == [good]
    assert unpack(pack([FrameDigest([b"x" * 32] * 8, 999, -5.0)])) == [FrameDigest([b"x" * 32] * 8, 100, 0.0)]
    assert unpack(pack([good])[:-1]) == []
