"""What the parent and a digest worker say to each other; each message goes after its length, and is checked as hostile."""

from math import isfinite
from typing import Final

from msgspec import DecodeError, Struct, msgpack

from contracts.messages import MediaDigests
from hasher.lockdown import Lock

PREFIX: Final = 4
"""Bytes before each message: its length, big-endian."""

REASONS: Final = frozenset({"undecodable", "unsupported", "too_many_pixels", "out_of_memory"})
"""What a worker may give as `MediaDigests.why`; the parent adds `crashed`, `timed_out`, `too_large` and `stopped`."""

_FORM: Final = 32
_FORMS: Final = 8
_LONGEST: Final = 1e9  # seconds


class Task(Struct, frozen=True, array_like=True):
    """How a worker is set up; sent as its argument in JSON. `control` and `shared` are descriptors, sizes bytes."""

    control: int
    shared: int
    size: int
    frames: int
    max_pixels: int
    memory: int
    seconds: float


class Request(Struct, frozen=True, array_like=True):
    """Digest the first `size` bytes of the shared memory."""

    size: int
    media_type: str


class Ready(Struct, frozen=True, array_like=True):
    """The first message of a worker: it is locked, or why it could not start."""

    lock: Lock | None
    error: str = ""


def packed(message: Request | Ready | MediaDigests) -> bytes:
    """The message with its length before it."""
    body = msgpack.encode(message)
    return len(body).to_bytes(PREFIX) + body


def longest_answer(frames: int) -> int:
    """Most bytes of a `MediaDigests` with so many frames, generously."""
    return 1024 + frames * (_FORMS * (_FORM + 8) + 64)


_answers: Final = msgpack.Decoder(MediaDigests)


def believed(body: bytes, kind: str, frames: int) -> MediaDigests | None:
    """The worker's answer, or None if no honest worker says such a thing: hostile bytes may have taken it over."""
    try:
        media = _answers.decode(body)
    except (DecodeError, UnicodeDecodeError):  # text that is not UTF-8 is the latter
        return None
    honest = (
        media.media_type == kind
        and len(media.frames) <= frames
        and (not media.why if media.frames else media.why in REASONS)
        and 0 <= media.width < 1 << 16
        and 0 <= media.height < 1 << 16
        and _plausible(media.duration)
        and all(
            len(frame.forms) == _FORMS
            and all(len(form) == _FORM for form in frame.forms)
            and 0 <= frame.quality <= 100
            and _plausible(frame.at)
            for frame in media.frames
        )
    )
    return media if honest else None


def _plausible(seconds: float) -> bool:
    return isfinite(seconds) and 0 <= seconds <= _LONGEST
