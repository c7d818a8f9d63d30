"""What bytes are is told by the bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hasher.kinds import PICTURES, VIDEOS, media_kind
from tests.pictures import MEDIA_TYPES, STILLS, animation, encode, picture, video


@pytest.mark.parametrize("format", STILLS)
def test_pictures(format: str) -> None:
    assert media_kind(encode(picture(1, 32, 32), format)) == MEDIA_TYPES[format]


@pytest.mark.parametrize("format", ["MP4", "MOV", "MKV", "WEBM"])
def test_videos(format: str) -> None:
    assert media_kind(video([picture(1, 32, 32)], format, seconds=0.2)) == MEDIA_TYPES[format]


def test_avif_sequences_are_pictures() -> None:
    assert media_kind(animation([picture(1, 32, 32), picture(2, 32, 32)], "AVIF")) == "image/avif"


# ISO/IEC 14496-12, 4.3: compatible brands count too; a HEIC is no AVIF and no video.
@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        ([b"mif1", b"\0\0\0\0", b"mif1", b"avif"], "image/avif"),
        ([b"heic", b"\0\0\0\0", b"mif1", b"heic"], ""),
        ([b"qt  ", b"\0\0\0\0", b"qt  "], "video/quicktime"),
        ([b"isom", b"\0\0\2\0", b"isom", b"mp41"], "video/mp4"),
        ([b"M4V ", b"\0\0\0\0"], "video/mp4"),
    ],
)
def test_brands(brands: list[bytes], kind: str) -> None:
    body = b"ftyp" + b"".join(brands)
    assert media_kind((len(body) + 4).to_bytes(4) + body) == kind


def test_old_quicktime_has_no_brand() -> None:
    assert media_kind(b"\0\0\0\x08moov") == "video/quicktime"


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"<html>", b"%PDF-1.7", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x10ftyp"])
def test_the_rest_is_nothing(data: bytes) -> None:
    assert media_kind(data) in ("", "video/mp4")
    if b"ftyp" not in data:
        assert media_kind(data) == ""


@given(st.binary(max_size=300))
def test_any_bytes_have_a_known_kind_or_none(data: bytes) -> None:
    assert media_kind(data) in {"", *PICTURES, *VIDEOS}
    assert media_kind(memoryview(b"\0\0\0\x20ftyp" + data)) in {"", *PICTURES, *VIDEOS}
