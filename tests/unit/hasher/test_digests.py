"""Digests of media bytes, and what `crawlctl try digest` prints."""

import hashlib
import json
import logging

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hasher.digests import digest_file_bytes, media_digests
from hasher.kinds import PICTURES, VIDEOS
from hasher.pdq import distance
from tests.pictures import edits, encode, featureless, picture, video


# Lists are matched within 31 bits at quality 50 and above: what people do to a picture must stay within, others far outside.
def test_edited_pictures_stay_near_and_others_far() -> None:
    original = media_digests(encode(picture(80), "PNG")).frames[0]
    for name, image in edits(picture(80)).items():
        frame = media_digests(encode(image, "PNG")).frames[0]
        assert min(distance(form, original.forms[0]) for form in frame.forms) <= 31, name
    for seed in range(81, 91):
        other = media_digests(encode(picture(seed), "PNG")).frames[0]
        assert min(distance(form, original.forms[0]) for form in other.forms) > 62


def test_generated_pictures_are_rich_and_blank_ones_poor() -> None:
    assert {media_digests(encode(picture(seed), "PNG")).frames[0].quality for seed in range(10)} == {100}
    for name, image in featureless().items():
        assert media_digests(encode(image, "PNG")).frames[0].quality < 50, name


def test_a_file_on_the_command_line() -> None:
    data = encode(picture(91), "JPEG")
    answer = digest_file_bytes(data)
    assert answer["md5"] == hashlib.md5(data).hexdigest()
    assert answer["sha1"] == hashlib.sha1(data).hexdigest()
    assert answer["sha256"] == hashlib.sha256(data).hexdigest()
    assert (answer["media_type"], answer["size"]) == ("image/jpeg", len(data))
    assert (answer["quality"], answer["width"], answer["height"]) == (100, 320, 240)
    assert answer["pdq"] == media_digests(data).frames[0].forms[0].hex()
    assert len(answer["frames"][0]["forms"]) == 8
    assert json.loads(json.dumps(answer)) == answer


def test_a_video_on_the_command_line() -> None:
    answer = digest_file_bytes(video([picture(92), picture(93)]))
    assert [frame["at"] for frame in answer["frames"]] == [0.0, 1.0]
    assert answer["duration"] == pytest.approx(2.0, abs=0.1)


def test_or_why_not() -> None:
    answer = digest_file_bytes(b"plain words")
    assert answer["why"] == "unsupported"
    assert "pdq" not in answer and answer["sha1"] == hashlib.sha1(b"plain words").hexdigest()
    assert digest_file_bytes(b"")["why"] == "unsupported"


def test_the_servers_type_stands_only_where_nothing_is_known() -> None:
    assert media_digests(b"<svg/>", "image/svg+xml").media_type == "image/svg+xml"
    assert media_digests(encode(picture(1, 40, 40), "PNG"), "image/jpeg").media_type == "image/png"


def test_lack_of_memory_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("hasher.decode.simplejpeg.decode_jpeg", fail)
    assert media_digests(encode(picture(1), "JPEG")).why == "out_of_memory"


# Rule 11: only digests leave. The bytes are in no log line and in nothing that is returned, whatever the decoder thinks.
def test_the_bytes_are_in_no_log_and_no_answer(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    canary = b"CANARY-5b1f6c"
    caplog.set_level(logging.DEBUG)
    for format in ("JPEG", "PNG", "GIF", "TIFF", "WEBP"):
        data = encode(picture(94, 64, 48), format)
        for broken in (canary + data, data + canary, data[:40] + canary + data[40:], data[:-9] + canary):
            media = media_digests(broken)
            assert canary not in msgspec.msgpack.encode(media)
    for magic in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\0\0\0\x18ftypisom", b"\x1a\x45\xdf\xa3"):
        assert canary not in msgspec.msgpack.encode(media_digests(magic + canary * 20))
    assert "CANARY" not in caplog.text
    assert "CANARY" not in "".join(capfd.readouterr())


@given(st.sampled_from(["", *PICTURES, *VIDEOS]), st.binary(max_size=400))
def test_any_bytes_give_a_named_answer(kind: str, data: bytes) -> None:
    magic = {"image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF89a", "image/bmp": b"BM", "image/tiff": b"II*\0"}
    media = media_digests(magic.get(kind, b"") + data, kind, max_pixels=1_000_000)
    assert bool(media.frames) != bool(media.why)
