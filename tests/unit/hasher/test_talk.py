"""A worker that hostile bytes took over may say anything: its answers are believed only if an honest one could say them."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import FrameDigest, MediaDigests
from hasher.talk import PREFIX, believed, longest_answer, packed

FORMS = [bytes([number]) * 32 for number in range(8)]
HONEST = MediaDigests("image/png", 10, 20, [FrameDigest(FORMS, 100, 0.5)], 1.0)


def test_an_honest_answer_is_believed() -> None:
    for media in (HONEST, MediaDigests("image/png", why="undecodable")):
        message = packed(media)
        assert int.from_bytes(message[:PREFIX]) == len(message) - PREFIX
        assert believed(message[PREFIX:], "image/png", 8) == media


def test_the_longest_honest_answer_fits() -> None:
    frames = [FrameDigest([b"\xff" * 32] * 8, 100, 123456.789)] * 40
    assert len(packed(MediaDigests("image/vnd.microsoft.icon", 65_535, 65_535, frames, 1e8))) <= longest_answer(40)


@pytest.mark.parametrize(
    "change",
    [
        {"media_type": "text/html"},
        {"frames": [FrameDigest(FORMS, 100)] * 9},
        {"frames": []},
        {"frames": [FrameDigest(FORMS[:7], 100)]},
        {"frames": [FrameDigest([*FORMS[:7], b"pixels" * 99], 100)]},
        {"frames": [FrameDigest(FORMS, 101)]},
        {"frames": [FrameDigest(FORMS, 1, -1.0)]},
        {"frames": [FrameDigest(FORMS, 1, math.nan)]},
        {"why": "undecodable"},
        {"frames": [], "why": "media bytes smuggled out"},
        {"duration": math.inf},
        {"width": -1},
        {"height": 1 << 16},
    ],
)
def test_what_no_honest_worker_says_is_not(change: dict[str, object]) -> None:
    lie = msgspec.structs.replace(HONEST, **change)
    assert believed(packed(lie)[PREFIX:], "image/png", 8) is None


def test_text_that_is_not_utf8_is_no_answer() -> None:
    assert believed(b"\x91\xa2\xff\xfe", "image/png", 8) is None


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    assert believed(body, "image/png", 8) is None
