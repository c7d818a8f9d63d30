"""Media bytes to luma or RGB rows, as a viewer shows them: turned, on white, with palettes applied, 16 bits scaled.

The bytes are hostile, and libraries in C read them: this runs in the sandbox (`hasher.worker`). What is cut off is used as
far as it decodes, as browsers do. Colour profiles are not applied; nor are they by the tools that made the lists.
"""

import warnings
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Final

import numpy as np
import simplejpeg
from PIL import AvifImagePlugin, Image, ImageFile

from hasher.gif import frame_count
from hasher.kinds import PICTURES, VIDEOS
from hasher.orientation import of_exif, of_jpeg
from hasher.pdq import Pixels, Rows
from hasher.video import key_frames
from hasher.views import TooManyPixels, Undecodable, Unsupported, View, spaced

__all__ = ["TooManyPixels", "Undecodable", "Unsupported", "View", "views"]

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the sandbox forbids threads; there is one worker a core anyway

_AT_ONCE: Final = 4_000_000
"""Pixels up to which a picture is converted in one go; larger ones by strips, so that no second copy exists."""

_SCALED_SIDE: Final = 512
"""A JPEG is decoded at 1/k as long as its short side keeps this: median 0, 95 of 100 within 2 bits of the full picture."""

_MOST_FRAMES: Final = 5000
"""Frames of an animation among which those that are digested are chosen."""

_LONGEST_SIDE: Final = 65_535


def views(
    data: bytes | memoryview, kind: str, frames: int, max_pixels: int, enough: Callable[[], bool]
) -> Iterator[View]:
    """The picture, or up to `frames` frames of an animation or video, the first and evenly spaced others.

    A view's rows are valid until the next is asked for. Stops early once a frame was given and `enough()`.
    Raises TooManyPixels before decoding, Unsupported, Undecodable, MemoryError, or whatever a decoder raises.
    """
    if kind in VIDEOS:
        yield from key_frames(data, VIDEOS[kind], frames, max_pixels, enough)
    elif kind not in PICTURES:
        raise Unsupported
    elif kind == "image/jpeg" and (view := _grey_jpeg(data, max_pixels)):
        yield view
    else:
        yield from _pictures(data, PICTURES[kind], frames, max_pixels, enough)


def _grey_jpeg(data: bytes | memoryview, max_pixels: int) -> View | None:
    """A JPEG's luma straight from its Y, which has the same weights as PDQ's; None for CMYK and what the library refuses."""
    try:
        height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    except ValueError:
        return None
    if space not in ("Gray", "YCbCr"):
        return None
    _check(width, height, max_pixels)
    scale = next((k for k in (8, 4, 2) if min(width, height) // k >= _SCALED_SIDE), 1)
    small = (-(-height // scale), -(-width // scale))
    try:
        grey = simplejpeg.decode_jpeg(data, "GRAY", min_height=small[0], min_width=small[1], strict=False)[:, :, 0]
    except ValueError:
        return None
    if grey.shape != small:
        return None
    return View(lambda lo, hi: grey[lo:hi], width, height, of_jpeg(data), scale)


def _pictures(
    data: bytes | memoryview, format: str, frames: int, max_pixels: int, enough: Callable[[], bool]
) -> Iterator[View]:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    Image.MAX_IMAGE_PIXELS = max_pixels  # checked here too; what Pillow adds are the pictures inside icons
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about odd metadata
        with Image.open(BytesIO(data), formats=_plugins(format)) as image:
            _check(*image.size, max_pixels)
            count = _frame_count(image, data)
            if count == 1:
                image.load()
                yield _still(image)
            else:
                yield from _animation(image, spaced(count, frames), max_pixels, enough)


def _frame_count(image: Image.Image, data: bytes | memoryview) -> int:
    """Frames that a viewer plays; claims are believed up to a bound."""
    if image.format == "GIF":
        return frame_count(data, _MOST_FRAMES)
    if image.format in ("WEBP", "PNG", "AVIF"):
        return max(1, min(int(getattr(image, "n_frames", 1)), _MOST_FRAMES))
    return 1


def _plugins(format: str) -> list[str]:
    return ["JPEG", "MPO"] if format == "JPEG" else ["BMP", "DIB"] if format == "BMP" else [format]


def _still(image: Image.Image) -> View:
    exif = image.info.get("exif", b"")
    turn = of_exif(exif) if isinstance(exif, bytes) and image.format != "TIFF" else 1  # Pillow turns TIFFs itself
    return View(_rows(image), *image.size, turn)


def _animation(image: Image.Image, wanted: list[int], max_pixels: int, enough: Callable[[], bool]) -> Iterator[View]:
    """Frames in order, each as composed with those before it; a broken one ends it."""
    elapsed = 0.0
    for index in range(wanted[-1] + 1):
        try:
            image.seek(index)
            if index in wanted:
                image.load()
        except (EOFError, OSError, SyntaxError, ValueError):
            if index == 0:
                raise
            return
        _check(*image.size, max_pixels)
        if index in wanted:
            yield View(_rows(image), *image.size, 1, 1, _seconds(image, "timestamp", elapsed))
        elapsed += _seconds(image, "duration", 0.0)
        if enough():
            return


def _seconds(image: Image.Image, name: str, otherwise: float) -> float:
    """A time that Pillow gives in milliseconds, where the format's plugin gives it."""
    value = image.info.get(name)
    return value / 1000 if isinstance(value, int | float) else otherwise


def _check(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels or max(width, height) > _LONGEST_SIDE:
        raise TooManyPixels


def _rows(image: Image.Image) -> Rows:
    width, height = image.size
    flat = _flattener(image)
    if width * height <= _AT_ONCE:
        whole = flat(image)
        return lambda lo, hi: whole[lo:hi]
    return lambda lo, hi: flat(image.crop((0, lo, width, hi)))


def _flattener(image: Image.Image) -> Callable[[Image.Image], Pixels]:
    """How this picture, or a strip of it, becomes luma or RGB in 0..255."""
    mode = image.mode
    if mode.startswith("I;16"):
        return lambda part: np.asarray(part).astype(np.float32) / np.float32(257)
    if mode in ("I", "F"):
        _, high = image.getextrema()
        top = _white(mode, float(high))  # type: ignore[arg-type]  # one band: a pair of numbers
        return lambda part: np.clip(np.asarray(part) * (255 / top), 0, 255).astype(np.float32)
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return _on_white
    if mode in ("1", "L"):
        return lambda part: np.asarray(part.convert("L"))
    if mode == "LAB":
        return lambda part: np.asarray(part.getchannel(0))
    return lambda part: np.asarray(part.convert("RGB"))


def _white(mode: str, high: float) -> float:
    """What counts as white where a format does not say: the smallest usual range that holds the brightest pixel."""
    if mode == "F":
        return 1.0 if high <= 1 else 255.0
    return next((top for top in (255.0, 65_535.0) if high <= top), 2.0**31 - 1)


def _on_white(part: Image.Image) -> Pixels:
    clear = part.convert("RGBA")
    page = Image.new("RGB", part.size, "white")
    page.paste(clear, mask=clear.getchannel("A"))
    return np.asarray(page)
