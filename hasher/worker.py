"""The process that decodes: `python -m hasher.worker`, started by `hasher.sandbox` only.

It imports the decoders, lets each decode a picture of its own making (so that nothing is loaded later), locks itself, then
answers requests one by one. Media bytes lie in memory shared with the parent, read-only here; over the socket go lengths,
media types and digests. It says nothing anywhere else.
"""

import gc
import logging
import mmap
import os
import sys
import time
from functools import partial
from io import BytesIO

import av
import msgspec
import numpy as np
from av.video.stream import VideoStream
from PIL import Image

from contracts.messages import MediaDigests
from hasher.digests import media_digests
from hasher.kinds import PICTURES
from hasher.lockdown import lock
from hasher.talk import PREFIX, Ready, Request, Task, packed


def main(argument: str) -> None:
    """Serve until the parent hangs up."""
    task = msgspec.json.decode(argument, type=Task)
    logging.disable(logging.CRITICAL)
    av.logging.set_level(None)
    try:
        shared = memoryview(mmap.mmap(task.shared, task.size, access=mmap.ACCESS_READ))
        warm_up(task.frames, task.max_pixels)
        gc.collect()
        gc.freeze()
        locked = lock(task.memory, task.control)
    except Exception as error:  # nothing hostile was read yet, so that its text is safe
        _send(task.control, Ready(None, f"{type(error).__name__}: {error}"))
        return
    _send(task.control, Ready(locked))
    request = msgspec.msgpack.Decoder(Request)
    while message := _receive(task.control):
        asked = request.decode(message)
        enough = partial(_late, time.monotonic() + task.seconds / 2)
        _send(
            task.control,
            media_digests(shared[: asked.size], asked.media_type, task.frames, task.max_pixels, enough),
        )


def _late(limit: float) -> bool:
    return time.monotonic() > limit


def _send(control: int, message: Ready | MediaDigests) -> None:
    rest = packed(message)
    while rest:
        rest = rest[os.write(control, rest) :]


def _receive(control: int) -> bytes:
    prefix = _read(control, PREFIX)
    return _read(control, int.from_bytes(prefix)) if prefix else b""


def _read(control: int, size: int) -> bytes:
    """`size` bytes, or none if the parent hung up."""
    found = b""
    while len(found) < size:
        part = os.read(control, size - len(found))
        if not part:
            return b""
        found += part
    return found


def warm_up(frames: int, max_pixels: int) -> None:
    """Let every decoder work once while files can still be opened. Raises ValueError if one does not."""
    colours = np.random.default_rng(1).integers(0, 256, (32, 48, 3), dtype=np.uint8)
    scene = Image.fromarray(colours)
    for format in PICTURES.values():
        for mode in ("RGB", "CMYK") if format == "JPEG" else ("RGB", "P", "RGBA") if format == "PNG" else ("RGB",):
            more = {"max_threads": 1} if format == "AVIF" else {"compression": "tiff_lzw"} if format == "TIFF" else {}
            out = BytesIO()
            scene.convert(mode).save(out, format, **more)
            _try(out.getvalue(), format, frames, max_pixels)
    for container, codec in (("mp4", "mpeg4"), ("webm", "libvpx")):
        _try(_clip(colours, container, codec), container, frames, max_pixels)


def _try(data: bytes, name: str, frames: int, max_pixels: int) -> None:
    media = media_digests(data, "", frames, max(max_pixels, 48 * 32))
    if media.why:
        raise ValueError(f"{name} cannot be decoded here: {media.why}")


def _clip(colours: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], container: str, codec: str) -> bytes:
    out = BytesIO()
    with av.open(out, "w", format=container) as clip:
        stream = clip.add_stream(codec, rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = colours.shape[1], colours.shape[0], "yuv420p"
        stream.codec_context.thread_count = 1
        clip.mux(stream.encode(av.VideoFrame.from_ndarray(colours, format="rgb24")))
        clip.mux(stream.encode(None))
    return out.getvalue()


if __name__ == "__main__":
    main(sys.argv[1])
