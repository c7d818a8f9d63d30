"""Frames of a GIF, counted by its blocks (GIF89a, sections 15 to 26)."""

from hypothesis import given
from hypothesis import strategies as st

from hasher.gif import frame_count
from tests.pictures import animation, encode, picture


def test_counts_as_the_decoder_does() -> None:
    scenes = [picture(seed, 40, 30) for seed in range(7)]
    assert frame_count(encode(scenes[0], "GIF"), 100) == 1
    assert frame_count(animation(scenes, "GIF"), 100) == 7


def test_stops_at_its_bound_and_where_the_file_is_cut() -> None:
    data = animation([picture(seed, 40, 30) for seed in range(7)], "GIF")
    assert frame_count(data, 3) == 3
    assert 1 <= frame_count(data[: len(data) // 2], 100) <= 4


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    assert 1 <= frame_count(data, 10) <= 10
    assert 1 <= frame_count(b"GIF89a\x01\0\x01\0\0\0\0" + data, 10) <= 10
