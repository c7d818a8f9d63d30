"""What a viewer shows is what is hashed (issue 3, Digests)."""

from io import BytesIO
from zlib import crc32

import numpy as np
import pytest
from PIL import Image, ImageOps

from contracts.messages import FrameDigest, MediaDigests
from hasher.decode import views
from hasher.digests import media_digests
from hasher.kinds import media_kind
from hasher.pdq import distance
from hasher.views import TooManyPixels, Unsupported
from tests.pictures import STILLS, animation, encode, picture


def only(media: MediaDigests) -> FrameDigest:
    assert media.why == ""
    (frame,) = media.frames
    return frame


def shown(image: Image.Image) -> FrameDigest:
    """The digest of exactly these pixels."""
    return only(media_digests(encode(image.convert("RGB"), "BMP")))


def apart(data: bytes, image: Image.Image) -> int:
    """Bits between a file and a picture, the worst of the eight forms."""
    pairs = zip(only(media_digests(data)).forms, shown(image).forms, strict=True)
    return max(distance(one, other) for one, other in pairs)


SCENE = picture(11, 320, 240)


@pytest.mark.parametrize("format", STILLS)
def test_every_format_shows_what_its_decoder_shows(format: str) -> None:
    data = encode(SCENE, format)
    again = Image.open(BytesIO(data))
    assert apart(data, again) <= 2  # 0 but for JPEG, whose Y is rounded before it is averaged
    if format != "ICO":  # which holds smaller copies
        assert apart(data, SCENE) <= 10


@pytest.mark.parametrize("quality", [30, 60, 90])
@pytest.mark.parametrize("size", [(320, 240), (1023, 600), (1400, 1100), (2100, 2060)])
def test_jpegs_scaled_or_not_stay_within_a_few_bits_of_full_colour(size: tuple[int, int], quality: int) -> None:
    data = encode(picture(12, *size), "JPEG", quality=quality)
    full = np.asarray(Image.open(BytesIO(data)).convert("RGB"))
    assert apart(data, Image.fromarray(full)) <= 6


@pytest.mark.parametrize(
    ("size", "scale"), [((600, 500), 1), ((1023, 3000), 1), ((1024, 3000), 2), ((2050, 2048), 4), ((4097, 4097), 8)]
)
def test_a_jpeg_keeps_512_pixels_on_its_short_side(size: tuple[int, int], scale: int) -> None:
    data = encode(Image.new("L", size, 90), "JPEG")
    (view,) = views(data, "image/jpeg", 8, 10**9, lambda: False)
    assert (view.width, view.height, view.scale) == (*size, scale)
    assert view.rows(0, 3).shape == (3, -(-size[0] // scale))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_turned_by_exif(format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(SCENE, format, exif=exif)
    upright = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    assert upright is not None
    assert apart(data, upright) <= 2
    media = media_digests(data)
    assert (media.width, media.height) == upright.size


def test_palette() -> None:
    few = SCENE.quantize(17)
    for format in ("PNG", "GIF", "BMP"):
        assert apart(encode(few, format), few) == 0


def test_one_bit() -> None:
    black_and_white = SCENE.convert("1")
    for format in ("PNG", "TIFF", "BMP"):
        assert apart(encode(black_and_white, format), black_and_white) == 0


def test_grey() -> None:
    grey = SCENE.convert("L")
    for format in ("PNG", "JPEG", "WEBP", "TIFF"):
        assert apart(encode(grey, format), SCENE) <= 6


# Adobe writes CMYK inverted; both ways show the same picture.
def test_cmyk() -> None:
    inks = SCENE.convert("CMYK")
    assert apart(encode(inks, "JPEG", quality=95), inks) <= 4
    assert apart(encode(inks, "TIFF"), inks) == 0


def test_jpeg_stored_as_rgb() -> None:
    assert apart(encode(SCENE, "JPEG", quality=95, keep_rgb=True), SCENE) <= 4


def test_progressive_jpeg() -> None:
    assert apart(encode(SCENE, "JPEG", progressive=True), SCENE) <= 6


# 16 bits are scaled; a decoder that clips them shows white.
def test_sixteen_bits_are_scaled() -> None:
    wide = Image.fromarray(np.asarray(SCENE.convert("L")).astype(np.uint16) * 257)
    assert wide.mode == "I;16"
    for format in ("PNG", "TIFF"):
        assert apart(encode(wide, format), SCENE.convert("L")) == 0


def test_numbers_without_a_usual_range() -> None:
    grey = np.asarray(SCENE.convert("L"))
    for pixels in (
        grey.astype(np.float32),
        grey.astype(np.float32) / 255,
        grey.astype(np.int32) * 257,
        grey.astype(np.int32) << 23,
    ):
        assert apart(encode(Image.fromarray(pixels), "TIFF"), SCENE.convert("L")) <= 6


def test_alpha_is_shown_on_white() -> None:
    mask = picture(13, 320, 240).convert("L")
    clear = SCENE.copy()
    clear.putalpha(mask)
    page = Image.new("RGB", SCENE.size, "white")
    page.paste(SCENE, mask=mask)
    for format, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {})):
        assert apart(encode(clear, format, **options), page) == 0
    grey = clear.convert("LA")
    page = Image.new("L", SCENE.size, "white")
    page.paste(SCENE.convert("L"), mask=mask)
    assert apart(encode(grey, "PNG"), page) == 0


