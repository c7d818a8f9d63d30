"""Harmless generated pictures for tests, the synthetic web and the bench: pure, and the same for the same seed.

A scene is smooth coloured noise under ellipses, bars and triangles: rich enough for a PDQ quality of 100, and two seeds lie
about 128 bits apart. `featureless` gives the opposite: pictures whose PDQ says nothing.
"""

from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType
from av.video.stream import VideoStream
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

STILLS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "ICO")
"""Formats that `encode` writes."""

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "ICO": "image/vnd.microsoft.icon",
    "MP4": "video/mp4",
    "MOV": "video/quicktime",
    "MKV": "video/x-matroska",
    "WEBM": "video/webm",
}
"""Format name to media type, for stills and videos."""

_CODECS = {"MP4": "libx264", "MOV": "mpeg4", "MKV": "libx264", "WEBM": "libvpx"}


def picture(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """An RGB scene of `width` x `height` pixels; the same seed and size give the same pixels."""
    chance = np.random.default_rng([seed, 7])
    cells = chance.integers(0, 256, size=(20, 20, 3), dtype=np.uint8)
    scene = Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(scene)
    for _ in range(14):
        x, y = chance.random(2) * (width, height)
        w, h = (0.06 + 0.18 * chance.random(2)) * (width, height)
        colour = tuple(int(value) for value in chance.integers(0, 256, size=3))
        kind = int(chance.integers(0, 3))
        if kind == 0:
            draw.ellipse((x - w, y - h, x + w, y + h), fill=colour)
        elif kind == 1:
            draw.rectangle((x - w, y - h / 3, x + w, y + h / 3), fill=colour)
        else:
            draw.polygon([(x - w, y + h), (x + w, y + h), (x + w / 3, y - h)], fill=colour)
    grain = chance.integers(0, 25, size=(height, width, 1), dtype=np.int16) - 12
    return Image.fromarray(np.clip(np.asarray(scene, dtype=np.int16) + grain, 0, 255).astype(np.uint8))


def edits(image: Image.Image) -> dict[str, Image.Image]:
    """What people do to a picture before they post it again, by name. Turns are clockwise."""
    width, height = image.size
    cut = (width // 100, height // 100, width - width // 100, height - height // 100)
    small = BytesIO()
    image.convert("RGB").save(small, "JPEG", quality=50)
    turn = Image.Transpose
    return {
        "smaller": image.resize((width * 2 // 3, height * 2 // 3), Image.Resampling.LANCZOS),
        "larger": image.resize((width * 3 // 2, height * 3 // 2), Image.Resampling.BICUBIC),
        "recompressed": Image.open(BytesIO(small.getvalue())).copy(),
        "cropped": image.crop(cut),
        "brighter": ImageEnhance.Brightness(image).enhance(1.1),
        "grey": ImageOps.grayscale(image),
        "turned_90": image.transpose(turn.ROTATE_270),
        "turned_180": image.transpose(turn.ROTATE_180),
        "turned_270": image.transpose(turn.ROTATE_90),
        "mirrored": image.transpose(turn.FLIP_LEFT_RIGHT),
    }


def featureless() -> dict[str, Image.Image]:
    """Pictures of low PDQ quality, by name: blank, black, a pixel, a slow gradient, one thin line."""
    line = Image.new("RGB", (320, 240), "white")
    ImageDraw.Draw(line).line((0, 120, 320, 120), fill="black")
    return {
        "white": Image.new("RGB", (320, 240), "white"),
        "black": Image.new("RGB", (320, 240), "black"),
        "pixel": Image.new("RGB", (1, 1), "red"),
        "gradient": Image.linear_gradient("L").resize((320, 240)).convert("RGB"),
        "line": line,
    }


def encode(image: Image.Image, format: str, **options: Any) -> bytes:
    """The bytes of a picture file; `format` is one of `STILLS`, `options` are Pillow's (quality, exif, save_all...)."""
    out = BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def animation(frames: list[Image.Image], format: str, seconds: float = 0.1, **options: Any) -> bytes:
    """An animated GIF, WEBP, PNG or AVIF of frames of equal size, each shown for `seconds`."""
    more = {"save_all": True, "append_images": frames[1:], "duration": round(seconds * 1000), "loop": 0}
    return encode(frames[0], format, **more, **options)


def video(scenes: list[Image.Image], format: str = "MP4", seconds: float = 1.0, rate: int = 10, turn: int = 0) -> bytes:
    """A video that shows each scene for `seconds`, every scene beginning with a key frame; sizes must be even.

    `format` is MP4, MOV, MKV or WEBM; `turn` (0, 90, 180, 270; MP4 and MOV) is what a player turns it by, clockwise.
    """
    out = BytesIO()
    length = max(1, round(seconds * rate))
    with av.open(out, "w", format={"MKV": "matroska"}.get(format, format.lower())) as container:
        stream = container.add_stream(_CODECS[format], rate=rate)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = scenes[0].size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 4_000_000
        stream.time_base = Fraction(1, rate)
        stream.codec_context.gop_size = length
        stream.codec_context.thread_count = 1
        for index in range(len(scenes) * length):
            frame = av.VideoFrame.from_ndarray(np.asarray(scenes[index // length].convert("RGB")), format="rgb24")
            frame.pts = index
            frame.time_base = Fraction(1, rate)
            if index % length == 0:
                frame.pict_type = PictureType.I
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return _turned(out.getvalue(), turn) if turn else out.getvalue()


_MATRICES = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def _turned(data: bytes, turn: int) -> bytes:
    """`data` with the display matrix of its track header set (ISO/IEC 14496-12, 8.3.2)."""
    at = data.index(b"tkhd") + 4 + 40
    a, b, c, d = (value << 16 for value in _MATRICES[turn])
    numbers = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    return data[:at] + b"".join(value.to_bytes(4, "big", signed=True) for value in numbers) + data[at + 36 :]
