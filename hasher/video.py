"""Key frames of a video, the first and evenly spaced others, as a player shows them.

Each key frame is decoded alone: its packet, then a flush. What lies between key frames is never looked at; encoders put
one at every cut of a scene and at least every few seconds.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from typing import Any, Final

import av
import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from hasher.views import TooManyPixels, Undecodable, View, spaced

_TURNED: Final = {0: 1, 90: 8, 180: 3, 270: 6}
"""Degrees counter-clockwise by which a player turns the frame, to the EXIF orientation that does the same."""

_MARGINS: Final = 1_000_000
"""Pixels that decoders may add around a frame."""

_INDEXED: Final = 1_000_000
"""Most index entries or packets that are looked at to find the key frames."""


def key_frames(
    data: bytes | memoryview, demuxer: str, frames: int, max_pixels: int, enough: Callable[[], bool]
) -> Iterator[View]:
    """Views of at most `frames` key frames with their times. Raises TooManyPixels, Undecodable or FFmpeg's errors."""
    with av.open(BytesIO(data), format=demuxer, metadata_errors="ignore", buffer_size=1 << 18) as container:
        assert isinstance(container, InputContainer)
        stream = _picture_stream(container)
        context = stream.codec_context
        if context.width * context.height > max_pixels:
            raise TooManyPixels
        context.thread_type = "NONE"
        context.thread_count = 1
        context.options = {"max_pixels": str(2 * max_pixels + _MARGINS)}  # a stream may change its size on the way
        duration = (container.duration or 0) / av.time_base
        reformatter = VideoReformatter()
        for stamp in _spread(_key_stamps(container, stream, enough), frames):
            decoded = _decoded(container, stream, stamp)
            if decoded is not None:
                yield _view(*decoded, reformatter, max(0.0, duration))
                if enough():
                    return


def _picture_stream(container: InputContainer) -> VideoStream:
    """The first video stream that is not a cover picture, else the cover picture."""
    streams: list[VideoStream] = list(container.streams.video)
    if not streams:
        raise Undecodable
    cover = av.stream.Disposition.attached_pic
    return next((stream for stream in streams if not stream.disposition & cover), streams[0])


def _key_stamps(container: InputContainer, stream: VideoStream, enough: Callable[[], bool]) -> list[int]:
    """Time stamps of all key frames, by the container's index, or by reading its packets where it has none."""
    stamps = [entry.timestamp for entry in islice(stream.index_entries, _INDEXED) if entry.is_keyframe]
    if len(stamps) > 1:
        return sorted(set(stamps))
    found: list[int] = []
    try:
        for count, packet in enumerate(container.demux(stream)):
            if packet.is_keyframe and packet.size and (stamp := _stamp(packet)) is not None:
                found.append(stamp)
            if count >= _INDEXED or (count % 64 == 63 and enough()):
                break
    except av.error.FFmpegError:
        pass  # cut off: what was found is used
    return sorted(set(found)) or [stream.start_time or 0]


def _stamp(packet: Any) -> int | None:
    stamp: int | None = packet.pts if packet.dts is None else packet.dts
    return stamp


def _spread(stamps: list[int], frames: int) -> list[int]:
    """At most `frames` of the sorted stamps, as evenly over the time as they allow, filled up from the others."""
    if len(stamps) <= frames:
        return stamps
    step = (stamps[-1] - stamps[0]) / max(1, frames - 1)
    chosen = {min(stamps, key=lambda stamp: abs(stamp - stamps[0] - index * step)) for index in range(frames)}
    others = [stamp for stamp in stamps if stamp not in chosen]
    chosen.update(others[index] for index in spaced(len(others), frames - len(chosen)) if len(chosen) < frames)
    return sorted(chosen)


def _decoded(container: InputContainer, stream: VideoStream, stamp: int) -> tuple[VideoFrame, float] | None:
    """The key frame at `stamp` and its time in seconds, or None if it cannot be decoded."""
    try:
        container.seek(stamp, stream=stream, backward=True)
        for packet in islice(container.demux(stream), _INDEXED):
            found = _stamp(packet)
            if packet.is_keyframe and packet.size and found is not None and found >= stamp:
                frames = [*stream.codec_context.decode(packet), *stream.codec_context.decode(None)]
                at = 0.0 if packet.pts is None or not packet.time_base else float(packet.pts * packet.time_base)
                return (frames[0], max(0.0, at)) if frames else None
    except av.error.FFmpegError:
        pass
    return None


def _view(frame: VideoFrame, at: float, reformatter: VideoReformatter, duration: float) -> View:
    pixels = reformatter.reformat(frame, format="rgb24").to_ndarray()
    turn = _TURNED[round(frame.rotation / 90) * 90 % 360]
    return View(lambda lo, hi: pixels[lo:hi], frame.width, frame.height, turn, 1, at, duration)
