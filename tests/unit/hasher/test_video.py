"""Key frames of videos, as a player shows them (issue 3, Digests)."""

import pytest

from contracts.messages import FrameDigest
from hasher.digests import media_digests
from hasher.pdq import distance
from tests.pictures import MEDIA_TYPES, encode, picture, video

SCENES = [picture(seed, 320, 240) for seed in range(60, 72)]


def digest_of(seed: int) -> FrameDigest:
    return media_digests(encode(picture(seed, 320, 240), "BMP")).frames[0]


@pytest.mark.parametrize("format", ["MP4", "MOV", "MKV", "WEBM"])
def test_all_key_frames_of_a_short_video_with_their_times(format: str) -> None:
    media = media_digests(video(SCENES[:3], format))
    assert (media.media_type, media.width, media.height, media.why) == (MEDIA_TYPES[format], 320, 240, "")
    assert media.duration == pytest.approx(3.0, abs=0.2)
    assert [frame.at for frame in media.frames] == pytest.approx([0.0, 1.0, 2.0], abs=0.05)
    for frame, seed in zip(media.frames, range(60, 63), strict=True):
        assert distance(frame.forms[0], digest_of(seed).forms[0]) <= 16


@pytest.mark.parametrize("format", ["MP4", "WEBM"])
def test_a_longer_one_gives_evenly_spaced_frames(format: str) -> None:
    media = media_digests(video(SCENES, format, seconds=0.5), frames=4)
    assert [frame.at for frame in media.frames] == pytest.approx([0.0, 2.0, 3.5, 5.5], abs=0.55)


# ISO/IEC 14496-12, 8.3.2: the matrix of the track header turns the picture.
@pytest.mark.parametrize(("turn", "form"), [(90, 1), (180, 2), (270, 3)])
@pytest.mark.parametrize("format", ["MP4", "MOV"])
def test_turned_as_a_player_turns_it(format: str, turn: int, form: int) -> None:
    plain = media_digests(video(SCENES[:1], format)).frames[0]
    media = media_digests(video(SCENES[:1], format, turn=turn))
    assert media.frames[0].forms[0] == plain.forms[form]
    assert (media.width, media.height) == ((320, 240) if turn == 180 else (240, 320))


def test_a_cut_video_gives_what_is_there() -> None:
    data = video(SCENES, "WEBM")
    media = media_digests(data[: len(data) // 2])
    assert 3 <= len(media.frames) <= 8
    assert media_digests(video(SCENES[:2])[:-2000]).why == "undecodable"  # an MP4 keeps its index at its end


def test_large_frames_are_refused_by_the_header() -> None:
    assert media_digests(video(SCENES[:1]), max_pixels=320 * 240 - 1).why == "too_many_pixels"


def test_stops_when_there_is_no_more_time() -> None:
    assert len(media_digests(video(SCENES), enough=lambda: True).frames) == 1


@pytest.mark.parametrize("format", ["MP4", "MKV"])
def test_damaged_videos_never_raise(format: str) -> None:
    data = video([picture(73, 64, 48), picture(74, 64, 48)], format, seconds=0.3)
    for at in range(0, len(data), max(1, len(data) // 60)):
        broken = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        media = media_digests(broken, max_pixels=10_000_000)
        assert bool(media.frames) != bool(media.why)


def test_no_picture_stream_is_undecodable() -> None:
    assert media_digests(b"\0\0\0\x18ftypisom\0\0\2\0isommp41" + bytes(100)).why == "undecodable"
    assert media_digests(b"\x1a\x45\xdf\xa3" + bytes(100)).why == "undecodable"