# PNG (third edition), 11.3.1.1 tRNS: one colour, one grey, or an alpha for each palette entry is transparent.
def test_transparency_beside_the_pixels_is_white() -> None:
    few = SCENE.quantize(16)
    numbers = np.asarray(few)
    rgb = np.asarray(few.convert("RGB"))
    expected = Image.fromarray(np.where((numbers == 3)[:, :, None], np.uint8(255), rgb))
    for format in ("PNG", "GIF"):
        assert apart(encode(few, format, transparency=3), expected) == 0
    alphas = bytes([255, 0, 0, *[255] * 13])
    expected = Image.fromarray(np.where(np.isin(numbers, (1, 2))[:, :, None], np.uint8(255), rgb))
    assert apart(encode(few, "PNG", transparency=alphas), expected) == 0
    grey = np.asarray(SCENE.convert("L")) // 32 * 32
    expected = Image.fromarray(np.where(grey == 64, np.uint8(255), grey))
    assert apart(encode(Image.fromarray(grey), "PNG", transparency=64), expected) == 0


def test_large_pictures_are_converted_by_strips() -> None:
    large = picture(14, 2110, 1900)
    for image in (large, large.convert("P")):
        again = image.convert("RGB")
        assert shown(again).forms == only(media_digests(encode(image, "PNG", compress_level=1))).forms
    clear = large.copy()
    clear.putalpha(128)
    page = Image.new("RGB", large.size, "white")
    page.paste(large, mask=clear.getchannel("A"))
    assert apart(encode(clear, "TIFF"), page) == 0


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_animations_give_the_first_frame_and_evenly_spaced_others(format: str) -> None:
    scenes = [picture(seed, 160, 120) for seed in range(20, 31)]
    media = media_digests(animation(scenes, format, seconds=0.2), frames=6)
    assert [frame.at for frame in media.frames] == pytest.approx([0.0, 0.4, 0.8, 1.2, 1.6, 2.0])
    for frame, scene in zip(media.frames, scenes[::2], strict=True):
        assert distance(frame.forms[0], shown(scene).forms[0]) <= 20
    assert [frame.at for frame in media_digests(animation(scenes[:3], format), frames=6).frames] == pytest.approx(
        [0, 0.1, 0.2]
    )


def test_frames_are_composed_with_those_before_them() -> None:
    first = picture(31, 200, 150)
    second = first.copy()
    second.paste(picture(32, 60, 50), (20, 30))
    media = media_digests(animation([first, second], "PNG"))
    assert [frame.forms for frame in media.frames] == [shown(first).forms, shown(second).forms]


def test_an_animation_that_stands_still_is_one_frame() -> None:
    data = animation([SCENE.quantize(32)] * 4, "PNG")
    assert len(media_digests(data).frames) == 1


def test_animations_stop_when_there_is_no_more_time() -> None:
    data = animation([picture(seed, 80, 60) for seed in range(6)], "GIF")
    assert len(media_digests(data, enough=lambda: True).frames) == 1


# What is cut off is shown as far as it goes, as browsers do: almost whole pictures match, small parts look like nothing else.
@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "BMP", "TIFF"])
def test_cut_pictures_are_used_as_far_as_they_go(format: str) -> None:
    scenes = [picture(seed, 400, 300) for seed in range(40, 43)]
    for scene in scenes:
        data = encode(scene, format)
        frame = only(media_digests(data[: len(data) * 99 // 100]))
        assert distance(frame.forms[0], shown(scene).forms[0]) <= 31
    parts = []
    for scene in scenes:
        data = encode(scene, format)
        parts.append(only(media_digests(data[: len(data) // 5])).forms[0])
    assert min(distance(one, other) for at, one in enumerate(parts) for other in parts[:at]) > 62


@pytest.mark.parametrize("format", STILLS)
def test_too_many_pixels_are_refused_before_decoding(format: str) -> None:
    image = Image.new("RGB", (200, 200))
    options = {"sizes": [(200, 200)]} if format == "ICO" else {}
    assert media_digests(encode(image, format, **options), max_pixels=39_999).why == "too_many_pixels"
    assert media_digests(encode(image, format, **options), max_pixels=40_000).why == ""


def test_a_bomb_is_refused_by_its_header() -> None:
    bomb = bytearray(encode(Image.new("1", (8, 8)), "PNG"))
    bomb[16:24] = (60_000).to_bytes(4) * 2
    bomb[29:33] = crc32(bomb[12:29]).to_bytes(4)
    assert media_digests(bytes(bomb)).why == "too_many_pixels"
    icon = bytearray(encode(picture(1, 16, 16), "ICO", sizes=[(16, 16)]))
    assert media_digests(bytes(icon[:22] + bomb)).why == "too_many_pixels"  # the icon says 16 x 16
    with pytest.raises(TooManyPixels):
        list(views(encode(Image.new("1", (70_000, 1)), "PNG"), "image/png", 8, 10**9, lambda: False))


def test_unknown_media_is_unsupported() -> None:
    with pytest.raises(Unsupported):
        list(views(b"<svg/>", media_kind(b"<svg/>"), 8, 10**9, lambda: False))


@pytest.mark.parametrize("format", STILLS)
def test_damaged_files_never_raise(format: str) -> None:
    data = encode(picture(50, 64, 48), format)
    chance = np.random.default_rng(51)
    for _ in range(60):
        broken = bytearray(data)
        for at in chance.integers(0, len(data), size=int(chance.integers(1, 12))):
            broken[int(at)] = int(chance.integers(0, 256))
        media = media_digests(bytes(broken[: int(chance.integers(1, len(data) + 1))]), max_pixels=10_000_000)
        assert bool(media.frames) != bool(media.why)
